"""Replacing a host file in one step: the new content goes into a file beside it, which then takes over the name.

The temporary name is random and the file is created, never opened, so nobody can prepare a link in its place. It is on
the disk before the rename, so that a crash can't leave the name with an empty file (rename(2) alone doesn't promise it).
"""

from __future__ import annotations

import os
from stat import S_ISDIR, S_ISREG

from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TEMPORARY_PREFIX = b".agave-wasi-"


def replace_file(
    directory: int,
    name: bytes,
    chunks: Iterable[bytes | bytearray | memoryview | int],
    atime: int | None,
    mtime: int | None,
) -> None:
    """As `HostDirectory.replace_file`, with the host descriptor of a directory; raises OSError too.

    A number among the chunks stands for a hole of so many bytes.
    """
    try:
        old = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        old = None
    if old is not None and S_ISDIR(old.st_mode):
        raise KernelError(Errno.ISDIR)
    keep = old if old is not None and S_ISREG(old.st_mode) else None
    temporary = TEMPORARY_PREFIX + os.urandom(12).hex().encode()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    # Until it has the old file's permissions, a replacement is nobody else's to read.
    fd = os.open(temporary, flags, 0o666 if keep is None else 0o600, dir_fd=directory)
    try:
        try:
            for chunk in chunks:
                if isinstance(chunk, int):
                    os.ftruncate(fd, os.lseek(fd, chunk, os.SEEK_CUR))
                    continue
                rest = memoryview(chunk)
                while rest:
                    rest = rest[os.write(fd, rest) :]
            if keep is not None:
                _take_over(fd, keep)
            if atime is not None or mtime is not None:
                found = os.fstat(fd)
                times = found.st_atime_ns if atime is None else atime, found.st_mtime_ns if mtime is None else mtime
                os.utime(fd, ns=times)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        os.unlink(temporary, dir_fd=directory)
        raise


def _take_over(fd: int, old: os.stat_result) -> None:
    new = os.fstat(fd)
    mode = old.st_mode & 0o777
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(fd, old.st_uid, old.st_gid)
        except PermissionError:  # only the superuser may give files away; the content counts more
            if new.st_gid != old.st_gid:
                mode &= 0o707  # what the old group may do isn't for another one
    os.fchmod(fd, mode)
