"""Giving a world what the host has: folders to mount, sockets to listen on. Imported only when a world asks for it."""

from __future__ import annotations

from agave_wasi.host.directory import HostDirectory
from agave_wasi.settings import inodes_for
from kernel_sim.errors import Errno
from kernel_sim.fs.memfs import MemDirectory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.host.sockets import HostListener
    from agave_wasi.settings import Mount
    from agave_wasi.world import World
    from kernel_sim.fs import hostfs
    from kernel_sim.net.stream import DeviceListener


def mount(world: World, number: int, wanted: Mount) -> MemDirectory | hostfs.HostDirectory:
    """The top of the tree that `wanted` asks for, attached to the world and mounted where its guest path leads.

    Raises OSError (as from opening the folder) if the host folder can't be had.
    """
    kernel, quota = world.kernel, world.settings.fs_quota
    top: MemDirectory | hostfs.HostDirectory
    if wanted.host is None:
        top = kernel.new_memory_tree(quota, inodes_for(quota))
    else:
        name, device = open_folder(world, number, wanted)
        kernel.attach(name, device)
        if wanted.mode == "overlay":
            top = kernel.new_overlay_tree(name, quota, inodes_for(quota))
        else:
            top = kernel.new_host_tree(name, wanted.mode == "rw")
    kernel.mount(wanted.guest.encode(), top)
    return top


def open_folder(world: World, number: int, wanted: Mount) -> tuple[str, HostDirectory]:
    """A folder of the host as a device, with the name that the kernel knows it by; the world will close it."""
    assert wanted.host is not None
    device = HostDirectory(wanted.host, read_only=wanted.mode != "rw")
    world.host_devices.append(device)
    return f"folder{number}", device


def listen_on(world: World, number: int, address: str) -> DeviceListener:
    """A listening socket of the host at "ADDR:PORT"; port 0 lets the host choose (`world.addresses` tells)."""
    name, device = open_listener(world, number, address)
    world.kernel.attach(name, device)
    return world.kernel.new_listener(name)


def open_listener(world: World, number: int, address: str) -> tuple[str, HostListener]:
    """A listening socket of the host as a device, with the name that the kernel knows it by."""
    from agave_wasi.host.sockets import HostListener

    device = HostListener(address)
    world.host_devices.append(device)
    world.addresses.append(device.address)
    return f"listener{number}", device


def commit_overlays(world: World) -> int:
    """Write back what overlays have kept in memory; how many changes were made.

    The overlays' own devices can't write, so each folder is opened once more, and must still be the same one.
    Raises CommitError for a change that can't be made, OSError if a folder can't be opened.
    """
    from agave_wasi.host.commit import CommitError, commit
    from kernel_sim.fs.changes import TooDeep, changes
    from kernel_sim.fs.overlay import OverlayDirectory

    made = 0
    for number, wanted in enumerate(world.settings.mounts):
        top = world.preopens[number][1]
        if wanted.host is None or not isinstance(top, OverlayDirectory):
            continue
        try:
            found = changes(top)
        except TooDeep as error:
            raise CommitError(error.path, Errno.NAMETOOLONG, 0, 0, []) from None
        if not found:
            continue
        device = HostDirectory(wanted.host)
        try:
            shown = world.kernel.devices[f"folder{number}"]
            if device.stat(device.root, b"")[1:3] != shown.stat(shown.root, b"")[1:3]:
                raise FileNotFoundError(f"{wanted.host} is not the folder any more that the guest has seen")
            commit(device, found)
        finally:
            device.close_all()
        made += len(found)
    return made
