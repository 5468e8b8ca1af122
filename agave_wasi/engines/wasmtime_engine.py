"""wasmtime's JIT as an engine: compiling, stores, instances, and calls on fibers.

Every guest runs in an asynchronous store, so any of its calls can be suspended (see `wait_loops`). A call is a future that
is polled: until the guest is over, or until `Store.suspend` was called and the guest has reached the `wait` of its loop.
Exceptions of ours never cross wasm: `Store.stop` keeps one and answers a trap, and whoever polls raises it again.
"""

from __future__ import annotations

from ctypes import POINTER, byref, c_char, c_ubyte, c_uint8, c_uint64, c_void_p, cast, string_at

from agave_wasi.abi.memory import Trap
from agave_wasi.engines import capi, interrupt
from agave_wasi.engines.base import EngineConfig, EngineError, Frame, GuestTrap, HostFunction, StoreLimits
from agave_wasi.engines.wait_loops import loops
from agave_wasi.hostcall import RETRY
from kernel_sim.errors import LimitReached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from agave_wasi.engines.base import Callback
    from agave_wasi.hostcall import HostCalls
    from kernel_sim.wait import Wait

HOST_STACK = 8 << 20
"""Bytes of a fiber's stack beyond WebAssembly's own: host functions, which are Python, run there too."""
RESERVATION = 1 << 32
"""Address space for each linear memory: a 32-bit memory then never moves, and views of it stay valid."""
NO_DEADLINE = 1 << 62


def _address(callback: Any) -> int:
    return cast(callback, c_void_p).value or 0


class Module:
    """A compiled module."""

    __slots__ = ("handle",)

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def serialize(self) -> bytes:
        """The machine code and what belongs to it, as `WasmtimeEngine.load` takes it."""
        vector = capi.Bytes()
        error = capi.module_serialize(self.handle, byref(vector))
        if error:
            raise EngineError(capi.take_error(error))
        return capi.take_bytes(vector)

    def __del__(self) -> None:
        capi.module_delete(self.handle)


class WasmtimeEngine:
    """One configuration of wasmtime. `key` names what compiled code depends on."""

    __slots__ = ("config", "key", "handle", "functypes", "loops")

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self.key = f"wasmtime-{capi.VERSION}-fuel{int(config.fuel)}-stack{config.max_stack}"
        raw = capi.config_new()
        settings: dict[str, bool | int] = {
            "wasm_exceptions": True,
            "wasm_relaxed_simd_deterministic": True,
            "cranelift_nan_canonicalization": True,
            "consume_fuel": config.fuel,
            "epoch_interruption": True,
            "async_stack_size": config.max_stack + HOST_STACK,  # first: the other may not exceed it
            "max_wasm_stack": config.max_stack,
            "memory_reservation": RESERVATION,
            "memory_may_move": False,
        }
        for name, value in settings.items():
            capi.config_set(raw, name, value)
        self.handle: int = capi.engine_new_with_config(raw)
        self.functypes: dict[tuple[str, str], int] = {}
        self.loops: dict[tuple[tuple[str, str], ...], Module] = {}

    def compile(self, wasm: bytes) -> Module:
        """Compile a module, binary or text; EngineError with the offset and reason if it is invalid."""
        if not wasm.startswith(b"\0asm"):
            wasm = capi.to_wasm(wasm)
        handle = c_void_p()
        error = capi.module_new(self.handle, wasm, len(wasm), byref(handle))
        if error:
            raise EngineError(capi.take_error(error))
        return Module(handle.value or 0)

    def load_file(self, path: str) -> Module:
        """Map a serialized module from a file that is trusted: it is machine code."""
        handle = c_void_p()
        error = capi.module_deserialize_file(self.handle, path.encode(), byref(handle))
        if error:
            raise EngineError(capi.take_error(error))
        return Module(handle.value or 0)

    def functype(self, parameters: str, results: str) -> int:
        """A core function type, made once."""
        found = self.functypes.get((parameters, results))
        if found is None:
            vectors = [_valtypes(letters) for letters in (parameters, results)]
            found = self.functypes[parameters, results] = capi.functype_new(byref(vectors[0]), byref(vectors[1]))
        return found

    def loop_module(self, functions: Mapping[str, str], compile: Callable[[bytes], Module]) -> Module:
        """The compiled wait loops around `functions`, made once."""
        key = tuple(sorted(functions.items()))
        module = self.loops.get(key)
        if module is None:
            module = self.loops[key] = compile(loops(functions))
        return module

    def tick(self) -> None:
        """Make every running guest look whether it is to stop. From any thread."""
        capi.increment_epoch(self.handle)


