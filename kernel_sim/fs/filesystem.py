"""A file system: what a tree of inodes shares. Its number (the `dev` of stat), clock, quota, and whether it is writable.

A mount is a file system and the directory at its top. Quotas count what is really stored: the bytes of a sparse file's
holes cost nothing.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.devices import ClockDevice
    from kernel_sim.vdso.shared import Place

UNLIMITED = 1 << 62
MAX_FILE_SIZE = (1 << 44) - 4096
"""Bytes: what ext4 allows, so that a guest meets FBIG where it does elsewhere. Offsets go on to 2^63."""


class FileSystem:
    """The shared state of one tree. `max_bytes` and `max_inodes` are quotas; `max_file_size` is the FBIG limit."""

    __slots__ = (
        "number", "clock", "writable", "max_bytes", "max_inodes", "max_file_size",
        "used_bytes", "used_inodes", "next_inode", "mapped",
    )  # fmt: skip

    mapped: Place

    def __init__(
        self,
        number: int,
        clock: ClockDevice,
        writable: bool = True,
        max_bytes: int = UNLIMITED,
        max_inodes: int = UNLIMITED,
        max_file_size: int = MAX_FILE_SIZE,
    ) -> None:
        self.number = number
        self.clock = clock
        self.writable = writable
        self.max_bytes = max_bytes
        self.max_inodes = max_inodes
        self.max_file_size = max_file_size
        self.used_bytes = 0
        self.used_inodes = 0
        self.next_inode = 1

    def new_number(self) -> int:
        """The number of a new inode, charged to the quota; NOSPC."""
        if self.used_inodes >= self.max_inodes:
            raise KernelError(Errno.NOSPC)
        self.used_inodes += 1
        number = self.next_inode
        self.next_inode = number + 1
        return number

    def room(self, wanted: int) -> int:
        """How many of `wanted` further bytes the quota allows."""
        return max(0, min(wanted, self.max_bytes - self.used_bytes))

    def require_writable(self) -> None:
        """PERM on a read-only mount, as wasmtime answers there (POSIX would say ROFS)."""
        if not self.writable:
            raise KernelError(Errno.PERM)
