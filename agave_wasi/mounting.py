"""Giving a world what the host has: folders to mount, sockets to listen on. Imported only when a world asks for it."""

from __future__ import annotations

from agave_wasi.host.directory import HostDirectory
from agave_wasi.host.sockets import HostListener

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.world import Mount, World
    from kernel_sim.fs.inode import Directory
    from kernel_sim.net.stream import DeviceListener


def mount(world: World, number: int, wanted: Mount) -> Directory:
    """The top of the tree that `wanted` asks for, attached to the world and mounted where its guest path leads.

    Raises OSError (as from opening the folder) if the host folder can't be had.
    """
    kernel = world.kernel
    if wanted.host is None:
        top: Directory = kernel.new_memory_tree(world.fs_quota)
    else:
        device = HostDirectory(wanted.host, read_only=wanted.mode != "rw")
        world.host_devices.append(device)
        name = f"folder{number}"
        kernel.attach(name, device)
        if wanted.mode == "overlay":
            top = kernel.new_overlay_tree(name, world.fs_quota)
        else:
            top = kernel.new_host_tree(name, wanted.mode == "rw")
    kernel.mount(wanted.guest.encode(), top)  # type: ignore[arg-type]  # one of the kinds that can be mounted
    return top


def listen_on(world: World, number: int, address: str) -> DeviceListener:
    """A listening socket of the host at "ADDR:PORT"; port 0 lets the host choose (`world.addresses` tells)."""
    device = HostListener(address)
    world.host_devices.append(device)
    world.addresses.append(device.address)
    name = f"listener{number}"
    world.kernel.attach(name, device)
    return world.kernel.new_listener(name)