def _valtypes(letters: str) -> capi.Bytes:
    vector = capi.Bytes()
    handles = (c_void_p * len(letters))(*[capi.valtype_new(capi.KINDS[letter]) for letter in letters])
    capi.valtype_vec_new(byref(vector), len(letters), handles)
    return vector


class Store:
    """Everything of one guest: its instances, its limits, and the exception or wait that crosses from a host function.

    `inline_wait` is called to wait on the spot where the guest can't be suspended: in a call that a host function made.
    """

    __slots__ = (
        "engine", "handle", "context", "limits", "pending", "wait", "depth", "inline_wait", "stop_request", "_kept",
        "__weakref__",
    )  # fmt: skip

    def __init__(self, engine: WasmtimeEngine, limits: StoreLimits) -> None:
        self.engine = engine
        self.limits = limits
        self.handle: int = capi.store_new(engine.handle, None, None)
        self.context: int = capi.store_context(self.handle)
        self.pending: BaseException | None = None
        self.wait: Wait | None = None
        self.depth = 0
        self.inline_wait: Callable[[Wait], None] | None = None
        self.stop_request: BaseException | None = None
        self._kept: list[object] = []
        if limits.memory is not None:
            capi.store_limiter(self.handle, limits.memory, -1, -1, -1, -1)
        if engine.config.fuel:
            capi.set_fuel(self.context, limits.fuel if limits.fuel is not None else (1 << 64) - 1)
        on_epoch = self._keep(capi.EpochCallback(self._on_epoch))
        capi.store_epoch_deadline_callback(self.handle, on_epoch, None, None)
        capi.set_epoch_deadline(self.context, 1)

    def close(self) -> None:
        """Free the guest; nothing of it may be used any more."""
        if self.handle:
            capi.store_delete(self.handle)
            self.handle = 0
            self._kept.clear()

    def require_open(self) -> None:
        """EngineError once the store is closed: what belonged to it is gone."""
        if not self.handle:
            raise EngineError("the guest is closed")

    def __del__(self) -> None:
        self.close()

    def _keep(self, thing: Any) -> Any:
        self._kept.append(thing)
        return thing

    # Stopping and waiting

    def stop(self, error: BaseException) -> int:
        """Keep `error` for whoever runs the guest; the address of a trap that a callback answers."""
        self.pending = error
        return capi.trap_new(b"stopped", 7)  # type: ignore[no-any-return]

    def suspend(self, wait: Wait) -> None:
        """A host function can't finish: wait here if Python frames hold the stack, else have the loop suspend."""
        if self.depth > 1 and self.inline_wait is not None:
            self.inline_wait(wait)
        else:
            self.wait = wait

    def request_stop(self, error: BaseException) -> None:
        """Make the guest stop with `error`, wherever it is. From any thread, and from signal handlers."""
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
        """Fuel that is left; only where the engine counts it."""
        left = c_uint64()
        error = capi.get_fuel(self.context, byref(left))
        if error:
            raise EngineError(capi.take_error(error))
        return left.value

    # Instances

    def instantiate(
        self,
        module: Module,
        imports: Mapping[tuple[str, str], HostFunction | capi.Extern],
        host: HostCalls | None = None,
        compile: Callable[[bytes], Module] | None = None,
        direct: bool = False,
    ) -> Instance:
        """An instance with its start function run.

        `host` is bound to it. With `direct`, host functions that wait do so on the spot: for a module with a start function,
        whose instance can't be suspended yet.
        """
        instance = Instance(self)
        if host is not None:
            host.stop = self.stop
            host.suspend = self._wait_inline if direct else self.suspend
            host.memory = instance.memory
        linker = capi.linker_new(self.engine.handle)
        try:
            blocking = {}
            for (space, name), item in imports.items():
                if isinstance(item, HostFunction):
                    if item.blocking and not direct:
                        blocking[space, name] = item
                        continue
                    callback = _loop_in_python(item.callback, imports, host) if item.blocking and host else item.callback
                    self._define_function(linker, space, name, item.parameters, item.results, callback)
                else:
                    self._define(linker, space, name, item)
            if blocking:
                self._define_loops(linker, blocking, imports, compile or self.engine.compile)
            self._instantiate(linker, module, instance)
        finally:
            capi.linker_delete(linker)
        return instance

    def _wait_inline(self, wait: Wait) -> None:
        if self.inline_wait is None:
            raise EngineError("a start function can't wait here")
        self.inline_wait(wait)

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

    def _define_loops(
        self,
        linker: int,
        blocking: Mapping[tuple[str, str], HostFunction],
        imports: Mapping[tuple[str, str], HostFunction | capi.Extern],
        compile: Callable[[bytes], Module],
    ) -> None:
        """Put a wasm loop round each host function that may wait, and define the loops in their place."""
        inner = capi.linker_new(self.engine.handle)
        try:
            resume = imports["host", "resume"]
            assert isinstance(resume, HostFunction)
            self._define_function(inner, "host", "resume", "", "i", resume.callback)
            wait = self._keep(capi.AsyncCallback(self._make_waiter()))
            error = capi.linker_define_async_func(
                inner, b"host", 4, b"wait", 4, self.engine.functype("", ""), wait, None, None
            )
            if error:
                raise EngineError(capi.take_error(error))
            for (_, name), item in blocking.items():
                self._define_function(inner, "try", name, item.parameters, item.results, item.callback)
            module = self.engine.loop_module({name: item.parameters for (_, name), item in blocking.items()}, compile)
            looped = Instance(self)
            self._instantiate(inner, module, looped)
        finally:
            capi.linker_delete(inner)
        for space, name in blocking:
            self._define(linker, space, name, looped.export(name))

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

    def _instantiate(self, linker: int, module: Module, instance: Instance) -> None:
        trap, error = c_void_p(), c_void_p()
        future = capi.linker_instantiate_async(
            linker, self.context, module.handle, byref(instance.raw), byref(trap), byref(error)
        )
        self.depth += 1
        exposed, interrupt.state.exposed = interrupt.state.exposed, False
        try:
            while not capi.future_poll(future):
                self.wait = None  # nothing but a bug gets here: start functions wait inline
        finally:
            interrupt.state.exposed = exposed
            self.depth -= 1
            capi.future_delete(future)
        self.check(trap.value, error.value)
        instance.ready = True

    # How a call ended

    def check(self, trap: int | None, error: int | None) -> None:
        """Raise what a trap or error stands for, if there is one."""
        pending, self.pending = self.pending, None
        if not trap and not error:
            if pending is not None:  # e.g. an interrupt that came at the very end
                raise pending
            return
        frames = _frames(trap, error)
        if pending is not None:
            (capi.trap_delete if trap else capi.error_delete)(trap or error)
            if isinstance(pending, Trap):
                raise GuestTrap(str(pending), frames, "abi") from pending
            raise pending
        if not trap:
            assert error
            text = capi.take_error(error)
            raise GuestTrap(_last_cause(text), frames) if frames else EngineError(text)
        code = c_uint8(0xFF)
        known = capi.trap_code(trap, byref(code)) and code.value < len(capi.TRAP_CODES)
        vector = capi.Bytes()
        capi.trap_message(trap, byref(vector))
        text = capi.take_bytes(vector).rstrip(b"\0").decode("utf-8", "replace")
        capi.trap_delete(trap)
        if known and code.value == capi.TRAP_OUT_OF_FUEL:
            raise LimitReached("fuel", self.limits.fuel or 0)
        raise GuestTrap(capi.TRAP_CODES[code.value] if known else _last_cause(text), frames, text)


