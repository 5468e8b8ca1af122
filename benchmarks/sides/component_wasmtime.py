"""wasmtime-py's component API, with its own WASI 0.2, as a side: `python -m benchmarks.sides.component_wasmtime FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import wasmtime
from wasmtime.component import Component, Linker, Record

from benchmarks.component_guest import CALLS, LARGE, LOOPS
from benchmarks.sides.protocol import Exports, repeated, serve


def consume(store: object, data: bytes) -> None:
    """Take a list."""


def produce(store: object, data: bytes = bytes(LARGE)) -> bytes:
    """Give a list."""
    return data


def swap(store: object, point: Any) -> Record:
    """Give a record for a record."""
    return record(point.y, point.x)


def record(x: int, y: int) -> Record:
    """A point."""
    found: Any = Record()
    found.x, found.y = x, y
    return found  # type: ignore[no-any-return]


def load_in(folder: str) -> Callable[[str], Exports]:
    """A loader of components whose worlds all have `folder` as `/`."""
    engine = wasmtime.Engine()

    def load(path: str) -> Exports:
        wasi = wasmtime.WasiConfig()
        wasi.preopen_dir(folder, "/")
        store = wasmtime.Store(engine)
        store.set_wasi(wasi)
        linker = Linker(engine)
        linker.add_wasip2()
        with linker.root() as root, root.add_instance(CALLS) as calls:
            for function in (consume, produce, swap):
                calls.add_func(function.__name__, function)
        instance = linker.instantiate(store, Component.from_file(engine, path))

        def exported(name: str) -> Callable[..., Any]:
            function = instance.get_func(store, name)
            assert function is not None

            def call(*values: Any) -> Any:
                result = function(store, *values)
                function.post_return(store)
                return result

            return call

        exported("setup")(0)
        loops = {name: exported(name) for name in LOOPS}
        return {name: lambda count, _, call=call: call(count) for name, call in loops.items()} | {
            name: repeated(exported(name), record(1, 2)) for name in ("swap", "forward")
        }

    return load


if __name__ == "__main__":
    serve(load_in(sys.argv[1]))
