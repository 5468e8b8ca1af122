"""A directory tree of the host, as the kernel sees it: handles, single components, no links followed.

Every operation names an open directory and one component of a path (openat(2) and its family, O_NOFOLLOW), so whatever
other programs do to the tree meanwhile, nothing outside of it can be reached: there is no path for them to bend. The
kernel walks paths and links itself, handle by handle. Data moves straight between the host and the buffers given.
"""

from __future__ import annotations

import os
from stat import S_IFMT, S_ISDIR, S_ISREG

from agave_wasi.host import NO_FD
from agave_wasi.host.errno import kernel_error, kernel_errors
from agave_wasi.host.vectors import RWF_APPEND, append_once, move, write_once
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import FileType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kernel_sim.devices import HostStat

MAX_OFFSET = (1 << 63) - 1
MAX_TIME = (1 << 64) - 1
"""Nanoseconds since 1970, in the year 2554: what guests can express. Host times outside of 0..MAX_TIME are clamped."""

_FILE_TYPES = {
    0o010000: FileType.FIFO,
    0o020000: FileType.CHARACTER_DEVICE,
    0o040000: FileType.DIRECTORY,
    0o060000: FileType.BLOCK_DEVICE,
    0o100000: FileType.REGULAR_FILE,
    0o120000: FileType.SYMBOLIC_LINK,
    0o140000: FileType.SOCKET_STREAM,
}
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_LISTING = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC
_DIRECTORY = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC
"""O_PATH: permission to search is enough to walk through a directory, as POSIX has it; listing opens it again."""
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FILE = _CLOEXEC | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_ACCESS = {
    (True, False): os.O_RDONLY,
    (False, True): os.O_WRONLY,
    (True, True): os.O_RDWR,
    (False, False): os.O_RDONLY,
}