def _loop_in_python(callback: Callback, imports: Mapping[tuple[str, str], Any], host: HostCalls) -> Callback:
    """What the wasm loop does, for a guest that can't be suspended: `suspend` has waited already."""
    resume: Callback = imports["host", "resume"].callback

    def until_done(env: int, caller: int, args: int) -> int:
        trap = callback(env, caller, args)
        while not trap and host.frame(args)[0] == RETRY:
            trap = resume(env, caller, args)
        return trap

    return until_done


def _last_cause(text: str) -> str:
    """wasmtime's message without the backtrace, which is shown in our own way."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if "Caused by:" in lines:
        return lines[-1].partition(": ")[2] or lines[-1] if lines[-1][:1].isdigit() else lines[-1]
    return lines[0] if lines else "trap"


def _frames(trap: int | None, error: int | None) -> list[Frame]:
    vector = capi.Bytes()
    if trap:
        capi.trap_trace(trap, byref(vector))
    else:
        capi.error_trace(error, byref(vector))
    frames = []
    handles = cast(vector.data, POINTER(c_void_p))
    for index in range(vector.size):
        raw = handles[index]
        name = None
        name_vector = capi.frame_func_name(raw)
        if name_vector:
            found = cast(name_vector, POINTER(capi.Bytes))[0]
            name = string_at(found.data, found.size).decode("utf-8", "replace")
        frames.append(
            Frame(
                capi.frame_func_index(raw), capi.frame_func_offset(raw), capi.frame_module_offset(raw), name,
            )  # fmt: skip
        )
    capi.frames_delete(byref(vector))
    return frames


class Instance:
    """A module instance; exports by name."""

    __slots__ = ("store", "raw", "ready", "_functions")

    def __init__(self, store: Store) -> None:
        self.store = store
        self.raw = capi.Instance()
        self.ready = False
        self._functions: dict[str, tuple[capi.Extern, FunctionType]] = {}

    def get_export(self, name: str) -> capi.Extern | None:
        """An export, or None."""
        self.store.require_open()
        found = capi.Extern()
        raw = name.encode()
        if capi.instance_export_get(self.store.context, byref(self.raw), raw, len(raw), byref(found)):
            return found
        return None

    def export(self, name: str) -> capi.Extern:
        """An export; KeyError if there is none."""
        found = self.get_export(name)
        if found is None:
            raise KeyError(name)
        return found

    def memory(self, caller: int = 0, name: bytes = b"memory") -> memoryview:
        """A view of the whole exported memory as it is now; Trap if there is none that host functions can use."""
        found = capi.Extern()
        store = self.store
        store.require_open()
        if self.ready:
            there = capi.instance_export_get(store.context, byref(self.raw), name, len(name), byref(found))
        else:  # in the start function: only the caller knows the instance
            there = caller and capi.caller_export_get(caller, name, len(name), byref(found))
        if not there or found.kind not in (capi.EXTERN_MEMORY, capi.EXTERN_SHARED_MEMORY):
            raise Trap(f"the module exports no memory named {name.decode()!r}, which host functions need")
        if found.kind == capi.EXTERN_SHARED_MEMORY:
            view = _view(
                capi.sharedmemory_data(found.of.shared), capi.sharedmemory_data_size(found.of.shared), store
            )
            capi.extern_delete(byref(found))
            return view
        kind = capi.memory_type(store.context, byref(found.of.memory))
        is64 = capi.memorytype_is64(kind)
        capi.memorytype_delete(kind)
        if is64:
            raise Trap("the exported memory has 64-bit addresses, which this interface can't use")
        return _view(
            capi.memory_data(store.context, byref(found.of.memory)),
            capi.memory_data_size(store.context, byref(found.of.memory)),
            store,
        )

    def start_call(self, name: str, arguments: tuple[Any, ...] = ()) -> WasmtimeCall:
        """Begin a call of an exported function; `resume` runs it.

        KeyError if there is no such export, TypeError if it is no function or the arguments don't fit its type.
        """
        known = self._functions.get(name)
        if known is None:
            export = self.export(name)
            if export.kind != capi.EXTERN_FUNC:
                raise TypeError(f"the export {name!r} is not a function")
            known = self._functions[name] = export, function_type(self.store, export)
        return WasmtimeCall(self.store, *known, arguments)


def _view(address: int, size: int, owner: object) -> memoryview:
    """A view of guest memory that keeps its store alive."""
    if not size:
        return memoryview(b"")
    kind: Any = type("GuestMemory", (_Base,), {"_length_": size, "_type_": c_char})
    array = kind.from_address(address)
    array.owner = owner
    return memoryview(array).cast("B")


_Base: Any = (c_char * 1).__mro__[1]
"""ctypes.Array: a subclass of our own isn't remembered for ever by ctypes, as `c_char * size` is, and can hold `owner`."""


