"""Where compiled code has references to the collected heap on its stack: an image's section `.wasmtime.stackmap`.

The section has the number of places, then for each, in order of addresses, a return address, and for each where its map begins
in what follows. A map is how far rsp is below rbp there, a number of words, and words whose bits stand for 32 bits
of the frame each, from rsp on: 1 if a reference is there that is still needed. All numbers have 32 bits. So whenever a
function has called something, every reference that it goes on to use is in memory, and known.
"""

from __future__ import annotations

from bisect import bisect_left

from agave_wasi.engines.base import EngineError

REFERENCE = 4


class StackMaps:
    """The maps of an image whose code lies at `start`. EngineError if the section can't hold them."""

    __slots__ = ("start", "_count", "_words", "_found")

    def __init__(self, section: bytes | memoryview, start: int) -> None:
        data = memoryview(section)
        if len(data) % 4:
            raise self._damaged(f"it has {len(data)} bytes")
        self.start = start
        self._words = data.cast("I")
        self._count = self._words[0] if self._words else 0
        if 1 + 2 * self._count > max(len(self._words), 1):
            raise self._damaged(f"{self._count} places don't fit into {len(data)} bytes")
        self._found: dict[int, tuple[int, ...]] = {}

    def find(self, address: int) -> tuple[int, ...]:
        """Where in a frame whose call returns to `address` references are: bytes below rbp."""
        found = self._found.get(address)
        if found is None:
            offset = address - self.start
            index = bisect_left(self._words, offset, 1, 1 + self._count)
            there = index <= self._count and self._words[index] == offset
            found = self._found[address] = self._map(index) if there else ()
        return found

    def _map(self, index: int) -> tuple[int, ...]:
        words = self._words
        at = 1 + 2 * self._count + words[index + self._count]
        if at + 2 > len(words) or at + 2 + words[at + 1] > len(words):
            raise self._damaged(f"map {index - 1} begins at {at}, but there are {len(words)} words")
        size = words[at]
        bits = int.from_bytes(words[at + 2 : at + 2 + words[at + 1]].tobytes(), "little")
        if bits.bit_length() * REFERENCE > size:
            raise self._damaged(f"map {index - 1} is about more than its frame of {size} bytes")
        return tuple(size - REFERENCE * bit for bit in range(bits.bit_length()) if bits >> bit & 1)

    @staticmethod
    def _damaged(why: str) -> EngineError:
        return EngineError(f"a compiled module's stack maps are damaged: {why}; empty the code cache")
