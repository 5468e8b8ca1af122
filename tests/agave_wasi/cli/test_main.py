"""The entry point: commands found, exit codes, and little imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agave_wasi.engines.capi import to_wasm


def test_a_plain_run_imports_little(agave: Any) -> None:
    """What takes long to import, and what a plain run has no use for, stays out."""
    agave("run", "hello.wat")  # cached from now on
    script = (
        "import sys, os; sys.argv = ['agave-wasi', 'run', 'hello.wat']; before = set(sys.modules)\n"
        "os._exit = lambda code: print(*sorted(set(sys.modules) - before), code)\n"
        "from agave_wasi.cli.main import main; main()"
    )
    agave.words = [agave.words[0], "-S", "-c", script]
    (agave.folder / "hello.wasm").write_bytes(to_wasm((agave.folder / "hello.wat").read_bytes()))
    result = agave("", PYTHONPATH=f"{agave.environment['PYTHONPATH']}:{Path(pytest.__file__).parents[1]}")
    assert result.stdout.startswith(b"hello\n"), result.stderr
    *modules, code = result.stdout.decode().split()[1:]
    assert code == "0"
    heavy = {"re", "enum", "typing", "dataclasses", "json", "pathlib", "inspect", "hashlib", "argparse", "rich", "wasmtime",
             "agave_wasi.files", "agave_wasi.explain", "agave_wasi.cli.building", "agave_wasi.cli.help"}  # fmt: skip
    assert not heavy & set(modules)
