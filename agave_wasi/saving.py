"""Snapshots of worlds: the kernel's state with the world's settings round it.

    bytes[8]    MAGIC, which ends with the version
    u32         length of the settings, least byte first
    bytes       the settings, JSON with sorted keys
    bytes       the kernel, as `kernel_sim.snapshot` has it

A world is saved between runs. Folders of the host are opened again by their paths, sockets listen anew.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agave_wasi.settings import DEFAULTS, Mount, Settings
from kernel_sim import snapshot
from kernel_sim.clock import InstructionClock
from kernel_sim.fs.inode import Directory, Inode
from kernel_sim.net.stream import DeviceListener
from kernel_sim.snapshot import SnapshotError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.world import World

MAGIC = b"AGWORLD\x02"
_TYPES: dict[str, tuple[type, ...]] = {
    "env": (dict,), "realtime": (bool,), "mounts": (list,), "listen": (list,), "strict_rights": (bool,), "fs_quota": (int,),
    "max_fds": (int,), "max_memory": (int, type(None)), "fuel": (int, type(None)), "max_stack": (int,),
    "timeout": (int, float, type(None)), "tty": (bool,), "instructions": (int, type(None)), "clock_ips": (int, type(None)),
    "icount": (bool,),
}  # fmt: skip


def save_world(world: World) -> bytes:
    """The world as bytes; SnapshotError while a program runs in it."""
    if world.kernel.processes:
        raise SnapshotError("a world is saved between runs, and a program is running in it", 0)
    return with_processes(world)


def with_processes(world: World) -> bytes:
    """The world as bytes, with the processes that run in it, but not their guests."""
    kept: dict[str, Inode] = {f"preopen {number:04}": directory for number, (_, directory) in enumerate(world.preopens)}
    kept |= {f"listener {number:04}": listener for number, listener in enumerate(world.listeners)}
    plain = world.settings.plain() | {"preopens": [name.decode("utf-8", "surrogateescape") for name, _ in world.preopens]}
    settings = json.dumps(plain, sort_keys=True, ensure_ascii=True).encode()
    return MAGIC + len(settings).to_bytes(4, "little") + settings + snapshot.save(world.kernel, kept)


def load_world(data: bytes, change: Callable[[Settings], None] | None = None, cache: bool | str = True) -> World:
    """The world that `save_world` wrote; SnapshotError for anything else, OSError if a folder of the host is gone.

    `change` may look at the settings, and change them, before anything of the host is opened.
    """
    from agave_wasi.world import World

    settings, names, start = _settings(data)
    if change is not None:
        change(settings)
    world = World.__new__(World)
    world.configure(settings, cache)
    try:
        devices = _host_devices(world)
        clock: Any = InstructionClock(0, settings.clock_ips) if settings.clock_ips is not None else None
        entropy = None
        if settings.realtime:
            from agave_wasi.host.entropy import HostEntropy
            from agave_wasi.patience import PatientClock

            clock, entropy = PatientClock(), HostEntropy()
        restored = snapshot.load(data[start:], devices, clock, entropy)
        _adopt(world, restored, names)
    except BaseException:
        world.close()
        raise
    return world


def settings_of(data: bytes) -> Settings:
    """The settings of a world that was saved; SnapshotError."""
    return _settings(data)[0]


def _settings(data: bytes) -> tuple[Settings, list[bytes], int]:
    """The settings, the names of the preopened folders, and where the kernel's state begins."""
    if data[: len(MAGIC)] != MAGIC:
        raise SnapshotError("this is no snapshot of a world, or one of another version", 0)
    start = len(MAGIC) + 4
    end = start + int.from_bytes(data[len(MAGIC) : start], "little")
    try:
        plain = json.loads(data[start:end])
        names = plain.pop("preopens")
        for name, types in _TYPES.items():
            if not isinstance(plain.get(name, DEFAULTS[name]) if name in DEFAULTS else plain[name], types):
                raise TypeError(name)
        texts = [*plain["env"], *plain["env"].values(), *plain["listen"], *names]
        if not all(isinstance(each, str) for each in texts):
            raise TypeError("env, listen or preopens")
        encoded = [each.encode("utf-8", "surrogateescape") for each in texts]
        for mount in plain["mounts"]:
            if not isinstance(mount, list) or not all(isinstance(part, str | None) for part in mount) or mount[0] is None:
                raise TypeError("mounts")
        plain["mounts"] = [Mount(*mount) for mount in plain["mounts"]]
        return Settings(**plain), encoded[len(texts) - len(names) :], end
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise SnapshotError(f"the settings in this snapshot are damaged: {error!r}", start) from None


def _host_devices(world: World) -> dict[str, Any]:
    """The folders and sockets of the host, opened again."""
    from agave_wasi.mounting import open_folder, open_listener

    devices: dict[str, Any] = {}
    try:
        for number, mount in enumerate(world.settings.mounts):
            if mount.host is not None:
                name, device = open_folder(world, number, mount)
                devices[name] = device
        for number, address in enumerate(world.settings.listen):
            name, listener = open_listener(world, number, address)
            devices[name] = listener
    except ValueError as error:  # no host could have a folder or an address of that name
        raise SnapshotError(f"the settings in this snapshot are damaged: {error}", 0) from None
    return devices


def _adopt(world: World, restored: snapshot.Restored, names: list[bytes]) -> None:
    """Let the world have what came back."""
    world.kernel = restored.kernel
    preopens = [restored.kept.get(f"preopen {number:04}") for number in range(len(names))]
    listeners = [restored.kept.get(f"listener {number:04}") for number in range(len(world.settings.listen))]
    for inodes, kind in ((preopens, Directory), (listeners, DeviceListener)):
        if not all(isinstance(inode, kind) for inode in inodes):
            raise SnapshotError("the settings and the kernel in this snapshot don't fit together", 0)
    world.preopens = [(name, inode) for name, inode in zip(names, preopens) if isinstance(inode, Directory)]
    world.listeners = [inode for inode in listeners if isinstance(inode, DeviceListener)]
