"""Stopping guests from outside: timeouts and Ctrl-C, wherever the guest is; and several worlds on several threads."""

from __future__ import annotations

import inspect
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from agave_wasi import Caller, World
from agave_wasi.engines.interrupt import require_frames
from agave_wasi.host.stdio import HostStream
from tests.agave_wasi.engines.stopping import LONG, PATIENCE, SOON, ctrl_c, interrupted, soon
from tests.agave_wasi.guests import LOOP, READS_STDIN, imported, prints, sleeps, wat
from tests.waiting import within


@pytest.fixture
def silent() -> Iterator[HostStream]:
    """A live stdin on which nothing ever arrives."""
    reading, writing = os.pipe()
    yield HostStream(reading, False)
    os.close(reading)
    os.close(writing)


def test_a_timeout_in_a_loop() -> None:
    soon(lambda: World(timeout=SOON).run(wat(LOOP)))


def test_a_timeout_while_waiting_for_a_live_stdin(silent: HostStream) -> None:
    soon(lambda: World(timeout=SOON).run(wat(READS_STDIN), stdin=silent))


def test_a_timeout_in_a_real_sleep() -> None:
    soon(lambda: World(timeout=SOON, realtime=True).run(sleeps(LONG)))


def test_a_timeout_in_a_guest_that_only_sleeps_virtually() -> None:
    text = f"""(module {imported("poll_oneoff")} (memory (export "memory") 1) (data (i32.const 24) "\\01")
      (func (export "_start")
        (loop $l (drop (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256))) (br $l))))"""
    soon(lambda: World(timeout=SOON).run(wat(text)))


def test_a_timeout_in_a_wait_inside_a_nested_call() -> None:
    world = World(timeout=SOON, realtime=True)

    @world.function("env")
    def back(caller: Caller) -> None:
        caller.call("nap")

    text = sleeps_exported(LONG)
    soon(lambda: world.run(text))


def sleeps_exported(nanoseconds: int) -> bytes:
    data = nanoseconds.to_bytes(8, "little")
    body = "".join(f"\\{byte:02x}" for byte in data)
    return wat(
        f"""(module {imported("poll_oneoff")} (import "env" "back" (func $back)) (memory (export "memory") 1)
        (data (i32.const 16) "\\01") (data (i32.const 24) "{body}")
        (func (export "nap")
          (if (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable)))
        (func (export "_start") (call $back)))"""
    )


def test_a_timeout_is_for_the_whole_run() -> None:
    text = f"""(module (func $s (local $n i32) (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n)
      (i32.const 1))) (i32.const 1000))))) (start $s) (func (export "_initialize") (loop $l (br $l))) {LOOP[8:]}"""
    soon(lambda: World(timeout=SOON).run(wat(text)))


def test_a_quick_run_is_not_touched_by_a_timeout() -> None:
    world = World(timeout=PATIENCE)
    for _ in range(50):
        assert world.run(prints("x")).stdout == b"x"


def test_output_before_a_timeout_is_kept() -> None:
    text = prints("before")
    assert World(timeout=PATIENCE).run(text).stdout == b"before"
    loops = f"""(module {imported("fd_write")} (memory (export "memory") 1)
      (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00") (data (i32.const 16) "abc")
      (func (export "_start")
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (loop $l (br $l))))"""
    done = within(lambda seconds: soon(lambda: World(timeout=seconds).run(wat(loops))), lambda result: result.stdout)
    assert done.stdout == b"abc"


def test_ctrl_c_in_a_loop() -> None:
    interrupted(lambda: World().run(wat(LOOP)))


def test_ctrl_c_in_a_start_function() -> None:
    interrupted(lambda: World().run(wat('(module (func $s (loop $l (br $l))) (start $s) (func (export "_start")))')))


def test_ctrl_c_while_waiting_for_a_live_stdin(silent: HostStream) -> None:
    interrupted(lambda: World().run(wat(READS_STDIN), stdin=silent))


def test_ctrl_c_in_a_real_sleep() -> None:
    interrupted(lambda: World(realtime=True).run(sleeps(LONG)))


def test_ctrl_c_in_a_wait_inside_a_nested_call() -> None:
    world = World(realtime=True)

    @world.function("env")
    def back(caller: Caller) -> None:
        caller.call("nap")

    interrupted(lambda: world.run(sleeps_exported(LONG)))


def test_ctrl_c_in_a_host_function_that_sleeps() -> None:
    world = World()

    @world.function("env")
    def nap() -> None:
        time.sleep(LONG / 1e9)

    interrupted(lambda: world.run(wat('(module (import "env" "nap" (func $f)) (func (export "_start") (call $f)))')))


def test_ctrl_c_in_the_guest_that_a_host_function_called() -> None:
    world = World()

    @world.function("env")
    def back(caller: Caller) -> None:
        caller.call("spin")

    text = """(module (import "env" "back" (func $f)) (func (export "spin") (loop $l (br $l)))
      (func (export "_start") (call $f)))"""
    interrupted(lambda: world.run(wat(text)))


