"""The entry point: commands found, exit codes, and little imported."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.main import COMMANDS, main
from agave_wasi.engines.capi import to_wasm
from tests.agave_wasi.guests import ROOT


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
             "lark", "agave_wasi.files", "agave_wasi.explain", "agave_wasi.cli.building", "agave_wasi.cli.help"}  # fmt: skip
    assert not heavy & set(modules)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_module_of_its_name(name: str) -> None:
    assert callable(import_module(f"agave_wasi.cli.{name}").main)


def test_whatever_happens_is_an_exit_code(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0 and capfd.readouterr().out.startswith("agave-wasi ")
    assert main(["nonsense"]) == 2
    for error, code in ((KeyboardInterrupt(), 130), (BrokenPipeError(), 141), (Failure("no"), 125), (ZeroDivisionError(), 125)):
        monkeypatch.setattr("agave_wasi.cli.main.dispatch", Mock(side_effect=error))
        assert main(["run", "x"]) == code


def test_streams_that_are_closed_are_opened_on_nothing() -> None:
    script = (
        "import os; os.close(0); os.close(2); from agave_wasi.cli.main import open_missing_streams as opens; opens();"
        "print(os.read(0, 1), os.open(os.devnull, os.O_RDONLY) > 2)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True).stdout == b"b'' True\n"
