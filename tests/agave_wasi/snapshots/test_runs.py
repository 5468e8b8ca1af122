"""What runs of every kind have in common."""

from __future__ import annotations

import pytest

from agave_wasi import World
from agave_wasi.result import Result
from agave_wasi.snapshots import Snapshot, SnapshotError
from agave_wasi.snapshots.points import Point, Reached
from agave_wasi.snapshots.runs import Run
from agave_wasi.streams import standard_streams


def run(at: str | None = None, **settings: int) -> Run:
    world = World(engine="x86", **settings)  # type: ignore[arg-type]
    devices = standard_streams(b"left", None, None, False)
    return Run(world, world.new_process(["p"], *devices), devices, True, False, Point(at) if at is not None else None)


def empty(made: Run) -> Snapshot:
    return made.snapshot({"store": {}}, {}, False, [])


def test_who_counts_instructions() -> None:
    assert not run().counts(None) and not run("call:f").counts(None)
    assert run("icount:1").counts(None) and run(clock_ips=5).counts(None)
    made = run()
    counted = made.snapshot({}, {}, True, [])
    assert made.counts(counted) and not made.counts(empty(made))


def test_a_result_of_what_ended_and_of_what_was_stopped() -> None:
    made = run("call:f")
    assert made.told(lambda: Result(3), lambda: empty(made)).exit_code == 3

    def stopped() -> Result:
        raise Reached

    result = made.told(stopped, lambda: empty(made))
    assert (result.ended_by, result.message) == ("snapshot", "stopped at call:f")
    assert result.snapshot is not None and result.snapshot.stdin == b"left" and result.snapshot.point == "call:f"


def test_one_program_alone() -> None:
    made = run()
    made.require_alone()
    made.world.kernel.new_process([b"other"], [])
    with pytest.raises(SnapshotError, match="a snapshot has one alone"):
        made.require_alone()


def test_a_clock_by_instructions_goes_on_from_those_that_were() -> None:
    made = run(clock_ips=1_000_000_000)
    made.set_clock(77)
    assert made.world.kernel.clock.monotonic() == 77
    for wrong in (None, -1, 1 << 63, "7"):
        with pytest.raises(SnapshotError, match="how many instructions have moved the clock"):
            made.set_clock(wrong)
    run().set_clock(None)
