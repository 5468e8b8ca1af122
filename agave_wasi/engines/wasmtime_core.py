"""wasmtime as the engine of components: core instances, host functions, memories and calls in one store.

A host function that may wait stands behind a gate of wasm (see `gates`): the guest is suspended there, where no Python frame
lies on its stack. A gate would be counted as fuel, so a guest that counts waits on the spot.
"""

from __future__ import annotations

from ctypes import addressof, byref, c_char, c_size_t, c_uint32, c_void_p
from struct import Struct

from agave_wasi.engines import capi, interrupt
from agave_wasi.engines.base import EngineError
from agave_wasi.engines.capi import call_prepared
from agave_wasi.engines.gates import AGAIN, AGAIN_TABLE, single
from agave_wasi.engines.wasmtime_instance import FunctionType, Instance, WasmtimeCall, view_of
from agave_wasi.hostcall import RETRY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.engines.base import Call, Callback, HostFunction
    from agave_wasi.engines.wasmtime_engine import Module
    from agave_wasi.engines.wasmtime_store import Store

GATE_IMPORTS = ("host", "again"), ("host", "try")
_SLOT = {"i": "I12x", "I": "Q8x", "f": "f12x", "F": "d8x"}


class WasmtimeCore:
    """One store's side of `agave_wasi.engines.base.CoreEngine`.

    What it is made of: `GuestStore.core`.
    """

    __slots__ = ("store", "_compile", "run", "resume", "again")

    def __init__(
        self,
        store: Store,
        compile_module: Callable[[bytes | memoryview, int | None], Module],
        run: Callable[[Call], None],
        resume: Callback,
    ) -> None:
        self.store = store
        self._compile = compile_module
        self.run = run
        self.resume = resume
        self.again: capi.Extern | None = None

    def compile(self, wasm: bytes | memoryview, offset: int | None = None) -> Module:
        """A module, compiled or found."""
        return self._compile(wasm, offset)

    def reserve(self, memories: int, tables: int, collects: bool = False) -> None:
        """So many more memories and tables share the limit; code that `collects` is about to run."""
        self.store.reserve(memories, tables)
        self.store.collects |= collects

    def instantiate(
        self, module: Module, names: Sequence[tuple[str, str]], items: Sequence[capi.Extern], starts: bool
    ) -> Instance:
        """An instance with its start function run, if it has one; it may wait."""
        store = self.store
        if starts:
            store.arm()
        return _linked(store, module, names, items) if starts or store.armed else _created(store, module, items)

    def function(self, function: HostFunction) -> capi.Extern:
        """The host function in this store, behind a gate if it may wait; EngineError if there are too many."""
        self.store.count_function()
        if not function.blocking:
            return self.store.make_function(function.parameters, function.results, function.callback)
        store = self.store
        if store.engine.config.fuel:
            return store.make_function(function.parameters, function.results, self._waiting(function))
        if self.again is None:
            self.again = self.instantiate(store.engine.gate(AGAIN_TABLE, self.compile), (), (), False).export("again")
            store.arming.append((store.engine.gate(AGAIN, self.compile), self.again, self.resume))
            if store.armed:
                store.arm()
        module = store.engine.gate(single(function.parameters), self.compile)
        attempt = store.make_function(function.parameters, "i", function.callback)
        return self.instantiate(module, GATE_IMPORTS, (self.again, attempt), False).export("gate")

    def _waiting(self, function: HostFunction) -> Callback:
        """The function's callback, over only when there is nothing more to wait for."""
        store, attempt, resume = self.store, function.callback, self.resume
        none = c_uint32()
        has_slots = bool(function.parameters or function.results)

        def until_done(env: int, caller: int, args: int) -> int:
            place = args if has_slots else addressof(none)
            status = c_uint32.from_address(place)
            trap = attempt(env, caller, place)
            while not trap and status.value == RETRY:
                trap = wait(env, caller, place) or resume(env, caller, place)
            return trap

        def wait_here(_: int) -> None:
            wait, store.wait = store.wait, None
            if wait is not None:
                store.wait_inline(wait)

        wait = store.guarded(wait_here)
        return until_done

    def memory(self, memory: capi.Extern) -> Callable[[], memoryview]:
        """What gives the view of a memory; it is made anew when the size has changed. Memories never move."""
        store, raw = self.store, byref(memory.of.memory)
        size, view = -1, memoryview(b"")
        data, data_size, context = capi.memory_data, capi.memory_data_size, store.context

        def whole() -> memoryview:
            nonlocal size, view
            now = data_size(context, raw)
            if now != size:
                view, size = view_of(data(context, raw), now, store), now
            return view

        return whole

    def caller(self, function: capi.Extern, parameters: str, results: str) -> Callable[..., Any]:
        """The function as a Python callable of this core type."""
        store, run, prepared, deepest = self.store, self.run, call_prepared, self.store.engine.deepest
        raw = (c_char * (16 * max(len(parameters), len(results), 1)))()
        trap = c_void_p()
        context, address, trap_address = c_void_p(store.context), byref(function.of.func), byref(trap)
        slots, kind, state = c_size_t(len(raw) // 16), FunctionType(parameters, results), interrupt.state
        pack = Struct("<" + "".join(_SLOT[letter] for letter in parameters)).pack
        unpack = Struct("<" + "".join(_SLOT[letter] for letter in results)).unpack_from
        view = memoryview(raw).cast("B")
        arguments, words, one_word = view[: 16 * len(parameters)], view.cast("I"), results == "i"

        def begin(values: tuple[Any, ...]) -> Any:
            if store.arming:
                store.arm()
            call = WasmtimeCall(store, function, kind, values)
            run(call)
            return result_of(call)

        def inside(values: tuple[Any, ...]) -> Any:
            call = WasmtimeCall(store, function, kind, values)
            call.resume()
            return result_of(call)

        def result_of(call: WasmtimeCall) -> Any:
            found: tuple[Any, ...] = tuple(_unsigned(*each) for each in zip(results, call.results))
            return found[0] if found else None

        def call(*values: Any) -> Any:
            depth = store.depth
            if not depth:
                return begin(values)
            if depth > deepest:
                raise RecursionError(f"host functions called back into the guest {deepest} times, one inside the other")
            if store.ended is not None:
                raise store.ended
            if store.collects:
                return inside(values)
            arguments[:] = pack(*values)
            store.depth = depth + 1
            exposed = state.exposed
            if exposed:
                state.exposed = False
            try:
                error = prepared(context, address, raw, slots, trap_address)
            finally:
                if exposed:
                    state.exposed = True
                store.depth = depth
            if error or trap or store.pending is not None:
                stopped, trap.value = trap.value, None
                store.finish(stopped, error)
            return words[0] if one_word else unpack(raw)[0] if results else None

        return call


def _unsigned(letter: str, value: Any) -> Any:
    return value & 0xFFFF_FFFF if letter == "i" else value & 0xFFFF_FFFF_FFFF_FFFF if letter == "I" else value


def _created(store: Store, module: Module, items: Sequence[capi.Extern]) -> Instance:
    """An instance of a module without a start function, given its imports in order. Only until the store is armed."""
    instance, trap = Instance(store), c_void_p()
    given = b"".join(items)  # structures are bytes
    error = capi.instance_new(store.context, module.handle, given, len(items), byref(instance.raw), byref(trap))
    if error or trap.value:
        store.finish(trap.value, error)
    instance.ready = True
    return instance


def _linked(store: Store, module: Module, names: Sequence[tuple[str, str]], items: Sequence[capi.Extern]) -> Instance:
    """An instance of any module, whose imports have these names."""
    instance, linker, context = Instance(store), capi.linker_new(store.engine.handle), store.context
    try:
        for (space, name), item in zip(names, items):
            raw_space, raw_name = space.encode(), name.encode()
            error = capi.linker_define(linker, context, raw_space, len(raw_space), raw_name, len(raw_name), byref(item))
            if error:
                raise EngineError(capi.take_error(error))
        store.instantiate_by(linker, module, instance)
    finally:
        capi.linker_delete(linker)
    return instance
