"""wasi:filesystem/types: descriptors, directory listings, and what they answer when something goes wrong.

A descriptor is a kernel's descriptor that it may share with the streams that were made of it. Operations are one syscall each,
under the same sandbox as Preview 1's: no path leads out of the directory that it starts from.
"""

from __future__ import annotations

from collections import namedtuple

from agave_wasi.component.host import Host, interface, internal, resource
from agave_wasi.preview2.clocks import SECOND, datetime
from agave_wasi.preview2.errors import FILESYSTEM
from agave_wasi.preview2.streams import READ_MAX, InputStream, OutputStream, SharedFd
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import FileType
from kernel_sim.openfile import Rights, Status
from kernel_sim.syscalls.paths import OpenFlags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.types import Case
    from agave_wasi.preview2.io import Error
    from kernel_sim.fs.inode import Stat
    from kernel_sim.syscalls import Syscalls

    Names = frozenset[str]

DescriptorStat = namedtuple(
    "DescriptorStat",
    "type link_count size data_access_timestamp data_modification_timestamp status_change_timestamp",
)
DirectoryEntry = namedtuple("DirectoryEntry", "type name")
MetadataHashValue = namedtuple("MetadataHashValue", "lower upper")

DESCRIPTOR_TYPES = {
    FileType.UNKNOWN: "unknown",
    FileType.BLOCK_DEVICE: "block-device",
    FileType.CHARACTER_DEVICE: "character-device",
    FileType.DIRECTORY: "directory",
    FileType.FIFO: "fifo",
    FileType.SYMBOLIC_LINK: "symbolic-link",
    FileType.REGULAR_FILE: "regular-file",
    FileType.SOCKET_STREAM: "socket",
    FileType.SOCKET_DGRAM: "socket",
}
OPEN_FLAGS = {
    "create": OpenFlags.CREATE,
    "directory": OpenFlags.DIRECTORY,
    "exclusive": OpenFlags.EXCLUSIVE,
    "truncate": OpenFlags.TRUNCATE,
}
SYNC_FLAGS = {
    "file-integrity-sync": Status.SYNC,
    "data-integrity-sync": Status.DSYNC,
    "requested-write-sync": Status.RSYNC,
}
FIRST_COOKIE = 2
"""A listing begins with "." and "..", which Preview 2 leaves out."""
TIME_MAX = (1 << 64) - 1
"""The latest time of a file, in nanoseconds since 1970: as Preview 1 has it, which may meet the same file."""
_FOR_READING = Rights.FD_READ | Rights.FD_READDIR
_FOR_WRITING = Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE


