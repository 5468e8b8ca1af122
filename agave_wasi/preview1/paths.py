"""path_*: functions that name files, relative to a directory descriptor."""

from __future__ import annotations

from agave_wasi.preview1.files import Files
from agave_wasi.preview1.host import wasi
from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview1.types import (
        Fd,
        FdFlags,
        FileStat,
        FstFlags,
        LookupFlags,
        NewFd,
        OFlags,
        OutBuffer,
        Path,
        RightsSet,
        Size,
        Timestamp,
    )  # fmt: skip


class Paths(Files):
    """The `path_*` functions."""

    __slots__ = ()

    @wasi
    def path_create_directory(self, fd: Fd, path: Path) -> None:
        """Create a directory."""
        self.kernel.mkdirat(fd, path)

    @wasi
    def path_filestat_get(self, fd: Fd, flags: LookupFlags, path: Path) -> FileStat:
        """Attributes of a file."""
        return self.kernel.fstatat(fd, path, flags)

    @wasi
    def path_filestat_set_times(
        self, fd: Fd, flags: LookupFlags, path: Path, atim: Timestamp, mtim: Timestamp, fst_flags: FstFlags
    ) -> None:
        """Set times of a file."""
        self.kernel.utimensat(fd, path, flags, *self.new_times(atim, mtim, fst_flags))

    @wasi
    def path_link(self, old_fd: Fd, old_flags: LookupFlags, old_path: Path, new_fd: Fd, new_path: Path) -> None:
        """Give a file a further name; following a link is INVAL, as the official suite has it."""
        if old_flags:
            raise KernelError(Errno.INVAL)
        self.kernel.linkat(old_fd, old_path, new_fd, new_path)

    @wasi
    def path_open(
        self,
        fd: Fd,
        dirflags: LookupFlags,
        path: Path,
        oflags: OFlags,
        fs_rights_base: RightsSet,
        fs_rights_inheriting: RightsSet,
        fdflags: FdFlags,
    ) -> NewFd:
        """Open or create a file."""
        return self.kernel.openat(fd, path, dirflags, oflags, fdflags, fs_rights_base, fs_rights_inheriting)

    @wasi
    def path_readlink(self, fd: Fd, path: Path, buf: OutBuffer) -> Size:
        """The target of a symbolic link, cut off where the buffer ends."""
        target = self.kernel.readlinkat(fd, path)[: len(buf)]
        buf[: len(target)] = target
        return len(target)

    @wasi
    def path_remove_directory(self, fd: Fd, path: Path) -> None:
        """Remove an empty directory."""
        self.kernel.rmdirat(fd, path)

    @wasi
    def path_rename(self, fd: Fd, old_path: Path, new_fd: Fd, new_path: Path) -> None:
        """Move a file or directory."""
        self.kernel.renameat(fd, old_path, new_fd, new_path)

    @wasi
    def path_symlink(self, old_path: Path, fd: Fd, new_path: Path) -> None:
        """Create a symbolic link."""
        self.kernel.symlinkat(old_path, fd, new_path)

    @wasi
    def path_unlink_file(self, fd: Fd, path: Path) -> None:
        """Remove a file's name."""
        self.kernel.unlinkat(fd, path)
