"""A store's exceptions: the heap on which they are, and how one that is thrown finds who catches it.

An exception's tag is known by the instance that defines it and its number there. Compiled code asks `instance_number` for the
former, makes the object with `allocate`, writes both and the values into it, and calls `throw`; that leaves in `landing` where
the guest goes on. The heap takes memory only once there is an exception.
"""

from __future__ import annotations

from agave_wasi.engines.base import EngineError, GuestTrap
from agave_wasi.engines.x86.exceptions import ExceptionTable
from agave_wasi.engines.x86.gcheap import LIMIT, FunctionReferences, Heap, HeapFull
from agave_wasi.engines.x86.items import Tag
from agave_wasi.engines.x86.space import COLLECTED
from agave_wasi.engines.x86.traps import frames as guest_frames
from agave_wasi.engines.x86.traps import module_at
from agave_wasi.engines.x86.unwind import frames, landing
from agave_wasi.engines.x86.vmctx import PASSIVE_ITEM
from kernel_sim.cpu.layout import PAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from agave_wasi.engines.x86.exceptions import Site
    from agave_wasi.engines.x86.instance import Instance
    from agave_wasi.engines.x86.store import Store

UNCAUGHT = "thrown Wasm exception"
NULL = "wasm trap: null reference"
"""The JIT engine's words."""
COLLECTABLE = "ex"
"""Types of references to the heap, as letters."""
_REGISTERS = ("rbx", "rbp", "r12", "r13", "r14", "r15")
"""Those that calls keep: compiled code may have a reference there."""


class Exceptions:
    """The exceptions of a store. `landing` takes rsp, rbp and rip, where one that was caught goes on."""

    __slots__ = ("store", "landing", "heap", "functions", "_tables", "_sites", "_words")

    def __init__(self, store: Store, landing: memoryview) -> None:
        self.store = store
        self.landing = landing
        self.heap: Heap | None = None
        self.functions = FunctionReferences()
        self._tables: dict[int, ExceptionTable] = {}
        self._sites: dict[int, Site | None] = {}
        self._words = store.stack.view.cast("Q")

    # The heap

    def allocate(self, kind: int, type_index: int, size: int, stack_pointer: int) -> int:
        """A new object's reference; a trap if there is no room. `stack_pointer` is where the guest's stack ends."""
        heap = self.heap
        try:
            if heap is None:
                heap = self.heap = self._make_heap()
            return heap.allocate(kind, type_index, size, lambda: self._roots(stack_pointer))
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

    def collect(self, stack_pointer: int) -> None:
        """Free the objects that the guest can't reach any more."""
        if self.heap is not None:
            self.heap.collect(self._roots(stack_pointer))

    def _roots(self, stack_pointer: int) -> Iterator[memoryview]:
        """Everything in which a reference may be: registers, the stack, then what instances have."""
        store = self.store
        yield memoryview(b"".join((store.machine.read(name) & 0xFFFF_FFFF).to_bytes(4, "little") for name in _REGISTERS))
        yield store.stack.view[stack_pointer - store.stack.start & -8 :]
        seen: set[int] = set()
        for instance in store.instances:
            for address, size in _places(instance):
                if size and address not in seen:
                    seen.add(address)
                    yield store.arena.bytes(address, size)

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
            pass
        site = None
        found = module_at(self.store, address)
        if found is not None:
            module, start = found
            table = self._tables.get(start)
            if table is None:
                table = self._tables[start] = ExceptionTable(module.image.exceptions, start, len(module.image.text))
            site = table.find(address)
        self._sites[address] = site
        return site


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
