"""Counted instructions: how many a run takes, where it is stopped, and time that goes by them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines.x86 import call
from agave_wasi.saving import load_world
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / "conformance" / "suites" / "preview1"
COUNTS = ("access_mode", "append", "as_strings")
AGAIN = """import sys
from agave_wasi import World
print(World(engine="x86", icount=True).run(sys.argv[1]).instructions)"""


def counted(name: str, **settings: Any) -> Any:
    return World(engine="x86", icount=True, **settings).run(str(SUITE / f"{name}.wasm"))


@pytest.mark.parametrize("name", COUNTS)
def test_the_count_is_the_same_however_a_run_is_cut(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = counted(name)
    assert whole.ok and whole.instructions > 1000
    for slice in (777, 100_003):
        monkeypatch.setattr(call, "DEFAULT_SLICE", slice)
        cut = counted(name)
        assert (cut.instructions, cut.exit_code, cut.stdout) == (whole.instructions, 0, whole.stdout)


def test_it_is_the_same_in_another_process() -> None:
    path = str(SUITE / "append.wasm")
    done = subprocess.run([sys.executable, "-c", AGAIN, path], capture_output=True, text=True, cwd=ROOT, timeout=HANG)
    assert int(done.stdout) == counted("append").instructions


def test_a_run_stops_after_exactly_so_many() -> None:
    count = counted("append").instructions
    enough = counted("append", instructions=count)
    assert enough.ok and enough.instructions == count
    for limit in (count - 1, count // 2, 1, 0):
        stopped = counted("append", instructions=limit)
        assert (stopped.exit_code, stopped.ended_by, stopped.instructions) == (125, "limit", limit)
        assert stopped.message == f"the instructions limit of {limit} was reached"


def test_what_counts_nothing_says_nothing() -> None:
    assert World(engine="x86").run(str(SUITE / "append.wasm")).instructions is None
    for setting in ({"instructions": 5}, {"clock_ips": 5}, {"icount": True}):
        with pytest.raises(ValueError, match="engine='x86'"):
            World(**setting)
    with pytest.raises(ValueError, match="realtime"):
        World(engine="x86", clock_ips=5, realtime=True)


CLOCKS = """(module (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "after") (param $loops i32) (result i64)
    (loop $on (br_if $on (local.tee $loops (i32.sub (local.get $loops) (i32.const 1)))))
    (drop (call $time (i32.const 2) (i64.const 0) (i32.const 0))) (i64.load (i32.const 0))))"""


def test_time_goes_by_instructions() -> None:
    def after(world: World, loops: int) -> tuple[int, int]:
        result = world.run(CLOCKS.encode(), invoke=("after", (loops,)))
        assert result.ok and result.instructions is not None
        return result.values[0], result.instructions

    short, count = after(World(engine="x86", clock_ips=1000), 10)
    assert 0 < short < count * 1_000_000 and short % 1_000_000 == 0
    assert after(World(engine="x86", clock_ips=1000), 10) == (short, count)
    assert after(World(engine="x86", clock_ips=500), 10) == (2 * short, count)
    longer, more = after(World(engine="x86", clock_ips=1000), 1010)
    assert longer - short == (more - count) * 1_000_000 >= 1000 * 2 * 1_000_000
    world = World(engine="x86", clock_ips=1000)
    after(world, 10)
    again = load_world(world.snapshot())
    assert after(again, 10) == after(world, 10) == (short + count * 1_000_000, count)
