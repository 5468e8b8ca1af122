"""One module on the reference, linked through a shim: its memories are its own, and its host calls can be looked at.

The program is one; so is each of its libraries, which has a memory of its own and so a shim of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_char, c_void_p, cast
from importlib.metadata import version
from typing import Any, TypeVar

import wasmtime
from wasmtime.component import Component

from agave_wasi.cache import CodeCache, digest
from agave_wasi.preview1.interface import INTERFACES, MODULE, UNSTABLE_MODULE
from conformance.calls.decode import Decoder
from conformance.calls.sections import NAMESPACE, exported_memory, memories_alone, memory_types, with_imported_memories
from conformance.calls.shim import LAST, shim

Code = TypeVar("Code", wasmtime.Module, Component)


def compiled(on: wasmtime.Engine, wasm: bytes, cache: CodeCache | None, kind: type[Code]) -> Code:
    """The module or component, from the cache or into it."""
    if cache is None:
        return kind(on, wasm)
    where, key = f"reference-{version('wasmtime')}", digest(wasm)
    path = cache.find(where, key)
    if path is not None:
        try:
            return kind.deserialize_file(on, path)
        except wasmtime.WasmtimeError:  # not what this engine wrote: compile it again
            pass
    made = kind(on, wasm)
    cache.store(where, key, bytes(made.serialize()))
    return made


class Linked:
    """A module that is compiled, and linked when its store has a WASI. `older`: it is of the older interface."""

    def __init__(self, store: wasmtime.Store, wasm: bytes, cache: CodeCache | None) -> None:
        self.store = store
        self.types, self.exported = memory_types(wasm), exported_memory(wasm)
        self.module = compiled(store.engine, with_imported_memories(wasm), cache, wasmtime.Module)
        imported = [item for item in self.module.imports if item.module in INTERFACES]
        self.older = any(item.module == UNSTABLE_MODULE for item in imported)
        self.space = UNSTABLE_MODULE if self.older else MODULE
        self.names = list(dict.fromkeys(item.name or "" for item in imported))
        self.decoder = Decoder(self.view, INTERFACES[self.space])
        self.memory: wasmtime.Memory | None = None
        self.seen = memoryview(b"")
        self.slots = 0

    def view(self) -> memoryview:
        """The module's memory as it is now; it never moves, but it grows."""
        if self.memory is not None:
            size = self.memory.data_len(self.store)
            if size != len(self.seen):
                address = cast(self.memory.data_ptr(self.store), c_void_p).value or 0
                self.seen = memoryview((c_char * size).from_address(address)).cast("B") if size else memoryview(b"")
        return self.seen

    def instantiate(
        self, libraries: dict[str, Any], enter: Callable[[Linked, int], None], leave: Callable[[Linked, int, int], None]
    ) -> Any:
        """The module's exports: linked with its memories, the shim round the reference's WASI, and libraries' exports."""
        engine = self.store.engine
        linker, outer = wasmtime.Linker(engine), wasmtime.Linker(engine)
        linker.define_wasi()
        if self.types:
            own = wasmtime.Instance(self.store, wasmtime.Module(engine, memories_alone(self.types)), []).exports(self.store)
            for number in range(len(self.types)):
                linker.define(self.store, NAMESPACE, str(number), own[str(number)])
                outer.define(self.store, NAMESPACE, str(number), own[str(number)])
            if self.exported is not None:
                memory = own[str(self.exported)]
                assert isinstance(memory, wasmtime.Memory)
                self.memory = memory
        i32 = wasmtime.ValType.i32
        linker.define_func("trace", "enter", wasmtime.FuncType([i32()], []), lambda number: enter(self, number))
        linker.define_func(
            "trace", "leave", wasmtime.FuncType([i32(), i32()], []), lambda number, errno: leave(self, number, errno)
        )
        between = linker.instantiate(self.store, wasmtime.Module(engine, shim(self.names, self.exported, self.older)))
        exports = between.exports(self.store)
        slots = exports[LAST]
        assert isinstance(slots, wasmtime.Memory)
        self.slots = cast(slots.data_ptr(self.store), c_void_p).value or 0
        for name in self.names:
            outer.define(self.store, self.space, name, exports[name])
        for space, library in libraries.items():
            for item in self.module.imports:
                if item.module == space and item.name is not None and item.name in library:
                    outer.define(self.store, space, item.name, library[item.name])
        return outer.instantiate(self.store, self.module).exports(self.store)
