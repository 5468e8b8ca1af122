"""`agave-wasi inspect`: what a module needs, and why it couldn't run here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.binary import describe
from agave_wasi.cli.inspect import REFUSED_FEATURES, WITHOUT_MEMORY, main, unsatisfied
from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.capi import to_wasm
from agave_wasi.loader import engine_for
from agave_wasi.preview1.interface import Preview1, function_names


def test_inspect(agave: Any) -> None:
    said = agave("inspect", "keep.wat").stdout.decode()
    for text in ("imports from wasi_snapshot_preview1", "path_open", "a command", "nothing: everything"):
        assert text in said
    said = " ".join(agave("inspect", "missing.wat").stdout.decode().split())
    assert "-sPURE_WASI" in said and "did you mean fd_read?" in said and "exports no memory named memory" in said
    assert b"(i64) -> nothing" in agave("inspect", "mistyped.wat").stdout
    assert b"component: 8 bytes" in agave("inspect", "component.wat").stdout


def test_inspect_json_says_what_a_run_would(agave: Any) -> None:
    found = json.loads(agave("inspect", "--json", "missing.wat").stdout)
    said = agave("run", "missing.wat").stderr.decode()
    assert [each["name"] for each in found["imports"]] == ["emscripten_notify_memory_growth", "fd_raed"]
    assert all(line in said for line in found["unsatisfied"] if "." in line.split()[0])
    assert json.loads(agave("inspect", "--json", "hello.wat").stdout)["unsatisfied"] == []


def test_refused_features_are_what_the_engine_refuses() -> None:
    engine = engine_for(EngineConfig())
    refused = {
        "exceptions-legacy": "(module (func try catch_all end))",
        "custom-page-sizes": "(module (memory 1 (pagesize 1)))",
    }
    assert refused.keys() <= REFUSED_FEATURES.keys()
    for text in refused.values():
        with pytest.raises(EngineError):
            engine.compile(to_wasm(text.encode()))


def problems(text: str) -> list[str]:
    wasm = to_wasm(text.encode())
    return unsatisfied(wasm, describe(wasm, features=True))


WRITES = '(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(module)", ""),
        (f"(module {WRITES} (memory (export \"memory\") 1))", ""),
        ('(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))', ""),  # needs no memory
        (f"(module {WRITES} (memory 1))", "exports no memory named memory"),
        (f"(module {WRITES} (func (export \"memory\")))", "exports no memory named memory"),
        (f"(module {WRITES} (memory (export \"memory\") i64 1))", "64-bit addresses"),
        ("(module (memory 1 (pagesize 1)))", "the feature custom-page-sizes is off"),
        ('(module (import "mine" "f" (func)))', "--preload mine=FILE.wasm"),
    ],
)
def test_what_can_not_be_had_here(text: str, said: str) -> None:
    found = problems(text)
    assert len(found) == (1 if said else 0)
    assert said in "".join(found)


def test_functions_that_need_no_memory_are_some_of_preview_1() -> None:
    assert set(function_names(Preview1)) >= WITHOUT_MEMORY


def test_features_of_function_bodies_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.wat").write_text("(module (func (drop (i32.extend8_s (i32.const 1)))))")
    assert main([str(tmp_path / "x.wat")]) == 0
    assert "sign-extension" in capsys.readouterr().out
