"""Instances of modules on the CPU model: the VMContext that compiled code finds everything in, and exports by name.

What compiled code does itself when an instance begins, and what must be there before, is said in `vmctx`.
"""

from __future__ import annotations

from struct import Struct

from agave_wasi.abi.memory import Trap
from agave_wasi.engines.base import BadCall, EngineError
from agave_wasi.engines.x86.call import Call
from agave_wasi.engines.x86.items import FUNC_REF, Function, Global, LinearMemory, Table, Tag, write_func_ref
from agave_wasi.engines.x86.linking import check
from agave_wasi.engines.x86.vmctx import CORE_MAGIC, FUNCTION_SET, PASSIVE_ITEM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.engines.x86.engine import Module
    from agave_wasi.engines.x86.items import Item
    from agave_wasi.engines.x86.store import Store

_IMPORT = Struct("<QQI4x")
_BITS = {"i32.const": 32, "i64.const": 64, "f32.const": 32, "f64.const": 64}


class Instance:
    """An instance of `module` whose VMContext is at `context`.

    `memories`, `tables`, `globals` and `tags` are in the order of the module's index spaces; `segments` are passive element
    segments as (address, count), which is 0 once it is dropped.
    """

    __slots__ = (
        "store", "module", "context", "code", "number", "memories", "tables", "globals", "tags", "segments", "_functions",
        "_found",
    )  # fmt: skip

    def __init__(self, store: Store, module: Module) -> None:
        self.store = store
        self.module = module
        self.context = store.arena.take(module.layout.size)
        self.code = 0
        self.number = len(store.instances)
        self.memories: list[LinearMemory] = []
        self.tables: list[Table] = []
        self.globals: list[Global] = []
        self.tags: list[Tag] = []
        self.segments: list[tuple[int, int]] = []
        self._functions: dict[int, Function] = {}
        self._found: dict[str, Item] = {}

    def function(self, index: int) -> Function:
        """A function that has escaped, imported ones too."""
        found = self._functions.get(index)
        if found is None:
            core = self.module.core
            address = self.func_ref(index)
            found = self._functions[index] = Function(self.store, address, core.type_of(index))
        return found

    def close(self) -> None:
        """Let go of everything: what it exports has it in turn."""
        for each in (self.memories, self.tables, self.globals, self.tags, self._functions, self._found):
            each.clear()

    def func_ref(self, index: int) -> int:
        """The address of a function's VMFuncRef; EngineError if it has none."""
        slot = self.module.core.escaped.get(index)
        if slot is None:
            raise EngineError(f"compiled code asks for function {index}, which never escapes: its image is damaged")
        return self.context + self.module.layout.func_refs + 32 * slot

    def get_export(self, name: str) -> Item | None:
        """An export, or None."""
        self.store.require_open()
        found = self._found.get(name)
        if found is None:
            kind, index = self.module.core.exports.get(name, ("", 0))
            if not kind:
                return None
            found = self.function(index) if kind == "func" else getattr(self, _SPACES[kind])[index]
            self._found[name] = found
        return found

    def memory(self, caller: int = 0, name: bytes = b"memory") -> memoryview:
        """A view of the whole exported memory as it is now; Trap if there is none that host functions can use."""
        found = self.get_export(name.decode())
        if not isinstance(found, LinearMemory):
            raise Trap(f"the module exports no memory named {name.decode()!r}, which host functions need")
        return found.view()

    def start_call(self, name: str, arguments: tuple[Any, ...] = ()) -> Call:
        """Begin a call of an exported function; `resume` runs it.

        KeyError if there is no such export, BadCall if it is no function or the arguments don't fit its type.
        """
        found = self.get_export(name)
        if found is None:
            raise KeyError(name)
        if not isinstance(found, Function):
            raise BadCall(f"the export {name!r} is not a function")
        try:
            return Call(self.store, found, arguments)
        except BadCall as error:
            raise BadCall(f"{name}: {error}") from None


_SPACES = {"memory": "memories", "table": "tables", "global": "globals", "tag": "tags"}


def instantiate(
    store: Store, module: Module, items: Sequence[Item], bound: Callable[[Instance], None] | None = None
) -> Instance:
    """An instance with its start function run. `items` satisfy its imports in order. `bound` is told of it before any of its
    code runs. EngineError if it can't be; what ends the start function otherwise.
    """
    store.require_open()
    check(module.core, items)
    text, data = store.place(module)
    instance = Instance(store, module)
    instance.code = text
    _Builder(instance, text, data).build(items)
    store.instances.append(instance)
    store.contexts[instance.context] = instance
    if bound is not None:
        bound(instance)
    if module.image.start is not None:
        function = Function(store, instance.context + (module.layout.start_func_ref or 0), ("", ""))
        if store.starter is None:
            run_start(Call(store, function, ()))
        else:
            store.starter(instance.number, function)
    return instance


def run_start(call: Call) -> None:
    """Run the call of a start function to its end; it waits on the spot."""
    store = call.store
    try:
        while (wait := call.resume()) is not None:
            if store.inline_wait is None:
                raise EngineError("a start function can't wait here")
            store.inline_wait(wait)
    finally:
        if not call.finished:
            call.cancel()


