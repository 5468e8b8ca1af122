"""The corpus's reference: it takes the options that `agave-wasi run` takes, and says how a program ended."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("wasmtime")

from agave_wasi.engines.capi import to_wasm
from conformance.corpus.reference_runner import TRAPPED, UNUSABLE, main, parse_directory
from tests.agave_wasi.cli.conftest import PROGRAMS
from tests.conformance.made import EXTRA


def program(folder: Path, name: str) -> str:
    path = folder / f"{name}.wasm"
    path.write_bytes(to_wasm((PROGRAMS.get(name) or EXTRA.get(name) or name).encode()))
    return str(path)


def test_folders_of_the_command_line() -> None:
    assert parse_directory("/a::/b") == {"host": "/a", "guest": "/b", "mode": "rw"}
    assert parse_directory("/a::/b:ro") == {"host": "/a", "guest": "/b", "mode": "ro"}
    assert parse_directory("/a") == {"host": "/a", "guest": "/a", "mode": "rw"}


def test_it_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([program(tmp_path, "hello")]) == 0
    assert capfd.readouterr().out == "hello\n"
    assert main([program(tmp_path, "seven")]) == 7
    folder = tmp_path / "folder"
    folder.mkdir()
    assert main(["--dir", f"{folder}::/", program(tmp_path, "keep")]) == 0
    assert (folder / "out.txt").read_text() == "words"


def test_endings(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trap.wasm"
    path.write_bytes(to_wasm(b'(module (func (export "_start") unreachable))'))
    assert main([str(path)]) == TRAPPED
    assert "reference runner: " in capfd.readouterr().err
    path.write_bytes(b"nothing")
    assert main([str(path)]) == UNUSABLE
    assert main([str(tmp_path / "gone.wasm")]) == UNUSABLE
    path.write_bytes(to_wasm(b'(module (import "env" "f" (func)) (func (export "_start")))'))
    assert main([str(path)]) == UNUSABLE


def test_compiled_code_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AGAVE_CORPUS_COMPILED", str(tmp_path / "kept"))
    path = program(tmp_path, "hello")
    assert main(["--compile", path]) == 0
    assert capfd.readouterr().out == ""
    (kept,) = (tmp_path / "kept").iterdir()
    assert kept.suffix == ".cwasm" and kept.stat().st_size
    assert main([path]) == 0
    assert capfd.readouterr().out == "hello\n"
