"""A batch on wasmtime-py: its component API, called through the C functions under it, with values as `cvalues` makes them."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, byref, c_void_p
from typing import Any

import wasmtime
from wasmtime import _bindings as c
from wasmtime.component import Component, Instance, Linker

from agave_wasi.component import types as t
from conformance.fuzz.types import cvalues
from conformance.fuzz.types.batch import CHOSEN, Batch
from conformance.fuzz.types.drawing import answer
from conformance.fuzz.types.text import HOST
from conformance.fuzz.types.traps import Refused, Trapped


class Reference:
    """A batch's component; an instance of it is made anew when one has trapped, since nothing of its store can be used then."""

    name = "wasmtime-py"

    def __init__(self, engine: wasmtime.Engine, wasm: bytes, batch: Batch) -> None:
        self.engine = engine
        self.received: list[Any] = []
        self.failed: BaseException | None = None
        self.types = {("echo", each.name): each.type for each in batch.echoes}
        self.types |= {("raw", each.name): each.type for each in batch.returned}
        self.types |= {("give", each.name): CHOSEN for each in batch.given}
        self._kept: list[Any] = []
        self._functions: dict[tuple[str, str], Any] = {}
        self.store: wasmtime.Store | None = None
        try:
            self.component = Component(engine, wasm)
            self.linker = Linker(engine)
            self._define(batch)
            self._fresh()
        except wasmtime.WasmtimeError as error:
            raise Refused(str(error)) from None

    def call(self, instance: str, name: str, values: tuple[Any, ...]) -> Any:
        """What an export returns, a whole result as Ok or Err; Trapped."""
        self.received.clear()
        if self.store is None:
            self._fresh()
        assert self.store is not None
        type = self.types[instance, name]
        function = self._function(instance, name)
        arguments = (cvalues.Value * len(values))()
        for each, (_, kind), value in zip(arguments, type.parameters, values):
            cvalues.put(kind, value, each)
        result, count = cvalues.Value(), 0 if type.result is None else 1
        context = self.store._context()
        try:
            error = c.wasmtime_component_func_call(byref(function), context, arguments, len(values), byref(result), count)
            if error:
                message = str(wasmtime.WasmtimeError._from_ptr(error))
                self.reset()
                if self.failed is not None:
                    raise self.failed
                raise Trapped(message)
        finally:
            for each in arguments:
                c.wasmtime_component_val_delete(byref(each))
        if type.result is None:
            return None
        try:
            return cvalues.take(type.result, result)
        finally:
            c.wasmtime_component_val_delete(byref(result))

    def close(self) -> None:
        """Free everything, which the host's functions refer to."""
        self.reset()
        for each in (self.linker, self.component):
            each.close()
        self._kept.clear()

    def reset(self) -> None:
        """Free the instance: the next call is made to another one."""
        self._functions.clear()
        if self.store is not None:
            self.store.close()
            self.store = None

    def _fresh(self) -> None:
        self._functions.clear()
        self.store = wasmtime.Store(self.engine)
        self.instance: Instance = self.linker.instantiate(self.store, self.component)

    def _function(self, instance: str, name: str) -> Any:
        found = self._functions.get((instance, name))
        if found is None:
            assert self.store is not None
            outer = self.instance.get_export_index(self.store, instance)
            inner = self.instance.get_export_index(self.store, name, outer)
            assert inner is not None
            function = self.instance.get_func(self.store, inner)
            assert function is not None
            found = self._functions[instance, name] = function._func
        return found

    def _define(self, batch: Batch) -> None:
        with self.linker.root() as root, root.add_instance(HOST) as host:
            for each in batch.echoes:
                callback = c.wasmtime_component_func_callback_t(self._host_function(each.type))
                self._kept.append(callback)
                name = each.name.encode()
                buffer = ctypes.create_string_buffer(name)
                error = c.wasmtime_component_linker_instance_add_func(host.ptr(), buffer, len(name), callback, None, _forgotten)
                if error:
                    raise wasmtime.WasmtimeError._from_ptr(error)

    def _host_function(self, type: t.FuncType) -> Any:
        kinds = [kind for _, kind in type.parameters]

        def function(env: Any, context: Any, kind: Any, arguments: Any, count: int, results: Any, answers: int) -> int:
            try:
                values = tuple([cvalues.take(each, arguments[place]) for place, each in enumerate(kinds)])
                self.received.append(values)
                if type.result is not None:
                    cvalues.put(type.result, answer(type, values), results[0])
                return 0
            except BaseException as error:
                self.failed = error
                return int(ctypes.cast(c.wasmtime_error_new(b"failed"), c_void_p).value or 0)

        return function


@CFUNCTYPE(None, c_void_p)  # type: ignore[untyped-decorator]
def _forgotten(env: Any) -> None:
    """Nothing is to be freed: the callbacks live as long as the batch."""


def make_engine() -> wasmtime.Engine:
    """An engine for many batches, with what isn't on unless it is asked for."""
    config = wasmtime.Config()
    c.wasmtime_config_wasm_component_model_map_set(config.ptr(), True)
    return wasmtime.Engine(config)
