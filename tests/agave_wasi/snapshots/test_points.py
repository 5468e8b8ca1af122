"""Points: what can be written, and where a run then stops."""

from __future__ import annotations

import pytest

from agave_wasi import Caller, World
from agave_wasi.snapshots import run_until
from agave_wasi.snapshots.points import Point, names
from tests.agave_wasi.guests import ENVIRONMENT, imported, wat

WRITES = wat(
    f"""(module {imported("fd_write")} (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00")
    (data (i32.const 16) "abc")
    (func $letter (param $at i32) (i32.store (i32.const 0) (local.get $at))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start") (local $at i32) (local.set $at (i32.const 16))
      (loop $next (call $letter (local.get $at)) (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 19))))))"""
)
"""Writes a, b and c to stdout, one by one."""


@pytest.mark.parametrize(
    ("text", "kind", "name", "number"),
    [
        ("icount:5", "icount", "", 5), ("call:fd_write", "call", "fd_write", 1), ("call:fd_write:12", "call", "fd_write", 12),
        ("call:a:b:2", "call", "a:b", 2), ("call:wasi:io/poll#poll", "call", "wasi:io/poll#poll", 1),
        ("call:wasi:io/poll@0.2.1.poll:7", "call", "wasi:io/poll@0.2.1.poll", 7),
        ("func:main", "func", "main", 1), ("func:a:b", "func", "a:b", 1),
    ],
)  # fmt: skip
def test_what_can_be_written(text: str, kind: str, name: str, number: int) -> None:
    point = Point(text)
    assert (point.kind, point.name, point.number) == (kind, name, number)
    assert point.counts == (kind == "icount")


@pytest.mark.parametrize(
    "text",
    ["", "x", "icount", "icount:", "icount:-1", "icount:0", "icount:1x", "icount:" + "9" * 30, "icount:²", "call", "call:",
     "call::3", "call:f:0", "call:f:", "call:f:x", "func", "func:", "line:3"],
)  # fmt: skip
def test_what_can_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"a point is|needs the name|no number from 1 on"):
        Point(text)


def test_names_of_host_calls() -> None:
    assert names("fd_write") == {"fd_write"}
    assert names("resource.drop pollable") == {"resource.drop pollable", "pollable.drop"}
    method = "[method]pollable.block"
    assert names(f"wasi:io/poll@0.2.1#{method}") == {
        f"wasi:io/poll@0.2.1#{method}", f"wasi:io/poll@0.2.1.{method}", f"wasi:io/poll#{method}", f"wasi:io/poll.{method}",
        "pollable.block",
    }  # fmt: skip


@pytest.mark.parametrize("number", [1, 2, 3])
def test_right_before_a_host_call(number: int) -> None:
    result = run_until(World(engine="x86"), WRITES, f"call:fd_write:{number}", trace=True)
    assert (result.ended_by, result.stdout) == ("snapshot", b"abc"[: number - 1])
    assert len(result.trace) == number - 1
    assert result.snapshot is not None and result.snapshot.point == f"call:fd_write:{number}"


def test_after_exactly_so_many_instructions() -> None:
    program = wat(ENVIRONMENT)
    for number in (5, 77, 400):
        snapshot = run_until(World(engine="x86"), program, f"icount:{number}").snapshot
        assert snapshot is not None and snapshot.count == number


def test_what_instances_begin_with_counts_from_the_first_instruction() -> None:
    """Memory begins with data, which compiled code copies while the module is instantiated."""
    for number in (1, 2, 60):
        snapshot = run_until(World(engine="x86"), WRITES, f"icount:{number}").snapshot
        assert snapshot is not None and snapshot.count == number
        assert snapshot.resume().stdout == b"abc"


def test_a_host_call_of_a_start_function() -> None:
    program = wat(
        f"""(module {imported("fd_write")} (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00")
        (data (i32.const 16) "x") (start $put) (func (export "_start") (call $put))
        (func $put (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"""
    )
    for number in (1, 2):
        result = run_until(World(engine="x86"), program, f"call:fd_write:{number}")
        assert result.snapshot is not None and result.stdout == b"x" * (number - 1)
        assert result.snapshot.resume().stdout == b"x" * (3 - number)


@pytest.mark.parametrize("name", ["letter", "1"])
def test_at_the_beginning_of_a_function_by_its_name_or_number(name: str) -> None:
    result = run_until(World(engine="x86"), WRITES, f"func:{name}")
    assert result.snapshot is not None and result.stdout == b""
    calls = result.snapshot.resume(at="call:fd_write:1")
    assert calls.snapshot is not None and calls.stdout == b""


def test_by_its_export() -> None:
    assert run_until(World(engine="x86"), WRITES, "func:_start").snapshot is not None


def test_a_point_that_is_never_reached() -> None:
    for at in ("call:fd_write:4", "icount:100000000"):
        result = run_until(World(engine="x86"), WRITES, at)
        assert (result.ended_by, result.exit_code, result.stdout, result.snapshot) == ("exit", 0, b"abc", None)


def test_names_that_the_program_has_not() -> None:
    for at, text in (
        ("call:poll_oneoff:1", "imports no function poll_oneoff; agave-wasi inspect"),
        ("call:fd_wrote:1", r"imports no function fd_wrote; did you mean fd_write\?"),
        ("func:nothing", "has no code of a function nothing; agave-wasi disasm"),
    ):
        with pytest.raises(LookupError, match=text):
            run_until(World(engine="x86"), WRITES, at)
    with pytest.raises(LookupError, match="has no code of a function 0"):
        run_until(World(engine="x86"), WRITES, "func:0")


def test_calls_within_calls_of_host_functions_do_not_count() -> None:
    world = World(engine="x86")

    @world.function("env", "again")
    def again(caller: Caller) -> None:
        caller.call("inner")

    program = wat(
        f"""(module {imported("fd_write")} (import "env" "again" (func $again)) (memory (export "memory") 1)
        (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00") (data (i32.const 16) "x")
        (func $put (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
        (func (export "inner") (call $put)) (func (export "_start") (call $again) (call $put)))"""
    )
    result = run_until(world, program, "call:fd_write:1")
    assert result.stdout == b"x" and result.snapshot is not None
    rest = result.snapshot.resume(modules=world.modules)
    assert rest.stdout == b"x" and rest.exit_code == 0
