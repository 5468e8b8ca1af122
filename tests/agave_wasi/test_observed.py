"""A world that remembers its last runs, and what it tells about them."""

from __future__ import annotations

import pytest

from agave_wasi import GuestTrap
from agave_wasi.observed import KEPT_EVENTS, KEPT_RUNS, SHOWN_CALLS, SHOWN_LINES, ObservedWorld
from tests.agave_wasi.guests import imported, prints, wat


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


def test_the_last_runs_are_remembered_with_their_arguments_and_ends() -> None:
    with ObservedWorld() as world:
        for code in range(KEPT_RUNS + 2):
            world.run(prints("", code), [f"run{code}", b"\xff"])
        titles, texts = zip(*world.observations())
        assert titles == tuple(f"wasi: the module run{code} b'\\xff'" for code in (2, 3, 4))
        assert [text.splitlines()[0] for text in texts] == ["exited with 2", "exited with 3", "exited with 4"]


def test_only_the_end_of_a_long_output_is_shown() -> None:
    lines = [f"line {number}" for number in range(SHOWN_LINES + 3)]
    with ObservedWorld() as world:
        world.run(prints("\n".join(lines)))
        ((_, text),) = world.observations()
    shown = text.splitlines()
    assert "    ... 3 lines before" in shown and "    line 3" in shown and "    line 2" not in shown
    assert "stderr: empty" in shown


def test_a_trap_of_a_live_instance_finds_its_names() -> None:
    with ObservedWorld() as world:
        guest = world.instantiate(wat('(module (func $broken (export "f") unreachable))'))
        with pytest.raises(GuestTrap) as trap:
            guest.call("f")
        ((title, text),) = world.observations(trap.value)
        assert title == "wasi: trap: unreachable" and "broken" in text
        assert world.observations(ValueError()) == []


@pytest.mark.parametrize(("count", "title"), [(15, "host calls:"), (16, "last 15 host calls:")])
def test_whether_more_calls_were_made_is_told(count: int, title: str) -> None:
    calls = " ".join(["(drop (call $sched_yield))"] * count)
    with ObservedWorld() as world:
        world.run(wat(f'(module {imported("sched_yield")} (func (export "_start") {calls}))'))
        ((_, text),) = world.observations()
    lines = text.splitlines()
    assert title in lines and len(lines) - lines.index(title) - 1 == SHOWN_CALLS