class HostDirectory:
    """A directory device over the host directory at `path` and all that is below it.

    With `read_only` every change is refused with PERM, whatever the host would allow. Construction raises the host's
    OSError if `path` isn't a directory that can be opened (a link there is followed: it is the caller's own), and
    NotImplementedError on hosts without openat(2).
    """

    __slots__ = ("_append_flag", "_fds", "_next", "_read_only", "root")

    def __init__(self, path: str | bytes | os.PathLike[str], read_only: bool = False) -> None:
        self._fds: dict[int, int] = {}
        if os.open not in os.supports_dir_fd or not hasattr(os, "preadv") or not _NOFOLLOW:
            raise NotImplementedError(
                f"can't give guests the directory {os.fsdecode(path)!r} of this operating system safely: that takes "
                "openat() and preadv(), which Linux and macOS have; copy the files into a directory in memory instead"
            )
        self.root = 0
        self._fds[0] = os.open(path, _DIRECTORY)
        self._next = 0
        self._read_only = read_only
        self._append_flag = RWF_APPEND

    def close_all(self) -> None:
        """Close every handle, the root's too; all that follows answers BADF."""
        while getattr(self, "_fds", None):  # a signal may have come while it was made
            try:
                os.close(self._fds.popitem()[1])
            except OSError:  # a late error of some write: the file is closed nevertheless, and nobody is there to hear
                continue

    __del__ = close_all  # of a tree to which nothing refers any more

    # Attributes

    @kernel_errors
    def stat(self, directory: int, name: bytes) -> HostStat:
        """Attributes of an entry (of a link itself), or of the directory if `name` is empty."""
        fd = self._fds.get(directory, NO_FD)
        if not name:
            return _host_stat(os.fstat(fd))
        return _host_stat(os.stat(_component(name), dir_fd=fd, follow_symlinks=False))

    @kernel_errors
    def stat_file(self, file: int) -> HostStat:
        """Attributes of an open file."""
        return _host_stat(os.fstat(self._fds.get(file, NO_FD)))

    @kernel_errors
    def set_times(self, directory: int, name: bytes, atime: int | None, mtime: int | None) -> None:
        """Set times (ns) of an entry (of a link itself), or of the directory if `name` is empty; None: as it was."""
        self._require_writable()
        fd = self._fds.get(directory, NO_FD)
        entry = _component(name) if name else b"."
        _require_time(atime, mtime)
        found = os.stat(entry, dir_fd=fd, follow_symlinks=False)
        os.utime(entry, ns=_both_times(found, atime, mtime), dir_fd=fd, follow_symlinks=False)

    @kernel_errors
    def set_file_times(self, file: int, atime: int | None, mtime: int | None) -> None:
        """Set times (ns) of an open file; None leaves one as it was."""
        self._require_writable()
        fd = self._fds.get(file, NO_FD)
        _require_time(atime, mtime)
        found = os.fstat(fd)
        os.utime(fd, ns=_both_times(found, atime, mtime))

    # Directories

    @kernel_errors
    def entries(self, directory: int) -> list[tuple[bytes, int, str]]:
        """(name, inode number, file type) of every entry but "." and "..", sorted by name."""
        fd = os.open(b".", _LISTING, dir_fd=self._fds.get(directory, NO_FD))
        try:
            with os.scandir(fd) as found:
                return sorted((os.fsencode(entry.name), entry.inode(), _entry_type(entry, fd)) for entry in found)
        finally:
            os.close(fd)

    @kernel_errors
    def open_directory(self, directory: int, name: bytes) -> int:
        """A handle for a subdirectory; NOTDIR if it is anything else, also a link."""
        parent = self._fds.get(directory, NO_FD)
        try:
            fd = os.open(_component(name), _DIRECTORY | _NOFOLLOW, dir_fd=parent)
        except OSError as error:
            raise _told_as(error, Errno.NOTDIR, Errno.LOOP) from None  # some hosts call a link a loop here
        return self._handle(fd)

    @kernel_errors
    def sync_directory(self, directory: int) -> None:
        """Flush a directory's entries to the disk."""
        fd = os.open(b".", _LISTING, dir_fd=self._fds.get(directory, NO_FD))
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    # Open files

    @kernel_errors
    def open_file(
        self, directory: int, name: bytes, read: bool, write: bool, create: bool, exclusive: bool, truncate: bool
    ) -> int:
        """A handle for a regular file; LOOP for a link, ISDIR for a directory, NOTSUP for anything else."""
        if write or create or truncate:
            self._require_writable()
        flags = _FILE | _ACCESS[read, write]
        if create:
            flags |= os.O_CREAT | os.O_EXCL if exclusive else os.O_CREAT
        if truncate:
            flags |= os.O_TRUNC
        try:
            fd = os.open(_component(name), flags, 0o666, dir_fd=self._fds.get(directory, NO_FD))
        except OSError as error:
            # a socket, a FIFO without reader, a device without driver
            raise _told_as(error, Errno.NOTSUP, Errno.NXIO, Errno.NODEV) from None
        try:
            mode = os.fstat(fd).st_mode
            if not S_ISREG(mode):
                raise KernelError(Errno.ISDIR if S_ISDIR(mode) else Errno.NOTSUP)
            os.set_blocking(fd, True)
        except BaseException:
            os.close(fd)
            raise
        return self._handle(fd)

    @kernel_errors
    def read(self, file: int, offset: int, buffers: Sequence[memoryview]) -> int:
        """Read at `offset` into `buffers`, in order, until they are full or the file ends; the count."""
        if offset > MAX_OFFSET:
            raise KernelError(Errno.INVAL)
        fd = self._fds.get(file, NO_FD)
        if len(buffers) == 1:
            count = os.preadv(fd, buffers, offset)
            if count == len(buffers[0]) or not count:
                return count
            return move(os.preadv, fd, offset, buffers, count)
        return move(os.preadv, fd, offset, buffers, 0)

    @kernel_errors
    def write(self, file: int, offset: int, buffers: Sequence[memoryview]) -> int:
        """Write all of `buffers` at `offset`; the count, smaller only when the host fails in the middle."""
        if offset > MAX_OFFSET:
            raise KernelError(Errno.FBIG)
        fd = self._fds.get(file, NO_FD)
        if len(buffers) == 1:
            count = os.pwritev(fd, buffers, offset)
            if count == len(buffers[0]) or not count:
                return count
            return move(os.pwritev, fd, offset, buffers, count)
        return move(os.pwritev, fd, offset, buffers, 0)

    @kernel_errors
    def append(self, file: int, buffers: Sequence[memoryview]) -> int:
        """Write all of `buffers` at the end of the file, atomically as the host does it; the count.

        Linux has a flag for a single call (RWF_APPEND of pwritev2(2)). Elsewhere, and where the flag is refused, the
        descriptor is put into append mode for the call: it is ours alone, and it can't stay there, since on Linux a
        positioned write in append mode ignores its position. The same file is never opened a second time for
        appending: its permissions may have changed, and its name may mean another file by now.
        """
        fd = self._fds.get(file, NO_FD)
        if self._append_flag:
            try:
                return move(append_once, fd, 0, buffers, 0)
            except OSError as error:
                if kernel_error(error).errno != Errno.NOTSUP:
                    raise
                self._append_flag = 0
        import fcntl

        flags = fcntl.fcntl(fd, fcntl.F_GETFL)
        try:
            fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_APPEND)
            return move(write_once, fd, 0, buffers, 0)
        finally:
            fcntl.fcntl(fd, fcntl.F_SETFL, flags)

    @kernel_errors
    def truncate(self, file: int, size: int) -> None:
        """Set the size."""
        self._require_writable()
        if size > MAX_OFFSET:
            raise KernelError(Errno.FBIG)
        os.ftruncate(self._fds.get(file, NO_FD), size)

    @kernel_errors
    def allocate(self, file: int, offset: int, length: int) -> None:
        """Make sure that the range is backed and the file is at least that long; NOTSUP where the host can't (macOS)."""
        self._require_writable()
        if not hasattr(os, "posix_fallocate"):
            raise KernelError(Errno.NOTSUP)
        if offset + length > MAX_OFFSET:
            raise KernelError(Errno.FBIG)
        os.posix_fallocate(self._fds.get(file, NO_FD), offset, length)

    @kernel_errors
    def sync(self, file: int, data_only: bool) -> None:
        """Flush to the disk."""
        flush = os.fdatasync if data_only and hasattr(os, "fdatasync") else os.fsync
        flush(self._fds.get(file, NO_FD))

    # Names

    @kernel_errors
    def readlink(self, directory: int, name: bytes) -> bytes:
        """The target of a symbolic link; INVAL if it isn't one."""
        return os.readlink(_component(name), dir_fd=self._fds.get(directory, NO_FD))

    @kernel_errors
    def symlink(self, directory: int, name: bytes, target: bytes) -> None:
        """Create a symbolic link."""
        self._require_writable()
        if 0 in target:
            raise KernelError(Errno.INVAL)
        os.symlink(target, _component(name), dir_fd=self._fds.get(directory, NO_FD))

    @kernel_errors
    def make_directory(self, directory: int, name: bytes) -> None:
        """Create a directory."""
        self._require_writable()
        os.mkdir(_component(name), dir_fd=self._fds.get(directory, NO_FD))

    @kernel_errors
    def remove_directory(self, directory: int, name: bytes) -> None:
        """Remove an empty directory."""
        self._require_writable()
        os.rmdir(_component(name), dir_fd=self._fds.get(directory, NO_FD))

    @kernel_errors
    def unlink(self, directory: int, name: bytes) -> None:
        """Remove an entry that isn't a directory; ISDIR (Linux's answer) on every host."""
        self._require_writable()
        fd = self._fds.get(directory, NO_FD)
        try:
            os.unlink(_component(name), dir_fd=fd)
        except OSError as error:
            refused = kernel_error(error).errno == Errno.PERM  # macOS, for a directory
            if refused and S_ISDIR(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode):
                raise KernelError(Errno.ISDIR) from None
            raise

    @kernel_errors
    def link(self, directory: int, name: bytes, new_directory: int, new_name: bytes) -> None:
        """Create a hard link to an entry (to a link itself)."""
        self._require_writable()
        os.link(
            _component(name), _component(new_name), src_dir_fd=self._fds.get(directory, NO_FD),
            dst_dir_fd=self._fds.get(new_directory, NO_FD), follow_symlinks=False,
        )  # fmt: skip

    @kernel_errors
    def rename(self, directory: int, name: bytes, new_directory: int, new_name: bytes) -> None:
        """Rename, atomically, also over an existing entry."""
        self._require_writable()
        os.rename(
            _component(name), _component(new_name), src_dir_fd=self._fds.get(directory, NO_FD),
            dst_dir_fd=self._fds.get(new_directory, NO_FD),
        )  # fmt: skip

    @kernel_errors
    def replace_file(
        self,
        directory: int,
        name: bytes,
        chunks: Iterable[bytes | bytearray | memoryview | int],
        atime: int | None = None,
        mtime: int | None = None,
    ) -> None:
        """Give `name` new content, atomically: others see the old file or all of the new one, also after a crash.

        The new file takes over permissions and, where that is allowed, the owner of a regular file that it replaces
        (not set-user-id: the bytes are new); other hard links keep the old content. Times in ns, None: now. Whatever
        goes wrong, also in `chunks`, leaves the old file and no leftovers. Follow with `sync_directory` where the new
        name must survive a crash too.
        """
        from agave_wasi.host.replacement import replace_file

        self._require_writable()
        _require_time(atime, mtime)
        replace_file(self._fds.get(directory, NO_FD), _component(name), chunks, atime, mtime)

    # Handles

    @kernel_errors
    def close(self, handle: int) -> None:
        """Give a handle back; the root's stays open. A late error of a write, if the host reports one here."""
        if handle != self.root:
            os.close(self._fds.pop(handle, NO_FD))

    def _handle(self, fd: int) -> int:
        self._next += 1
        self._fds[self._next] = fd
        return self._next

    def _require_writable(self) -> None:
        if self._read_only:
            raise KernelError(Errno.PERM)


