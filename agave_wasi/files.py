"""A world's files as a mapping: path -> content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.content import DenseContent, SparseContent
from kernel_sim.fs.inode import Directory, FileType
from kernel_sim.fs.memfs import MemDirectory, MemFile
from kernel_sim.fs.resolve import existing, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kernel_sim.fs.inode import Inode
    from kernel_sim.fs.resolve import Target

    Content = DenseContent | SparseContent
    Kept = dict[str, "Kept"] | Content | Directory
    """A folder that was kept, a file's bytes, or a folder that is looked into when it is asked for."""

CHUNK = 1 << 20
HIDDEN = b"dev"
"""The folder of devices is not among the files."""


class Files(MutableMapping[str, bytes]):
    """The regular files below a directory, by absolute path; read and written in place.

    Iterating gives every path, sorted. A missing file is a KeyError; writing makes the folders that are missing.
    """

    def __init__(self, root: Directory) -> None:
        self._root = root

    def _target(self, path: str) -> Target:
        raw = _encoded(path.lstrip("/"))
        return resolve(self._root, raw, True, len(raw) + 1)  # what a guest has nested step by step may be longer than PATH_MAX

    def _file(self, path: str) -> Inode:
        try:
            _, _, found, slash = self._target(path)
            inode = existing(found, slash)
        except KernelError as error:
            raise KeyError(f"{path}: {error.errno}") from None
        if inode.type != FileType.REGULAR_FILE:
            raise KeyError(f"{path} is a {inode.type}, not a regular file")
        return inode

    def __getitem__(self, path: str) -> bytes:
        file = self._file(path).opened(True, False, False)
        try:
            data = bytearray(file.size)
            with memoryview(data) as view:
                done = 0
                while done < len(data):
                    count = file.read_at(done, [view[done : done + CHUNK]])
                    if not count:
                        break
                    done += count
            return bytes(data)
        finally:
            file.closed(True, False)

    def __setitem__(self, path: str, content: bytes | str) -> None:
        data = content.encode() if isinstance(content, str) else content
        try:
            directory, name, found, _ = self._make_parents(path)
            inode = found or directory.create(name)
            if inode.type != FileType.REGULAR_FILE:
                raise KernelError(Errno.ISDIR if inode.type == FileType.DIRECTORY else Errno.INVAL)
            file = inode.opened(False, True, True)
            try:
                if data and file.write_at(0, [memoryview(data)]) != len(data):
                    raise KernelError(Errno.NOSPC)
            finally:
                file.closed(False, True)
        except KernelError as error:
            raise OSError(f"{path} can't be written: {error.errno}") from None

    def _make_parents(self, path: str) -> Target:
        parts = [part for part in path.split("/") if part]
        here = self._root
        for depth, part in enumerate(parts[:-1], 1):
            found = None if part == ".." else here.find(_encoded(part)) if part != "." else here
            if found is None or not isinstance(found.mounted or found, Directory):  # a link or "..": from the top again
                directory, name, found, _ = self._target("/".join(parts[:depth]))
                found = found or directory.make_directory(name)
            found = found.mounted or found
            if not isinstance(found, Directory):
                raise KernelError(Errno.NOTDIR)
            here = found
        return self._target("/".join(parts))

    def __delitem__(self, path: str) -> None:
        self._file(path)
        directory, name, _, _ = self._target(path)
        directory.unlink(name)

    def _walk(self) -> Iterator[list[str]]:
        return _walk(self._root, lambda directory: _entries(directory, directory is self._root))

    def __iter__(self) -> Iterator[str]:
        return map(_path, self._walk())

    def __len__(self) -> int:
        return sum(1 for _ in self._walk())

    def __contains__(self, path: object) -> bool:
        try:
            self._file(str(path))
        except KeyError:
            return False
        return True

    def __repr__(self) -> str:
        return f"<Files {', '.join(self)}>"


class KeptFiles(Mapping[str, bytes]):
    """The files below a directory as they were when this was made, by absolute path.

    Files in memory are kept without copying: whoever changes one later copies it first. What lies in folders of the host, or
    in overlays of them, is looked up when it is asked for, so there it is as it is then.
    """

    def __init__(self, root: Directory) -> None:
        self._top = self._keep(root)

    def _keep(self, root: Directory) -> Kept:
        """What is kept of a tree."""
        if type(root) is not MemDirectory:
            return root
        top: dict[str, Kept] = {}
        pending = [(root, top)]
        while pending:
            directory, kept = pending.pop()
            for name, (_, inode) in directory.names.items():
                if directory is root and name == HIDDEN:
                    continue
                found = inode.mounted or inode
                if type(found) is MemDirectory:
                    below: dict[str, Kept] = {}
                    kept[_decoded(name)] = below
                    pending.append((found, below))
                elif isinstance(found, Directory):
                    kept[_decoded(name)] = found
                elif isinstance(found, MemFile):
                    found.content.shared = True
                    kept[_decoded(name)] = found.content
        return top

    def __getitem__(self, path: str) -> bytes:
        first, *names = path.split("/")
        found: Kept | None = self._top if not first else None
        for depth, name in enumerate(names, 1):
            if isinstance(found, Directory):
                return Files(found)["/" + "/".join(names[depth - 1 :])]
            found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, DenseContent | SparseContent):
            raise KeyError(path)
        return found.tobytes()

    def _walk(self) -> Iterator[list[str]]:
        top = self._top
        return _walk(top, lambda kept: _kept_entries(kept) if isinstance(kept, dict) else _entries(kept, kept is top))

    def __iter__(self) -> Iterator[str]:
        return map(_path, self._walk())

    def __len__(self) -> int:
        return sum(1 for _ in self._walk())

    def __repr__(self) -> str:
        return f"<KeptFiles {', '.join(self)}>"


# A guest can nest folders deeper than Python's stack, and so deep that a path for each of them would not fit into memory:
# no recursion here, and no path but that of a file that is asked for.


def _walk(top: Any, entries: Callable[[Any], list[tuple[str, Any]]]) -> Iterator[list[str]]:
    """The names that lead to each file, in the order of the paths. It is one list, which goes on to change.

    `entries` has the names in a folder with what to go on with below them, None for a file.
    """
    names: list[str] = []
    levels = [_in_order(entries(top))]
    while levels:
        for name, below in levels[-1]:
            names.append(name)
            if below is not None:
                levels.append(_in_order(entries(below)))
                break
            yield names
            names.pop()
        else:
            levels.pop()
            if names:
                names.pop()


def _in_order(entries: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """As the paths are sorted: those in a folder `a` come behind `a.txt`."""
    return iter(sorted(entries, key=lambda entry: entry[0] if entry[1] is None else f"{entry[0]}/"))


def _entries(directory: Directory, top: bool) -> list[tuple[str, Directory | None]]:
    """Regular files and directories in a directory, for `_walk`; without the devices if it is the top."""
    found: list[tuple[str, Directory | None]] = []
    for entry in directory.entries(2, 1 << 62):
        if top and entry.name == HIDDEN:
            continue
        inode = directory.lookup(entry.name)
        inode = inode.mounted or inode
        if isinstance(inode, Directory):
            found.append((_decoded(entry.name), inode))
        elif inode.type == FileType.REGULAR_FILE:
            found.append((_decoded(entry.name), None))
    return found


def _kept_entries(folder: dict[str, Kept]) -> list[tuple[str, Any]]:
    return [(name, None if isinstance(kept, DenseContent | SparseContent) else kept) for name, kept in folder.items()]


def _path(names: list[str]) -> str:
    return "/" + "/".join(names)


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
