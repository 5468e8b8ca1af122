"""The fuzzer's guest on wasmtime-py's own WASI: a fresh temporary folder as its `/`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from ctypes import POINTER, addressof, c_void_p, cast
from functools import cache
from pathlib import Path
from time import time_ns

import wasmtime
from wasmtime import _bindings

from conformance.calls.trees import Snapshot, of_folder
from conformance.fuzz.guest import wasm
from conformance.fuzz.ours import ENV
from conformance.fuzz.side import Direct, Ended


@cache
def engine_and_module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The guest, which all sides instantiate."""
    engine = wasmtime.Engine()
    return engine, wasmtime.Module(engine, wasm())


class Reference(Direct):
    """wasmtime's side, with everything in a folder of its own below `within`."""

    title = "wasmtime"

    def __init__(self, argv: Sequence[str], within: str | None = None) -> None:
        self.argv = argv
        self.began = time_ns()
        self.folder = Path(tempfile.mkdtemp(prefix="agave-wasi-fuzz-", dir=within))
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _start(self) -> None:
        self.root = self.folder / "root"
        self.root.mkdir()
        stdin = self.folder / "stdin"
        stdin.touch()
        config = wasmtime.WasiConfig()
        config.argv, config.env = self.argv, ENV.items()
        config.stdin_file = str(stdin)
        config.stdout_file, config.stderr_file = str(self.folder / "stdout"), str(self.folder / "stderr")
        config.preopen_dir(str(self.root), "/")
        engine, module = engine_and_module()
        self.store = wasmtime.Store(engine)
        self.store.set_wasi(config)
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        self.instance = linker.instantiate(self.store, module)
        self.exports = self.instance.exports(self.store)
        self.functions: dict[str, wasmtime.Func] = {}
        memory = self.exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        base = cast(memory.data_ptr(self.store), c_void_p).value or 0
        super().__init__(cast(self.store._context(), c_void_p).value or 0, base)

    def address(self, name: str) -> int:
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func)
        self.functions[name] = function  # kept, for the address is one inside of it
        return addressof(function._func)

    def ending(self, trap: int | None, error: int | None) -> Ended:
        if error:
            found: Exception = wasmtime.WasmtimeError._from_ptr(cast(error, POINTER(_bindings.wasmtime_error_t)))
        else:
            found = wasmtime.Trap._from_ptr(cast(trap or 0, POINTER(_bindings.wasm_trap_t)))
        if isinstance(found, wasmtime.ExitTrap):
            return Ended("exit", code=found.code)
        return Ended("trap", str(found).strip().rpartition("\n")[2].strip())

    @property
    def span(self) -> tuple[int, int]:
        """When files of this run can have been touched."""
        return self.began, self.began + 10**15

    def tree(self) -> Snapshot:
        return of_folder(self.root)

    def close(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder, onerror=_unlock)


def _unlock(function: object, path: str, _: object) -> None:
    """A name that can't be removed: a folder in the way of itself (it may have been made unreadable)."""
    parent = Path(path).parent
    parent.chmod(0o700)
    target = Path(path)
    if target.is_dir() and not target.is_symlink():
        target.chmod(0o700)
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
