"""A store's exceptions: the heap on which they are, and how one that is thrown finds who catches it.

An exception's tag is known by the instance that defines it and its number there. Compiled code asks `instance_number` for the
former, makes the object with `allocate`, writes both and the values into it, and calls `throw`; that leaves in `landing` where
the guest goes on. The heap takes memory only once there is an exception.
"""

from __future__ import annotations

from agave_wasi.engines.base import EngineError, GuestTrap
from agave_wasi.engines.x86.context import exits_of
from agave_wasi.engines.x86.exceptions import ExceptionTable
from agave_wasi.engines.x86.gcheap import LIMIT, FunctionReferences, Heap, HeapFull
from agave_wasi.engines.x86.items import Tag
from agave_wasi.engines.x86.space import COLLECTED
from agave_wasi.engines.x86.stackmaps import REFERENCE, StackMaps
from agave_wasi.engines.x86.traps import frames as guest_frames
from agave_wasi.engines.x86.traps import module_at
from agave_wasi.engines.x86.unwind import frames, landing
from agave_wasi.engines.x86.vmctx import PASSIVE_ITEM
from kernel_sim.cpu.layout import PAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agave_wasi.engines.x86.exceptions import Site
    from agave_wasi.engines.x86.instance import Instance
    from agave_wasi.engines.x86.store import Store

UNCAUGHT = "thrown Wasm exception"
NULL = "wasm trap: null reference"
"""The JIT engine's words."""
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

    def _make_heap(self) -> Heap:
        store = self.store
        size = min(max(store.memory_room, PAGE), LIMIT)
        try:
            region = store.memory.add("collected heap", COLLECTED, size, "rw")
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
        store, words = self.store, self._halves
        start = store.stack.start
        for exit_fp, exit_pc, entry in exits_of(store.context.save_exits(), store.activations):
            for pc, fp in frames(self._word, exit_pc, exit_fp, entry):
                for below in self._maps_of(pc):
                    yield words[(fp - below - start) // REFERENCE]

    def _kept(self) -> Iterator[memoryview]:
        """What instances have in globals, tables and segments."""
        seen: set[int] = set()
        for instance in self.store.instances:
            for address, size in _places(instance):
                if size and address not in seen:
                    seen.add(address)
                    yield self.store.arena.bytes(address, size).cast("I")

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
            raise EngineError(f"the guest's stack leads to {address:#x}, which is outside of it: an image is damaged")
        return self._words[offset // 8]

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
