"""The one interface behind every open file: an inode, and a directory as an inode with named entries.

An inode says what it can't do by raising: the defaults here answer as POSIX does for an object of the wrong kind. Reads
and writes move data directly between the object and the caller's buffers; `None` instead of a count means "not ready",
which is not the same as end of file. Names are bytes, single components; the path walk is `kernel_sim.fs.resolve`.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel_sim.fs.filesystem import FileSystem
    from kernel_sim.vdso.shared import Place

NAME_MAX = 255
"""The longest name of a directory entry, in bytes."""


class FileType:
    """Kinds of objects, by the names that Preview 2 uses."""

    UNKNOWN = "unknown"
    BLOCK_DEVICE = "block-device"
    CHARACTER_DEVICE = "character-device"
    DIRECTORY = "directory"
    FIFO = "fifo"
    REGULAR_FILE = "regular-file"
    SYMBOLIC_LINK = "symbolic-link"
    SOCKET_STREAM = "socket-stream"
    SOCKET_DGRAM = "socket-dgram"


class Stat:
    """Attributes of an inode; sizes in bytes, times in nanoseconds since 1970."""

    __slots__ = ("device", "inode", "type", "nlink", "size", "atime", "mtime", "ctime")

    def __init__(
        self, device: int, inode: int, type: str, nlink: int, size: int, atime: int, mtime: int, ctime: int
    ) -> None:
        self.device = device
        self.inode = inode
        self.type = type
        self.nlink = nlink
        self.size = size
        self.atime = atime
        self.mtime = mtime
        self.ctime = ctime


class Entry:
    """One directory entry as readdir shows it; `cookie` continues the listing after it.

    `encoded` is for the ABI that hands it on: listings are kept, so each entry is encoded once.
    """

    __slots__ = ("cookie", "inode", "name", "type", "encoded")

    def __init__(self, cookie: int, inode: int, name: bytes, type: str) -> None:
        self.cookie = cookie
        self.inode = inode
        self.name = name
        self.type = type
        self.encoded = b""


class Inode:
    """A file-system object. `fs` is where it lives; `number` is stable and never used again within it."""

    __slots__ = ("fs", "number", "nlink", "atime", "mtime", "ctime", "mapped", "__weakref__")

    mapped: Place
    """Where in the kernel's RAM, while it lives there (`kernel_sim.vdso`)."""

    type: str = FileType.UNKNOWN
    seekable: bool = False
    """Has offsets: seek, tell, pread and pwrite work."""
    mounted: Directory | None = None
    """The top of the tree that is mounted here and hides this directory."""

    def __init__(self, fs: FileSystem, number: int, now: int) -> None:
        self.fs = fs
        self.number = number
        self.nlink = 0
        self.atime = self.mtime = self.ctime = now

    # What every object has

    def stat(self) -> Stat:
        """Attributes now."""
        return Stat(
            self.fs.number, self.number, self.type, self.nlink, self.size, self.atime, self.mtime, self.ctime
        )

    @property
    def size(self) -> int:
        """Bytes of content; 0 where that means nothing."""
        return 0

    def set_times(self, atime: int | None, mtime: int | None) -> None:
        """Set one or both times (None leaves one alone); ctime becomes now."""
        if atime is not None:
            self.atime = atime
        if mtime is not None:
            self.mtime = mtime
        self.ctime = self.fs.clock.now()

    def opened(self, read: bool, write: bool, truncate: bool) -> Inode:
        """Called for each new descriptor; returns what the descriptor does its I/O on, usually `self`."""
        return self

    def closed(self, read: bool, write: bool) -> None:
        """The descriptor that `opened` was called for is gone."""

    def is_live(self) -> bool:
        """Does readiness come from outside the simulation?"""
        return False

    def device_name(self) -> str:
        """The attached device that a wait for this inode concerns, if it is live."""
        return ""

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """(ready, bytes available, hung up) for reading or writing."""
        return True, 0, False

    # Content; the wrong kind of object answers for itself

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        """Fill `buffers` in order from `offset`; the count (0 at the end), None if not ready."""
        raise KernelError(Errno.INVAL)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        """Write `buffers` in order at `offset`; the count, smaller only if space ran out; None if not ready."""
        raise KernelError(Errno.INVAL)

    def append(self, buffers: Sequence[memoryview]) -> int | None:
        """Write at the end, whatever the offset; as `write_at`."""
        return self.write_at(self.size, buffers)

    def truncate(self, size: int) -> None:
        """Set the size; new bytes are zero."""
        raise KernelError(Errno.INVAL)

    def allocate(self, offset: int, length: int) -> None:
        """Make the range real: later writes there can't fail for space; the file grows if it is shorter."""
        raise KernelError(Errno.NODEV)

    def sync(self, data_only: bool) -> None:
        """Everything written so far survives; a memory object has nothing to do."""

    def readlink(self) -> bytes:
        """The target of a symbolic link."""
        raise KernelError(Errno.INVAL)

    # Entries: every object that isn't a directory answers NOTDIR

    def lookup(self, name: bytes) -> Inode:
        """The object called `name`; NOENT if there is none."""
        raise KernelError(Errno.NOTDIR)


