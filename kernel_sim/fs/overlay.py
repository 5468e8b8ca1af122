"""Copy on write over a directory of the host: the guest sees the host's files, and what it changes stays in memory.

An overlay is a file system in memory that fills itself from the host: a directory when it is first looked into, and
from then on names and attributes are a stable view, whatever happens on the host. A file's bytes are read from the
host until the first change, which copies them; only copies count against the quota. The host itself is never changed
from here: `kernel_sim.fs.changes` says what is different in the end.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.content import PAGE, DenseContent, SparseContent
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.hostfs import HostDirectory, HostEntry, HostOpenFile
from kernel_sim.fs.inode import Directory, FileType, Inode
from kernel_sim.fs.memfs import FIRST_COOKIE, MemDirectory, MemFile, MemSymlink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel_sim.devices import ClockDevice

EVERYTHING = 1 << 62


class OverlayFileSystem(FileSystem):
    """The overlay's shared state. `linked` finds files of the host that have several names, by the host's numbers.

    What comes from the host has room in the inode quota of its own.
    """

    __slots__ = ("linked",)

    def __init__(self, number: int, clock: ClockDevice, max_bytes: int, max_inodes: int) -> None:
        super().__init__(number, clock, True, max_bytes, max_inodes)
        self.linked: dict[tuple[int, int], OverlayEntry] = {}

    def top(self, lower: HostDirectory) -> OverlayDirectory:
        """The top of the overlay over `lower`."""
        lower.pins += 1
        return OverlayDirectory(self, self.host_number(), None, lower)

    def host_number(self) -> int:
        """The number of an inode that the host has, too."""
        self.max_inodes += 1
        return self.new_number()


class LowerContent(DenseContent):
    """Bytes that are still the host's. `source` is the open file while a descriptor refers to it."""

    __slots__ = ("lower", "source")

    def __init__(self, lower: HostEntry) -> None:
        super().__init__()
        self.size = lower.size
        self.lower = lower
        self.source: HostOpenFile | None = None

    def open(self) -> HostOpenFile:
        """The open file, which stays open until `close`."""
        if self.source is None:
            source = self.lower.opened(True, False, False)
            assert isinstance(source, HostOpenFile)
            self.source = source
        return self.source

    def close(self) -> None:
        """Nobody needs the open file any more."""
        source, self.source = self.source, None
        if source is not None:
            source.closed(True, False)

    def read(self, offset: int, buffers: Sequence[memoryview]) -> int:
        left = self.size - offset
        if sum(map(len, buffers)) > left:
            kept = []
            for view in buffers:
                kept.append(view[: max(0, left)])
                left -= len(kept[-1])
            buffers = kept
        if self.source is not None:
            return self.source.read_at(offset, buffers)
        try:
            return self.open().read_at(offset, buffers)
        finally:
            self.close()

    def write(self, offset: int, buffers: Sequence[memoryview], fs: FileSystem) -> int:
        raise KernelError(Errno.PERM)  # the file is copied first

    def tobytes(self) -> bytes:
        whole = bytearray(self.size)
        with memoryview(whole) as view:
            count = self.read(0, [view])
        return bytes(whole[:count])

    def copy(self, size: int, fs: FileSystem) -> DenseContent | SparseContent:
        """The first `size` bytes in memory, long runs of zeros as holes; NOSPC leaves nothing charged."""
        copied: DenseContent | SparseContent = DenseContent()
        kept_open = self.source is not None
        try:
            self.open()
            for offset in range(0, min(size, self.size), PAGE):
                page = bytearray(min(PAGE, size - offset, self.size - offset))
                with memoryview(page) as view:
                    count = self.read(offset, [view])
                if count < len(page):  # the host has cut it short meanwhile
                    raise KernelError(Errno.IO)
                if page.count(0) == len(page):
                    continue
                if isinstance(copied, DenseContent) and copied.would_be_sparse(offset):
                    copied = SparseContent.of(copied, fs)
                if copied.write(offset, [memoryview(page)], fs) < len(page):
                    raise KernelError(Errno.NOSPC)
            copied.truncate(size, fs)
        except BaseException:
            copied.truncate(0, fs)
            raise
        finally:
            if not kept_open:
                self.close()
        return copied


