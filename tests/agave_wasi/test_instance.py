"""Live instances: exports called one after the other, memory read and written, output as it grows."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from agave_wasi import BadProgram, GuestTrap, World
from agave_wasi.engines.base import EngineError
from tests.agave_wasi.guests import imported, prints, wat
from tests.descriptors import open_descriptors
from tests.waiting import within

COUNTER = f"""(module {imported("fd_write", "proc_exit")} (memory (export "memory") 1 2)
    (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00") (data (i32.const 16) "x")
    (global $n (mut i32) (i32.const 0)) (global (export "g") i32 (i32.const 1))
    (func (export "_initialize") (global.set $n (i32.const 10)))
    (func (export "next") (result i32)
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
    (func (export "pair") (result i32 f64) (i32.const 1) (f64.const 2))
    (func (export "nothing")) (func (export "trap") unreachable)
    (func (export "leave") (param i32) (call $proc_exit (local.get 0)))
    (func (export "grow") (result i32) (memory.grow (i32.const 1))))"""


def test_state_stays_between_calls() -> None:
    with World().instantiate(wat(COUNTER)) as guest:
        assert [guest.call("next") for _ in range(3)] == [11, 12, 13]
        assert guest.exports["next"]() == 14
        assert guest.stdout == b"xxxx" and guest.stderr == b""
        assert guest.call("pair") == (1, 2.0)
        assert guest.call("nothing") is None


def test_exports_are_a_mapping_of_functions() -> None:
    guest = World().instantiate(wat(COUNTER))
    assert list(guest.exports) == ["_initialize", "next", "pair", "nothing", "trap", "leave", "grow"]
    assert len(guest.exports) == 7 and "memory" not in guest.exports
    assert guest.exports["next"].__name__ == "next"
    with pytest.raises(KeyError):
        guest.exports["g"]
    with pytest.raises(KeyError):
        guest.call("other")


def test_memory() -> None:
    guest = World().instantiate(wat(COUNTER))
    assert guest.read(16, 1) == b"x"
    guest.write(16, b"y")
    guest.call("next")
    assert guest.stdout == b"y"
    for pointer, length in ((65535, 2), (-1, 1), (0, -1), (1 << 40, 1)):
        with pytest.raises(IndexError, match="are not within memory, which has 0x10000"):
            guest.read(pointer, length)
    with pytest.raises(IndexError):
        guest.write(65535, b"ab")
    assert guest.call("grow") == 1
    guest.write(65535, b"ab")
    assert guest.read(65535, 2) == b"ab"


def test_a_trap_ends_only_the_call() -> None:
    guest = World().instantiate(wat(COUNTER))
    with pytest.raises(GuestTrap, match="unreachable") as caught:
        guest.call("trap")
    assert caught.value.frames[0].function >= 2
    assert guest.call("next") == 11


def test_an_exit_ends_the_instance() -> None:
    guest = World().instantiate(wat(COUNTER))
    with pytest.raises(RuntimeError, match="the program exited with code 5"):
        guest.call("leave", 5)
    assert guest.exit_code == 5
    with pytest.raises(RuntimeError, match="the program has exited with code 5"):
        guest.call("next")
    guest.close()


def test_a_timeout_is_for_each_call() -> None:
    from agave_wasi import Interrupted

    text = '(module (func (export "spin") (loop $l (br $l))) (func (export "ok") (result i32) (i32.const 1)))'

    def comes_to_an_end(seconds: float) -> bool:
        with World(timeout=seconds).instantiate(wat(text)) as guest:
            for _ in range(2):
                with pytest.raises(Interrupted, match="timeout"):
                    guest.call("spin")
                try:
                    assert guest.call("ok") == 1
                except Interrupted:
                    return False
        return True

    assert within(comes_to_an_end, enough=bool)


def test_several_at_once_share_the_world() -> None:
    world = World()
    one, other = world.instantiate(wat(COUNTER)), world.instantiate(wat(COUNTER))
    assert (one.call("next"), other.call("next"), one.call("next")) == (11, 11, 12)
    assert sorted(world.kernel.processes) == [1, 2]
    one.close()
    assert sorted(world.kernel.processes) == [2]


def test_several_at_once_have_each_their_own_streams() -> None:
    world = World()
    one, other = world.instantiate(wat(COUNTER)), world.instantiate(wat(COUNTER))
    for _ in range(3):
        one.call("next")
    other.call("next")
    assert world.run(prints("between")).stdout == b"between"
    one.call("next")
    assert (one.stdout, other.stdout) == (b"xxxx", b"x")
    other.close()
    assert one.call("next") == 15 and one.stdout == b"xxxxx"
    one.close()
    assert not world.kernel.devices


def test_what_can_not_begin_leaves_nothing() -> None:
    world = World()
    for text in ("(module (func $s unreachable) (start $s))", '(module (func (export "_initialize") (param i32)))'):
        with pytest.raises((GuestTrap, BadProgram)):
            world.instantiate(wat(text))
    assert world.kernel.processes == {}


EXITS = f"""(module {imported("proc_exit")} (memory (export "memory") 1)
    (func $f {{0}} (call $proc_exit (i32.const 6))){{1}})"""


@pytest.mark.parametrize(("export", "more"), [('(export "_initialize")', ""), ("", "(start $f)")])
def test_an_exit_at_the_beginning_is_told_as_a_later_one(export: str, more: str) -> None:
    world = World()
    before = open_descriptors()
    with pytest.raises(RuntimeError, match="the program exited with code 6"):
        world.instantiate(wat(EXITS.format(export, more)))
    assert world.kernel.processes == {} and open_descriptors() == before


def test_a_command_can_be_one_too() -> None:
    with World().instantiate(prints("once", 2), trace=True) as guest:
        with pytest.raises(RuntimeError):
            guest.call("_start")
        assert guest.stdout == b"once"
    assert [event["call"] for event in guest.trace] == ["fd_write", "proc_exit"]


CALLER = """(module (import "env" "f" (func $f)) (memory (export "memory") 1)
    (func (export "call_f") (call $f)) (func (export "nothing")))"""


def test_a_guest_that_runs_is_not_closed() -> None:
    world = World()
    refused: list[object] = []

    @world.function("env")
    def f() -> None:
        with pytest.raises(EngineError, match="the guest is running: close it once its call is over") as error:
            guest.close()
        refused.append(error)

    guest = world.instantiate(wat(CALLER))
    guest.call("call_f")
    assert len(refused) == 1
    guest.call("nothing")
    guest.close()


def test_one_thread_at_a_time_calls_a_guest() -> None:
    world, errors = World(), []

    def intrude(action: Callable[[], object]) -> None:
        with pytest.raises(EngineError, match="the guest is running") as error:
            action()
        errors.append(str(error.value))

    @world.function("env")
    def f() -> None:
        for action in (lambda: guest.call("nothing"), guest.close):
            thread = threading.Thread(target=intrude, args=(action,))
            thread.start()
            thread.join()
        guest.call("nothing")  # this thread may: the call lies within its own

    guest = world.instantiate(wat(CALLER))
    guest.call("call_f")
    assert len(errors) == 2 and "in another thread" in errors[0]
    thread = threading.Thread(target=guest.call, args=("nothing",))  # between the calls any thread may
    thread.start()
    thread.join()
    guest.close()
