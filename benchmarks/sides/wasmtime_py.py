"""wasmtime-py's own WASI as a side: `python -m benchmarks.sides.wasmtime_py FOLDER`, with FOLDER as the guest's `/`."""

from __future__ import annotations

import sys
from collections.abc import Callable

import wasmtime

from .protocol import Exports, serve

ARGUMENTS = ["bench", "one", "two"]
ENVIRONMENT = [("LANG", "C"), ("PATH", "/bin")]


def exported(store: wasmtime.Store, function: wasmtime.Func) -> Callable[[int, int], int]:
    """The export as a plain function of two ints."""

    def call(count: int, fd: int) -> int:
        answer = function(store, count, fd)
        assert isinstance(answer, int)
        return answer

    return call


def load_in(folder: str) -> Callable[[str], Exports]:
    """A loader of modules whose worlds all have `folder` as `/`."""
    engine = wasmtime.Engine()

    def load(path: str) -> Exports:
        wasi = wasmtime.WasiConfig()
        wasi.argv = ARGUMENTS
        wasi.env = ENVIRONMENT
        wasi.preopen_dir(folder, "/")
        store = wasmtime.Store(engine)
        store.set_wasi(wasi)
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        found = linker.instantiate(store, wasmtime.Module.from_file(engine, path)).exports(store)
        functions = {name: value for name, value in found.items() if isinstance(value, wasmtime.Func)}
        initialize = functions.pop("_initialize", None)
        if initialize is not None:
            initialize(store)
        return {name: exported(store, function) for name, function in functions.items()}

    return load


if __name__ == "__main__":
    serve(load_in(sys.argv[1]))
