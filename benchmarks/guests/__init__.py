"""The guests of the benchmark, made afresh into a folder: the generated one, and those in C by PyPI's ziglang."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import wasmtime

from ..guest import module_text

HERE = Path(__file__).parent
COMMON = ("-target", "wasm32-wasi", "-std=gnu17", "-O2", "-s", "-Wl,-z,stack-size=131072")


class CannotBuild(Exception):
    """A guest in C could not be compiled; the text says why."""


def build_calls(folder: Path) -> Path:
    """The guest of the measured calls."""
    module = folder / "bench.wasm"
    module.write_bytes(wasmtime.wat2wasm(module_text()))
    return module


def build_c(folder: Path, name: str, *options: str) -> Path:
    """A guest in C; errors: CannotBuild."""
    module = folder / f"{name}.wasm"
    command = [sys.executable, "-m", "ziglang", "cc", *COMMON, *options, "-o", str(module), str(HERE / f"{name}.c")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise CannotBuild(f"{name}.c: {lines[-1] if lines else 'no word from the compiler'}")
    return module


def build_mixed(folder: Path) -> Path:
    """The program that mixes calls, a reactor; errors: CannotBuild."""
    return build_c(folder, "mixed", "-mexec-model=reactor")


def build_hello(folder: Path) -> Path:
    """The program that says hello; errors: CannotBuild."""
    return build_c(folder, "hello")
