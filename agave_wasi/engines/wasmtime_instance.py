"""Instances of modules: exports, memory, and calls on fibers.

A call is a future that is polled: until the guest is over, or until `Store.suspend` was called and the guest has reached the
`wait` of its loop.
"""

from __future__ import annotations

from _thread import get_ident
from ctypes import POINTER, byref, c_char, c_ubyte, c_void_p, cast

from agave_wasi.abi.memory import Trap
from agave_wasi.engines import capi, interrupt
from agave_wasi.engines.base import BadCall, fitted
from agave_wasi.engines.capi import Extern, instance_export_get

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.engines.wasmtime_store import Store
    from kernel_sim.wait import Wait


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
        store, found, raw = self.store, Extern(), name.encode()
        if not store.handle:
            store.require_open()
        return found if instance_export_get(store.context, byref(self.raw), raw, len(raw), byref(found)) else None

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
            view = view_of(
                capi.sharedmemory_data(found.of.shared), capi.sharedmemory_data_size(found.of.shared), store
            )
            capi.extern_delete(byref(found))
            return view
        kind = capi.memory_type(store.context, byref(found.of.memory))
        is64 = capi.memorytype_is64(kind)
        capi.memorytype_delete(kind)
        if is64:
            raise Trap("the exported memory has 64-bit addresses, which this interface can't use")
        return view_of(
            capi.memory_data(store.context, byref(found.of.memory)),
            capi.memory_data_size(store.context, byref(found.of.memory)),
            store,
        )

    def start_call(self, name: str, arguments: tuple[Any, ...] = ()) -> WasmtimeCall:
        """Begin a call of an exported function; `resume` runs it.

        KeyError if there is no such export, BadCall if it is no function or the arguments don't fit its type.
        """
        known = self._functions.get(name)
        if known is None:
            export = self.export(name)
            if export.kind != capi.EXTERN_FUNC:
                raise BadCall(f"the export {name!r} is not a function")
            known = self._functions[name] = export, function_type(self.store, export)
        try:
            return WasmtimeCall(self.store, *known, arguments)
        except BadCall as error:
            raise BadCall(f"{name}: {error}") from None


def view_of(address: int, size: int, owner: object) -> memoryview:
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


_TYPES = [(letter, capi.valtype_new(kind)) for letter, kind in capi.KINDS.items()]


def _letter(valtype: int) -> str:
    """Compared with each of the four, since wasm_valtype_kind ends the process when it is asked about a v128."""
    for letter, known in _TYPES:
        if capi.valtype_equal(valtype, known):
            return letter
    return "x"


def function_type(store: Store, function: capi.Extern) -> FunctionType:
    """The type of an exported function."""
    kind = capi.func_type(store.context, byref(function.of.func))
    parts = []
    for list_types in (capi.functype_params, capi.functype_results):
        vector = cast(list_types(kind), POINTER(capi.Bytes))[0]
        handles = cast(vector.data, POINTER(c_void_p))
        parts.append("".join([_letter(handles[at]) for at in range(vector.size)]))
    capi.functype_delete(kind)
    return FunctionType(*parts)