@resource("wasi:filesystem/types@0.2", "descriptor", shared="descriptor", mutable="flag")
class Descriptor(Host):
    """An open file or directory. Whether a directory is `mutable` is only shown, and decides something if rights are strict."""

    __slots__ = ("shared", "fd", "directory", "mutable")

    def __init__(self, kernel: Syscalls, shared: SharedFd, mutable: bool) -> None:
        super().__init__(kernel)
        shared.users += 1
        self.shared = shared
        self.mutable = mutable
        self.restored()

    @internal
    def restored(self) -> None:
        self.fd = self.shared.fd
        self.directory = self.kernel.descriptor(self.fd).inode.type == FileType.DIRECTORY
        self.mutable = self.mutable and self.directory

    def drop(self) -> None:
        """Its owner has no use for it any more; streams made of it live on."""
        self.shared.leave(self.kernel)

    def _base(self) -> int:
        """The descriptor to look up a path from; NOTDIR if it is no directory."""
        if not self.directory:
            raise KernelError(Errno.NOTDIR)
        return self.fd

    def _file(self) -> int:
        """The descriptor of what isn't a directory; BADF, whatever rights are enforced."""
        if self.directory:
            raise KernelError(Errno.BADF)
        return self.fd

    def _changing(self) -> int:
        """The same for an operation that changes something: ROFS if that is refused here."""
        fd = self._base()
        if not self.mutable and self.kernel.process.strict:
            raise KernelError(Errno.ROFS)
        return fd

    # Streams

    def _has_offsets(self, write: bool) -> bool:
        """Does the open file have offsets? ISDIR if a directory is to be read, BADF if it isn't open for that."""
        if self.directory and not write:  # as POSIX has it of read and write
            raise KernelError(Errno.ISDIR)
        file = self.kernel.descriptor(self.fd)
        if not (file.writable if write else file.readable):
            raise KernelError(Errno.BADF)
        return file.inode.seekable

    def read_via_stream(self, offset: int) -> InputStream:
        """A stream that reads from `offset` on."""
        return InputStream(self.kernel, self.shared, offset if self._has_offsets(False) else None)

    def write_via_stream(self, offset: int) -> OutputStream:
        """A stream that writes from `offset` on."""
        return OutputStream(self.kernel, self.shared, offset if self._has_offsets(True) else None)

    def append_via_stream(self) -> OutputStream:
        """A stream that writes at the end of the file."""
        return OutputStream(self.kernel, self.shared, None, self._has_offsets(True))

    # The open file

    def advise(self, offset: int, length: int, advice: str) -> None:
        """Say how a range of the file will be used."""
        self.kernel.fadvise(self._file(), offset, length, advice)

    def sync_data(self) -> None:
        """Make the file's data survive; without effect on what isn't open for writing."""
        if self.kernel.descriptor(self.fd).writable:
            self.kernel.fdatasync(self.fd)

    def sync(self) -> None:
        """Make the file's data and attributes survive; without effect on what isn't open for writing."""
        if self.kernel.descriptor(self.fd).writable:
            self.kernel.fsync(self.fd)

    def get_flags(self) -> Names:
        """What it was opened for."""
        file = self.kernel.descriptor(self.fd)
        found = [name for name, bit in SYNC_FLAGS.items() if file.status & bit]
        if file.readable or self.directory:
            found.append("read")
        if file.writable:
            found.append("write")
        if self.mutable:
            found.append("mutate-directory")
        return frozenset(found)

    def get_type(self) -> str:
        """What kind of object it is."""
        return DESCRIPTOR_TYPES[self.kernel.descriptor(self.fd).inode.type]

    def set_size(self, size: int) -> None:
        """Set the size of the file; new bytes are zero."""
        self.kernel.ftruncate(self._file(), size)

    def set_times(self, data_access_timestamp: Case, data_modification_timestamp: Case) -> None:
        """Set times of the file or directory."""
        if self.directory:
            self._changing()
        self.kernel.futimens(self.fd, *self._times(data_access_timestamp, data_modification_timestamp))

    def _times(self, *wanted: Case) -> list[int | None]:
        """New times in nanoseconds, None for one to leave alone; INVAL, OVERFLOW for what is no time."""
        now = self.kernel.kernel.clock.now()
        return [None if each.name == "no-change" else now if each.name == "now" else _moment(*each.value) for each in wanted]

    def read(self, length: int, offset: int) -> tuple[bytearray, bool]:
        """At most `length` bytes from `offset` on, and whether there were none because the file ends there."""
        data = bytearray(length if length < READ_MAX else READ_MAX)
        count = self.kernel.preadv(self._file(), (memoryview(data),), offset)
        if count != length:
            del data[count:]
        return data, not count

    def write(self, buffer: bytes, offset: int) -> int:
        """Write at `offset`; how many bytes found room."""
        return self.kernel.pwritev(self._file(), (memoryview(buffer),), offset)

    def stat(self) -> DescriptorStat:
        """Attributes."""
        return _stat(self.kernel.fstat(self.fd))

    def is_same_object(self, other: Descriptor) -> bool:
        """Do both mean one object of the file system?"""
        mine, its = (self.kernel.descriptor(each.fd).inode for each in (self, other))
        try:
            return mine is its or (mine.fs is its.fs and mine.number == its.number)
        except KernelError:  # the host, who has the numbers, doesn't answer
            return False

    def metadata_hash(self) -> MetadataHashValue:
        """A number for the object: see `hashed`."""
        return hashed(self.kernel.fstat(self.fd))

    # Directories

    def read_directory(self) -> DirectoryEntryStream:
        """The entries, from the first one on."""
        self.kernel.getdents(self._base(), 0, 1)  # from the start: a host's directory is asked anew
        return DirectoryEntryStream(self.kernel, self.shared)

    def create_directory_at(self, path: str) -> None:
        """Create a directory."""
        self.kernel.mkdirat(self._changing(), path.encode())

    def stat_at(self, path_flags: Names, path: str) -> DescriptorStat:
        """Attributes of a file."""
        return _stat(self.kernel.fstatat(self._base(), path.encode(), bool(path_flags)))

    def set_times_at(
        self, path_flags: Names, path: str, data_access_timestamp: Case, data_modification_timestamp: Case
    ) -> None:
        """Set times of a file."""
        times = self._times(data_access_timestamp, data_modification_timestamp)
        self.kernel.utimensat(self._changing(), path.encode(), bool(path_flags), *times)

    def link_at(self, old_path_flags: Names, old_path: str, new_descriptor: Descriptor, new_path: str) -> None:
        """Give a file a further name; following a link is INVAL, as in Preview 1."""
        source, target = self._changing(), new_descriptor._changing()
        if old_path_flags:
            raise KernelError(Errno.INVAL)
        self.kernel.linkat(source, old_path.encode(), target, new_path.encode())

    def open_at(self, path_flags: Names, path: str, open_flags: Names, flags: Names) -> Descriptor:
        """Open or create a file, or open a directory."""
        fd = self._base()
        mutate, write = "mutate-directory" in flags, "write" in flags
        if write or mutate or not open_flags.isdisjoint(("create", "truncate")):
            self._changing()
        process = self.kernel.process
        inheriting = self.kernel.descriptor(fd).inheriting if process.strict else Rights.ALL
        rights = inheriting if write else inheriting & ~_FOR_WRITING
        if write and "read" not in flags:
            rights &= ~_FOR_READING
        how = sum(OPEN_FLAGS[each] for each in open_flags)
        status = sum(bit for name, bit in SYNC_FLAGS.items() if name in flags)
        opened = self.kernel.openat(fd, path.encode(), bool(path_flags), how, status, rights, inheriting)
        return Descriptor(self.kernel, SharedFd(opened), mutate)

    def readlink_at(self, path: str) -> str:
        """The target of a symbolic link."""
        return _text(self.kernel.readlinkat(self._base(), path.encode()))

    def remove_directory_at(self, path: str) -> None:
        """Remove an empty directory."""
        self.kernel.rmdirat(self._changing(), path.encode())

    def rename_at(self, old_path: str, new_descriptor: Descriptor, new_path: str) -> None:
        """Move a file or directory."""
        source, target = self._changing(), new_descriptor._changing()
        self.kernel.renameat(source, old_path.encode(), target, new_path.encode())

    def symlink_at(self, old_path: str, new_path: str) -> None:
        """Create a symbolic link at `new_path`, which leads to `old_path`."""
        self.kernel.symlinkat(old_path.encode(), self._changing(), new_path.encode())

    def unlink_file_at(self, path: str) -> None:
        """Remove a file's name."""
        self.kernel.unlinkat(self._changing(), path.encode())

    def metadata_hash_at(self, path_flags: Names, path: str) -> MetadataHashValue:
        """A number for the object at `path`."""
        return hashed(self.kernel.fstatat(self._base(), path.encode(), bool(path_flags)))


