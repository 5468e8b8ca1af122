"""The path walk: from a directory and a relative path to the object that it names, never above where it began.

Every descriptor of a directory is a sandbox of its own: ".." may go back only through directories that this very walk
entered, an absolute path or link target leads nowhere, and either kind of escape is PERM (wasmtime's answer). Links in
the middle are always followed, the last one if asked. The walk keeps the directories it went through on a stack and
never asks an object for its parent, so a directory that is moved in the meantime opens no way out.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import Directory, FileType, Inode
from kernel_sim.fs.memfs import MemDirectory

TYPE_CHECKING = False
if TYPE_CHECKING:
    Target = tuple[Directory, bytes, Inode | None, bool]
    """Where a path leads: a directory, the name of its entry, the inode if there is one, and whether only a directory will do.

    The last is so where the path ends in "/" (or such an end). The name is empty where it means the directory itself: "." or
    "a/..".
    """

SYMLOOP_MAX = 40
PATH_MAX = 4096
_NO_NAMES = frozenset((b"", b".", b".."))


def find(base: Directory, path: bytes, follow: bool) -> Inode:
    """The existing object at `path`; the short way for a plain name, which most paths are."""
    inode = base.quick(path)
    if inode is not None and inode.mounted is None and (not follow or inode.type != FileType.SYMBOLIC_LINK):
        return inode
    _, _, inode, slash = resolve(base, path, follow)
    if inode is None:
        raise KernelError(Errno.NOENT)
    return existing(inode, slash) if slash else inode


def existing(inode: Inode | None, slash: bool) -> Inode:
    """What a walk has found; NOENT if that is nothing, NOTDIR if a slash asks for a directory and it isn't one."""
    if inode is None:
        raise KernelError(Errno.NOENT)
    if slash and inode.type != FileType.DIRECTORY:
        raise KernelError(Errno.NOTDIR)
    return inode


def resolve(base: Inode, path: bytes, follow: bool, path_max: int = PATH_MAX) -> Target:
    """Walk `path` from the directory `base`; the last component need not exist.

    Errors:
        NOENT        the path is empty, or a component in the middle doesn't exist
        NOTDIR       `base` or a component in the middle isn't a directory
        PERM         the path leads out of `base`: an absolute path or link, or too many ".."
        LOOP         more than 40 symbolic links
        NAMETOOLONG  a component has more than 255 bytes, or the path `path_max` or more
        INVAL        a NUL byte in the path
    """
    if not isinstance(base, Directory):
        raise KernelError(Errno.NOTDIR)
    if b"/" not in path and path not in _NO_NAMES:
        inode = base.find(path)
        if inode is None or (inode.mounted is None and (not follow or inode.type != FileType.SYMBOLIC_LINK)):
            return base, path, inode, False
    elif not path:
        raise KernelError(Errno.NOENT)
    if 0 in path:
        raise KernelError(Errno.INVAL)
    if len(path) >= path_max:
        raise KernelError(Errno.NAMETOOLONG)
    here = base
    above: list[Directory] = []  # those that the walk came through
    pending, slash = _components(path)  # reversed: the next component is last
    links = 0
    while pending:
        name = pending.pop()
        if name in _NO_NAMES:
            if name == b"..":
                if not above:
                    raise KernelError(Errno.PERM)
                here = above.pop()
            continue
        entry = here.names.get(name) if type(here) is MemDirectory else None  # the short way
        inode = here.find(name) if entry is None else entry[1]
        if inode is None:
            if pending:
                raise KernelError(Errno.NOENT)
            return here, name, None, slash
        if inode.mounted is not None:
            inode = inode.mounted
        if isinstance(inode, Directory):
            if not pending:
                return here, name, inode, slash
            above.append(here)
            here = inode
        elif inode.type == FileType.SYMBOLIC_LINK and (pending or follow or slash):
            links += 1
            if links > SYMLOOP_MAX:
                raise KernelError(Errno.LOOP)
            target = inode.readlink()
            if not target:
                raise KernelError(Errno.NOENT)
            last = not pending
            components, directory = _components(target)
            pending += components
            slash = slash or (last and directory)
        elif pending:
            raise KernelError(Errno.NOTDIR)
        else:
            return here, name, inode, slash
    return here, b"", here, True


def _components(path: bytes) -> tuple[list[bytes], bool]:
    """The components of a relative path, last one first, and whether it can only mean a directory; PERM if it is absolute."""
    names = path.split(b"/")
    if not names[0]:
        raise KernelError(Errno.PERM)
    slash = names[-1] in _NO_NAMES
    while not names[-1]:  # those in the middle do no harm, but whoever is last is treated in another way
        names.pop()
    names.reverse()
    return names, slash
