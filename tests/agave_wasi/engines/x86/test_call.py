"""Calls into guests on the CPU model: values, nesting, endings, and who may call when."""

from __future__ import annotations

import sys
import threading
from functools import partial
from typing import Any

import pytest

from agave_wasi import Caller, GuestTrap, World
from agave_wasi.engines.base import BadCall, EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.x86.call import MAX_DEPTH, Call, call_inside, pack_arguments
from agave_wasi.engines.x86.engine import X86Engine
from tests.agave_wasi.engines.x86.both import calls, same, told
from tests.agave_wasi.guests import imported, live, wat
from tests.waiting import HANG

ALL = "i32 i64 f32 f64"


def test_values_of_every_type_in_and_out() -> None:
    gets = "(local.get 0) (local.get 1) (local.get 2) (local.get 3)"
    text = f"""(module (func (export "f") (param {ALL}) (result {ALL}) {gets}))"""
    made = [(-1, -2, 0.5, 0.25), (0xFFFF_FFFF, (1 << 64) - 1, 1e300, -0.0), (True, 5, 7, 10**18), (0, 0, float("-inf"), 5e-324)]
    found = calls(text, *[("f", *each) for each in made])
    assert found == [(-1, -2, 0.5, 0.25), (-1, -1, float("inf"), -0.0), (1, 5, 7.0, 1e18), (0, 0, float("-inf"), 5e-324)]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("i", ()), ("i", (1, 2)), ("i", (1 << 32,)), ("i", (-(1 << 31) - 1,)), ("i", (1.5,)), ("i", ("1",)), ("I", (1 << 64,)),
        ("F", ("x",)), ("F", (10**400,)), ("v", (1,)), ("r", ()), ("m", ()), ("nothing", ()),
    ],
)  # fmt: skip
def test_calls_that_do_not_fit(name: str, arguments: tuple[Any, ...]) -> None:
    text = """(module (memory (export "m") 1) (func (export "i") (param i32)) (func (export "I") (param i64))
      (func (export "F") (param f64)) (func (export "v") (param v128))
      (func (export "r") (result externref) (ref.null extern)))"""
    ((kind, _),) = calls(text, (name, *arguments))
    assert kind == ("KeyError" if name == "nothing" else "BadCall")


def test_slots_of_arguments() -> None:
    assert pack_arguments("iIf", (-1, -1, 1e300)).hex() == "ffffffff" + "00" * 12 + "ff" * 8 + "00" * 8 + "0000807f" + "00" * 12
    with pytest.raises(BadCall, match="takes 1 arguments, not 0"):
        pack_arguments("i", ())


def test_more_values_than_registers() -> None:
    kinds = " ".join(("i32", "i64", "f32", "f64")[at % 4] for at in range(40))
    gets = " ".join(f"(local.get {at})" for at in range(40))
    text = f"""(module (func $f (param {kinds}) (result {kinds}) {gets})
      (func (export "f") (param {kinds}) (result {kinds}) (call $f {gets})))"""
    (found,) = calls(text, ("f", *range(40)))
    assert found == tuple(range(40))


def test_vectors_between_modules() -> None:
    library = """(module (func (export "add") (param v128 i32 v128) (result v128 i32)
      (i32x4.add (local.get 0) (local.get 2)) (local.get 1)))"""
    text = """(module (import "lib" "add" (func $add (param v128 i32 v128) (result v128 i32))) (memory 1)
      (func (export "f") (result i32 i32) (local $n i32)
        (call $add (v128.const i32x4 1 2 3 4) (i32.const 9) (v128.const i32x4 10 20 30 40)) (local.set $n)
        (i32x4.extract_lane 3) (local.get $n)))"""
    assert calls(text, ("f",), libraries={"lib": library}) == [(44, 9)]


def test_tail_calls_use_no_stack() -> None:
    text = """(module (table funcref (elem $even $odd)) (func $even (export "even") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (return_call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
      (func $odd (param i32) (result i32) (if (result i32) (local.get 0)
        (then (return_call_indirect (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
        (else (i32.const 0)))))"""
    assert calls(text, ("even", 200_000), ("even", 200_001)) == [1, 0]


DEEP = """(module (import "env" "back" (func $back (param i32) (result i32)))
  (func (export "down") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $back (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0)))))"""


def down(world: World) -> Any:
    @world.function("env")
    def back(caller: Caller, depth: int) -> int:
        return int(caller.call("down", depth))

    return world.instantiate(wat(DEEP))


def test_host_functions_that_call_back() -> None:
    assert same(lambda world: down(world).call("down", 40)) == 40


def test_too_many_calls_within_calls() -> None:
    with World(engine="x86") as world:
        guest = down(world)
        assert guest.call("down", MAX_DEPTH) == MAX_DEPTH
        with pytest.raises(RecursionError, match=f"called back into the guest {MAX_DEPTH} times"):
            guest.call("down", MAX_DEPTH + 1)
        assert guest.call("down", 3) == 3


def test_a_host_function_may_call_back_as_often_as_it_likes() -> None:
    """What a call has used of the stack is free again behind it."""
    with World(engine="x86") as world:

        @world.function("env")
        def back(caller: Caller, count: int) -> int:
            return sum(int(caller.call("five")) for _ in range(count))

        guest = world.instantiate(wat("""(module (import "env" "back" (func $back (param i32) (result i32)))
          (func (export "five") (result i32) (i32.const 5))
          (func (export "f") (param i32) (result i32) (call $back (local.get 0))))"""))
        assert guest.call("f", 6000) == 30_000


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_exceptions_of_host_functions(kind: type[BaseException]) -> None:
    for engine in ("wasmtime", "x86"):
        with World(engine=engine) as world:

            @world.function("env")
            def back(number: int) -> int:
                if number:
                    raise kind(3)
                return 8

            guest = world.instantiate(wat(DEEP))
            for _ in range(3):
                with pytest.raises(kind):
                    guest.call("down", 2)
                assert guest.call("down", 1) == 9