@resource("wasi:filesystem/types@0.2", "directory-entry-stream", shared="descriptor", cookie="natural")
class DirectoryEntryStream(Host):
    """A listing that goes on after `cookie`."""

    __slots__ = ("shared", "cookie")

    def __init__(self, kernel: Syscalls, shared: SharedFd) -> None:
        super().__init__(kernel)
        shared.users += 1
        self.shared = shared
        self.cookie = FIRST_COOKIE

    def read_directory_entry(self) -> DirectoryEntry | None:
        """The next entry; None at the end. An entry whose name isn't UTF-8 is an error, and the next call goes on behind it."""
        found = self.kernel.getdents(self.shared.fd, self.cookie, 1)
        if not found:
            return None
        self.cookie = found[0].cookie
        return DirectoryEntry(DESCRIPTOR_TYPES[found[0].type], _text(found[0].name))

    def drop(self) -> None:
        """Nobody wants to read on."""
        self.shared.leave(self.kernel)


@interface("wasi:filesystem/types@0.2", Descriptor, DirectoryEntryStream)
class Filesystem(Host):
    """What belongs to no descriptor."""

    __slots__ = ()

    def filesystem_error_code(self, err: Error) -> str | None:
        """What went wrong with a stream, if it was about a file system."""
        return FILESYSTEM.get(err.errno)

    def failure(self, error: KernelError) -> str:
        """The `error-code` of a kernel's error."""
        return FILESYSTEM[error.errno]


def hashed(stat: Stat) -> MetadataHashValue:
    """128 bits of an object's metadata: `lower` says which object it is, `upper` also how it is now.

    So the whole changes when the file does, and the lower half, which programs take for an inode number, stays.
    """
    from _blake2 import blake2b

    which = b"%d %d" % (stat.device, stat.inode)
    how = b"%s %d %d" % (which, stat.size, stat.mtime)
    return MetadataHashValue(
        *[int.from_bytes(blake2b(each, digest_size=8).digest(), "little") for each in (which, how)]
    )


def _stat(stat: Stat) -> DescriptorStat:
    return DescriptorStat(
        DESCRIPTOR_TYPES[stat.type], stat.nlink, stat.size, datetime(stat.atime), datetime(stat.mtime), datetime(stat.ctime)
    )


def _moment(seconds: int, nanoseconds: int) -> int:
    """Nanoseconds since 1970 of a `datetime`."""
    if nanoseconds >= SECOND:
        raise KernelError(Errno.INVAL)
    moment = seconds * SECOND + nanoseconds
    if moment > TIME_MAX:
        raise KernelError(Errno.OVERFLOW)
    return moment


def _text(octets: bytes) -> str:
    """A name that a host gave, who needn't give UTF-8; ILSEQ."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise KernelError(Errno.ILSEQ) from None
