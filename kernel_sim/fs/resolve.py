"""The path walk: from a directory and a relative path to the object that it names, never above where it began.

Every descriptor of a directory is a sandbox of its own: ".." may go back only through directories that this very walk
entered, an absolute path or link target leads nowhere, and either kind of escape is PERM (wasmtime's answer). Links in
the middle are always followed, the last one if asked. The walk keeps the directories it went through on a stack and
never asks an object for its parent, so a directory that is moved in the meantime opens no way out.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import Directory, FileType, Inode

SYMLOOP_MAX = 40
PATH_MAX = 4096


class Target:
    """Where a path leads: the entry `name` in `directory`, and its inode if it exists.

    `name` is empty when the path names a directory as such ("." or "a/.."); `directory` is that directory then.
    `slash`: the path ends in "/" (or such an end), so only a directory will do.
    """

    __slots__ = ("directory", "name", "inode", "slash")

    def __init__(self, directory: Directory, name: bytes, inode: Inode | None, slash: bool) -> None:
        self.directory = directory
        self.name = name
        self.inode = inode
        self.slash = slash

    def existing(self) -> Inode:
        """The inode; NOENT if there is none, NOTDIR if a slash asks for a directory and it isn't one."""
        inode = self.inode
        if inode is None:
            raise KernelError(Errno.NOENT)
        if self.slash and inode.type != FileType.DIRECTORY:
            raise KernelError(Errno.NOTDIR)
        return inode


def find(base: Directory, path: bytes, follow: bool) -> Inode:
    """The existing object at `path`; the short way for a plain name, which most paths are."""
    inode = base.quick(path)
    if inode is not None and inode.mounted is None and (not follow or inode.type != FileType.SYMBOLIC_LINK):
        return inode
    return resolve(base, path, follow).existing()


_WALKED = (b"", b".", b"..")
"""Paths without a slash that aren't names."""


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
    found = base.quick(path)
    if found is not None and found.mounted is None and (not follow or found.type != FileType.SYMBOLIC_LINK):
        return Target(base, path, found, False)
    if b"/" not in path and path not in _WALKED and base.find(path) is None:
        return Target(base, path, None, False)
    if not path:
        raise KernelError(Errno.NOENT)
    if 0 in path:
        raise KernelError(Errno.INVAL)
    if len(path) >= path_max:
        raise KernelError(Errno.NAMETOOLONG)
    stack: list[Directory] = [base]
    pending = _components(path)  # reversed: the next component is last
    slash = _ends_as_directory(path)
    links = 0
    while pending:
        name = pending.pop()
        here = stack[-1]
        if name == b".":
            continue
        if name == b"..":
            if len(stack) == 1:
                raise KernelError(Errno.PERM)
            stack.pop()
            continue
        last = not pending
        inode = here.find(name)
        if inode is None:
            if last:
                return Target(here, name, None, slash)
            raise KernelError(Errno.NOENT)
        if inode.mounted is not None:
            inode = inode.mounted
        if isinstance(inode, Directory):
            if last:
                return Target(here, name, inode, slash)
            stack.append(inode)
        elif inode.type == FileType.SYMBOLIC_LINK and (not last or follow or slash):
            links += 1
            if links > SYMLOOP_MAX:
                raise KernelError(Errno.LOOP)
            target = inode.readlink()
            if not target:
                raise KernelError(Errno.NOENT)
            pending += _components(target)
            slash = slash or (last and _ends_as_directory(target))
        elif last:
            return Target(here, name, inode, slash)
        else:
            raise KernelError(Errno.NOTDIR)
    return Target(stack[-1], b"", stack[-1], True)


def _components(path: bytes) -> list[bytes]:
    """The components of a relative path, last one first; PERM if it is absolute."""
    if path[:1] == b"/":
        raise KernelError(Errno.PERM)
    return [name for name in reversed(path.split(b"/")) if name]


def _ends_as_directory(path: bytes) -> bool:
    """Can the path only mean a directory?"""
    return path.endswith((b"/", b"/.", b"/..")) or path in (b".", b"..")
