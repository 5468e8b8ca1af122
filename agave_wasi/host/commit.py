"""Writing an overlay's changes back to the folder that it lies over, file by file, each in one step.

Every name is reached from the top by directory handles, one component at a time and never through a link, so whatever
became of the host's tree meanwhile, nothing outside of it is touched. Old files that only get new names are linked
aside first; after that each change replaces one name atomically. What fails says where, and everything is either old
or new.
"""

from __future__ import annotations

import os

from agave_wasi.host.replacement import TEMPORARY_PREFIX
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.changes import ChangeKind
from kernel_sim.fs.content import PAGE, SparseContent
from kernel_sim.fs.inode import FileType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agave_wasi.host.directory import HostDirectory
    from kernel_sim.fs.changes import Change, Path
    from kernel_sim.fs.content import DenseContent

    Remove = Callable[[int, bytes], None]

PIECE = 1 << 20
SHOWN = 100
"""Characters of a long path that an error shows, at either end."""


class CommitError(Exception):
    """The change at `path` could not be made, for the reason `errno`; `done` changes had been made before it.

    `kept` names what the folder holds under a temporary name: (that name, the path where it was). Those are files whose
    old place had already been taken and whose new place couldn't be had.
    """

    def __init__(self, path: Path, errno: str, done: int, total: int, kept: list[tuple[bytes, bytes]]) -> None:
        self.path = b"/".join(path)
        self.errno = errno
        self.done = done
        self.total = total
        self.kept = kept

    def __str__(self) -> str:
        name = os.fsdecode(self.path) or "the folder itself"
        if len(name) > 2 * SHOWN:
            name = f"{name[:SHOWN]}...{name[-SHOWN:]}"
        if not self.done:
            return f"{name} could not be written back ({self.errno}); nothing has been changed"
        return (
            f"{name} could not be written back ({self.errno}); {self.done} of {self.total} changes were made before, "
            "it and all others are as they were"
            + "".join(f"; what was {os.fsdecode(path)} is {os.fsdecode(name)} now" for name, path in self.kept)
        )


def commit(device: HostDirectory, changes: Sequence[Change]) -> None:
    """Make `changes` in the folder behind `device`; CommitError says which one failed.

    Files that somebody else has written to meanwhile are overwritten where the guest has changed them, too; a directory
    in which something has appeared is not removed (NOTEMPTY).
    """
    _Commit(device, changes).run()


