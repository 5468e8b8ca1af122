"""The names of a directory in RAM: a hash table of entries, chained, that looks like the directory's own mapping."""

from __future__ import annotations

from zlib import crc32

from kernel_sim.vdso.layout import ENTRY, INODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from kernel_sim.fs.inode import Inode
    from kernel_sim.vdso.vdso import Vdso

_BUCKETS, _COUNT = INODE.offset["data"] >> 2, INODE.offset["stored"] >> 3
_SIZE, _VERSION = INODE.offset["capacity"] >> 2, INODE.offset["version"] >> 2
_HASH, _INODE, _LENGTH = (ENTRY.offset[name] >> 2 for name in ("hash", "inode", "length"))
_COOKIE, _NAME = ENTRY.offset["cookie"] >> 3, ENTRY.offset["name"]


class SharedNames:
    """Name -> (cookie, inode) of the directory whose record is at `at`, in the order of cookies.

    It does what a directory asks of its dict, and no more.
    """

    __slots__ = ("vdso", "at")

    def __init__(self, vdso: Vdso, at: int) -> None:
        self.vdso = vdso
        self.at = at

    def _find(self, name: bytes) -> tuple[int, int]:
        """(the entry's address or 0, the index of the 32-bit word that leads there)."""
        vdso = self.vdso
        vdso.costs += 1
        u32, text = vdso.ram.u32, vdso.ram.bytes
        place = self.at >> 2
        wanted = crc32(name)
        link = (u32[place + _BUCKETS] >> 2) + (wanted & (u32[place + _SIZE] - 1))
        while entry := u32[link]:
            word = entry >> 2
            if u32[word + _HASH] == wanted and text[entry + _NAME : entry + _NAME + u32[word + _LENGTH]] == name:
                break
            link = word
        return entry, link

    def __getitem__(self, name: bytes) -> tuple[int, Inode]:
        entry, _ = self._find(name)
        if not entry:
            raise KeyError(name)
        return self._value(entry)

    def get(self, name: bytes, default: Any = None) -> Any:
        entry, _ = self._find(name)
        return self._value(entry) if entry else default

    def _value(self, entry: int) -> tuple[int, Inode]:
        ram = self.vdso.ram
        return ram.u64[(entry >> 3) + _COOKIE], self.vdso.inodes.object_at(ram.u32[(entry >> 2) + _INODE])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, bytes) and self._find(name)[0] != 0

    def __setitem__(self, name: bytes, value: tuple[int, Inode]) -> None:
        cookie, inode = value
        vdso, inodes = self.vdso, self.vdso.inodes
        record = inodes.record_of(inode)
        entry, link = self._find(name)
        if not record or not (entry or self._enter(name, link)):
            home = inodes.object_at(self.at)
            vdso.release()  # RAM is full
            home.names[name] = value  # type: ignore[attr-defined]  # it is a directory
            return
        ram = vdso.ram
        entry = ram.u32[link]
        old = ram.u32[(entry >> 2) + _INODE]
        ram.u32[(entry >> 2) + _INODE] = record
        ram.u64[(entry >> 3) + _COOKIE] = cookie
        self._changed()
        inodes.named(record, 1)
        if old:
            inodes.named(old, -1)
        if len(self) > ram.u32[(self.at >> 2) + _SIZE]:
            self._spread()

    def _enter(self, name: bytes, link: int) -> bool:
        """Make an entry without an inode at the end of its chain; False if there is no room for it."""
        ram = self.vdso.ram
        entry = ram.allocate(_NAME + len(name))
        if not entry:
            return False
        ram.u32[link] = entry
        word = entry >> 2
        ram.u32[word] = ram.u32[word + _INODE] = 0
        ram.u32[word + _HASH] = crc32(name)
        ram.u32[word + _LENGTH] = len(name)
        ram.bytes[entry + _NAME : entry + _NAME + len(name)] = name
        ram.u64[(self.at >> 3) + _COUNT] += 1
        return True

    def _changed(self) -> None:
        u32 = self.vdso.ram.u32
        at = (self.at >> 2) + _VERSION
        u32[at] = u32[at] + 1 & 0xFFFF_FFFF

    def _spread(self) -> None:
        """Twice as many buckets, if there is room for them."""
        ram = self.vdso.ram
        place = self.at >> 2
        entries = list(self._entries())
        old, size = ram.u32[place + _BUCKETS], ram.u32[place + _SIZE]
        if not self.set_buckets(2 * size):
            return
        ram.free(old, 4 * size)
        for entry in entries:
            word = entry >> 2
            link = (ram.u32[place + _BUCKETS] >> 2) + (ram.u32[word + _HASH] & (2 * size - 1))
            ram.u32[word], ram.u32[link] = ram.u32[link], entry

    def set_buckets(self, count: int) -> bool:
        """`count` empty buckets, a power of two; False if there is no room for them."""
        ram = self.vdso.ram
        block = ram.allocate(4 * count)
        if block:
            ram.clear(block, 4 * count)
            ram.u32[(self.at >> 2) + _BUCKETS] = block
            ram.u32[(self.at >> 2) + _SIZE] = count
        return block != 0

    def __delitem__(self, name: bytes) -> None:
        entry, link = self._find(name)
        if not entry:
            raise KeyError(name)
        ram = self.vdso.ram
        ram.u32[link] = ram.u32[entry >> 2]
        ram.u64[(self.at >> 3) + _COUNT] -= 1
        self._changed()
        record = ram.u32[(entry >> 2) + _INODE]
        ram.free(entry, _NAME + len(name))
        self.vdso.inodes.named(record, -1)

    def __len__(self) -> int:
        return self.vdso.ram.u64[(self.at >> 3) + _COUNT]

    def _entries(self) -> Iterator[int]:
        """The addresses of all entries, in no order."""
        u32 = self.vdso.ram.u32
        first = u32[(self.at >> 2) + _BUCKETS] >> 2
        for link in range(first, first + u32[(self.at >> 2) + _SIZE]):
            entry = u32[link]
            while entry:
                yield entry
                entry = u32[entry >> 2]

    def _ordered(self) -> list[int]:
        """The addresses of all entries in the order of cookies."""
        u64 = self.vdso.ram.u64
        return sorted(self._entries(), key=lambda entry: u64[(entry >> 3) + _COOKIE])

    def __iter__(self) -> Iterator[bytes]:
        return map(self._name, self._ordered())

    def items(self) -> Any:
        return [(self._name(entry), self._value(entry)) for entry in self._ordered()]

    def _name(self, entry: int) -> bytes:
        ram = self.vdso.ram
        return bytes(ram.bytes[entry + _NAME : entry + _NAME + ram.u32[(entry >> 2) + _LENGTH]])

    def take_home(self) -> dict[bytes, tuple[int, Inode]]:
        """The names as a plain dict; every block of theirs is free afterwards."""
        ram = self.vdso.ram
        entries = self._ordered()
        names = {self._name(entry): self._value(entry) for entry in entries}
        for entry in entries:
            word = entry >> 2
            record = ram.u32[word + _INODE]
            ram.free(entry, _NAME + ram.u32[word + _LENGTH])
            self.vdso.inodes.named(record, -1)
        place = self.at >> 2
        ram.free(ram.u32[place + _BUCKETS], 4 * ram.u32[place + _SIZE])
        ram.u32[place + _BUCKETS] = ram.u32[place + _SIZE] = 0
        return names
