"""A command component on wasmtime's own WASI 0.2, within the child process that runs one guest (`wasmtime_child`)."""

from __future__ import annotations

import wasmtime
from wasmtime.component import Component, Linker

from conformance.adapters.job import GuestRefused, GuestTrapped

RUN = "wasi:cli/run@0.2."
VERSIONS = range(20, -1, -1)
"""Patch releases that a component may export `run` of."""
MISSING = ("was not found in the linker", "has the wrong type", "implementation is missing")


def run_component(made: Component, engine: wasmtime.Engine, config: wasmtime.WasiConfig) -> int:
    """Run a component that is compiled; 0 or 1 as `run` returns, or its exit code. GuestTrapped, GuestRefused."""
    store = wasmtime.Store(engine)
    store.set_wasi(config)
    store.set_wasi_http()
    linker = Linker(engine)
    linker.add_wasip2()
    linker.add_wasi_http()
    try:
        instance = linker.instantiate(store, made)
        interface = next((each for version in VERSIONS if (each := instance.get_export_index(store, f"{RUN}{version}"))), None)
        if interface is None:
            raise GuestRefused("the component exports no wasi:cli/run of 0.2")
        index = instance.get_export_index(store, "run", interface)
        run = instance.get_func(store, index) if index is not None else None
        if run is None:
            raise GuestRefused("the component's wasi:cli/run has no function run")
        result = run(store)
    except wasmtime.ExitTrap as error:
        return error.code
    except wasmtime.Trap as error:
        raise GuestTrapped(str(error)) from None
    except wasmtime.WasmtimeError as error:
        if any(words in str(error) for words in MISSING):
            raise GuestRefused(str(error)) from None
        raise GuestTrapped(str(error)) from None
    return int(getattr(result, "tag", "ok") != "ok")