class OverlayFile(MemFile):
    """A regular file: the host's until it is changed, or the guest's from the start.

    `lower` is the host's file that it began as. `dated`: the guest has set its times since it was last written.
    """

    __slots__ = ("lower", "dated")

    def __init__(self, fs: FileSystem, number: int, now: int, lower: HostEntry | None = None) -> None:
        super().__init__(fs, number, now)
        self.lower = lower
        self.dated = False
        if lower is not None:
            self.content = LowerContent(lower)
            self.nlink = lower.nlink
            self.atime, self.mtime, self.ctime = lower.atime, lower.mtime, lower.ctime

    def is_changed(self) -> bool:
        """Are the bytes other than the host's?"""
        return not isinstance(self.content, LowerContent)

    def _copy(self, size: int | None = None) -> None:
        """Let the bytes (or the first `size` of them) be the guest's own."""
        lower = self.content
        if isinstance(lower, LowerContent):
            self.content = lower.copy(lower.size if size is None else size, self.fs)
            lower.close()

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        if any(map(len, buffers)):
            self._copy()
            self.dated = False
        return super().write_at(offset, buffers)

    def truncate(self, size: int) -> None:
        if size > self.fs.max_file_size:
            raise KernelError(Errno.FBIG)
        self._copy(min(size, self.size))
        self.dated = False
        super().truncate(size)

    def allocate(self, offset: int, length: int) -> None:
        self._copy()
        super().allocate(offset, length)

    def set_times(self, atime: int | None, mtime: int | None) -> None:
        super().set_times(atime, mtime)
        self.dated = True

    def opened(self, read: bool, write: bool, truncate: bool) -> Inode:
        content = self.content
        if isinstance(content, LowerContent) and not truncate and content.source is None:
            found = content.open().stat()  # the host may have written to it: a file is one version while it is open
            content.size = found.size
            if not self.dated:
                self.mtime = found.mtime
        return super().opened(read, write, truncate)

    def closed(self, read: bool, write: bool) -> None:
        super().closed(read, write)
        if not self.opens and isinstance(self.content, LowerContent):
            self.content.close()


class OverlaySymlink(MemSymlink):
    """A symbolic link, of the host (`lower`) or the guest's."""

    __slots__ = ("lower", "dated")

    def __init__(self, fs: FileSystem, number: int, now: int, target: bytes, lower: HostEntry | None = None) -> None:
        super().__init__(fs, number, now, target)
        self.lower = lower
        self.dated = False
        if lower is not None:
            self.nlink = lower.nlink
            self.atime, self.mtime, self.ctime = lower.atime, lower.mtime, lower.ctime

    def stored(self) -> int:
        return super().stored() if self.lower is None else 0

    def set_times(self, atime: int | None, mtime: int | None) -> None:
        super().set_times(atime, mtime)
        self.dated = True


class OverlaySpecial(Inode):
    """A device, FIFO or socket of the host: it can be seen, renamed and removed, but not opened."""

    __slots__ = ("lower", "dated")

    def __init__(self, fs: FileSystem, number: int, lower: HostEntry) -> None:
        super().__init__(fs, number, 0)
        self.lower = lower
        self.dated = False
        self.nlink = lower.nlink
        self.atime, self.mtime, self.ctime = lower.atime, lower.mtime, lower.ctime

    @property
    def type(self) -> str:  # type: ignore[override]  # a class attribute elsewhere; here the host decides
        return self.lower.type

    def set_times(self, atime: int | None, mtime: int | None) -> None:
        super().set_times(atime, mtime)
        self.dated = True

    def opened(self, read: bool, write: bool, truncate: bool) -> Inode:
        raise KernelError(Errno.NOTSUP)


