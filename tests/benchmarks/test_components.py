"""The benchmark's component does what its rows say, on both sides; and a row is compared with what it stands against."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.component_guest import LOOPS, component_bytes
from benchmarks.components import CALLS, select_component_calls
from benchmarks.results import AGAVE, FIRST, WASMTIME, Row
from benchmarks.sides import component_agave, component_wasmtime
from benchmarks.sides.protocol import Exports
from benchmarks.wanted import WANTED


@pytest.fixture(params=["agave", "wasmtime"])
def exports(request: pytest.FixtureRequest, tmp_path: Path) -> Exports:
    component = tmp_path / "component.wasm"
    component.write_bytes(component_bytes())
    root = tmp_path / "root"
    root.mkdir()
    load = component_agave.load if request.param == "agave" else component_wasmtime.load_in(str(root))
    return load(str(component))


@pytest.mark.parametrize("loop", LOOPS)
def test_no_call_fails(exports: Exports, loop: str) -> None:
    turns = 2 if loop in ("consume", "produce") else 300  # a stream is begun anew after 256
    assert exports[loop](turns, 0) == 0


@pytest.mark.parametrize("name", ["swap", "forward"])
def test_records_come_back(exports: Exports, name: str) -> None:
    assert exports[name](2, 0) == 0


def test_rows_are_promised() -> None:
    assert {each.name for each in CALLS} <= WANTED.keys()
    assert len(select_component_calls(["components"])) == len(CALLS)
    assert [each.export for each in select_component_calls(["descriptor.read"])] == ["read"]


def test_a_row_is_compared_with_what_it_stands_against() -> None:
    row = Row("whole processes", "a second instance of it", "ms", {AGAVE: 10.0, FIRST: 40.0, WASMTIME: 1.0}, against=FIRST)
    assert row.speed_up == 4.0
    assert row.met is False
