"""Components in the middle of a run: what the canonical ABI remembers, and the host's resources, go on as well."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import BadProgram, LinkError, Result, World
from agave_wasi.snapshots import Snapshot, SnapshotError, run_until
from conformance.case import Case
from conformance.suite import named_suites, read_suite
from conformance.suites.worlds import open_world
from tests.agave_wasi.component.examples import CALC, USER
from tests.agave_wasi.preview2.test_saving import places
from tests.agave_wasi.snapshots.test_running import shown

SUITE = named_suites()["preview2"]
CASES = {"args_values", "list_two_streams", "poll_stream_and_timer", "out_splice", "run_error", "stdin_to_stdout"}
CHOSEN = [case for case in read_suite(SUITE, "preview2").cases if case.name in CASES]


def goes_on_alike(whole: Result, stopped: Result) -> None:
    assert stopped.ended_by == "snapshot" and stopped.snapshot is not None
    again = Snapshot.from_bytes(stopped.snapshot.to_bytes())
    rest = again.resume(trace=True, trace_syscalls=True)
    assert shown(rest, stopped) == shown(whole)
    assert (rest.values, rest.instructions) == (whole.values, whole.instructions)


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_a_case_of_the_suite_at_several_host_calls(case: Case, tmp_path: Path) -> None:
    def world() -> Any:
        return open_world(case, tmp_path, engine="x86", icount=True)

    whole = world().run_case(trace=True, trace_syscalls=True)
    calls = [event["call"] for event in whole.trace]
    places = range(0, len(calls), max(1, len(calls) // 4))
    points = [f"call:{calls[at]}:{calls[: at + 1].count(calls[at])}" for at in places]
    points += [f"icount:{random.Random(case.name).randrange(1, limit)}" for limit in (50, whole.instructions)]
    for point in points:
        stopped = run_until(
            world(), str(case.program), point, case.manifest["args"], case.stdin or b"", trace=True, trace_syscalls=True
        )
        goes_on_alike(whole, stopped)


def composed(at: str | None = None, invoke: str = "life()") -> Result:
    """USER linked to CALC, which makes a resource and has a destructor."""
    world, libraries = World(engine="x86", icount=True), {"local:calc/ops": CALC}
    if at is None:
        return world.run(USER, invoke=(invoke, ()), libraries=libraries, trace=True, trace_syscalls=True)
    return run_until(world, USER, at, invoke=(invoke, ()), libraries=libraries, trace=True, trace_syscalls=True)


@pytest.mark.parametrize(("invoke", "value"), [("life()", "77077"), ("hi()", '"hello"'), ("twice(21)", "42")])
def test_crossings_resources_and_destructors_at_many_instructions(invoke: str, value: str) -> None:
    whole = composed(None, invoke)
    assert whole.values == (value,) and whole.instructions
    within = 0
    for number in range(1, whole.instructions, whole.instructions // 12):
        stopped = composed(f"icount:{number}", invoke)
        goes_on_alike(whole, stopped)
        assert stopped.snapshot is not None and stopped.snapshot.count == number
        within += any(task[0] is not None for task in stopped.snapshot.state["component"]["instances"]["tasks"])
    assert within or invoke != "life()"


def test_before_a_handle_is_dropped_and_at_functions_within() -> None:
    whole = composed()
    for at in ("func:get", "func:add", "func:1/life", "func:dtor"):
        program = {"func:1/life": USER}.get(at)
        if program is None:
            with pytest.raises(LookupError, match="no module within"):
                composed(at)  # they are CALC's, a library's
        else:
            goes_on_alike(whole, composed(at))
    with pytest.raises(LookupError, match=r"imports no function descriptor\.drop; agave-wasi inspect"):
        composed("call:descriptor.drop")


ECHO = ("echo(\"some text\")", ())


def test_realloc_before_a_call_is_not_stopped_but_what_follows_it() -> None:
    whole = World(engine="x86", icount=True).run(CALC, invoke=ECHO)
    assert whole.values == ('"some text"',) and whole.instructions
    behind = 0
    for number in range(1, whole.instructions, 9):
        snapshot = run_until(World(engine="x86", icount=True), CALC, f"icount:{number}", invoke=ECHO).snapshot
        assert snapshot is not None and snapshot.count >= number
        behind += snapshot.count > number
        assert Snapshot.from_bytes(snapshot.to_bytes()).resume().values == whole.values
    assert 0 < behind < whole.instructions // 9


def test_post_return_is_behind_the_program() -> None:
    text = b"""(component
      (core module $m (memory (export "memory") 1) (data (i32.const 8) "hi") (global $n (mut i32) (i32.const 0))
        (func (export "f") (result i32)
          (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 2)) (i32.const 0))
        (func (export "after") (param i32) (i64.store (i32.const 8) (i64.const 0)) (global.set $n (i32.const 1))))
      (core instance $i (instantiate $m))
      (func (export "f") (result string)
        (canon lift (core func $i "f") (memory (core memory $i "memory")) (post-return (core func $i "after")))))"""
    whole = World(engine="x86", icount=True).run(text, invoke=("f()", ()))
    assert whole.values == ('"hi"',) and whole.instructions
    begins = run_until(World(engine="x86", icount=True), text, "func:f", invoke=("f()", ())).snapshot
    assert begins is not None
    again = Snapshot.from_bytes(begins.to_bytes()).resume()
    assert (again.values, again.instructions) == (whole.values, whole.instructions)
    assert run_until(World(engine="x86"), text, f"icount:{whole.instructions - 2}", invoke=("f()", ())).snapshot is None
    assert run_until(World(engine="x86"), text, "func:after", invoke=("f()", ())).snapshot is None


def test_names_that_several_modules_have() -> None:
    two = b"""(component
      (core module $m (func (export "f")))
      (core instance $i (instantiate $m))
      (core module $n (import "" "f" (func $f)) (func (export "f") (call $f)))
      (core instance $j (instantiate $n (with "" (instance $i))))
      (func (export "run") (canon lift (core func $j "f"))))"""
    with pytest.raises(LookupError, match=r"several modules .* have a function f: say which, func:0/0, func:1/1"):
        run_until(World(engine="x86"), two, "func:f", invoke=("run()", ()))
    for at in ("func:0/f", "func:1/1"):
        snapshot = run_until(World(engine="x86"), two, at, invoke=("run()", ())).snapshot
        assert snapshot is not None and snapshot.resume().exit_code == 0


def test_an_interface_of_the_embedders_is_provided_again() -> None:
    wit = "package local:log; interface sink { resource entry { constructor(n: u32); } note: func(n: u32) -> u32; }\n"
    noted: list[int] = []

    def provided() -> World:
        world = World(engine="x86")

        @world.interface("local:log/sink", wit=wit)
        class Sink:
            class Entry:
                def __init__(self, n: int) -> None:
                    self.n = n

            def note(self, n: int) -> int:
                noted.append(n)
                return n + 1

        return world

    text = b"""(component
      (import "local:log/sink" (instance $sink (export "note" (func (param "n" u32) (result u32)))
        (export "entry" (type $entry (sub resource)))
        (export "[constructor]entry" (func (param "n" u32) (result (own $entry))))))
      (core func $note (canon lower (func $sink "note")))
      (core func $make (canon lower (func $sink "[constructor]entry")))
      (core module $m
        (import "" "note" (func $note (param i32) (result i32))) (import "" "make" (func $make (param i32) (result i32)))
        (func (export "f") (result i32) (call $note (call $note (i32.const 5))))
        (func (export "g") (result i32) (drop (call $make (i32.const 1))) (call $note (i32.const 7))))
      (core instance $i (instantiate $m (with "" (instance (export "note" (func $note)) (export "make" (func $make))))))
      (func (export "f") (result u32) (canon lift (core func $i "f")))
      (func (export "g") (result u32) (canon lift (core func $i "g"))))"""
    world = provided()
    snapshot = run_until(world, text, "call:local:log/sink.note:2", invoke=("f()", ())).snapshot
    assert snapshot is not None and noted == [5]
    assert snapshot.resume(interfaces=world.interfaces).values == ("7",) and noted == [5, 6]
    with pytest.raises(LinkError, match="local:log/sink"):
        snapshot.resume()
    with pytest.raises(SnapshotError, match=r"a handle of entry, a resource of the embedder's: that can't be kept"):
        run_until(provided(), text, "call:sink.note", invoke=("g()", ()))


# Hostile files


def changed(state: Any, path: tuple[Any, ...], value: Any) -> Any:
    found = json.loads(json.dumps(state))
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return found


WRONG: tuple[Any, ...] = (None, -1, 0, 1, 7, 1 << 33, 0.5, "x", [], {}, [0, 0], True)


def listing() -> Result:
    """A case that reads directories, in the middle of that."""
    case = next(each for each in CHOSEN if each.name == "list_two_streams")
    at = "call:directory-entry-stream.read-directory-entry:3"
    return run_until(open_world(case, Path("nowhere"), engine="x86"), str(case.program), at, case.manifest["args"])


@pytest.mark.parametrize("take", [lambda: composed("icount:400"), listing])
def test_a_state_with_anything_else_in_it_is_refused_or_ends_like_any_program(take: Callable[[], Result]) -> None:
    snapshot = take().snapshot
    assert snapshot is not None
    chosen = random.Random(5)
    paths = [("component", *path) for path in places(snapshot.state["component"])]
    refused = 0
    for path in chosen.sample(paths, min(len(paths), 60)):
        state = changed(snapshot.state, path, chosen.choice(WRONG))
        mutant = Snapshot(state, snapshot.world, b"", snapshot.programs, snapshot.pages, snapshot.images)
        try:
            result = mutant.resume(at="icount:60000")
        except (SnapshotError, BadProgram, LinkError, LookupError):
            refused += 1
        else:
            assert result.ended_by in ("exit", "trap", "snapshot", "limit"), path
    assert refused > 10
