"""A core module made a command: it is in the component as it was, and the component runs on the reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi.binary.outline import outline
from agave_wasi.engines.capi import to_wasm
from conformance.components.build import CORE_MODULE, PREAMBLE, RUN, command, put_in
from conformance.components.wasi import interfaces

CORE = f"""(module
  (import "env" "memory" (memory 1))
  (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $get (result i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop (param i32)))
  (data (i32.const 64) "made here\\n")
  (func (export "{RUN}#run") (result i32) (local $out i32)
    (local.set $out (call $get))
    (call $write (local.get $out) (i32.const 64) (i32.const 10) (i32.const 16))
    (call $drop (local.get $out))
    (i32.load8_u (i32.const 16))))"""


def sections(data: bytes) -> list[tuple[int, bytes]]:
    """A component's sections; the numbers here have one or two bytes."""
    found, at = [], len(PREAMBLE)
    while at < len(data):
        kind, size, at = data[at], data[at + 1], at + 2
        if size > 127:
            size, at = size - 128 + data[at] * 128, at + 1
        found.append((kind, data[at : at + size]))
        at += size
    return found


def test_the_module_is_in_it_as_it_was() -> None:
    core = to_wasm(CORE.encode())
    parts = sections(command(core, interfaces()))
    assert [data for kind, data in parts if kind == CORE_MODULE][1:] == [core]
    assert all(kind for kind, _ in parts)  # no custom sections: names of the text


def test_it_runs_on_the_reference(tmp_path: Path) -> None:
    wasmtime = pytest.importorskip("wasmtime")
    wasmtime_component = pytest.importorskip("wasmtime.component")
    from conformance.adapters.wasmtime_component import run_component

    engine, config = wasmtime.Engine(), wasmtime.WasiConfig()
    config.stdout_file = str(tmp_path / "out")
    made = wasmtime_component.Component(engine, command(to_wasm(CORE.encode()), interfaces()))
    assert run_component(made, engine, config) == 0
    assert (tmp_path / "out").read_text() == "made here\n"


def test_another_import_is_refused() -> None:
    with pytest.raises(KeyError):
        command(to_wasm(b'(module (import "a" "b" (func)))'), interfaces())


def test_a_large_module_takes_a_longer_number() -> None:
    core = to_wasm(f'(module (memory 1) (data (i32.const 0) "{"x" * 20000}"))'.encode())
    data = put_in(to_wasm(b"(component (core module) (core module))"), core)
    assert data.endswith(core) and data.startswith(PREAMBLE)
    assert not outline(core).imports
