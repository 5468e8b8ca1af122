"""Guests that can be stopped and put where others were: the same machine, register by register and byte by byte."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines.x86 import state
from agave_wasi.running import load_program
from agave_wasi.snapshots import Snapshot, SnapshotError, run_until
from agave_wasi.snapshots.guest import SnapshotGuest
from agave_wasi.snapshots.points import Point, Reached
from agave_wasi.streams import standard_streams
from kernel_sim.cpu.trapframe import FILLED
from tests.agave_wasi.guests import RANDOM, wat


def guest(world: World, program: bytes, at: str = "") -> SnapshotGuest:
    """A guest with the program loaded."""
    process = world.new_process(["p"], *standard_streams(b"", None, None, False))
    made = SnapshotGuest(world.kernel, process, world.loader, world.limits)
    if at:
        made.stop_at(Point(at))
    else:
        made.skip_to(None, lambda: None)
    load_program(made, world.load(program), {})
    made.skipping = None
    return made


def test_before_a_host_call_the_machine_stands_at_its_system_call() -> None:
    stopped = guest(World(engine="x86"), wat(RANDOM), "call:random_get")
    with pytest.raises(Reached):
        stopped.call("_start")
    machine = stopped.store.machine
    assert bytes(machine.memory.view(machine.pc, 2)) == b"\x0f\x05" and machine.frame.words[FILLED] == 1
    assert stopped.calling == "_start" and not stopped.store.depth


def test_capture_and_restore_are_each_other_s_reverse() -> None:
    stopped = guest(World(engine="x86", icount=True), wat(RANDOM), "icount:120")
    with pytest.raises(Reached):
        stopped.call("_start")
    kept, pages = stopped.capture({})
    other = guest(World(engine="x86", icount=True), wat(RANDOM))
    assert other.put(kept, pages) is None and other.under_way(kept["calling"]).slots
    assert other.capture({}) == (kept, pages)
    again = stopped.capture(pages)[1]
    assert all(one is other for name in pages for one, other in zip(pages[name], again[name]))


def test_while_an_instance_begins_its_number_stands_for_the_call() -> None:
    """Memory begins with data, which compiled code copies while the module is instantiated."""
    program = wat('(module (memory (export "memory") 1) (data (i32.const 0) "abc") (func (export "_start")))')
    world = World(engine="x86", icount=True)
    made = SnapshotGuest(world.kernel, world.new_process(["p"]), world.loader, world.limits)
    made.stop_at(Point("icount:5"))
    with pytest.raises(Reached):
        load_program(made, world.load(program), {})
    kept, pages = made.capture({})
    assert kept["calling"] == 0 and made.retired() == 5
    other = SnapshotGuest(world.kernel, world.new_process(["p"]), world.loader, world.limits)
    other.skip_to(0, lambda: other.put(kept, pages))
    load_program(other, world.load(program), {})
    assert other.skipping is None and bytes(other.started().memory()[:4]) == b"abc\0"


def refused(kept: dict[str, Any], pages: Any, text: str) -> None:
    other = guest(World(engine="x86"), wat(RANDOM))
    with pytest.raises(SnapshotError, match=text):
        other.put(kept, pages)
        other.under_way(kept["calling"])


def test_what_does_not_fit_is_named() -> None:
    snapshot = run_until(World(engine="x86"), wat(RANDOM), "call:random_get").snapshot
    assert isinstance(snapshot, Snapshot)
    kept, pages = snapshot.state, snapshot.pages
    for name in ("layout", "store"):
        refused({key: value for key, value in kept.items() if key != name}, pages, "state: something is missing")
    for part in state.layout(guest(World(engine="x86"), wat(RANDOM)).store):
        refused(kept | {"layout": kept["layout"] | {part: None}}, pages, f"have other {part} than where")
    refused(kept | {"calling": "memory"}, pages, "exports no function 'memory'")
    refused(kept, pages | {"more": []}, "^region more: the guest has no such region")
    refused(kept, {name: pages[name] for name in pages if name != "stack"}, "^region stack: it is missing")