class FunctionType:
    """The core type of a function, as letters; x stands for a type that values can't be made for."""

    __slots__ = ("parameters", "results")

    def __init__(self, parameters: str, results: str) -> None:
        self.parameters = parameters
        self.results = results


_LETTERS = {capi.I32: "i", capi.I64: "I", capi.F32: "f", capi.F64: "F"}


def function_type(store: Store, function: capi.Extern) -> FunctionType:
    """The type of an exported function."""
    kind = capi.func_type(store.context, byref(function.of.func))
    parts = []
    for list_types in (capi.functype_params, capi.functype_results):
        vector = cast(list_types(kind), POINTER(capi.Bytes))[0]
        handles = cast(vector.data, POINTER(c_void_p))
        parts.append("".join(_LETTERS.get(capi.valtype_kind(handles[at]), "x") for at in range(vector.size)))
    capi.functype_delete(kind)
    return FunctionType(*parts)


class WasmtimeCall:
    """A guest function that runs, waits, or is over."""

    __slots__ = ("store", "finished", "results", "_future", "_type", "_function", "_arguments", "_outputs", "_trap", "_error")

    def __init__(
        self, store: Store, function: capi.Extern, kind: FunctionType, arguments: tuple[Any, ...]
    ) -> None:
        if "x" in kind.results:
            raise TypeError("a result of this function has a type that can't be taken out")
        store.require_open()
        self.store = store
        self.finished = False
        self.results: tuple[int | float, ...] = ()
        self._function = function
        self._type = kind
        self._arguments = _to_values(self._type.parameters, arguments)
        self._outputs = (capi.Value * (len(self._type.results) or 1))()
        self._trap, self._error = c_void_p(), c_void_p()
        self._future = 0

    def resume(self) -> Wait | None:
        store = self.store
        if store.depth:
            self._call_inside()
            return None
        if not self._future:
            self._future = capi.func_call_async(
                store.context, byref(self._function.of.func), self._arguments, len(self._type.parameters),
                self._outputs, len(self._type.results), byref(self._trap), byref(self._error),
            )  # fmt: skip
        store.wait = None
        store.depth += 1
        exposed, interrupt.state.exposed = interrupt.state.exposed, False
        try:
            finished = capi.future_poll(self._future)
        finally:
            interrupt.state.exposed = exposed
            store.depth -= 1
        if not finished:
            return store.wait
        self.cancel()
        self._finish(self._error.value)
        return None

    def _call_inside(self) -> None:
        """A call made by a host function: it runs on the guest's own stack and waits inline."""
        store = self.store
        kind = self._type
        raw = (c_ubyte * (16 * max(len(kind.parameters), len(kind.results), 1)))()
        for at in range(len(kind.parameters)):
            raw[16 * at : 16 * at + 16] = bytes(self._arguments[at].of.v128)
        store.depth += 1
        try:
            error = capi.func_call_unchecked(
                store.context, byref(self._function.of.func), raw, len(raw) // 16, byref(self._trap)
            )
        finally:
            store.depth -= 1
        for at, letter in enumerate(kind.results):
            self._outputs[at].kind = capi.KINDS[letter]
            self._outputs[at].of.v128[:] = raw[16 * at : 16 * at + 16]
        self._finish(error)

    def _finish(self, error: int | None) -> None:
        self.finished = True
        self.store.check(self._trap.value, error)
        self.results = tuple(_from_value(self._outputs[at]) for at in range(len(self._type.results)))

    def cancel(self) -> None:
        if self._future:
            capi.future_delete(self._future)
            self._future = 0
        self.finished = True

    def __del__(self) -> None:
        if self._future and self.store.handle:
            self.cancel()