class _Commit:
    """One run. `aside` maps changes that move old files to the names under which those are kept meanwhile.

    `temporary` are names to be removed in the end, `changed` the paths that aren't what they were.
    """

    def __init__(self, device: HostDirectory, changes: Sequence[Change]) -> None:
        self.device = device
        self.changes = changes
        self.walk = _Walk(device)
        self.aside: dict[int, bytes] = {}
        self.temporary: set[bytes] = set()
        self.changed: set[Path] = set()

    def run(self) -> None:
        done = 0
        path: Path = ()
        try:
            for change in self.changes:
                if change.kind == ChangeKind.MOVED:
                    path = change.source
                    self.aside[id(change)] = self._take_aside(change)
            for change in self.changes:
                path = change.path
                self._make(change)
                done += 1
                self.changed.add(path)
                self.aside.pop(id(change), None)
            for path in sorted({change.path[:-1] for change in self.changes}):
                self._sync(path)
        except KernelError as error:
            raise CommitError(path, error.errno, done, len(self.changes), self._put_back()) from None
        finally:
            for name in self.temporary:
                self._discard(self.device.root, name)
            self.walk.close()

    def _put_back(self) -> list[tuple[bytes, bytes]]:
        """Old files that have lost their old name without getting the new one have it back; those that can't, are kept."""
        kept = []
        for change in self.changes:
            name = self.aside.get(id(change))
            if name is None:
                continue
            try:
                if not self._is_named(name, change):
                    self._restore(name, change.source)
            except KernelError:
                self.temporary.discard(name)
                kept.append((name, b"/".join(change.source)))
        return kept

    def _is_named(self, name: bytes, change: Change) -> bool:
        """Does what is kept under `name` have another name, too?"""
        if change.source not in self.changed:
            return True
        device = self.device
        if device.stat(device.root, name)[3] > 1:
            self._discard(device.root, name)  # so that of several names the last one counts
            return True
        return False

    def _restore(self, name: bytes, source: Path) -> None:
        device = self.device
        for depth in range(1, len(source)):
            self._make_directory(self.walk.open(source[: depth - 1]), source[depth - 1])
        above = self.walk.open(source[:-1])
        device.link(device.root, name, above, source[-1])  # unlike a rename, it can't replace what is there now

    def _temporary(self) -> bytes:
        name = TEMPORARY_PREFIX + os.urandom(12).hex().encode()
        self.temporary.add(name)
        return name

    def _discard(self, directory: int, name: bytes) -> None:
        """Remove a temporary name, if it is still there."""
        try:
            self.device.unlink(directory, name)
        except KernelError:  # renamed into its place, as it should be; or the host fails, and there is no more to do
            return

    def _take_aside(self, change: Change) -> bytes:
        """A second name, at the top, for an old file that will get new names; a copy where the host has no links."""
        device = self.device
        above, old = self.walk.open(change.source[:-1]), change.source[-1]
        name = self._temporary()
        try:
            device.link(above, old, device.root, name)
        except KernelError as error:
            if error.errno not in (Errno.PERM, Errno.NOTSUP, Errno.MLINK, Errno.XDEV, Errno.NOSYS, Errno.ACCES):
                raise
            found = device.stat(above, old)
            if found[0] == FileType.SYMBOLIC_LINK:
                device.symlink(device.root, name, device.readlink(above, old))
            else:
                device.replace_file(device.root, name, _file_pieces(device, above, old), found[5], found[6])
        else:
            found = device.stat(device.root, name)
        if found[1:3] != change.identity:  # somebody has put something else there
            raise KernelError(Errno.STALE)
        return name

    def _make(self, change: Change) -> None:
        device, kind = self.device, change.kind
        if not change.path:
            device.set_times(device.root, b"", change.atime, change.mtime)
            return
        above, name = self.walk.open(change.path[:-1]), change.path[-1]
        dated = change.atime is not None or change.mtime is not None
        if kind == ChangeKind.FILE:
            assert change.content is not None
            device.replace_file(above, name, _pieces(change.content), change.atime, change.mtime)
        elif kind == ChangeKind.DIRECTORY:
            self._make_directory(above, name)
        elif kind == ChangeKind.REMOVED_FILE:
            self._remove(device.unlink, above, name)
        elif kind == ChangeKind.REMOVED_DIRECTORY:
            self._remove(device.remove_directory, above, name)
        elif kind == ChangeKind.TIMES:
            device.set_times(above, name, change.atime, change.mtime)
        else:
            if kind == ChangeKind.MOVED:
                temporary = self.aside[id(change)]
            else:
                temporary = self._temporary()
                if kind == ChangeKind.SYMLINK:
                    device.symlink(device.root, temporary, change.target)
                else:
                    source = self.walk.open(change.source[:-1])
                    device.link(source, change.source[-1], device.root, temporary)
                    above = self.walk.open(change.path[:-1])
            if dated:
                device.set_times(device.root, temporary, change.atime, change.mtime)
            device.rename(device.root, temporary, above, name)

    def _make_directory(self, above: int, name: bytes) -> None:
        try:
            self.device.make_directory(above, name)
        except KernelError as error:
            if error.errno != Errno.EXIST or self.device.stat(above, name)[0] != FileType.DIRECTORY:
                raise

    def _remove(self, remove: Remove, above: int, name: bytes) -> None:
        try:
            remove(above, name)
        except KernelError as error:
            if error.errno != Errno.NOENT:  # somebody else was faster
                raise

    def _sync(self, path: Path) -> None:
        """Let the new names survive a crash; what has been removed since needs nothing."""
        try:
            self.device.sync_directory(self.walk.open(path))
        except KernelError as error:
            if error.errno not in (Errno.NOENT, Errno.NOTDIR, Errno.INVAL, Errno.NOTSUP):
                raise


class _Walk:
    """Handles along the path that was last asked for."""

    def __init__(self, device: HostDirectory) -> None:
        self.device = device
        self.names: list[bytes] = []
        self.handles: list[int] = []

    def open(self, path: Path) -> int:
        """The handle of a directory, good until the next call."""
        keep = 0
        while keep < len(path) and keep < len(self.names) and path[keep] == self.names[keep]:
            keep += 1
        self._close(keep)
        for name in path[keep:]:
            above = self.handles[-1] if self.handles else self.device.root
            self.handles.append(self.device.open_directory(above, name))
            self.names.append(name)
        return self.handles[-1] if self.handles else self.device.root

    def _close(self, keep: int) -> None:
        for handle in self.handles[keep:]:
            self.device.close(handle)
        del self.handles[keep:], self.names[keep:]

    def close(self) -> None:
        self._close(0)


def _pieces(content: DenseContent | SparseContent) -> Iterator[bytes | memoryview | int]:
    """The bytes of a file in order; numbers stand for holes."""
    if isinstance(content, SparseContent):
        position = 0
        for number in sorted(content.pages):
            start = number * PAGE
            if start >= content.size:
                break
            if start > position:
                yield start - position
            position = min(start + PAGE, content.size)
            yield bytes(content.pages[number][: position - start])
        if position < content.size:
            yield content.size - position
        return
    yield bytes(content.data)
    if content.size > len(content.data):
        yield content.size - len(content.data)


def _file_pieces(device: HostDirectory, above: int, name: bytes) -> Iterator[bytes]:
    """The bytes of a file of the host."""
    handle = device.open_file(above, name, True, False, False, False, False)
    try:
        position = 0
        while True:
            piece = bytearray(PIECE)
            with memoryview(piece) as view:
                count = device.read(handle, position, [view])
            if not count:
                return
            yield bytes(piece[:count])
            position += count
    finally:
        device.close(handle)
