"""A store's exceptions: the heap on which they are, and how one that is thrown finds who catches it.

An exception's tag is known by the instance that defines it and its number there. Compiled code asks `instance_number` for the
former, makes the object with `allocate`, writes both and the values into it, and calls `throw`; that leaves in `landing` where
the guest goes on. The heap takes memory only once there is an exception.
"""

from __future__ import annotations

from agave_wasi.engines.base import EngineError, GuestTrap
from agave_wasi.engines.x86.context import exits_of
from agave_wasi.engines.x86.exceptions import ExceptionTable
from agave_wasi.engines.x86.gcheap import LIMIT, UNIT, FunctionReferences, Heap, HeapFull
from agave_wasi.engines.x86.items import Tag
from agave_wasi.engines.x86.space import COLLECTED
from agave_wasi.engines.x86.stackmaps import StackMaps
from agave_wasi.engines.x86.traps import frames as guest_frames
from agave_wasi.engines.x86.traps import module_at
from agave_wasi.engines.x86.unwind import frames, landing
from agave_wasi.engines.x86.vmctx import PASSIVE_ITEM
from kernel_sim.cpu.layout import PAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from agave_wasi.engines.x86.exceptions import Site
    from agave_wasi.engines.x86.instance import Instance
    from agave_wasi.engines.x86.store import Store

UNCAUGHT = "thrown Wasm exception"
NULL = "wasm trap: null reference"
"""The JIT engine's words."""
HEAP = "collected heap"
"""The name of its region."""
COLLECTABLE = "ex"
"""Types of references to the heap, as letters."""