class _Builder:
    """Fills one instance's VMContext; `text` and `data` are where the module's code and data are."""

    __slots__ = ("instance", "store", "module", "core", "layout", "text", "data")

    def __init__(self, instance: Instance, text: int, data: int) -> None:
        self.instance = instance
        self.store = instance.store
        self.module = instance.module
        self.core = instance.module.core
        self.layout = instance.module.layout
        self.text = text
        self.data = data

    def build(self, items: Sequence[Item]) -> None:
        self._header()
        self._imports(items)
        self._own()
        self._references()
        self._segments()

    def _header(self) -> None:
        store, fields, at = self.store, self.layout.version.context, self.instance.context
        arena = store.arena
        arena.set_half(at + fields["magic"], CORE_MAGIC)
        arena.set_word(at + fields["store_context"], store.context.address)
        arena.set_word(at + fields["builtins"], store.builtins())
        arena.set_word(at + fields["epoch"], store.nothing)
        arena.set_word(at + fields["gc_heap_data"], store.heap_data)
        ids = arena.take(4 * max(self.core.type_ids, 1))
        arena.set_word(at + fields["type_ids"], ids)
        for type, number in zip(self.core.types, self.core.signatures):
            arena.set_half(ids + 4 * number, store.type_id(type))
        for tag, number in zip(self.core.tags, self.core.exceptions):
            arena.set_half(ids + 4 * number, store.type_id(("exception", *self.core.types[tag])))

    def _imports(self, items: Sequence[Item]) -> None:
        instance, layout = self.instance, self.layout
        places = {
            "memory": layout.imported_memories, "table": layout.imported_tables, "global": layout.imported_globals,
            "tag": layout.imported_tags,
        }  # fmt: skip
        functions = 0
        for item in items:
            if isinstance(item, Function):
                self._import_function(functions, item)
                functions += 1
                continue
            target = item.definition if isinstance(item, LinearMemory | Table) else item.address
            space = getattr(instance, _SPACES[item.kind])
            at = instance.context + places[item.kind] + 24 * len(space)
            _IMPORT.pack_into(self.store.arena.view, at - self.store.arena.start, target, item.owner, item.index)
            space.append(item)

    def _import_function(self, index: int, function: Function) -> None:
        """Give it to compiled code; how WebAssembly calls a host function is code of this module's."""
        type = self.core.type_of(index)
        array_call, wasm_call, number, context = function.reference()
        if not wasm_call:
            offset = self.module.image.wasm_to_array.get(self.core.signatures[self.core.functions[index]])
            if offset is None:
                raise EngineError(f"the image has no code to call host functions of the type {type}")
            wasm_call = self.text + offset
        places = [self.instance.context + self.layout.imported_functions + 32 * index]
        if index in self.core.escaped:
            places.append(self.instance.func_ref(index))
        for at in places:
            write_func_ref(self.store, at, array_call, wasm_call, number, context)

    def _own(self) -> None:
        instance, core, layout, store = self.instance, self.core, self.layout, self.store
        context, imported = instance.context, core.imported
        for index, memory in enumerate(core.memories[imported["memory"] :]):
            definition = context + layout.owned_memories + 16 * index
            store.arena.set_word(context + layout.memories + 8 * index, definition)
            instance.memories.append(LinearMemory(store, context, index, definition, memory.minimum, memory.maximum))
        for index, table in enumerate(core.tables[imported["table"] :]):
            instance.tables.append(Table(store, context, index, context + layout.tables + 16 * index, table))
        for index, each in enumerate(core.globals[imported["global"] :]):
            at = context + layout.globals + 16 * index
            instance.globals.append(Global(context, index, at, each.value, each.mutable))
            if each.constant is not None:
                self._set_constant(at, *each.constant)
        for index, type in enumerate(core.tags[imported["tag"] :]):
            at = context + layout.tags + 4 * index
            store.arena.set_half(at, store.type_id(("exception", *core.types[type])))
            instance.tags.append(Tag(context, index, at, core.types[type]))

    def _set_constant(self, at: int, instruction: str, value: Any) -> None:
        bits = _BITS.get(instruction)
        raw = value if bits is None else (value % (1 << bits)).to_bytes(bits // 8, "little")
        self.store.arena.bytes(at, len(raw))[:] = raw

    def _references(self) -> None:
        """The func_refs of own functions, and the start code's."""
        instance, core, image, layout = self.instance, self.core, self.module.image, self.layout
        types = [self.store.type_id(each) for each in core.types]
        arrays, functions = image.array_to_wasm, image.functions
        first, view, base = core.imported["func"], self.store.arena.view, instance.context - self.store.arena.start
        for index, slot in core.escaped.items():
            if index >= first:
                if index not in functions:
                    raise EngineError(f"the image has no code of function {index}: it is damaged")
                array_call = arrays.get(index)
                FUNC_REF.pack_into(
                    view, base + layout.func_refs + 32 * slot, 0 if array_call is None else self.text + array_call,
                    self.text + functions[index], types[core.functions[index]], instance.context,
                )  # fmt: skip
        if image.start is not None and layout.start_func_ref is not None:
            at = instance.context + layout.start_func_ref
            write_func_ref(self.store, at, self.text + image.start, 0, 0, instance.context)

    def _segments(self) -> None:
        instance, core, layout, arena = self.instance, self.core, self.layout, self.store.arena
        for number, (index, offset) in enumerate(zip(layout.data_order, layout.data_offsets)):
            arena.set_word(instance.context + layout.data_bases + 8 * number, self.data + offset)
            arena.set_half(instance.context + layout.data_lengths + 4 * number, core.data[index].length)
        for segment in core.elements[: core.static_elements()]:
            if segment.mode == "active":
                table, (_, start) = instance.tables[segment.table], segment.offset[0]
                words = arena.bytes(table.base, 8 * table.size).cast("Q")
                assert isinstance(start, int)
                for at, function in enumerate(segment.functions or (), start & 0xFFFF_FFFF):
                    words[at] = instance.func_ref(function) | FUNCTION_SET
        for segment in core.elements:
            if segment.mode == "passive":
                count = len(segment.items)
                instance.segments.append((arena.take(PASSIVE_ITEM * max(count, 1)), count))
