"""Guests for the tests of `agave_wasi.binary`: compiled C with debug information, and text assembled on the spot."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Assemble = Callable[[str], bytes]

SOURCE = """\
#include <stdio.h>

static inline __attribute__((always_inline)) int inner(volatile int *p) {
  return *p + 1;
}

static __attribute__((noinline)) int middle(int n) {
  volatile int *p = (volatile int *)(n * 0x10000000);
  return inner(p);
}

int main(int argc, char **argv) {
  printf("%d\\n", middle(argc + 6));
  return 0;
}
"""

TEXTS = {
    "empty": "(module)",
    "memory": '(module (memory (export "memory") 1 3))',
    "imports": """(module
        (import "env" "memory" (memory 2 100))
        (import "env" "table" (table 4 funcref))
        (import "env" "counter" (global (mut i64)))
        (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        (func (export "run") (param f64) (result f32) (f32.const 1)) (export "again" (func 0))
        (export "t" (table 0)) (export "g" (global 0)))""",
    "multi-value": '(module (func (export "two") (result i32 i64) (i32.const 1) (i64.const 2)))',
    "shared": "(module (memory 1 4 shared))",
    "memory64": '(module (memory (export "m") i64 1 65537) (data (i64.const 8) "hello"))',
    "references": '(module (table (export "t") 1 10 externref) (global (export "g") (mut funcref) (ref.null func)))',
    "two memories": '(module (memory (export "a") 1) (memory (export "b") 2))',
    "data": '(module (memory 1) (data (i32.const 4) "one") (data "two") (global i32 (i32.const 7)) (start 0) (func))',
    "tag": '(module (tag $t (export "t") (param i32)) (func (throw $t (i32.const 1))))',
}


@pytest.fixture(scope="session")
def assemble() -> Assemble:
    """A function from WebAssembly text to bytes."""
    wasmtime = pytest.importorskip("wasmtime")
    return lambda text: bytes(wasmtime.wat2wasm(text))


@pytest.fixture(scope="session")
def texts(assemble: Assemble) -> dict[str, bytes]:
    """The modules of TEXTS."""
    return {name: assemble(text) for name, text in TEXTS.items()}


@pytest.fixture(scope="session", params=["-gdwarf-4", "-gdwarf-5"])
def guest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """SOURCE compiled to wasm32-wasi with debug information of versions 4 and 5; the file is named traps.c."""
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("needs ziglang to compile C")
    folder: Path = tmp_path_factory.mktemp("guest")
    (folder / "traps.c").write_text(SOURCE)
    command = [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-wasi", "-O1", request.param]
    subprocess.run([*command, "-o", "traps.wasm", "traps.c"], cwd=folder, check=True)
    return (folder / "traps.wasm").read_bytes()


@pytest.fixture(scope="session")
def modules(texts: dict[str, bytes], guest: bytes) -> dict[str, bytes]:
    """All of them by name."""
    return {**texts, "guest": guest}
