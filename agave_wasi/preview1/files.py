"""fd_*: functions on descriptors."""

from __future__ import annotations

from agave_wasi.preview1.host import Host, wasi, wasi_blocking
from agave_wasi.preview1.layout import DIRENT_SIZE, dirents
from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview1.types import (
        Advice,
        DirCookie,
        DirEntries,
        Fd,
        FdFlags,
        FdStat,
        FileDelta,
        FileSize,
        FileStat,
        FstFlags,
        NewOffset,
        OutBuffer,
        PreStat,
        ReadBuffers,
        RightsSet,
        Size,
        Timestamp,
        Whence,
        WriteBuffers,
    )  # fmt: skip

ATIM, ATIM_NOW, MTIM, MTIM_NOW = 1, 2, 4, 8


class Files(Host):
    """The `fd_*` functions: one kernel call each, between a lift and a lower."""

    __slots__ = ()

    @wasi
    def fd_advise(self, fd: Fd, offset: FileSize, len: FileSize, advice: Advice) -> None:
        """Say how a range of the file will be used."""
        self.kernel.fadvise(fd, offset, len, advice)

    @wasi
    def fd_allocate(self, fd: Fd, offset: FileSize, len: FileSize) -> None:
        """Make sure that later writes to a range find room."""
        self.kernel.fallocate(fd, offset, len)

    @wasi
    def fd_close(self, fd: Fd) -> None:
        """Close a descriptor."""
        self.kernel.close(fd)

    @wasi
    def fd_datasync(self, fd: Fd) -> None:
        """Make the file's data survive."""
        self.kernel.fdatasync(fd)

    @wasi
    def fd_fdstat_get(self, fd: Fd) -> FdStat:
        """Type, flags and rights of a descriptor."""
        return self.kernel.descriptor(fd)

    @wasi
    def fd_fdstat_set_flags(self, fd: Fd, flags: FdFlags) -> None:
        """Set the flags of a descriptor."""
        self.kernel.set_status(fd, flags)

    @wasi
    def fd_fdstat_set_rights(self, fd: Fd, fs_rights_base: RightsSet, fs_rights_inheriting: RightsSet) -> None:
        """Give up rights of a descriptor."""
        self.kernel.set_rights(fd, fs_rights_base, fs_rights_inheriting)

    @wasi
    def fd_filestat_get(self, fd: Fd) -> FileStat:
        """Attributes of an open file."""
        return self.kernel.fstat(fd)

    @wasi
    def fd_filestat_set_size(self, fd: Fd, size: FileSize) -> None:
        """Set the size of an open file."""
        self.kernel.ftruncate(fd, size)

    @wasi
    def fd_filestat_set_times(self, fd: Fd, atim: Timestamp, mtim: Timestamp, fst_flags: FstFlags) -> None:
        """Set times of an open file."""
        self.kernel.futimens(fd, *self.new_times(atim, mtim, fst_flags))

    def new_times(self, atim: int, mtim: int, flags: int) -> tuple[int | None, int | None]:
        """The times to set, None for one to leave alone; INVAL if one is both given and "now"."""
        if (flags & ATIM and flags & ATIM_NOW) or (flags & MTIM and flags & MTIM_NOW):
            raise KernelError(Errno.INVAL)
        now = self.kernel.kernel.clock.now() if flags & (ATIM_NOW | MTIM_NOW) else 0
        return (
            atim if flags & ATIM else now if flags & ATIM_NOW else None,
            mtim if flags & MTIM else now if flags & MTIM_NOW else None,
        )

    @wasi
    def fd_pread(self, fd: Fd, iovs: ReadBuffers, offset: FileSize) -> Size:
        """Read at an offset into `iovs`, in order; return how many bytes arrived."""
        return self.kernel.preadv(fd, iovs, offset)

    @wasi
    def fd_prestat_get(self, fd: Fd) -> PreStat:
        """The length of a preopened directory's name; BADF for any other descriptor."""
        name = self.kernel.preopen(fd)
        if name is None:
            raise KernelError(Errno.BADF)
        return len(name)

    @wasi
    def fd_prestat_dir_name(self, fd: Fd, path: OutBuffer) -> None:
        """A preopened directory's name; NOTDIR for any other descriptor."""
        name = self.kernel.preopen(fd)
        if name is None:
            raise KernelError(Errno.NOTDIR)
        if len(name) > len(path):
            raise KernelError(Errno.NAMETOOLONG)
        path[: len(name)] = name

    @wasi
    def fd_pwrite(self, fd: Fd, iovs: WriteBuffers, offset: FileSize) -> Size:
        """Write `iovs` at an offset, in order; return how many bytes were taken."""
        return self.kernel.pwritev(fd, iovs, offset)

    @wasi_blocking
    def fd_read(self, fd: Fd, iovs: ReadBuffers) -> Size:
        """Read into `iovs`, in order; return how many bytes arrived."""
        return self.kernel.readv(fd, iovs)

    @wasi
    def fd_readdir(self, fd: Fd, buf: DirEntries, cookie: DirCookie) -> Size:
        """Read directory entries from a cookie on; the last one may be cut off, when the buffer is full."""
        room = len(buf)
        encoded = dirents(self.kernel.getdents(fd, cookie, room // DIRENT_SIZE + 1))[:room]
        buf[: len(encoded)] = encoded
        return len(encoded)

    @wasi
    def fd_renumber(self, fd: Fd, to: Fd) -> None:
        """Move a descriptor onto another, which is closed."""
        self.kernel.renumber(fd, to)

    @wasi
    def fd_seek(self, fd: Fd, offset: FileDelta, whence: Whence) -> NewOffset:
        """Move the file offset; return the new one, counted from the start."""
        return self.kernel.seek(fd, offset, whence)

    @wasi
    def fd_sync(self, fd: Fd) -> None:
        """Make the file's data and attributes survive."""
        self.kernel.fsync(fd)

    @wasi
    def fd_tell(self, fd: Fd) -> NewOffset:
        """The file offset."""
        return self.kernel.tell(fd)

    @wasi_blocking
    def fd_write(self, fd: Fd, iovs: WriteBuffers) -> Size:
        """Write `iovs`, in order; return how many bytes were taken."""
        return self.kernel.writev(fd, iovs)
