"""Host functions in Python: types from annotations, access to memory and exports, errors that come out."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest

from agave_wasi import F32, F64, I32, I64, Caller, GuestTrap, LinkError, Result, World
from agave_wasi.functions import core_type
from tests.agave_wasi.guests import imported, wat
from tests.waiting import within


def test_types_come_from_annotations() -> None:
    def all_of_them(a: int, b: I32, c: I64, d: float, e: F32, f: F64) -> I64:
        return 0

    def nothing() -> None: ...

    def with_caller(caller: Caller, a: int) -> float:
        return 0.0

    def caller_alone(caller: Caller) -> None: ...

    assert core_type(all_of_them) == ("iiIFfF", "I", False)
    assert core_type(nothing) == ("", "", False)
    assert core_type(with_caller) == ("i", "F", True)
    assert core_type(caller_alone) == ("", "", True)


def test_other_annotations_are_told_at_once() -> None:
    world = World()
    with pytest.raises(TypeError, match=r"annotate 'a' with int, float, I32, I64, F32 or F64, not <class 'str'>"):

        @world.function("env")
        def text(a: str) -> None: ...

    with pytest.raises(TypeError, match=r"annotate 'a' with .*, not None"):

        @world.function("env")
        def missing(a) -> None: ...  # type: ignore[no-untyped-def]

    with pytest.raises(TypeError, match="annotate 'return'"):

        @world.function("env")
        def result() -> bytes:
            return b""


def test_functions_that_no_guest_could_call_are_told_at_once() -> None:
    async def later() -> int:
        return 1

    def pieces() -> int:  # type: ignore[misc]
        yield 1

    def many(*numbers: int) -> None: ...

    def named(**numbers: int) -> None: ...

    def keyword(a: int, *, b: int = 1) -> None: ...

    world = World()
    for function in (later, pieces):
        with pytest.raises(TypeError, match=r"only begins when it is called.*write a plain function"):
            world.function("env")(function)
    refused: tuple[tuple[Callable[..., None], str], ...] = ((many, r"\*numbers"), (named, r"\*\*numbers"), (keyword, "b"))
    for each, name in refused:
        with pytest.raises(TypeError, match=f"'{name}' has no place .* write one parameter for each"):
            world.function("env")(each)


CALLS_F = '(module (import "env" "f" (func $f (result i32))) (func (export "f") (result i32) (call $f)))'
ECHO = """(module (import "env" "f" (func $f (param i32 i64 f32 f64) (result {0})))
    (func (export "f") (param i32 i64 f32 f64) (result {0})
      (call $f (local.get 0) (local.get 1) (local.get 2) (local.get 3))))"""


@pytest.mark.parametrize(
    ("kind", "hint", "position"), [("i32", I32, 0), ("i64", I64, 1), ("f32", F32, 2), ("f64", F64, 3)]
)
def test_values_go_in_and_out(kind: str, hint: Any, position: int) -> None:
    world = World()
    seen = []

    def f(a: I32, b: I64, c: F32, d: F64) -> Any:
        seen.append((a, b, c, d))
        return (a, b, c, d)[position]

    f.__annotations__["return"] = hint
    world.function("env")(f)
    guest = world.instantiate(wat(ECHO.format(kind)))
    values = (-5, -(1 << 40), 0.5, -1e300)
    assert guest.call("f", *values) == values[position]
    assert seen == [values]


def test_results_wrap_into_their_type() -> None:
    world = World()
    answers: list[Any] = [1 << 31, -1, (1 << 32) + 7, True]

    @world.function("env")
    def f() -> int:
        return answers.pop(0)  # type: ignore[no-any-return]

    guest = world.instantiate(wat(CALLS_F))
    assert [guest.call("f") for _ in range(4)] == [-(1 << 31), -1, 7, 1]


def test_a_result_that_does_not_fit_is_an_error_that_comes_out() -> None:
    world = World()

    @world.function("env")
    def f() -> int:
        return "text"  # type: ignore[return-value]

    text = '(module (import "env" "f" (func $f (result i32))) (func (export "_start") (drop (call $f))))'
    with pytest.raises(ValueError, match="text"):
        world.run(wat(text))


def test_an_error_keeps_its_type_and_traceback() -> None:
    world = World()

    class Mine(Exception):
        pass

    @world.function("env")
    def f() -> None:
        raise Mine("message")

    text = '(module (import "env" "f" (func $f)) (func (export "_start") (call $f) unreachable))'
    with pytest.raises(Mine, match="message") as caught:
        world.run(wat(text))
    assert caught.traceback[-1].name == "f"
    with pytest.raises(Mine):
        world.run(wat(text))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, TypeError, MemoryError, RecursionError])
def test_no_error_is_taken_for_another(kind: type[BaseException]) -> None:
    world = World()

    @world.function("env")
    def f() -> None:
        raise kind("text")

    with pytest.raises(kind):
        world.run(wat('(module (import "env" "f" (func $f)) (func (export "_start") (call $f)))'))


def test_memory() -> None:
    world = World()

    @world.function("env")
    def upper(caller: Caller, pointer: int, length: int) -> int:
        caller.write(pointer, caller.read(pointer, length).upper())
        return length

    text = """(module (import "env" "upper" (func $f (param i32 i32) (result i32))) (memory (export "memory") 1)
      (data (i32.const 65531) "hello")
      (func (export "f") (param i32 i32) (result i32) (call $f (local.get 0) (local.get 1))))"""
    guest = world.instantiate(wat(text))
    assert guest.call("f", 65531, 5) == 5
    assert guest.read(65531, 5) == b"HELLO"
    for pointer, length in ((65531, 6), (-1, 1), (0, -1), (0x7FFF_FFFF, 0x7FFF_FFFF)):
        with pytest.raises(GuestTrap, match="pointer out of bounds"):
            guest.call("f", pointer, length)


def test_a_signed_pointer_reaches_the_upper_half_of_memory() -> None:
    world = World()

    @world.function("env")
    def put(caller: Caller, pointer: int) -> None:
        caller.write(pointer, b"x")

    text = """(module (import "env" "put" (func $f (param i32))) (memory (export "memory") 65536)
      (func (export "f") (param i32) (result i32) (call $f (local.get 0)) (i32.load8_u (local.get 0))))"""
    assert world.instantiate(wat(text)).call("f", -1) == ord("x")


def test_exports() -> None:
    world = World()

    @world.function("env")
    def apply(caller: Caller, n: int) -> int:
        results = [caller.call("square", each) for each in range(n)]
        return int(sum(results))

    text = """(module (import "env" "apply" (func $f (param i32) (result i32)))
      (func (export "square") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
      (func (export "f") (param i32) (result i32) (call $f (local.get 0))))"""
    guest = world.instantiate(wat(text))
    assert guest.call("f", 4) == 14


def test_an_export_that_is_missing_is_the_host_function_s_error() -> None:
    world = World()

    @world.function("env")
    def f(caller: Caller) -> None:
        caller.call("nothing")

    with pytest.raises(KeyError, match="nothing"):
        world.run(wat('(module (import "env" "f" (func $f)) (func (export "_start") (call $f)))'))


def test_no_memory() -> None:
    world = World()

    @world.function("env")
    def f(caller: Caller) -> None:
        caller.read(0, 1)

    result = world.run(wat('(module (import "env" "f" (func $f)) (func (export "_start") (call $f)))'))
    assert "exports no memory" in result.message


def test_names() -> None:
    world = World()

    @world.function("env", "other name")
    def f() -> int:
        return 1

    @world.function("env")
    def g() -> int:
        return 2

    text = """(module (import "env" "other name" (func $f (result i32))) (import "env" "g" (func $g (result i32)))
      (func (export "f") (result i32) (i32.add (call $f) (call $g))))"""
    assert world.instantiate(wat(text)).call("f") == 3
    assert f() == 1 and len(world.modules) == 1


def test_a_host_function_may_stand_in_for_wasi() -> None:
    world = World()

    @world.function("wasi_snapshot_preview1", "sched_yield")
    def mine() -> int:
        return 77

    text = """(module (import "wasi_snapshot_preview1" "sched_yield" (func $y (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $x (param i32))) (func (export "_start") (call $x (call $y))))"""
    assert world.run(wat(text)).exit_code == 77


def test_a_wrong_type_is_told() -> None:
    world = World()

    @world.function("env")
    def f(a: int) -> None: ...

    with pytest.raises(LinkError, match=r"env\.f: the module wants a function \(i64\) -> nothing, but it is .*\(i32\)"):
        world.run(wat('(module (import "env" "f" (func (param i64))) (func (export "_start")))'))


def test_f32_rounds() -> None:
    world = World()

    @world.function("env")
    def third() -> F32:
        return 1 / 3

    text = '(module (import "env" "third" (func $f (result f32))) (func (export "f") (result f32) (call $f)))'
    guest = world.instantiate(wat(text))
    assert guest.call("f") == struct.unpack("<f", struct.pack("<f", 1 / 3))[0]


def test_host_functions_in_a_start_function() -> None:
    world = World()
    seen = []

    @world.function("env")
    def f(a: int) -> None:
        seen.append(a)

    text = """(module (import "env" "f" (func $f (param i32))) (func $s (call $f (i32.const 4))) (start $s)
      (func (export "_start")))"""
    assert world.run(wat(text)).ok
    assert seen == [4]


def test_one_world_inside_another() -> None:
    outer, inner = World(), World()

    @outer.function("env")
    def f() -> int:
        value: int = inner.run(wat('(module (func (export "f") (result i32) (i32.const 9)))'), invoke=("f", ())).values[0]
        return value

    guest = outer.instantiate(wat(CALLS_F))
    assert guest.call("f") == 9


NESTING = f"""(module {imported("proc_exit", "poll_oneoff")} (import "env" "try" (func $try (param i32)))
    (import "env" "after" (func $after)) (memory (export "memory") 1)
    (func (export "0") (loop $l (br $l)))
    (func (export "1") (call $proc_exit (i32.const 7)))
    (func (export "2") unreachable)
    (func (export "3") (call $try (i32.const 2)))
    (func (export "4") (drop (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const -1))))
    (func (export "run") (param i32) (call $try (local.get 0)) (call $after))
    (func (export "_start") (call $try (i32.const 0)) (call $after)))"""


def swallowing(world: World, catch: type[BaseException], again: type[Exception] | None = None) -> list[object]:
    """Host functions, one of which calls an export and goes on whatever comes of it; what they saw."""
    seen: list[object] = []

    @world.function("env", "try")
    def swallow(caller: Caller, number: int) -> None:
        for _ in range(2):
            try:
                caller.call(str(number))
            except catch as error:
                seen.append(error)
        if again is not None:
            raise again

    @world.function("env")
    def after() -> None:
        seen.append("the guest went on")

    return seen


@pytest.mark.parametrize("again", [None, KeyError])
@pytest.mark.parametrize(
    ("number", "ended_by", "exit_code"),
    [(0, "timeout", 124), (1, "exit", 7), (2, "trap", 134), (3, "trap", 134), (4, "trap", 134)],
)
def test_what_ends_a_guest_is_not_swallowed(number: int, ended_by: str, exit_code: int, again: type[Exception] | None) -> None:
    def run(seconds: float) -> tuple[Result, list[Any]]:
        world = World(timeout=seconds if number == 0 else None)
        seen = swallowing(world, BaseException, again)
        return world.run(wat(NESTING), invoke=("run", (number,))), seen

    result, seen = within(run, enough=lambda found: found[1])
    assert (result.ended_by, result.exit_code) == (ended_by, exit_code)
    assert len(seen) == (4 if number == 3 else 2) and len(set(seen)) == 1  # a further call is refused by the same


def test_fuel_that_runs_out_is_not_swallowed() -> None:
    world = World(fuel=10_000)
    swallowing(world, BaseException)
    result = world.run(wat(NESTING))
    assert result.ended_by == "limit" and "fuel" in result.message and result.fuel == 0


def test_an_instance_can_be_called_again_after_such_an_end() -> None:
    world = World()
    seen = swallowing(world, Exception)
    guest = world.instantiate(wat(NESTING))
    for _ in range(2):
        with pytest.raises(GuestTrap, match="unreachable"):
            guest.call("run", 2)
    assert len(seen) == 4 and seen[0] is not seen[2]
    with pytest.raises(RuntimeError, match="the program exited with code 7"):
        guest.call("run", 1)


def test_an_exit_in_a_call_through_the_instance_is_the_outer_calls_too() -> None:
    world = World()

    @world.function("env")
    def f() -> int:
        with pytest.raises(RuntimeError):
            guest.call("leave")
        return 0

    text = f"""(module {imported("proc_exit")} (import "env" "f" (func $f (result i32))) (memory (export "memory") 1)
      (func (export "leave") (call $proc_exit (i32.const 3))) (func (export "f") (result i32) (call $f)))"""
    guest = world.instantiate(wat(text))
    with pytest.raises(RuntimeError, match="the program exited with code 3"):
        guest.call("f")


def test_an_error_of_another_host_function_may_be_caught() -> None:
    world, caught = World(), []

    @world.function("env", "try")
    def outer(caller: Caller, number: int) -> None:
        try:
            caller.call("1")
        except KeyError as error:
            caught.append(error)

    @world.function("env", "raise")
    def inner() -> None:
        raise KeyError

    text = """(module (import "env" "try" (func $try (param i32))) (import "env" "raise" (func $raise))
      (func (export "1") (call $raise)) (func (export "_start") (call $try (i32.const 0))))"""
    assert world.run(wat(text)).ok and len(caught) == 1
