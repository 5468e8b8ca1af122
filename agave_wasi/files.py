"""A world's files as a mapping: path -> content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.content import DenseContent, SparseContent
from kernel_sim.fs.inode import Directory, FileType
from kernel_sim.fs.memfs import MemDirectory, MemFile
from kernel_sim.fs.resolve import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.fs.inode import Inode
    from kernel_sim.fs.resolve import Target

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
        return resolve(self._root, path.lstrip("/").encode("utf-8", "surrogateescape"), True)

    def _file(self, path: str) -> Inode:
        try:
            inode = self._target(path).existing()
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
            target = self._make_parents(path)
            inode = target.inode or target.directory.create(target.name)
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
        for depth in range(1, len(parts)):
            target = self._target("/".join(parts[:depth]))
            if target.inode is None:
                target.directory.make_directory(target.name)
        return self._target("/".join(parts))

    def __delitem__(self, path: str) -> None:
        self._file(path)
        target = self._target(path)
        target.directory.unlink(target.name)

    def __iter__(self) -> Iterator[str]:
        pending = self._entries(self._root, "")  # no recursion: a guest can nest folders deeper than Python's stack
        while pending:
            path, inode = pending.pop()
            if isinstance(inode, Directory):
                pending += self._entries(inode, path)
            elif inode.type == FileType.REGULAR_FILE:
                yield path

    def _entries(self, directory: Directory, prefix: str) -> list[tuple[str, Inode]]:
        """What lies in a directory, by path, the first one last."""
        found = []
        for name in sorted((entry.name for entry in directory.entries(2, 1 << 62)), reverse=True):
            if not prefix and name == HIDDEN:
                continue
            inode = directory.lookup(name)
            found.append((f"{prefix}/{name.decode('utf-8', 'surrogateescape')}", inode.mounted or inode))
        return found

    def __len__(self) -> int:
        return sum(1 for _ in self)

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
        self._kept: dict[str, DenseContent | SparseContent] = {}
        self._elsewhere: dict[str, Files] = {}
        pending = [(root, "")]
        while pending:
            pending += self._keep(*pending.pop())

    def _keep(self, directory: Directory, prefix: str) -> list[tuple[Directory, str]]:
        """Keep the files of one directory: the directories in it, with their paths."""
        below: list[tuple[Directory, str]] = []
        if type(directory) is not MemDirectory:
            self._elsewhere[prefix] = Files(directory)
            return below
        for name, (_, inode) in directory.names.items():
            if not prefix and name == HIDDEN:
                continue
            path = f"{prefix}/{name.decode('utf-8', 'surrogateescape')}"
            found = inode.mounted or inode
            if isinstance(found, Directory):
                below.append((found, path))
            elif isinstance(found, MemFile):
                found.content.shared = True
                self._kept[path] = found.content
        return below

    def __getitem__(self, path: str) -> bytes:
        content = self._kept.get(path)
        if content is not None:
            return content.tobytes()
        for prefix, files in self._elsewhere.items():
            if path.startswith(prefix + "/"):
                return files[path[len(prefix) :]]
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        yield from sorted([*self._kept, *(prefix + path for prefix, files in self._elsewhere.items() for path in files)])

    def __len__(self) -> int:
        return len(self._kept) + sum(map(len, self._elsewhere.values()))

    def __repr__(self) -> str:
        return f"<KeptFiles {', '.join(self)}>"
