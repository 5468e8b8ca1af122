"""Tracefiles: offsets where there is no DWARF, lines of the source where there is, and damage that spoils nothing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from agave_wasi import World
from agave_wasi.binary.reader import sections
from agave_wasi.profiling.coverage import Coverage, modules
from agave_wasi.profiling.lcov import tracefile
from agave_wasi.profiling.places import Places
from agave_wasi.streams import standard_streams
from tests.agave_wasi.guests import modelled, wat

SOURCE = """\
__attribute__((noinline)) static int twice(int n) {
  return n * 2;
}
__attribute__((noinline, used)) static int never(int n) {
  return n * 3;
}
int choose(volatile int n) {
  int sum = 0;
  for (int at = 0; at < n; at++)
    sum += twice(at);
  if (n > 100)
    sum += never(n);
  return sum;
}
"""


def traced(wasm: bytes, name: str, *arguments: int) -> list[str]:
    world = World(engine="x86")
    program = world.load(wasm)
    guest = world.start(["program"], *standard_streams(b"", None, None, False))
    places = Places(modelled(guest.store))
    coverage = Coverage(places)
    assert world.run_guest(guest, program, None, (name, arguments)).ok
    return tracefile([("a\nb.wasm", each) for each in modules(places, coverage.counts())]).splitlines()


def counts(lines: list[str]) -> list[tuple[int, int]]:
    """Lines, and how often they ran."""
    pairs = (line[3:].split(",") for line in lines if line.startswith("DA:"))
    return [(int(line), int(count)) for line, count in pairs]


def test_offsets_as_lines() -> None:
    wasm = wat('(module (func $a (export "a") (call $b)) (func $b (drop (i32.const 1))) (func $c (call $a)))')
    lines = traced(wasm, "a")
    assert lines[:2] == ["TN:", "SF:a\\nb.wasm"] and lines[-1] == "end_of_record"
    assert [line.partition(",")[2] for line in lines if line.startswith("FN:")] == ["a", "b", "c"]
    told = [line for line in lines if line.startswith(("FNDA", "FNF", "FNH"))]
    assert told == ["FNDA:1,a", "FNDA:1,b", "FNDA:0,c", "FNF:3", "FNH:2"]
    data = counts(lines)
    code = next(each for each in sections(wasm) if each.id == 10)
    assert data == sorted(data) and all(code.start < offset < code.end for offset, _ in data)
    assert f"LF:{len(data)}" in lines and f"LH:{sum(1 for _, count in data if count)}" in lines
    assert {count for _, count in data} == {0, 1}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """SOURCE with debug information."""
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("no ziglang here")
    folder: Path = tmp_path_factory.mktemp("lcov")
    (folder / "choose.c").write_text(SOURCE)
    command = [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-freestanding", "-O1", "-g", "-nostdlib",
               "-Wl,--no-entry", "-Wl,--export=choose", "choose.c", "-o", "choose.wasm"]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return (folder / "choose.wasm").read_bytes()


def test_lines_of_the_source(compiled: bytes) -> None:
    lines = traced(compiled, "choose", 6)
    (path,) = [line[3:] for line in lines if line.startswith("SF:") and line.endswith("choose.c")]
    record = lines[lines.index(f"SF:{path}") :]
    data = dict(counts(record[: record.index("end_of_record")]))
    assert data[2] == 6 and data[5] == data[12] == 0 and data[10] == 6 and data[13] == 1
    assert {"FNDA:6,twice", "FNDA:0,never", "FNDA:1,choose"} <= set(record)


def test_damaged_dwarf_leaves_offsets(compiled: bytes) -> None:
    debug = next(each for each in sections(compiled) if each.name == ".debug_info")
    broken = bytearray(compiled)
    broken[debug.start + 40 : debug.end] = b"\xff" * (debug.end - debug.start - 40)
    lines = traced(bytes(broken), "choose", 6)
    assert "SF:a\\nb.wasm" in lines and lines[-1] == "end_of_record"