def _component(name: bytes) -> bytes:
    """The kernel sends single components; should it ever not, the host must not get to interpret them."""
    if not name or b"/" in name or 0 in name or name == b"." or name == b"..":
        raise KernelError(Errno.INVAL)
    return name


def _host_stat(found: os.stat_result) -> HostStat:
    return (
        _FILE_TYPES.get(S_IFMT(found.st_mode), FileType.UNKNOWN), found.st_dev, found.st_ino, found.st_nlink,
        found.st_size, _clamped(found.st_atime_ns), _clamped(found.st_mtime_ns), _clamped(found.st_ctime_ns),
    )  # fmt: skip


def _clamped(time: int) -> int:
    return time if 0 <= time <= MAX_TIME else 0 if time < 0 else MAX_TIME


def _require_time(*times: int | None) -> None:
    for time in times:
        if time is not None and not 0 <= time <= MAX_TIME:
            raise KernelError(Errno.INVAL)


def _both_times(found: os.stat_result, atime: int | None, mtime: int | None) -> tuple[int, int]:
    """utime() sets both or none. One left alone is written back as found, in the precision of the host."""
    return found.st_atime_ns if atime is None else atime, found.st_mtime_ns if mtime is None else mtime


def _entry_type(entry: os.DirEntry[str], directory: int) -> str:
    """Most types are in the listing itself; the rare ones cost a stat."""
    if entry.is_file(follow_symlinks=False):
        return FileType.REGULAR_FILE
    if entry.is_dir(follow_symlinks=False):
        return FileType.DIRECTORY
    if entry.is_symlink():
        return FileType.SYMBOLIC_LINK
    try:
        mode = os.stat(entry.name, dir_fd=directory, follow_symlinks=False).st_mode
    except FileNotFoundError:  # removed since the listing began
        return FileType.UNKNOWN
    return _FILE_TYPES.get(S_IFMT(mode), FileType.UNKNOWN)


def _told_as(error: OSError, errno: str, *instead_of: str) -> KernelError:
    """The error as the kernel hears it: `errno` where the host says one of `instead_of`."""
    failure = kernel_error(error)  # named only here: whoever raises what it names makes a cycle that keeps handles open
    return KernelError(errno) if failure.errno in instead_of else failure