class OverlayDirectory(MemDirectory):
    """A directory of the overlay. `lower` is the host's that it began as, `original` what was in it then."""

    __slots__ = ("lower", "original", "dated", "filled")

    fs: OverlayFileSystem

    def __init__(
        self, fs: OverlayFileSystem, number: int, parent: OverlayDirectory | None, lower: HostDirectory | None = None
    ) -> None:
        self.filled: dict[bytes, tuple[int, Inode]] | None = None
        self.lower = lower
        self.original: dict[bytes, Inode] = {}
        self.dated = False
        super().__init__(fs, number, fs.clock.now(), parent)
        if lower is not None:
            self.filled = None
            self.nlink = max(2, lower.nlink)  # some hosts don't count subdirectories
            self.atime, self.mtime, self.ctime = lower.atime, lower.mtime, lower.ctime

    @property
    def names(self) -> dict[bytes, tuple[int, Inode]]:
        """As in memory, but filled at the first look."""
        return self._fill() if self.filled is None else self.filled

    @names.setter
    def names(self, names: dict[bytes, tuple[int, Inode]]) -> None:
        self.filled = names

    def _fill(self) -> dict[bytes, tuple[int, Inode]]:
        """Take over what the host's directory has now."""
        lower = self.lower
        assert lower is not None
        found: dict[bytes, Inode] = {}
        for entry in lower.entries(0, EVERYTHING)[FIRST_COOKIE:]:
            try:
                found[entry.name] = self._over(lower.lookup(entry.name))
            except KernelError as error:
                if error.errno != Errno.NOENT:  # gone since it was listed
                    raise
        names = {name: (at, inode) for at, (name, inode) in enumerate(found.items(), FIRST_COOKIE)}
        self.original = found
        self.filled = names
        self.next_cookie = FIRST_COOKIE + len(names)
        self.nlink = 2 + sum(isinstance(inode, Directory) for inode in found.values())
        return names

    def _over(self, lower: Inode) -> Inode:
        """What stands for an entry of the host; one object for all names of a file."""
        fs = self.fs
        if isinstance(lower, HostDirectory):
            return OverlayDirectory(fs, fs.host_number(), self, lower)
        assert isinstance(lower, HostEntry)
        known = fs.linked.get(lower.identity) if lower.nlink > 1 else None
        if known is not None:
            return known
        made: OverlayEntry
        if lower.type == FileType.REGULAR_FILE:
            made = OverlayFile(fs, fs.host_number(), 0, lower)
        elif lower.type == FileType.SYMBOLIC_LINK:
            made = OverlaySymlink(fs, fs.host_number(), 0, lower.readlink(), lower)
        else:
            made = OverlaySpecial(fs, fs.host_number(), lower)
        if lower.nlink > 1:
            fs.linked[lower.identity] = made
        return made

    def set_times(self, atime: int | None, mtime: int | None) -> None:
        super().set_times(atime, mtime)
        self.dated = True

    def create(self, name: bytes) -> MemFile:
        self._require_free(name)
        fs = self.fs
        file = OverlayFile(fs, fs.new_number(), fs.clock.now())
        file.nlink = 1
        self._add(name, file)
        return file

    def make_directory(self, name: bytes) -> MemDirectory:
        self._require_free(name)
        directory = OverlayDirectory(self.fs, self.fs.new_number(), self)
        self._add(name, directory)
        self.nlink += 1
        return directory

    def _new_symlink(self, target: bytes) -> MemSymlink:
        return OverlaySymlink(self.fs, self.fs.new_number(), self.fs.clock.now(), target)


OverlayEntry = OverlayFile | OverlaySymlink | OverlaySpecial
"""What a name in an overlay can stand for, besides a directory."""
