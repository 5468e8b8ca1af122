"""Descriptors of one process: small numbers to open files. A new one gets the lowest free number.

A dict that raises BADF for a number that isn't open, so that the hot path is a plain `fds[fd]`.
"""

from __future__ import annotations

from heapq import heappop, heappush

from kernel_sim.errors import Errno, KernelError
from kernel_sim.openfile import OpenFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.vdso.shared import Place


class FdTable(dict[int, OpenFile]):
    """Open files by number; `limit` is how many there may be."""

    __slots__ = ("limit", "_free", "_next", "mapped")

    mapped: Place

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self._free: list[int] = []  # a heap of closed numbers below _next; stale ones are skipped
        self._next = 0

    def __missing__(self, fd: int) -> OpenFile:
        raise KernelError(Errno.BADF)

    def add(self, file: OpenFile) -> int:
        """Give `file` the lowest free number; MFILE if the table is full."""
        if len(self) >= self.limit:
            raise KernelError(Errno.MFILE)
        while self._free:
            fd = heappop(self._free)
            if fd not in self and fd < self._next:
                self[fd] = file
                return fd
        fd = self._next
        while fd in self:
            fd += 1
        self._next = fd + 1
        self[fd] = file
        return fd

    def recount(self) -> None:
        """Find out anew which numbers are free, after others have given them."""
        self._next = max(self, default=-1) + 1
        self._free = [fd for fd in range(self._next) if fd not in self]

    def put(self, fd: int, file: OpenFile) -> None:
        """Give `file` this very number, for the kernel when it lays out a process."""
        self[fd] = file

    def remove(self, fd: int) -> OpenFile:
        """Forget a number; its open file is the caller's to close."""
        file = self[fd]
        del self[fd]
        if fd < self._next:
            heappush(self._free, fd)
        return file

    def renumber(self, source: int, target: int) -> OpenFile | None:
        """Move `source` onto `target`, both open; the file that was replaced, or None if they are the same."""
        file = self[source]
        replaced = self[target]
        if source == target:
            return None
        self.remove(source)
        self[target] = file
        return replaced