class Directory(Inode):
    """An inode with entries. `parent` is the directory above (itself at the top), for ".." in listings."""

    __slots__ = ()

    type = FileType.DIRECTORY

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        raise KernelError(Errno.ISDIR)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        raise KernelError(Errno.ISDIR)

    def truncate(self, size: int) -> None:
        raise KernelError(Errno.ISDIR)

    def allocate(self, offset: int, length: int) -> None:
        raise KernelError(Errno.ISDIR)

    def quick(self, path: bytes) -> Inode | None:
        """The entry `path`, if that is a plain name that can be told to exist at once; None says nothing."""
        return None

    def find(self, name: bytes) -> Inode | None:
        """As `lookup`, but None if there is no such entry, which is often no error."""
        try:
            return self.lookup(name)
        except KernelError as error:
            if error.errno != Errno.NOENT:
                raise
            return None

    def create(self, name: bytes) -> Inode:
        """A new empty regular file; EXIST if the name is taken."""
        raise KernelError(Errno.PERM)

    def make_directory(self, name: bytes) -> Directory:
        """A new empty directory; EXIST if the name is taken."""
        raise KernelError(Errno.PERM)

    def symlink(self, name: bytes, target: bytes) -> None:
        """A new symbolic link; EXIST if the name is taken."""
        raise KernelError(Errno.PERM)

    def link(self, name: bytes, inode: Inode) -> None:
        """A further name for `inode`; EXIST if the name is taken, XDEV if it lives elsewhere."""
        raise KernelError(Errno.PERM)

    def unlink(self, name: bytes) -> None:
        """Remove a name that isn't a directory's; NOENT, ISDIR."""
        raise KernelError(Errno.PERM)

    def remove_directory(self, name: bytes) -> None:
        """Remove an empty directory; NOENT, NOTDIR, NOTEMPTY."""
        raise KernelError(Errno.PERM)

    def rename(self, name: bytes, new_directory: Directory, new_name: bytes) -> None:
        """Move an entry, atomically, over an existing one if the kinds allow it (rename(2))."""
        raise KernelError(Errno.PERM)

    def is_below(self, other: Directory) -> bool:
        """Is this directory `other`, or somewhere inside it? Only a tree in memory knows; others leave it to the host."""
        return False

    def entries(self, cookie: int, limit: int) -> list[Entry]:
        """At most `limit` entries from `cookie` on (0: the start), with "." and ".." first.

        Cookies stay valid while entries come and go: an entry that stays is shown exactly once.
        """
        raise KernelError(Errno.PERM)


def check_name(name: bytes) -> None:
    """Refuse what can't be the name of a new entry: too long, or with a NUL in it."""
    if len(name) > NAME_MAX:
        raise KernelError(Errno.NAMETOOLONG)
    if 0 in name:
        raise KernelError(Errno.INVAL)
