"""A program in a process: linked with libraries and host functions, called, closed."""

from __future__ import annotations

import pytest

from agave_wasi import GuestTrap, LinkError, World
from agave_wasi.engines.base import EngineError
from agave_wasi.host.stdio import BufferStream
from agave_wasi.program import Guest
from tests.agave_wasi.guests import imported, sleeps, wat


def test_libraries() -> None:
    library = wat('(module (func (export "seven") (result i32) (i32.const 7)))')
    text = f"""(module {imported("proc_exit")} (import "lib" "seven" (func $seven (result i32)))
      (func (export "_start") (call $proc_exit (call $seven))))"""
    assert World().run(wat(text), libraries={"lib": library}).exit_code == 7
    with pytest.raises(LinkError, match=r"lib\.seven \(func\): nothing provides it.*--preload lib="):
        World().run(wat(text))
    wrong = wat('(module (func (export "seven") (result i64) (i64.const 7)))')
    with pytest.raises(LinkError, match="seven"):
        World().run(wat(text), libraries={"lib": wrong})


def test_a_library_that_prints_and_waits() -> None:
    library = sleeps(10**9)
    text = '(module (import "lib" "_start" (func $nap)) (func (export "_start") (call $nap)))'
    world = World()
    assert world.run(wat(text), libraries={"lib": library}).ok
    assert world.kernel.clock.monotonic() >= 10**9


def test_a_library_named_like_our_own_glue() -> None:
    library = wat('(module (func (export "resume") (result i32) (i32.const 5)))')
    text = f"""(module {imported("poll_oneoff", "proc_exit")} (import "host" "resume" (func $r (result i32)))
      (memory (export "memory") 1) (data (i32.const 16) "\\01") (data (i32.const 24) "\\ff")
      (func (export "_start")
        (if (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable))
        (call $proc_exit (call $r))))"""
    assert World().run(wat(text), libraries={"host": library}).exit_code == 5


def test_missing_imports_are_all_named() -> None:
    text = '(module (import "first" "one" (func)) (import "second" "two" (memory 1)) (func (export "_start")))'
    with pytest.raises(LinkError) as caught:
        World().run(wat(text))
    assert str(caught.value).count("nothing provides it") == 2
    assert "first.one (func)" in str(caught.value) and "second.two (memory)" in str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "have"),
    [
        ("(func (param i64))", r"a function (i64) -> nothing, but it is a function (i32) -> i32"),
        ("(memory 1)", "wants memory, but it is a function"),
    ],
)
def test_an_import_of_the_wrong_type_is_named_with_both_types(wanted: str, have: str) -> None:
    world = World()

    @world.function("env")
    def f(value: int) -> int:
        return value

    for module, name in (("env", "f"), ("wasi_snapshot_preview1", "fd_close")):
        with pytest.raises(LinkError) as error:
            world.run(wat(f'(module (import "{module}" "{name}" {wanted}) (func (export "_start")))'))
        assert have in str(error.value) or (module.startswith("wasi") and f"({wanted[1:5]}" in str(error.value))


def test_a_host_function_stands_before_preview_1() -> None:
    world = World()

    @world.function("wasi_snapshot_preview1")
    def sched_yield() -> int:
        return 42

    text = f"""(module {imported("sched_yield", "proc_exit")}
      (func (export "_start") (call $proc_exit (call $sched_yield))))"""
    assert world.run(wat(text)).exit_code == 42


def guest_of(text: str) -> tuple[World, Guest]:
    world = World()
    guest = world.start(["x"], BufferStream(), BufferStream(), BufferStream())
    guest.load(world.load(wat(text)))
    return world, guest


def test_what_is_missing_can_be_asked_for_without_instantiating() -> None:
    world, guest = guest_of("(module)")
    text = '(module (import "mine" "b" (func)) (import "wasi_snapshot_preview1" "fd_close" (func (param f32))))'
    first, second = guest.unsatisfied(world.load(wat(text)).outline)
    assert first.startswith("mine.b (func): nothing provides it") and "wants a function (f32) -> nothing" in second
    assert guest.unsatisfied(world.load(wat("(module)")).outline) == []
    guest.close()


def test_closing_gives_the_process_back() -> None:
    world, guest = guest_of('(module (func (export "f")))')
    guest.call("f")
    guest.close()
    assert world.kernel.processes == {} and guest.instance is None
    with pytest.raises(EngineError, match="the guest is closed"):
        guest.call("f")


def test_a_call_that_fails_leaves_no_task_behind() -> None:
    _, guest = guest_of('(module (func (export "f") unreachable))')
    with pytest.raises(GuestTrap):
        guest.call("f")
    assert guest.scheduler.tasks == []
    guest.close()