class Exceptions:
    """The exceptions of a store. `landing` takes rsp, rbp and rip, where one that was caught goes on."""

    __slots__ = ("store", "landing", "heap", "functions", "_tables", "_sites", "_words", "_halves")

    def __init__(self, store: Store, landing: memoryview) -> None:
        self.store = store
        self.landing = landing
        self.heap: Heap | None = None
        self.functions = FunctionReferences()
        self._tables: dict[int, tuple[ExceptionTable, StackMaps]] = {}
        self._sites: dict[int, Site | None] = {}
        self._words = store.stack.view.cast("Q")
        self._halves = store.stack.view.cast("I")

    # The heap

    def allocate(self, kind: int, type_index: int, size: int) -> int:
        """A new object's reference; a trap if there is no room."""
        heap = self.heap
        try:
            if heap is None:
                heap = self.heap = self._make_heap()
            return heap.allocate(kind, type_index, size, self._roots)
        except HeapFull as error:
            raise GuestTrap(str(error), guest_frames(self.store)) from None

    @property
    def used(self) -> int:
        """Bytes of the region `HEAP` that are in use."""
        return self.heap.capacity if self.heap is not None else 0

    def _make_heap(self) -> Heap:
        store = self.store
        size = min(max(store.memory_room, PAGE), LIMIT)
        region = store.memory.find(COLLECTED)
        if region is None:
            try:
                region = store.memory.add(HEAP, COLLECTED, size, "rw")
            except MemoryError as error:
                raise HeapFull(f"GC heap out of memory: {error}") from None
            store.machine.add(region)
        return Heap(region.view[:size])

    def collect(self) -> None:
        """Free the objects that the guest, which is within a call, can't reach any more."""
        if self.heap is not None:
            self.heap.collect(self._roots())

    def _roots(self) -> Iterator[Iterable[int]]:
        """Everything in which a reference may be."""
        yield self._stack()
        yield from self._kept()

    def _stack(self) -> Iterator[int]:
        """What frames have, of the call that is under way and of those around it."""
        store = self.store
        for exit_fp, exit_pc, entry in exits_of(store.context.save_exits(), store.activations):
            for pc, fp in frames(self._word, exit_pc, exit_fp, entry):
                for below in self._maps_of(pc):
                    yield self._half(fp - below)

    def _kept(self) -> Iterator[memoryview]:
        """What instances have in globals, tables and segments."""
        seen: set[int] = set()
        for instance in self.store.instances:
            for address, size in _places(instance):
                if size and address not in seen:
                    seen.add(address)
                    yield self.store.arena.bytes(address, size).cast("I")

    def save(self) -> Any:
        """What there is beside the heap's memory, as plain data, for `restore`; None if nothing was ever thrown."""
        if self.heap is None:
            return None
        capacity, starts, free = self.heap.save()
        places = [at for at in range(len(starts)) if starts[at]]
        return [capacity, places, [list(each) for each in free], self.functions.addresses[1:]]

    def restore(self, saved: Any) -> None:
        """Make the heap that `save` told of; its memory's content is the caller's affair. ValueError if it can't be."""
        if saved is None:
            self.heap, self.functions = None, FunctionReferences()
            return
        capacity, places, free, addresses = _sound(saved)
        functions = FunctionReferences()
        functions.restore([0, *addresses])
        try:
            heap = self.heap or self._make_heap()
        except HeapFull as error:
            raise ValueError(str(error)) from None
        if capacity > len(heap.memory):
            raise ValueError(f"a heap of {capacity} bytes has no room")
        starts = bytearray(capacity // UNIT)
        for at in places:
            starts[at] = 1
        heap.restore((capacity, starts, free))
        self.heap, self.functions = heap, functions

    # Throwing

    def instance_number(self, context: int) -> int:
        """The number of the instance whose VMContext is there."""
        return self._instance(context).number

    def _instance(self, context: int) -> Instance:
        found = self.store.contexts.get(context)
        if found is None:
            raise EngineError(f"compiled code names an instance at {context:#x}, where none is: its image is damaged")
        return found

    def throw(self, reference: int) -> None:
        """Find who catches the exception, and leave in `landing` where that is. A trap if nobody does."""
        store = self.store
        if not reference:
            raise GuestTrap(NULL, guest_frames(store), NULL)
        tag = self.heap.tag(reference) if self.heap is not None else None
        if tag is None or tag[0] >= len(store.instances):
            raise EngineError(f"compiled code throws {reference:#x}, which is no exception: its image is damaged")
        owner, index = store.instances[tag[0]].context, tag[1]
        fp, pc, _, entry, _ = store.context.save_exits()

        def matches(context: int, number: int) -> bool:
            known: Tag = self._instance(context).tags[number]
            return known.index == index and known.owner == owner

        found = landing(frames(self._word, pc, fp, entry), self._site_of, self._word, matches)
        if found is None:
            raise GuestTrap(UNCAUGHT, guest_frames(store))
        self.landing[0], self.landing[1], self.landing[2] = found.rsp, found.rbp, found.rip

    def _word(self, address: int) -> int:
        offset = address - self.store.stack.start
        if not 0 <= offset < len(self._words) * 8 or offset % 8:
            raise self._astray(address)
        return self._words[offset // 8]

    def _half(self, address: int) -> int:
        offset = address - self.store.stack.start
        if not 0 <= offset < len(self._halves) * 4:
            raise self._astray(address)
        return self._halves[offset // 4]

    @staticmethod
    def _astray(address: int) -> EngineError:
        return EngineError(f"the guest's stack leads to {address:#x}, which is outside of it: an image is damaged")

    def _site_of(self, address: int) -> Site | None:
        try:
            return self._sites[address]
        except KeyError:
            tables = self._tables_of(address)
            site = self._sites[address] = tables[0].find(address) if tables is not None else None
            return site

    def _maps_of(self, address: int) -> tuple[int, ...]:
        tables = self._tables_of(address)
        return tables[1].find(address) if tables is not None else ()

    def _tables_of(self, address: int) -> tuple[ExceptionTable, StackMaps] | None:
        """The tables of the image whose code is there."""
        found = module_at(self.store, address)
        if found is None:
            return None
        module, start = found
        tables = self._tables.get(start)
        if tables is None:
            image = module.image
            tables = ExceptionTable(image.exceptions, start, len(image.text)), StackMaps(image.stack_maps, start)
            self._tables[start] = tables
        return tables


def _places(instance: Instance) -> Iterator[tuple[int, int]]:
    """Address and size of what an instance may have references in."""
    for each in instance.globals:
        if each.type in COLLECTABLE:
            yield each.address, 4
    for table in instance.tables:
        if table.element in COLLECTABLE:
            yield table.base, table.width * table.size
    passive = [segment for segment in instance.module.core.elements if segment.mode == "passive"]
    for segment, (address, count) in zip(passive, instance.segments):
        if segment.element in COLLECTABLE:
            yield address, PASSIVE_ITEM * count


def _sound(saved: Any) -> tuple[int, list[int], list[tuple[int, int]], list[int]]:
    """What `Exceptions.save` gives, if it is that; ValueError."""
    if isinstance(saved, list) and len(saved) == 4 and type(saved[0]) is int and 0 < saved[0] <= LIMIT:
        capacity, places, free, addresses = saved
        if capacity % UNIT == 0 and all(isinstance(each, list) for each in saved[1:]):
            numbers = [*places, *addresses, *(end for each in free if isinstance(each, list) for end in each)]
            ranges = [tuple(each) for each in free if isinstance(each, list) and len(each) == 2]
            if all(type(each) is int and each >= 0 for each in numbers) and len(ranges) == len(free):
                units = capacity // UNIT
                fits = all(UNIT <= start < end <= capacity and not (start | end) % UNIT for start, end in ranges)
                if fits and all(0 < at < units for at in places) and max(addresses, default=0) < 1 << 64:
                    return capacity, places, ranges, addresses
    raise ValueError("the heap of exceptions can't be so")