@pytest.mark.parametrize("swallow", ["keep", "other"])
def test_a_trap_within_ends_what_is_outside(swallow: str) -> None:
    """Whatever the host function does about it, returns or raises something else."""

    def use(world: World) -> object:
        @world.function("env")
        def back(caller: Caller) -> int:
            try:
                caller.call("bad")
            except Exception:
                if swallow == "other":
                    raise ValueError("something else") from None
            return 7

        guest = world.instantiate(wat("""(module (import "env" "back" (func $back (result i32)))
          (func (export "bad") unreachable)
          (func (export "f") (result i32) (call $back)) (func (export "g") (result i32) (i32.const 1)))"""))
        return [told(partial(guest.call, name)) for name in ("f", "g", "f")]

    first, second, third = same(use)
    assert first[0] == third[0] == "unreachable" and second == 1


def test_a_trap_two_calls_within() -> None:
    def use(world: World) -> object:
        seen: list[str] = []

        @world.function("env")
        def back(caller: Caller, depth: int) -> int:
            try:
                return int(caller.call("down", depth))
            except Exception as error:
                seen.append(f"{depth} {type(error).__name__}")
                return 1

        text = DEEP.replace("(else (i32.const 0))", "(else (unreachable))")
        return told(lambda: world.instantiate(wat(text)).call("down", 3)), seen

    (ending, seen) = same(use)
    assert ending[0] == "unreachable" and seen[0] == "0 GuestTrap"


def test_calls_from_another_thread_while_it_runs() -> None:
    found: list[BaseException] = []
    with World(engine="x86") as world:

        @world.function("env")
        def back(number: int) -> int:
            def other() -> None:
                for use in (partial(guest.call, "down", 0), guest.close):
                    try:
                        use()
                    except BaseException as error:
                        found.append(error)

            thread = threading.Thread(target=other)
            thread.start()
            thread.join(HANG)
            return 0

        guest: Any = world.instantiate(wat(DEEP))
        assert guest.call("down", 1) == 1
        assert guest.call("down", 0) == 0
    assert [str(error).partition(":")[0] for error in found] == [
        "the guest is running in another thread", "the guest is running",
    ]  # fmt: skip


def test_a_guest_is_used_by_one_thread_after_the_other() -> None:
    with World(engine="x86") as world:
        guest = world.instantiate(wat("""(module
          (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0))))"""))
        found: list[Any] = []

        def square(number: int) -> None:
            found.append(guest.call("f", number))

        for number in range(5):
            thread = threading.Thread(target=square, args=(number,))
            thread.start()
            thread.join(HANG)
        assert found == [0, 1, 4, 9, 16]


def test_deep_python_is_an_error_before_anything_happens() -> None:
    with World(engine="x86") as world:
        guest = world.instantiate(wat('(module (func (export "f") (result i32) (i32.const 4)))'))

        def deep(frames: int) -> Any:
            return deep(frames - 1) if frames else guest.call("f")

        with pytest.raises(RecursionError):
            deep(sys.getrecursionlimit())
        assert guest.call("f") == 4


def test_an_instance_is_called_many_times() -> None:
    guest = live("""(module (global $n (mut i32) (i32.const 0)) (func (export "f") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))""", engine="x86")
    assert [guest.call("f") for _ in range(2000)] == list(range(1, 2001))
    guest.close()


WAITS = f"""(module {imported("poll_oneoff")} (memory (export "memory") 1) (data (i32.const 24) "\\01")
  (func (export "nap") (result i32) (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)))
  (func (export "f") (result i32) (i32.const 6)))"""


def test_a_guest_that_waits_has_no_second_call() -> None:
    with World(engine="x86") as world:
        guest = world.instantiate(wat(WAITS))
        instance: Any = guest._guest.instance
        first, second = instance.start_call("nap"), instance.start_call("f")
        assert first.resume() is not None and not first.finished
        with pytest.raises(EngineError, match="the guest waits in another call"):
            second.resume()
        first.cancel()
        assert second.resume() is None and second.results == (6,)


def test_calls_within_calls_know_their_stack() -> None:
    """The stack pointer in the trap frame is the guest's word: what can't be is an error."""
    engine = X86Engine(EngineConfig())
    store = engine.store(StoreLimits())
    found = store.instantiate(engine.compile(wat('(module (func (export "f")))')), {}).get_export("f")
    for stack, kind in ((0, RecursionError), (1 << 60, EngineError)):
        store.machine.frame.words[11] = stack
        with pytest.raises(kind):
            call_inside(store, found, b"", 1)  # type: ignore[arg-type]
    call = Call(store, found, ())  # type: ignore[arg-type]
    assert call.resume() is None and call.finished
    store.close()


def test_a_host_function_that_traps_is_a_trap_of_the_guest() -> None:
    with World(engine="x86") as world, pytest.raises(GuestTrap, match="exports no memory named 'memory'"):
        world.instantiate(wat(f"""(module {imported("random_get")}
          (func (export "f") (drop (call $random_get (i32.const 0) (i32.const 8)))))""")).call("f")