_RANGES = {"i": (-(1 << 31), 1 << 32), "I": (-(1 << 63), 1 << 64)}


def _to_values(letters: str, arguments: tuple[Any, ...]) -> Any:
    if len(letters) != len(arguments):
        raise TypeError(f"the function takes {len(letters)} arguments, not {len(arguments)}")
    values = (capi.Value * (len(letters) or 1))()
    for value, letter, argument in zip(values, letters, arguments):
        if letter in _RANGES:
            low, high = _RANGES[letter]
            if not isinstance(argument, int) or not low <= argument < high:
                raise TypeError(f"{argument!r} doesn't fit a {'i32' if letter == 'i' else 'i64'}")
            if letter == "i":
                value.of.i32 = argument & 0xFFFF_FFFF
            else:
                value.of.i64 = argument & 0xFFFF_FFFF_FFFF_FFFF
        elif letter in "fF":
            if letter == "f":
                value.of.f32 = argument
            else:
                value.of.f64 = argument
        else:
            raise TypeError("a parameter of this function has a type that can't be given from outside")
        value.kind = capi.KINDS[letter]
    return values


def _from_value(value: Any) -> int | float:
    kind = value.kind
    if kind == capi.I32:
        return int(value.of.i32)
    if kind == capi.I64:
        return int(value.of.i64)
    return float(value.of.f32 if kind == capi.F32 else value.of.f64)
