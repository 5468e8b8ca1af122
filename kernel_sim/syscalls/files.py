"""Syscalls on open files: reading, writing, moving the offset, attributes, closing."""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError, WouldBlock
from kernel_sim.fs.inode import FileType
from kernel_sim.fs.special import Stream
from kernel_sim.openfile import Rights, Status
from kernel_sim.syscalls.table import Calls, syscall
from kernel_sim.wait import Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel_sim.fs.inode import Stat
    from kernel_sim.openfile import OpenFile

OFFSET_MAX = (1 << 63) - 1
"""The largest offset at which there can be data."""
SEEK_MAX = (1 << 64) - 1
"""The largest offset that `seek` can report; beyond OFFSET_MAX reads and writes fail."""


class Whence:
    """Where `seek` counts from."""

    SET = "set"
    CUR = "cur"
    END = "end"


class FileCalls(Calls):
    """The syscalls that take a descriptor and no path."""

    __slots__ = ()

    @syscall(1, Rights.FD_READ)
    def readv(self, fd: int, buffers: Sequence[memoryview]) -> int:
        """Read from the file's offset into `buffers`, in order; 0 means end of file.

        Errors:
            BADF   `fd` is not open, or not open for reading, as a directory never is
            INVAL  the offset is beyond the largest possible
            AGAIN  nothing to read yet, and the file is non-blocking
            CONNRESET  the peer of a connection broke it off
            NOTCONN  `fd` is a listening socket
            IO  the host failed to read
        """
        file = self.fds[fd]
        if file.offset > OFFSET_MAX:
            raise KernelError(Errno.INVAL)
        if not file.readable:
            raise KernelError(Errno.BADF)
        count = file.inode.read_at(file.offset, buffers)
        if count is None:  # not ready, which is not the same as end of file
            raise self._not_ready(file, Wait(readable=(fd,)))
        file.offset += count  # last step: a call that is started again has changed nothing
        return count

    @syscall(2, Rights.FD_READ | Rights.FD_SEEK)
    def preadv(self, fd: int, buffers: Sequence[memoryview], offset: int) -> int:
        """Read at `offset` into `buffers`; the file's own offset stays.

        Errors:
            BADF   `fd` is not open, or not open for reading, as a directory never is
            SPIPE  `fd` has no offsets
            INVAL  `offset` is beyond the largest possible
            IO  the host failed to read
        """
        file = self.fds[fd]
        if not file.readable:
            raise KernelError(Errno.INVAL if offset > OFFSET_MAX and file.inode.seekable else Errno.BADF)
        if not file.inode.seekable:
            raise _no_offsets(file)
        if offset > OFFSET_MAX:
            raise KernelError(Errno.INVAL)
        count = file.inode.read_at(offset, buffers)
        assert count is not None  # what has offsets is always ready
        return count

    @syscall(3, Rights.FD_WRITE)
    def writev(self, fd: int, buffers: Sequence[memoryview]) -> int:
        """Write `buffers` at the file's offset, or at its end if it is in append mode; the bytes that found room.

        Errors:
            BADF   `fd` is not open, or not open for writing, as a directory never is
            INVAL  the offset is beyond the largest possible
            AGAIN  no room yet, and the file is non-blocking
            FBIG   the file would be longer than files can be
            NOSPC  the file system is full
            PIPE   nobody reads any more
            CONNRESET  the peer of a connection broke it off
            NOTCONN  `fd` is a listening socket
            IO  the host failed to write
        """
        file = self.fds[fd]
        if not file.writable:
            raise KernelError(Errno.INVAL if file.offset > OFFSET_MAX else Errno.BADF)
        if file.status & Status.APPEND:
            count = file.inode.append(buffers)
            if count is not None:
                file.offset = file.inode.size
                return count
        elif file.offset > OFFSET_MAX:
            raise KernelError(Errno.INVAL)
        else:
            count = file.inode.write_at(file.offset, buffers)
        if count is None:
            raise self._not_ready(file, Wait(writable=(fd,)))
        file.offset += count
        return count

    @syscall(4, Rights.FD_WRITE | Rights.FD_SEEK)
    def pwritev(self, fd: int, buffers: Sequence[memoryview], offset: int) -> int:
        """Write `buffers` at `offset`; the file's own offset stays. In append mode it appends, as on Linux.

        Errors:
            BADF   `fd` is not open, or not open for writing, as a directory never is
            SPIPE  `fd` has no offsets
            INVAL  `offset` is beyond the largest possible
            FBIG   the file would be longer than files can be
            NOSPC  the file system is full
            IO  the host failed to write
        """
        file = self.fds[fd]
        inode = file.inode
        if not file.writable:
            raise KernelError(Errno.INVAL if offset > OFFSET_MAX and inode.seekable else Errno.BADF)
        if not inode.seekable:
            raise _no_offsets(file)
        if file.status & Status.APPEND:
            count = inode.append(buffers)
        elif offset > OFFSET_MAX:
            raise KernelError(Errno.INVAL)
        else:
            count = inode.write_at(offset, buffers)
        assert count is not None
        return count

    @syscall(20, Rights.FD_WRITE)
    def appendv(self, fd: int, buffers: Sequence[memoryview]) -> int:
        """Write `buffers` at the end of the file, whatever its status flags say; its offset stays.

        Errors:
            BADF   `fd` is not open, or not open for writing, as a directory never is
            SPIPE  `fd` has no offsets
            FBIG   the file would be longer than files can be
            NOSPC  the file system is full
            IO  the host failed to write
        """
        file = self.fds[fd]
        if not file.writable:
            raise KernelError(Errno.BADF)
        if not file.inode.seekable:
            raise KernelError(Errno.SPIPE)
        count = file.inode.append(buffers)
        assert count is not None
        return count

    def _not_ready(self, file: OpenFile, wait: Wait) -> Exception:
        if file.status & Status.NONBLOCK:
            return KernelError(Errno.AGAIN)
        return WouldBlock(wait)

    @syscall(5, Rights.FD_SEEK)
    def seek(self, fd: int, offset: int, whence: str) -> int:
        """Move the file's offset, relative to the start, the offset or the end; the new one, from the start.

        Errors:
            BADF   `fd` is not open, or a directory
            SPIPE  `fd` has no offsets
            INVAL  the result would be negative, or more than an unsigned 64-bit number holds
        """
        file = self.fds[fd]
        inode = file.inode
        if not inode.seekable:
            raise _no_offsets(file)
        if whence == Whence.CUR:
            offset += file.offset
        elif whence == Whence.END:
            offset += inode.size
        if not 0 <= offset <= SEEK_MAX:
            raise KernelError(Errno.INVAL)
        file.offset = offset
        return offset

    @syscall(6, Rights.FD_TELL)
    def tell(self, fd: int) -> int:
        """The file's offset.

        Errors:
            BADF   `fd` is not open, or a directory
            SPIPE  `fd` has no offsets
        """
        file = self.fds[fd]
        if not file.inode.seekable:
            raise _no_offsets(file)
        return file.offset

    @syscall(7)
    def close(self, fd: int) -> None:
        """Close a descriptor.

        Errors:
            BADF   `fd` is not open
        """
        self.fds.remove(fd).close()

    @syscall(8)
    def renumber(self, fd: int, target: int) -> None:
        """Move a descriptor onto another, which is closed; both must be open.

        Errors:
            BADF   `fd` or `target` is not open
        """
        replaced = self.fds.renumber(fd, target)
        if replaced is not None:
            replaced.close()

    @syscall(9, Rights.FD_FILESTAT_GET)
    def fstat(self, fd: int) -> Stat:
        """Attributes of an open file.

        Errors:
            BADF   `fd` is not open
            IO     the host failed to answer
        """
        return self.fds[fd].inode.stat()

    @syscall(10, Rights.FD_FILESTAT_SET_SIZE)
    def ftruncate(self, fd: int, size: int) -> None:
        """Set the size of a file; new bytes are zero.

        Errors:
            BADF   `fd` is not open, or a directory or a standard stream
            INVAL  `fd` is not open for writing or not a regular file, or `size` is beyond the largest possible
            FBIG   files can't be that long
            NOSPC  the file system has no room for a copy of what an overlay's file keeps
            IO     the host failed
        """
        file = self._storage(fd)
        if not file.writable or size > OFFSET_MAX:
            raise KernelError(Errno.INVAL)
        file.inode.truncate(size)

    @syscall(11, Rights.FD_FILESTAT_SET_TIMES)
    def futimens(self, fd: int, atime: int | None, mtime: int | None) -> None:
        """Set times of an open file, in nanoseconds since 1970; None leaves one alone.

        Errors:
            BADF   `fd` is not open, or a stream
            PERM   the mount is read-only
            IO     the host failed
        """
        inode = self.fds[fd].inode
        if isinstance(inode, Stream):
            raise KernelError(Errno.BADF)
        inode.fs.require_writable()
        inode.set_times(atime, mtime)

    @syscall(12, Rights.FD_ALLOCATE)
    def fallocate(self, fd: int, offset: int, length: int) -> None:
        """Store the range, so that later writes there find room; the file grows if it is shorter.

        Errors:
            BADF   `fd` is not open, not open for writing, or a directory
            INVAL  `length` is 0
            FBIG   the range ends beyond the largest possible file
            NODEV  `fd` is not a regular file
            NOSPC  the file system is full
            NOTSUP  the host's file system can't do it
            IO     the host failed
        """
        file = self._storage(fd)
        if not file.writable:
            raise KernelError(Errno.BADF)
        if not length:
            raise KernelError(Errno.INVAL)
        if offset + length > OFFSET_MAX:
            raise KernelError(Errno.FBIG)
        file.inode.allocate(offset, length)

    @syscall(13, Rights.FD_ADVISE)
    def fadvise(self, fd: int, offset: int, length: int, advice: str) -> None:
        """Say how a range will be used; the kernel listens politely.

        Errors:
            BADF   `fd` is not open, or a directory or a standard stream
            SPIPE  `fd` has no offsets
            INVAL  the length is beyond the largest possible
        """
        file = self._storage(fd)
        if not file.inode.seekable:
            raise KernelError(Errno.SPIPE)
        if length > OFFSET_MAX:
            raise KernelError(Errno.INVAL)

    @syscall(14, Rights.FD_SYNC)
    def fsync(self, fd: int) -> None:
        """Everything written so far, and the attributes, survive.

        Errors:
            BADF   `fd` is not open, or a directory or a standard stream
            INVAL  `fd` is a socket
            IO     the host failed to write
        """
        self._storage(fd).inode.sync(False)

    @syscall(15, Rights.FD_DATASYNC)
    def fdatasync(self, fd: int) -> None:
        """Everything written so far survives.

        Errors:
            BADF   `fd` is not open, or a directory or a standard stream
            INVAL  `fd` is a socket
            IO     the host failed to write
        """
        self._storage(fd).inode.sync(True)

    @syscall(16)
    def descriptor(self, fd: int) -> OpenFile:
        """The descriptor itself: status flags, access and rights.

        Errors:
            BADF   `fd` is not open
        """
        return self.fds[fd]

    @syscall(17, Rights.FD_FDSTAT_SET_FLAGS)
    def set_status(self, fd: int, status: int) -> None:
        """Set APPEND and NONBLOCK, the status flags that can change after opening.

        Errors:
            BADF   `fd` is not open, or a directory or a standard stream
            INVAL  `status` has a synchronisation flag
        """
        file = self._storage(fd)
        if status & ~Status.CHANGEABLE:
            raise KernelError(Errno.INVAL)
        file.status = file.status & ~Status.CHANGEABLE | status

    @syscall(18)
    def set_rights(self, fd: int, rights: int, inheriting: int) -> None:
        """Give rights up; they can't be had back.

        Errors:
            BADF        `fd` is not open, or (lenient) a standard stream
            NOTSUP      rights are lenient, so giving them up would mean nothing
            NOTCAPABLE  a right is asked for that the descriptor doesn't have
        """
        file = self.fds[fd]
        if not self.process.strict:
            raise KernelError(Errno.BADF if isinstance(file.inode, Stream) else Errno.NOTSUP)
        if rights & ~file.rights or inheriting & ~file.inheriting:
            raise KernelError(Errno.NOTCAPABLE)
        file.rights = rights
        file.inheriting = inheriting

    @syscall(19)
    def preopen(self, fd: int) -> bytes | None:
        """The name of a directory that the process was started with, None for any other descriptor.

        Errors:
            BADF   `fd` is not open
        """
        return self.fds[fd].preopen

    def _storage(self, fd: int) -> OpenFile:
        """An open file that is neither a directory nor a standard stream; BADF."""
        file = self.fds[fd]
        if file.inode.type == FileType.DIRECTORY or isinstance(file.inode, Stream):
            raise KernelError(Errno.BADF)
        return file


def _no_offsets(file: OpenFile) -> KernelError:
    return KernelError(Errno.BADF if file.inode.type == FileType.DIRECTORY else Errno.SPIPE)
