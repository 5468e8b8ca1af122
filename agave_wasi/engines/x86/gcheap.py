"""The heap on which exceptions are: what compiled code asks of a garbage collector, and no more.

Code is compiled for wasmtime's deferred reference counting. An object begins with a header of 32 bytes:

    +0   kind and 26 bits for the collector      +4   its type
    +8   count of references                     +16  next in the list of what may be on the stack
    +20  its size in bytes                       +24  the tag: instance's number, then tag's number there

Behind it are the fields. A reference is an object's offset within the heap, and 0 is null. We don't count: each object is
made with a count that never gets to 0, and as one that is in the list already, so all that compiled code does is to move the
count up and down. What can't be reached any more is found when the heap is full, from the references that are given as roots.
Any field that could be a reference is taken for one, so an object may live for too long, never too short. Objects don't move.
"""

from __future__ import annotations

from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Words = Iterable[int]
    Roots = Callable[[], Iterable[Words]]

WORD = 4
UNIT = 16
"""Every object begins at a multiple of it, and so can hold a v128; the first is never used, since 0 is null."""
FIRST_CAPACITY = 1 << 20
"""Bytes in use before anything is collected."""
LIMIT = (1 << 32) - (1 << 16)
"""No heap has more bytes: references have 32 bits."""
LISTED = 2
"""Bit of the first word: it is in the list of what may be on the stack."""
NEVER = 1 << 32
"""A count of references that never gets to 0."""
HEADER = Struct("<IIQII")
TAG = Struct("<II")
FIELDS = HEADER.size + TAG.size


class HeapFull(Exception):
    """There is no room for an object; the text is wasmtime's."""


class Heap:
    """Objects in `memory`, of which `capacity` bytes are in use; it may be grown to all of `memory`.

    `starts` has a byte for each unit of those: 1 where an object begins. `free` are the ranges without objects, of which the
    last one is taken from.
    """

    __slots__ = ("memory", "capacity", "starts", "free")

    def __init__(self, memory: memoryview) -> None:
        self.memory = memory
        self.capacity = min(len(memory), FIRST_CAPACITY) // UNIT * UNIT
        self.starts = bytearray(self.capacity // UNIT)
        self.free = [(UNIT, self.capacity)]

    def allocate(self, kind: int, type_index: int, size: int, roots: Roots) -> int:
        """A new object's reference; its fields are whatever they are. `roots` are asked for if something must go. HeapFull."""
        room = -size // UNIT * -UNIT
        found = self._take(room)
        if not found:
            self.collect(roots())
            found = self._take(room)
            while not found and self._grow():
                found = self._take(room)
            if not found:
                raise HeapFull(f"GC heap out of memory: no capacity for allocation of {size} bytes")
        HEADER.pack_into(self.memory, found, kind | LISTED, type_index, NEVER, 0, size)
        self.starts[found // UNIT] = 1
        return found

    def _take(self, room: int) -> int:
        while self.free:
            start, end = self.free.pop()
            if end - start >= room:
                if end - start > room:
                    self.free.append((start + room, end))
                return start
        return 0  # ranges that were too small are found again by the next collection

    def _grow(self) -> bool:
        capacity = min(2 * self.capacity, len(self.memory)) // UNIT * UNIT
        if capacity == self.capacity:
            return False
        self.free.append((self.capacity, capacity))
        self.starts.extend(bytes((capacity - self.capacity) // UNIT))
        self.capacity = capacity
        return True

    def tag(self, reference: int) -> tuple[int, int] | None:
        """The tag of an exception: the number of the instance that defines it, and its number there. None if there is none."""
        if reference % UNIT or reference >= self.capacity or not self.starts[reference // UNIT]:
            return None
        instance, number = TAG.unpack_from(self.memory, reference + HEADER.size)
        return instance, number

    def collect(self, roots: Iterable[Words]) -> None:
        """Free what can't be reached from `roots`, each some words of 32 bits. Grow if more than half is in use."""
        live = bytearray(len(self.starts))
        found: list[int] = []
        for words in roots:
            self._mark(words, live, found)
        while found:
            reference = found.pop()
            self._mark(self.memory[reference + FIELDS : reference + self._size(reference)].cast("I"), live, found)
        self.starts = live
        used = self._sweep()
        while 2 * used > self.capacity and self._grow():
            pass

    def _mark(self, words: Words, live: bytearray, found: list[int]) -> None:
        starts, capacity = self.starts, self.capacity
        for word in set(words):
            if not word % UNIT and word < capacity and starts[word // UNIT] and not live[word // UNIT]:
                live[word // UNIT] = 1
                found.append(word)

    def _size(self, reference: int) -> int:
        """An object's size in whole words, for one that is within the heap: a restored one may say anything of itself."""
        size: int = HEADER.unpack_from(self.memory, reference)[4]
        return max(FIELDS, min(size, self.capacity - reference)) // WORD * WORD

    def _sweep(self) -> int:
        """Find what is free; how much isn't."""
        free = []
        end, used = UNIT, 0
        at = self.starts.find(1)
        while at >= 0:
            start = at * UNIT
            if start > end:
                free.append((end, start))
            room = -self._size(start) // UNIT * -UNIT
            end = start + room
            used += room
            at = self.starts.find(1, at + 1)
        if end < self.capacity:
            free.append((end, self.capacity))
        self.free = free[::-1]
        return used

    def save(self) -> Any:
        """All but the memory's content, as plain data, for `restore`."""
        return self.capacity, bytes(self.starts), list(self.free)

    def restore(self, saved: Any) -> None:
        """Back to what was saved; the memory's content is the caller's affair. ValueError if it can't be."""
        try:
            capacity, starts, free = saved
            whole = 0 <= capacity <= len(self.memory) and capacity % UNIT == 0 and len(starts) == capacity // UNIT
            ranges = [(start, end) for start, end in free]
        except TypeError:
            raise ValueError("it isn't what a heap saves") from None
        if not whole or starts.find(1, -FIELDS // UNIT + 1) >= 0 or starts.strip(b"\0\1"):
            raise ValueError(f"a heap of {len(self.memory)} bytes has no {capacity} with these objects")
        if any(start % UNIT or not UNIT <= start < end <= capacity for start, end in ranges):
            raise ValueError("it has free ranges that aren't within it")
        self.capacity, self.starts, self.free = capacity, bytearray(starts), ranges


class FunctionReferences:
    """Functions that are fields of objects: numbers instead of the addresses of VMFuncRefs, and 0 for null."""

    __slots__ = ("addresses", "_numbers")

    def __init__(self) -> None:
        self.addresses = [0]
        self._numbers = {0: 0}

    def number(self, address: int) -> int:
        """The number that stands for a VMFuncRef."""
        found = self._numbers.get(address)
        if found is None:
            found = self._numbers[address] = len(self.addresses)
            self.addresses.append(address)
        return found

    def restore(self, addresses: Any) -> None:
        """Back to `addresses` as they were; ValueError if they can't be."""
        if not isinstance(addresses, list) or addresses[:1] != [0] or len(set(map(str, addresses))) != len(addresses):
            raise ValueError("the functions of exceptions aren't a list of different addresses")
        if not all(type(each) is int and 0 <= each < 1 << 64 for each in addresses):
            raise ValueError("the functions of exceptions aren't addresses")
        self.addresses = list(addresses)
        self._numbers = {address: number for number, address in enumerate(addresses)}

    def address(self, number: int) -> int:
        """The VMFuncRef that a number stands for; IndexError if none does."""
        return self.addresses[number]
