"""Worlds that have been saved and loaded, and snapshots that are made to be wrong: what the tests of snapshots share."""

from __future__ import annotations

from zlib import crc32

from kernel_sim.snapshot import MAGIC, VERSION, load, save
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.table import strict as strict_rights
from tests.kernel_sim.scripts import MemoryStream, World

HEAD = MAGIC + bytes([VERSION])


def again(k: World, data: bytes | None = None) -> World:
    """The same world, saved and loaded; its devices are copies."""
    devices: dict[str, object] = {}
    for name, device in k.kernel.devices.items():
        devices[name] = copy = MemoryStream(*device.incoming, terminal=device.terminal, live=device.live, room=device.room)
        copy.written += device.written
    restored = load(save(k.kernel) if data is None else data, devices).kernel
    process = restored.processes[k.process.pid]
    kind = strict_rights(Syscalls) if process.strict else Syscalls
    return World(restored, process, restored.door(process, kind))  # type: ignore[arg-type]  # a subclass of Syscalls


def sealed(data: bytes) -> bytes:
    """With the checksum that belongs to it."""
    return data[:-4] + crc32(data[:-4]).to_bytes(4, "little")
