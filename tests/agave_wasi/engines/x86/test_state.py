"""A store's state: what is restored is what was captured, and nothing that couldn't be."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines.x86 import state
from agave_wasi.engines.x86.state import BadState
from agave_wasi.engines.x86.store import Store
from agave_wasi.program import Guest
from agave_wasi.running import load_program
from agave_wasi.streams import standard_streams
from tests.agave_wasi.guests import modelled, wat

PROGRAM = wat(
    """(module (memory (export "memory") 1 5) (memory 2) (table 3 40 funcref) (elem func $f) (elem func $f $f)
    (func $f (export "f") (drop (memory.grow (i32.const 2))) (drop (table.grow 0 (ref.null func) (i32.const 20)))
      (elem.drop 1)))"""
)


def guest(called: bool = False, **options: Any) -> Guest:
    world = World(engine="x86", **options)
    made = world.start(["p"], *standard_streams(b"", None, None, False))
    load_program(made, world.load(PROGRAM), {})
    if called:
        made.call("f")
    return made


def store(called: bool = False, **options: Any) -> Store:
    return modelled(guest(called, **options).store)


def test_what_was_captured_is_restored() -> None:
    one, other = store(True, icount=True), store(icount=True)
    saved = state.capture(one)
    assert saved["memories"] == [3, 2] and saved["tables"][0][0] == 23 and saved["segments"][0][1][1] == 0
    assert saved["count"] > 10
    assert state.layout(one) == state.layout(other)
    state.restore(other, saved)
    assert state.capture(other) == saved and state.used(other) == state.used(one)


def test_only_what_is_in_use_counts() -> None:
    found = store(True)
    sizes = state.sizes(found)
    assert sizes["memory 0"] == 3 << 16 and sizes["memory 1"] == 2 << 16 and sizes["arena"] < 1 << 20
    assert sizes["stack"] == found.stack.size and "stubs" not in sizes and "code 0" not in sizes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("arena", 0), ("arena", 1 << 60), ("arena", None), ("fuel", -1), ("count", 1 << 64), ("memories", [6, 2]),
        ("memories", [0, 2]), ("memories", [3]), ("memories", [3, "2"]), ("memories", None), ("tables", []),
        ("tables", [[2, 0, 3]]), ("tables", [[3, 0, 3]]), ("tables", [[50, 1 << 36, 50]]), ("tables", [[3, 1 << 60, 3]]),
        ("segments", [[]]), ("segments", [[[0, 1], [0, 2]]]), ("registers", None), ("registers", {}),
        ("exceptions", 1), ("exceptions", [16, [1], [], []]), ("exceptions", [1 << 20, [], [[0, 16]], []]),
        ("exceptions", [1 << 40, [], [], []]), ("exceptions", [17, [], [], []]), ("exceptions", [32, [], [[16, 17]], []]),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(name: str, value: Any) -> None:
    saved = state.capture(store())
    with pytest.raises(BadState):
        state.restore(store(), saved | {name: value})


def test_limits_of_the_store_hold() -> None:
    saved = state.capture(store(True))
    with pytest.raises(BadState, match="memories: 3 can't be"):
        state.restore(store(max_memory=300_000), saved)


def test_programs_that_are_others_have_another_layout() -> None:
    world = World(engine="x86")
    other = world.start(["p"], *standard_streams(b"", None, None, False))
    load_program(other, world.load(wat("(module (memory 1))")), {})
    one, two = state.layout(store()), state.layout(modelled(other.store))
    assert one.keys() == two.keys() and one["images"] != two["images"] and one["memories"] != two["memories"]
