"""Mounts: a tree that hides a directory of another, so that a walk from `/` goes on in it.

Only directories in memory can be hidden. The hidden directory stays what its own tree knows (its number in listings,
BUSY when somebody wants to remove or rename it); all else about the place is answered by the tree mounted there.
"""

from __future__ import annotations

from kernel_sim.fs.inode import NAME_MAX, Directory
from kernel_sim.fs.memfs import MemDirectory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from kernel_sim.fs.hostfs import HostDirectory

    Top: TypeAlias = MemDirectory | HostDirectory


def mount(root: MemDirectory, path: bytes, top: Top) -> bool:
    """Mount the tree `top` at `path` below `root`, making the directories that lead there.

    False if no directory in memory can be there: the path names the root itself, goes up, or leads through something
    else, be it a mounted tree that isn't memory of the machine's own. Nothing has been changed then. The tree can still
    be reached where it is preopened.
    """
    here: Directory = root
    place = root
    missing: list[bytes] = []
    for name in path.split(b"/"):
        if name in (b"", b"."):
            continue
        if name == b".." or 0 in name or len(name) > NAME_MAX:
            return False
        if missing:
            missing.append(name)
            continue
        if type(here) is not MemDirectory:  # an overlay would take a new directory for the guest's own work
            return False
        if name not in here.names:
            place = here
            missing.append(name)
            continue
        found = here.lookup(name)
        if type(found) is not MemDirectory:
            return False
        place = found
        here = found.mounted or found
    for name in missing:
        place = place.make_directory(name)
    if place is root:
        return False
    place.mounted = top
    top.parent = place.parent
    top.listing = None
    return True
