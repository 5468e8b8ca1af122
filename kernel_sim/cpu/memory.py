"""A machine's memory: named regions of host memory, which the CPU model and Python see at once, without copying.

A region is readable, and writable or executable besides, never both: so translated code never goes stale. The kernel
reaches what a guest points to through `Memory.view`, which answers FAULT for anything that the guest couldn't reach itself.
"""

from __future__ import annotations

import mmap
from bisect import bisect_right
from ctypes import addressof, c_char

from kernel_sim.cpu.layout import PAGE, up
from kernel_sim.errors import Errno, KernelError

ACCESSES = ("r", "rw", "rx")
_NORESERVE = 0x4000 if hasattr(mmap, "MAP_POPULATE") else 0
"""Linux' MAP_NORESERVE, which older Pythons have no name for: room that isn't touched costs nothing."""
_FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE


def anonymous(size: int) -> mmap.mmap:
    """So many bytes of the host's, all zero, of which only those are taken that are touched; MemoryError."""
    try:
        return mmap.mmap(-1, size, _FLAGS)
    except (OSError, OverflowError):
        raise MemoryError(f"the host has no {size} bytes left") from None


def filled(size: int) -> mmap.mmap:
    """As `anonymous`, for who fills all of it at once: in large pages where the host has them, since to be given a page takes
    longer than to fill it. MemoryError."""
    memory = anonymous(size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            memory.madvise(mmap.MADV_HUGEPAGE)
        except OSError:  # a kernel without them
            pass
    return memory


class Region:
    """`size` bytes from `start` on, whole pages; `view` is all of it, and writable for us whatever `access` says.

    `content` is the host's memory behind it, of that size, if there is some already: a mapped file for example. Else it is all
    zero, and the host gives pages as they are touched. `address` is where it lies in the host.
    """

    __slots__ = ("name", "start", "size", "end", "access", "view", "address")

    def __init__(self, name: str, start: int, size: int, access: str, content: memoryview | None = None) -> None:
        self.name = name
        self.start = start
        self.size = size
        self.end = start + size
        self.access = access
        self.view = content if content is not None else memoryview(anonymous(size))
        self.address = addressof(c_char.from_buffer(self.view))

    def __repr__(self) -> str:
        return f"<Region {self.name} {self.start:#x}-{self.end:#x} {self.access}>"


class Memory:
    """Regions in order of addresses, with a hole or not between them."""

    __slots__ = ("regions", "_starts")

    def __init__(self) -> None:
        self.regions: list[Region] = []
        self._starts: list[int] = []

    def add(self, name: str, start: int, size: int, access: str, content: memoryview | None = None) -> Region:
        """A new region, all zero or with a `content`; `size` is rounded up to pages.

        ValueError where it can't be, MemoryError without room.
        """
        if access not in ACCESSES:
            raise ValueError(f"{name}: a region is one of {', '.join(ACCESSES)}, not {access}")
        if start % PAGE or start < 0 or size <= 0:
            raise ValueError(f"{name}: {size} bytes at {start:#x} are no whole pages")
        size = up(size)
        at = bisect_right(self._starts, start)
        for other in self.regions[max(0, at - 1) : at + 1]:
            if start < other.end and other.start < start + size:
                raise ValueError(f"{name} at {start:#x} would overlap {other.name} at {other.start:#x}")
        try:
            region = Region(name, start, size, access, content)
        except MemoryError as error:
            raise MemoryError(f"{name}: {error}") from None
        self.regions.insert(at, region)
        self._starts.insert(at, start)
        return region

    def find(self, address: int) -> Region | None:
        """The region that holds `address`."""
        at = bisect_right(self._starts, address)
        if at and address < self.regions[at - 1].end:
            return self.regions[at - 1]
        return None

    def named(self, name: str) -> Region:
        """The region of that name; KeyError."""
        for region in self.regions:
            if region.name == name:
                return region
        raise KeyError(name)

    def close(self) -> None:
        """Give back every region, except what somebody still has a view of."""
        self.regions.clear()
        self._starts.clear()

    @property
    def size(self) -> int:
        """Bytes of all regions."""
        return sum(region.size for region in self.regions)

    def view(self, address: int, length: int, write: bool = False) -> memoryview:
        """What a guest means by so many bytes at `address`, within one region; FAULT. Nothing at all is anywhere."""
        if not length:
            return memoryview(bytearray())
        region = self.find(address)
        if region is None or address + length > region.end or (write and region.access != "rw"):
            raise KernelError(Errno.FAULT)
        offset = address - region.start
        return region.view[offset : offset + length]

    def words(self, address: int, count: int) -> list[int]:
        """`count` unsigned 64-bit words, little endian; FAULT."""
        data = self.view(address, 8 * count)
        return [int.from_bytes(data[at : at + 8], "little") for at in range(0, 8 * count, 8)]


def whole_pages(content: memoryview, data: memoryview | None) -> memoryview:
    """`content`, which begins at a page of `data`, and what follows it up to the next page; a copy where that can't be.

    MemoryError if there is no room for one.
    """
    size = up(len(content))
    if data is not None and len(content) and not content.readonly:
        start = addressof(c_char.from_buffer(content)) - addressof(c_char.from_buffer(data))
        if start % PAGE == 0 and start + size <= len(data):
            return data[start : start + size]
    copy = memoryview(anonymous(max(size, PAGE)))
    copy[: len(content)] = content
    return copy
