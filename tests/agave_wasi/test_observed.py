"""A world that remembers its last runs, and what it tells about them."""

from __future__ import annotations

from agave_wasi.observed import KEPT_EVENTS, ObservedWorld
from tests.agave_wasi.guests import imported, wat


def test_only_the_last_calls_are_kept_unless_asked() -> None:
    text = f"""(module {imported("sched_yield")} (func (export "_start") (local $n i32)
      (loop $l (drop (call $sched_yield))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3000))))))"""
    with ObservedWorld() as world:
        assert len(world.run(wat(text)).trace) == KEPT_EVENTS
        assert len(world.run(wat(text), trace=True).trace) == 3000
        assert world.run(wat(text), trace=False).trace == []
        titles = [title for title, _ in world.observations()]
        assert titles == ["wasi: the module"] * 3
        assert "last 15 host calls:" in world.observations()[0][1]
