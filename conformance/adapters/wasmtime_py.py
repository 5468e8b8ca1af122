"""wasmtime-py, the reference: wasmtime's own WASI, in a child process for each case."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

from conformance.adapters.base import Found, Missing
from conformance.adapters.job import ChildRuntime
from conformance.processes import python_command


class WasmtimePy(ChildRuntime):
    """wasmtime's WASI through its Python package."""

    name = "wasmtime-py"
    about = "wasmtime's own WASI, through its Python package"
    provides = frozenset(
        {"exit code", "unstable", "relative folders", "no folder", "stdin", "read-only folder", "conversation"}
        | {"component"}
    )

    def find(self) -> Found | Missing:
        try:
            return Found(version("wasmtime"), sys.executable)
        except PackageNotFoundError:
            return Missing("pip install wasmtime")

    def command(self) -> list[str]:
        return python_command("conformance.adapters.wasmtime_child")
