"""Profiles: exact sums, recursion counted once, the same in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi import World
from tests.agave_wasi.profiling.measured import CALLS, FIB, calling, profiled

SUITE = Path(__file__).resolve().parents[3] / "conformance" / "suites"
GUESTS = ("preview1/append", "preview1/as_strings", "preview1/environ_values")


def test_recursion() -> None:
    profiler, result = profiled(FIB, 15, name="fib")
    (row,) = profiler.rows()
    assert result.values == (610,) and row.calls == 2 * 987 - 1
    assert row.own == row.total == profiler.total - profiler.tree.root.own
    assert max(node.depth for node in profiler.tree.walk()) == 15


def test_totals_are_of_outermost_calls() -> None:
    profiler, _ = profiled(CALLS, name="main", world=calling())
    rows = {row.place.name: row for row in profiler.rows()}
    assert rows["main"].total == profiler.total - profiler.tree.root.own
    inner = rows["inner"]
    assert inner.total == inner.own + rows["host.fail"].total + 2 * rows["leaf"].own // 5
    assert rows["leaf"].calls == 5 and rows["host.again"].calls == 2


@pytest.mark.parametrize("name", GUESTS)
def test_real_programs_add_up_to_what_is_counted(name: str) -> None:
    path = str(SUITE / f"{name}.wasm")
    counted = World(engine="x86", icount=True).run(path)
    profiler, result = profiled(path)
    assert profiler.total == counted.instructions and result.exit_code == counted.exit_code
    assert sum(row.own for row in profiler.rows()) + profiler.tree.root.own == profiler.total
    again, _ = profiled(path)
    assert [(row.place.name, row.own, row.total, row.calls) for row in again.rows()] == [
        (row.place.name, row.own, row.total, row.calls) for row in profiler.rows()
    ]


def test_a_trap_ends_a_profile_and_spoils_nothing() -> None:
    profiler, result = profiled('(module (func $in unreachable) (func (export "go") (call $in)))', name="go")
    assert result.ended_by == "trap"
    assert [row.place.name for row in profiler.rows()][-1] in ("go", "in", "trap")
    assert sum(node.own for node in profiler.tree.walk()) == profiler.total
