"""What lives in RAM: the classes that clock, entropy, file systems, files and directories have while it does.

An attribute of theirs is a field of a record; all else is as it was. `mapped` says where: the vDSO and the record's address.
"""

from __future__ import annotations

from kernel_sim.clock import VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.fs.content import DenseContent, SparseContent
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.inode import Entry, FileType, Inode, Stat
from kernel_sim.fs.memfs import MemDirectory, MemFile
from kernel_sim.vdso.layout import FILESYSTEM, INODE, PAGE_LAYOUT, Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kernel_sim.vdso.vdso import Vdso

U64_MAX = (1 << 64) - 1
TIME_MAX = 1 << 62
"""Clocks and counters that are beyond stay the kernel's: nothing there can overflow."""


class Place:
    """A record at `at` in the RAM of `vdso`."""

    __slots__ = ("vdso", "at")

    def __init__(self, vdso: Vdso, at: int) -> None:
        self.vdso = vdso
        self.at = at


def _field(layout: Layout, name: str, most: int = U64_MAX) -> Any:
    """An attribute that is a field of 64 bits. What is beyond `most` brings everything home first."""
    index = layout.offset[name] >> 3

    def read(self: Any) -> int:
        place: Place = self.mapped
        return place.vdso.ram.u64[(place.at >> 3) + index]

    def write(self: Any, value: int) -> None:
        if not 0 <= value <= most:
            self.mapped.vdso.release()
            setattr(self, name, value)
            return
        place: Place = self.mapped
        place.vdso.ram.u64[(place.at >> 3) + index] = value

    return property(read, write)


def _small_field(layout: Layout, name: str) -> Any:
    """An attribute that is a field of 32 bits and counts something."""
    index = layout.offset[name] >> 2

    def read(self: Any) -> int:
        place: Place = self.mapped
        return place.vdso.ram.u32[(place.at >> 2) + index]

    def write(self: Any, value: int) -> None:
        place: Place = self.mapped
        place.vdso.ram.u32[(place.at >> 2) + index] = value

    return property(read, write)


class SharedClock(VirtualClock):
    """A virtual clock whose time is on the page."""

    __slots__ = ()

    elapsed = _field(PAGE_LAYOUT, "elapsed", TIME_MAX)


class SharedEntropy(SeededEntropy):
    """Seeded entropy: how much was taken stands on the page."""

    __slots__ = ()

    taken = _field(PAGE_LAYOUT, "taken")


class SharedFileSystem(FileSystem):
    """A file system in memory whose quotas are counted in RAM."""

    __slots__ = ()

    used_bytes = _field(FILESYSTEM, "used_bytes")
    used_inodes = _field(FILESYSTEM, "used_inodes")
    next_inode = _field(FILESYSTEM, "next_inode")


class SharedFile(MemFile):
    """A file whose attributes and bytes are in RAM. Whoever wants the bytes as content gets the file back home."""

    __slots__ = ()

    nlink = _field(INODE, "nlink")
    atime = _field(INODE, "atime")
    mtime = _field(INODE, "mtime")
    ctime = _field(INODE, "ctime")
    size = _field(INODE, "size")
    opens = _small_field(INODE, "opens")

    @property
    def content(self) -> DenseContent | SparseContent:
        self.mapped.vdso.inodes.return_file(self)
        return self.content

    @content.setter
    def content(self, content: DenseContent | SparseContent) -> None:
        self.mapped.vdso.inodes.return_file(self)
        self.content = content

    def stat(self) -> Stat:
        return Stat(
            self.fs.number, self.number, FileType.REGULAR_FILE, self.nlink, self.size, self.atime, self.mtime, self.ctime
        )

    def release_if_unused(self) -> None:
        if not self.nlink and not self.opens:
            self.mapped.vdso.inodes.return_file(self)
            self.release_if_unused()


_listing: Any = MemDirectory.__dict__["listing"]


class SharedDirectory(MemDirectory):
    """A directory whose names and attributes are in RAM."""

    __slots__ = ()

    nlink = _field(INODE, "nlink")
    atime = _field(INODE, "atime")
    mtime = _field(INODE, "mtime")
    ctime = _field(INODE, "ctime")
    next_cookie = _field(INODE, "next_cookie")
    version = _small_field(INODE, "version")

    @property
    def listing(self) -> tuple[list[int], list[Entry]] | None:
        """The listing, unless the names have changed since it was made."""
        kept = _listing.__get__(self)
        return None if kept is None or kept[0] != self.version else kept[1]

    @listing.setter
    def listing(self, listing: tuple[list[int], list[Entry]] | None) -> None:
        _listing.__set__(self, None if listing is None else (self.version, listing))


def is_file(inode: Inode) -> bool:
    """A file that is in memory here or in RAM, and not one of an overlay."""
    return type(inode) is MemFile or type(inode) is SharedFile