def test_ctrl_c_among_many_host_calls_is_never_lost() -> None:
    """Wherever in a callback it comes."""
    text = f"""(module {imported("sched_yield", "clock_time_get")} (memory (export "memory") 1) (func (export "_start")
      (loop $l (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 0))) (br $l))))"""
    for _ in range(30):
        thread = ctrl_c(0.01)
        begin = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            World(timeout=PATIENCE).run(wat(text))
        thread.join()
        assert time.monotonic() - begin < PATIENCE


def test_a_handler_of_the_user_s_own_is_called_and_may_let_the_guest_go_on() -> None:
    called = []

    class Enough(Exception):
        """What ends the guest at last."""

    def heard(*_: object) -> None:
        called.append(1)
        if len(called) == 3:
            raise Enough
        ctrl_c()  # again, while the guest goes on

    old = signal.signal(signal.SIGINT, heard)
    try:
        ctrl_c()
        with pytest.raises(Enough):
            World(timeout=PATIENCE).run(wat(LOOP))
        assert called == [1, 1, 1]
    finally:
        signal.signal(signal.SIGINT, old)


def test_a_world_survives_ctrl_c() -> None:
    world = World()
    interrupted(lambda: world.run(wat(LOOP)))
    assert world.run(prints("again")).stdout == b"again"
    assert world.kernel.processes == {}


def test_many_worlds_on_many_threads() -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                world = World(seed=number, timeout=0.05 if turn % 3 == 0 else PATIENCE)
                if turn % 3 == 0:
                    assert world.run(wat(LOOP)).ended_by == "timeout" == world.run(wat(LOOP)).ended_by
                else:
                    text = f"{number} {turn}"
                    assert world.run(prints(text, number)).stdout == text.encode()
                    assert world.run(sleeps(10**12)).ok
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not failures, failures
    assert not any(thread.is_alive() for thread in threads)


def test_ctrl_c_while_other_threads_run_guests() -> None:
    stop: list[bool] = []

    def work() -> None:
        while not stop:
            World().run(prints("x"))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        interrupted(lambda: World().run(wat(LOOP)))
    finally:
        stop.append(True)
        for thread in threads:
            thread.join(PATIENCE)


def test_many_open_descriptors_do_not_stop_the_watcher() -> None:
    """select() can't express descriptors from 1024 on, and the watcher may be made late."""
    program = """
import os, resource
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if hard != resource.RLIM_INFINITY and hard < 1200:
    raise SystemExit(0)
resource.setrlimit(resource.RLIMIT_NOFILE, (1200, hard))
opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
from agave_wasi import World
result = World(timeout=0.2, cache=False).run(b'(module (func (export "_start") (loop $l (br $l))))')
assert result.ended_by == "timeout", result
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_forked_process_has_its_own_watcher() -> None:
    assert World(timeout=PATIENCE).run(prints("x")).ok
    pid = os.fork()
    if not pid:
        code = 1
        try:
            code = World(timeout=SOON).run(wat(LOOP)).exit_code
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 124


def test_require_frames() -> None:
    require_frames()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 20)
    try:
        with pytest.raises(RecursionError):
            require_frames()
        with pytest.raises(RecursionError):
            World().run(prints("x"))
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("spare", range(20, 110, 3))
def test_deep_recursion_is_never_mistaken_for_a_result(spare: int) -> None:
    """The limit of recursion may strike anywhere: in a callback, in what it calls, at its very first instruction."""
    world = World()

    @world.function("env")
    def again(caller: Caller) -> int:
        value = caller.call("go")
        return int(value)

    text = """(module (import "env" "again" (func $again (result i32)))
      (func $go (export "go") (result i32) (call $again)) (func (export "_start") (drop (call $go)) unreachable))"""
    program = world.load(wat(text))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 40 + spare)
    try:
        with pytest.raises(RecursionError):
            world.run(program)
    finally:
        sys.setrecursionlimit(limit)


def test_a_poll_of_a_live_stream_takes_real_time_and_no_more(silent: HostStream) -> None:
    body = "".join(f"\\{byte:02x}" for byte in (10**9 // 4).to_bytes(8, "little"))
    text = f"""(module {imported("poll_oneoff")} (memory (export "memory") 1)
      (data (i32.const 8) "\\01") (data (i32.const 56) "\\00") (data (i32.const 64) "\\01") (data (i32.const 72) "{body}")
      (func (export "_start")
        (if (call $poll_oneoff (i32.const 0) (i32.const 256) (i32.const 2) (i32.const 512)) (then unreachable))
        (if (i32.ne (i32.load (i32.const 512)) (i32.const 1)) (then unreachable))))"""
    world = World()
    begin = time.monotonic()
    assert world.run(wat(text), stdin=silent).ok
    assert 0.2 < time.monotonic() - begin < PATIENCE
    assert world.kernel.clock.monotonic() >= 10**9 // 4


def test_a_live_stdin_is_read_as_soon_as_something_arrives() -> None:
    reading, writing = os.pipe()
    threading.Timer(SOON, lambda: os.write(writing, b"hello")).start()
    result = World().run(wat(READS_STDIN), stdin=HostStream(reading, False))
    assert result.exit_code == 5
    assert not select.select([reading], [], [], 0)[0]
    os.close(reading)
    os.close(writing)
