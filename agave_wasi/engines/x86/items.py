"""What instances have and give each other: functions, memories, tables, globals, tags, as the engine's own handles.

What a handle says of itself (sizes, types) is the host's own record; compiled code has a copy of it in the arena and can't
change ours.
"""

from __future__ import annotations

from struct import Struct

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.space import LINEAR, LINEAR_STEP, MAX_PAGES, WASM_PAGE
from agave_wasi.engines.x86.vmctx import HOST_MAGIC, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.engines.x86.module import TableType
    from agave_wasi.engines.x86.store import Store

FUNC_REF = Struct("<QQI4xQ")
FAILED = -1


class Function:
    """A function: the address of its VMFuncRef, and its type as (parameter letters, result letters)."""

    __slots__ = ("store", "address", "type")

    kind = "func"

    def __init__(self, store: Store, address: int, type: tuple[str, str]) -> None:
        self.store = store
        self.address = address
        self.type = type

    def entry(self) -> tuple[int, int]:
        """Where it is entered with slots, and the context that it is given."""
        array_call, _, _, context = self.reference()
        return array_call, context

    def reference(self) -> tuple[int, int, int, int]:
        """Its VMFuncRef: where it is entered with slots and by WebAssembly, the number of its type, its context."""
        return FUNC_REF.unpack_from(self.store.arena.view, self.address - self.store.arena.start)


def host_function(store: Store, stub: int, type: tuple[str, str]) -> Function:
    """A function whose code enters the kernel at `stub`. How WebAssembly calls it is for the module that imports it to say."""
    arena, fields = store.arena, version().structs["host_context"]
    context = arena.take(fields["size"])
    arena.set_half(context + fields["magic"], HOST_MAGIC)
    write_func_ref(store, context + fields["func_ref"], stub, 0, store.type_id(type), context)
    return Function(store, context + fields["func_ref"], type)


def write_func_ref(store: Store, address: int, array_call: int, wasm_call: int, type: int, context: int) -> None:
    """A VMFuncRef."""
    FUNC_REF.pack_into(store.arena.view, address - store.arena.start, array_call, wasm_call, type, context)


class LinearMemory:
    """A linear memory: `pages` of it are there, of `maximum` at the most; compiled code finds it through its `definition`.

    `owner` is the address of the context that it is the memory number `index` of.
    """

    __slots__ = (
        "store", "owner", "index", "definition", "minimum", "maximum", "pages", "base", "_all", "_view", "_room",
    )  # fmt: skip

    kind = "memory"

    def __init__(
        self, store: Store, owner: int, index: int, definition: int, minimum: int, maximum: int | None
    ) -> None:
        self.store = store
        self.owner = owner
        self.index = index
        self.definition = definition
        self.minimum = minimum
        self.maximum = maximum
        self._room = min(MAX_PAGES if maximum is None else maximum, MAX_PAGES)
        if minimum * WASM_PAGE > store.memory_room:
            raise EngineError(f"memory minimum size of {minimum} pages exceeds memory limits")
        number = store.next_memory()
        self.base = LINEAR + number * LINEAR_STEP
        try:
            region = store.memory.add(f"memory {number}", self.base, max(self._room, 1) * WASM_PAGE, "rw")
            store.machine.add(region)
        except MemoryError as error:
            raise EngineError(str(error)) from None
        self._all = region.view
        self.pages = minimum
        self._view = self._all[: minimum * WASM_PAGE]
        self._tell()

    def _tell(self) -> None:
        self.store.arena.set_word(self.definition, self.base)
        self.store.arena.set_word(self.definition + 8, self.pages * WASM_PAGE)

    def view(self) -> memoryview:
        """All of it as it is now; the same view until it has grown."""
        return self._view

    def grow(self, pages: int) -> int:
        """So many more pages: how many there were, or FAILED."""
        before = self.pages
        if not self.fits(before + pages):
            return FAILED
        self.set_pages(before + pages)
        return before

    def fits(self, pages: int) -> bool:
        """May it have so many pages?"""
        return self.minimum <= pages <= self._room and pages * WASM_PAGE <= self.store.memory_room

    def set_pages(self, pages: int) -> None:
        """It has so many pages now, which fit."""
        self.pages = pages
        self._view = self._all[: pages * WASM_PAGE]
        self._tell()


class Table:
    """A table of references: zeros, which stand for null, or for a function's place that nobody has looked at yet."""

    __slots__ = (
        "store", "owner", "index", "definition", "element", "minimum", "maximum", "size", "base", "width", "capacity",
    )  # fmt: skip

    kind = "table"

    def __init__(self, store: Store, owner: int, index: int, definition: int, type: TableType) -> None:
        self.store = store
        self.owner = owner
        self.index = index
        self.definition = definition
        self.element = type.element
        self.minimum = minimum = type.minimum
        self.maximum = type.maximum
        self.width = 8 if type.element == "r" else 4
        if minimum > store.table_room:
            raise EngineError(f"table minimum size of {minimum} elements exceeds table limits")
        self.size = minimum
        self.capacity = minimum
        self.base = store.arena.take(self.width * max(minimum, 1))
        self._tell()

    def _tell(self) -> None:
        self.store.arena.set_word(self.definition, self.base)
        self.store.arena.set_word(self.definition + 8, self.size)

    def grow(self, elements: int) -> int:
        """So many more elements, which compiled code fills: how many there were, or FAILED."""
        before, store = self.size, self.store
        after = before + elements
        if not self.may_have(after):
            return FAILED
        if after > self.capacity:
            capacity = max(after, min(2 * self.capacity, store.table_room))
            try:
                base = store.arena.take(self.width * capacity)
            except EngineError:
                return FAILED
            size = self.width * before
            store.arena.bytes(base, size)[:] = store.arena.bytes(self.base, size)
            self.base, self.capacity = base, capacity
        self.size = after
        self._tell()
        return before

    def may_have(self, size: int) -> bool:
        """Do its limits and the guest's allow so many elements?"""
        return size <= min(self.store.table_room, 0xFFFF_FFFF if self.maximum is None else self.maximum)

    def move(self, size: int, base: int, capacity: int) -> None:
        """It has so many elements at `base` now, where there is room for `capacity`."""
        self.size, self.base, self.capacity = size, base, capacity
        self._tell()

    def place(self, index: int) -> int | None:
        """The address of an element; None beyond the end."""
        return self.base + self.width * index if 0 <= index < self.size else None


class Global:
    """A global: the address of its 16 bytes."""

    __slots__ = ("owner", "index", "address", "type", "mutable")

    kind = "global"

    def __init__(self, owner: int, index: int, address: int, type: str, mutable: bool) -> None:
        self.owner = owner
        self.index = index
        self.address = address
        self.type = type
        self.mutable = mutable


class Tag:
    """A tag: known by the context that it is the own tag number `index` of."""

    __slots__ = ("owner", "index", "address", "type")

    kind = "tag"

    def __init__(self, owner: int, index: int, address: int, type: tuple[str, str]) -> None:
        self.owner = owner
        self.index = index
        self.address = address
        self.type = type


Item = Function | LinearMemory | Table | Global | Tag
"""What an instance can be given, and have."""
