"""Worlds as bytes: what comes back goes on as the first would have; anything else is refused."""

from __future__ import annotations

from agave_wasi import World
from tests.agave_wasi.guests import COPIES, ENVIRONMENT, RANDOM, sleeps, wat


def test_snapshots_between_runs() -> None:
    world = World({"/in.txt": "a", "/dir/x": ""}, seed=3, env={"A": "1"})
    world.run(wat(COPIES))
    data = world.snapshot()
    restored = World.restore(data)
    assert dict(restored.files) == dict(world.files)
    for program in (wat(RANDOM), wat(ENVIRONMENT), sleeps(5), wat(COPIES)):
        one, other = world.run(program, trace=True), restored.run(program, trace=True)
        assert (one.stdout, one.trace, one.exit_code) == (other.stdout, other.trace, other.exit_code)


def test_a_world_that_was_restored_keeps_its_timeouts() -> None:
    world = World(timeout=0.1, realtime=True)
    restored = World.restore(world.snapshot())
    assert restored.run(sleeps(60 * 10**9)).ended_by == "timeout"
