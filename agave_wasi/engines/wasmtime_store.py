"""A guest's store: its instances, its limits, and what crosses from a host function to whoever runs the guest.

Every guest runs in an asynchronous store, so any of its calls can be suspended (see `gates`).
"""

from __future__ import annotations

from _thread import get_ident
from ctypes import byref, c_uint64, c_void_p, cast

from agave_wasi.engines import capi, interrupt
from agave_wasi.engines.base import FINAL, RESUME, EngineError, HostFunction, StoreLimits
from agave_wasi.engines.capi import linker_new
from agave_wasi.engines.store import GuestStore
from agave_wasi.engines.wasmtime_engine import Module, WasmtimeEngine
from agave_wasi.engines.wasmtime_instance import Instance
from agave_wasi.engines.wasmtime_traps import ending_of
from agave_wasi.hostcall import RETRY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from agave_wasi.engines.base import Call, Callback, Switch
    from agave_wasi.engines.wasmtime_core import WasmtimeCore
    from agave_wasi.hostcall import HostCalls
    from kernel_sim.wait import Wait

    Imports = Mapping[tuple[str, str], HostFunction | capi.Extern]


class Store(GuestStore):
    """Everything of one guest.

    `arming` has modules that wait for components' gates, with the tables and functions they take; once they are there the store
    is `armed`.
    """

    __slots__ = ("handle", "context", "arming", "armed", "_kept")

    engine: WasmtimeEngine

    def __init__(self, engine: WasmtimeEngine, limits: StoreLimits) -> None:
        super().__init__(engine, limits)
        self._kept: list[object] = []
        self.handle: int = capi.store_new(engine.handle, None, None)
        self.context: int = capi.store_context(self.handle)
        self.spare = capi.trap_new(b"stopped", 7)
        self.arming: list[tuple[Module, capi.Extern, Callback]] = []
        self.armed = False
        self.share_memory(1, 1)
        if engine.config.fuel:
            capi.set_fuel(self.context, limits.fuel if limits.fuel is not None else (1 << 64) - 1)
        on_epoch = self._keep(capi.EpochCallback(self._on_epoch))
        capi.store_epoch_deadline_callback(self.handle, on_epoch, None, None)
        capi.set_epoch_deadline(self.context, 1)

    def close(self) -> None:
        self.require_idle()  # its stack lies in what is freed
        if self.handle:
            capi.store_delete(self.handle)
            self.handle = 0
            self._kept.clear()
            if self.spare:
                capi.trap_delete(self.spare)
                self.spare = 0

    def require_open(self) -> None:
        if not self.handle:
            raise EngineError("the guest is closed")

    def __del__(self) -> None:
        if getattr(self, "handle", 0):  # a signal may have come while it was made
            self.close()

    def _keep(self, thing: Any) -> Any:
        self._kept.append(thing)
        return thing

    def share_memory(self, memories: int, tables: int) -> None:
        super().share_memory(memories, tables)
        if self.limits.memory is not None:
            capi.store_limiter(self.handle, self.memory_room, self.table_room, -1, -1, -1)

    def core(
        self,
        compile_module: Callable[[bytes | memoryview, int | None], Module],
        run: Callable[[Call], None],
        resume: Callback,
    ) -> WasmtimeCore:
        from agave_wasi.engines.wasmtime_core import WasmtimeCore

        return WasmtimeCore(self, compile_module, run, resume)

    # Stopping and waiting

    def request_stop(self, error: BaseException) -> None:
        self.stop_request = error
        self.engine.tick()

    def _on_epoch(self, context: int, data: int, delta: Any, kind: Any) -> int:
        error = self.stop_request
        if error is None:
            delta[0] = 1
            kind[0] = 0
            return 0
        self.stop_request = None
        self.pending = error
        return capi.error_new(b"interrupted")  # type: ignore[no-any-return]

    def fuel_left(self) -> int:
        left = c_uint64()
        error = capi.get_fuel(self.context, byref(left))
        if error:
            raise EngineError(capi.take_error(error))
        return left.value

    # Instances

    def instantiate(
        self,
        module: Module,
        imports: Imports,
        host: HostCalls | None = None,
        compile: Callable[[bytes], Module] | None = None,
        direct: bool = False,
        switch: Switch | None = None,
    ) -> Instance:
        instance = Instance(self)
        if host is not None:
            host.store = self
            host.suspend = self.wait_inline if direct else self.suspend
            host.memory = instance.memory
        linker = capi.linker_new(self.engine.handle)
        try:
            gated = {}
            hot = switch.names if switch is not None else ()
            for (space, name), item in imports.items():
                if (space, name) == RESUME:
                    continue
                if isinstance(item, HostFunction):
                    if item.blocking and direct and host is not None:
                        item = item.waiting_itself(_loop_in_python(item.callback, imports, host))
                    if item.blocking or item.name in hot:
                        gated[space, name] = item
                    else:
                        self._define_function(linker, space, name, item.parameters, item.results, item.callback)
                else:
                    self._define(linker, space, name, item)
            if gated:
                self._define_gates(linker, gated, imports, compile or self.engine.compile, switch if hot else None, instance)
            self.instantiate_by(linker, module, instance)
        finally:
            capi.linker_delete(linker)
        return instance

    def wait_inline(self, wait: Wait) -> None:
        """Run the others, and let time pass, until the wait is over; EngineError where there are no others."""
        if self.inline_wait is None:
            raise EngineError("a start function can't wait here")
        self.inline_wait(wait)

    def make_function(self, parameters: str, results: str, callback: Callback) -> capi.Extern:
        """A host function of a core type."""
        found = capi.Extern(kind=capi.EXTERN_FUNC)
        raw = self._keep(capi.RawCallback(callback))
        capi.func_new_unchecked(
            self.context, self.engine.functype(parameters, results), raw, None, None, byref(found.of.func)
        )
        return found

    def arm(self) -> None:
        """Fill the tables of `arming`: before guests' code runs, for from then on instances can be made by `link` alone."""
        while self.arming:
            module, table, resume = self.arming.pop()
            linker = linker_new(self.engine.handle)
            try:
                self._define_waiting(linker, resume)
                self._define(linker, "host", "again", table)
                self.instantiate_by(linker, module, Instance(self))
            finally:
                capi.linker_delete(linker)
            self.armed = True

    def _define_waiting(self, linker: int, resume: Callback) -> None:
        self._define_function(linker, "host", "resume", "", "i", resume)
        wait = self._keep(capi.AsyncCallback(self._make_waiter()))
        error = capi.linker_define_async_func(
            linker, b"host", 4, b"wait", 4, self.engine.functype("", ""), wait, None, None
        )
        if error:
            raise EngineError(capi.take_error(error))

    def _define(self, linker: int, space: str, name: str, item: capi.Extern) -> None:
        raw_space, raw_name = space.encode(), name.encode()
        error = capi.linker_define(
            linker, self.context, raw_space, len(raw_space), raw_name, len(raw_name), byref(item)
        )
        if error:
            raise EngineError(capi.take_error(error))

    def _define_function(
        self, linker: int, space: str, name: str, parameters: str, results: str, callback: Callback
    ) -> None:
        raw_space, raw_name = space.encode(), name.encode()
        raw = self._keep(capi.RawCallback(callback))
        error = capi.linker_define_func_unchecked(
            linker, raw_space, len(raw_space), raw_name, len(raw_name), self.engine.functype(parameters, results), raw,
            None, None,
        )  # fmt: skip
        if error:
            raise EngineError(capi.take_error(error))

    def _define_gates(
        self,
        linker: int,
        gated: Mapping[tuple[str, str], HostFunction],
        imports: Imports,
        compile: Callable[[bytes], Module],
        switch: Switch | None,
        guest: Instance,
    ) -> None:
        """Put wasm of ours between the guest and the functions that may wait or be hot, and define it in their place."""
        functions = {item.name: item for item in gated.values()}
        blocking = [name for name, item in functions.items() if item.blocking]
        hot = sorted(functions.keys() & switch.names) if switch is not None else []
        gates = Instance(self)
        inner = capi.linker_new(self.engine.handle)
        try:
            if blocking:
                self._define_waiting(inner, _resume(imports))
            if switch is not None and hot:
                self._define_function(inner, "host", "awake", "", "", self.guarded(lambda _: switch.awake(guest, gates, hot)))
            for name, item in functions.items():
                self._define_function(inner, "try", name, item.parameters, item.results, item.callback)
            types = {name: item.parameters for name, item in functions.items()}
            module = self.engine.gate_module(types, blocking, hot, compile)
            self.instantiate_by(inner, module, gates)
        finally:
            capi.linker_delete(inner)
        for (space, name), item in gated.items():
            self._define(linker, space, name, gates.export(item.name))

    def guarded(self, function: Callable[[int], object]) -> Callback:
        """A callback that calls `function` with the address of the slots; what it raises ends the guest."""

        def callback(env: int, caller: int, args: int) -> int:
            try:
                function(args)
                return 0
            except BaseException as error:
                self.pending = error
                spare, self.spare = self.spare, 0
                return spare

        return callback

    def _make_waiter(self) -> Callable[..., None]:
        """The asynchronous `wait`: over when nobody has asked the guest to wait, or it has been resumed."""

        def is_over(env: int) -> bool:
            return self.wait is None

        continuation = self._keep(capi.ContinuationCallback(is_over))
        address = _address(continuation)

        def wait(*arguments: Any) -> None:
            arguments[7][0].callback = address
            arguments[7][0].env = None
            arguments[7][0].finalizer = None

        return wait

    def instantiate_by(self, linker: int, module: Module, instance: Instance) -> None:
        """Make `instance` one of a module by what a linker has."""
        trap, error = c_void_p(), c_void_p()
        future = capi.linker_instantiate_async(
            linker, self.context, module.handle, byref(instance.raw), byref(trap), byref(error)
        )
        interrupt.require_frames()
        self.thread = get_ident()
        self.depth += 1
        exposed, interrupt.state.exposed = interrupt.state.exposed, False
        try:
            while not capi.future_poll(future):  # the start function of a core module within a component
                wait, self.wait = self.wait, None
                if wait is not None:
                    self.wait_inline(wait)
        finally:
            interrupt.state.exposed = exposed
            self.depth -= 1
            capi.future_delete(future)
        self.finish(trap.value, error.value)
        instance.ready = True

    def finish(self, trap: int | None, error: int | None) -> None:
        """A call is over: raise what ended it, if it didn't just return."""
        pending, self.pending = self.pending, None
        if not self.spare:
            self.spare = capi.trap_new(b"stopped", 7)
        ending = ending_of(trap, error, pending, self.limits.fuel)
        ending = self.ended or ending
        if not self.depth:
            self.ended = None
        elif isinstance(ending, FINAL) or not isinstance(ending, Exception | None):
            self.ended = ending
        if ending is not None:
            try:
                raise ending
            finally:
                del ending, pending  # their traceback holds this frame: a cycle, and the guest would be freed late


def _address(callback: Any) -> int:
    return cast(callback, c_void_p).value or 0


def _loop_in_python(callback: Callback, imports: Imports, host: HostCalls) -> Callback:
    """What the wasm loop does, for a guest that can't be suspended: `suspend` has waited already."""
    resume = _resume(imports)
    frames, frame = host.frames, host.frame

    def until_done(env: int, caller: int, args: int) -> int:
        trap = callback(env, caller, args)
        try:
            while not trap and (frames.get(args) or frame(args))[0] == RETRY:
                trap = resume(env, caller, args)
            return trap
        except BaseException as error:
            store = host.store
            store.pending = error
            spare: int = store.spare
            store.spare = 0
            return spare

    return until_done


def _resume(imports: Imports) -> Callback:
    item = imports[RESUME]
    assert isinstance(item, HostFunction)
    return item.callback