class WasmtimeCall:
    """A guest function that runs, waits, or is over."""

    __slots__ = ("store", "finished", "results", "_future", "_type", "_function", "_arguments", "_outputs", "_trap", "_error")

    def __init__(
        self, store: Store, function: capi.Extern, kind: FunctionType, arguments: tuple[Any, ...]
    ) -> None:
        self._future = 0
        if "x" in kind.results:
            raise BadCall("a result of this function has a type that can't be taken out")
        store.require_open()
        self.store = store
        self.finished = False
        self.results: tuple[int | float, ...] = ()
        self._function = function
        self._type = kind
        self._arguments = _to_values(self._type.parameters, arguments)
        self._outputs = (capi.Value * (len(self._type.results) or 1))()
        self._trap, self._error = c_void_p(), c_void_p()

    def resume(self) -> Wait | None:
        store = self.store
        interrupt.require_frames()
        thread = get_ident()
        if store.depth:
            store.require_thread(thread)
            if store.ended is not None:
                raise store.ended
            self._call_inside()
            return None
        store.thread, store.depth = thread, 1  # nothing lets another thread in between this and the look at `depth`
        try:
            finished = self._poll()
        finally:
            store.depth = 0
        if not finished:
            return store.wait
        self.cancel()
        self._finish(self._error.value)
        return None

    def _poll(self) -> bool:
        """Run the guest until it waits or is over: whether it is over."""
        store = self.store
        if not self._future:
            self._begin()
        store.wait = None
        exposed, interrupt.state.exposed = interrupt.state.exposed, False
        try:
            return bool(capi.future_poll(self._future))
        finally:
            interrupt.state.exposed = exposed

    def _begin(self) -> None:
        self._future = capi.func_call_async(
            self.store.context, byref(self._function.of.func), self._arguments, len(self._type.parameters),
            self._outputs, len(self._type.results), byref(self._trap), byref(self._error),
        )  # fmt: skip

    def _call_inside(self) -> None:
        """A call made by a host function: it waits inline, and runs on the guest's own stack if that can't be suspended."""
        store, deepest = self.store, self.store.engine.deepest
        if store.depth > deepest:
            raise RecursionError(f"host functions called back into the guest {deepest} times, one inside the other")
        if store.collects:
            self._call_on_a_fiber()
            return
        kind = self._type
        raw = (c_ubyte * (16 * max(len(kind.parameters), len(kind.results), 1)))()
        for at in range(len(kind.parameters)):
            raw[16 * at : 16 * at + 16] = list(self._arguments[at].of.v128)
        store.depth += 1
        exposed, interrupt.state.exposed = interrupt.state.exposed, False
        try:
            error = capi.func_call_unchecked(
                store.context, byref(self._function.of.func), raw, len(raw) // 16, byref(self._trap)
            )
        finally:
            interrupt.state.exposed = exposed
            store.depth -= 1
        for at, letter in enumerate(kind.results):
            self._outputs[at].kind = capi.KINDS[letter]
            self._outputs[at].of.v128[:] = raw[16 * at : 16 * at + 16]
        self._finish(error)

    def _call_on_a_fiber(self) -> None:
        """The same on a stack of its own: wasmtime's collector suspends the stack that it is called on, now and then, and a
        Python frame lies on the guest's."""
        store = self.store
        store.depth += 1
        exposed, interrupt.state.exposed = interrupt.state.exposed, False
        try:
            self._begin()
            while not capi.future_poll(self._future):
                pass
        finally:
            interrupt.state.exposed = exposed
            store.depth -= 1
            self.cancel()
        self._finish(self._error.value)

    def _finish(self, error: int | None) -> None:
        self.finished = True
        self.store.finish(self._trap.value, error)
        self.results = tuple(_from_value(self._outputs[at]) for at in range(len(self._type.results)))

    def cancel(self) -> None:
        if self._future:
            capi.future_delete(self._future)
            self._future = 0
        self.finished = True

    def __del__(self) -> None:
        if getattr(self, "_future", 0) and self.store.handle:  # a signal may have come while it was made
            self.cancel()


_FIELDS = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}


def _to_values(letters: str, arguments: tuple[Any, ...]) -> Any:
    values = (capi.Value * (len(letters) or 1))()
    for value, letter, number in zip(values, letters, fitted(letters, arguments)):
        value.kind = capi.KINDS[letter]
        setattr(value.of, _FIELDS[letter], number)
    return values


def _from_value(value: Any) -> int | float:
    kind = value.kind
    if kind == capi.I32:
        return int(value.of.i32)
    if kind == capi.I64:
        return int(value.of.i64)
    return float(value.of.f32 if kind == capi.F32 else value.of.f64)
