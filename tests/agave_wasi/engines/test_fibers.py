"""Guests that wait: two on one thread through full pipes, one that is killed, waits in start functions and nested calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agave_wasi import Caller, World
from agave_wasi.cache import CodeCache
from agave_wasi.engines.base import EngineConfig, GuestTrap, StoreLimits
from agave_wasi.engines.wasmtime_instance import WasmtimeCall
from agave_wasi.loader import Loader, engine_for
from agave_wasi.program import Guest
from kernel_sim.errors import Deadlock
from kernel_sim.fs.special import Pipe
from kernel_sim.kernel import Kernel
from kernel_sim.openfile import OpenFile
from kernel_sim.sched import Scheduler
from tests.agave_wasi.guests import READS_STDIN, imported, little, sleeps, wat

TOTAL = 200_000
TALKER = f"""(module {imported("fd_read", "fd_write", "poll_oneoff")} (memory (export "memory") 2)
    (func $byte (param $at i32) (result i32)
      (i32.and (i32.add (i32.mul (local.get $at) (i32.const 7)) (i32.shr_u (local.get $at) (i32.const 8))) (i32.const 255)))
    (func (export "write_all") (param $total i32) (result i32) (local $at i32) (local $n i32)
      (i32.store (i32.const 0) (i32.const 4096))
      (loop $more
        (local.set $n (i32.sub (local.get $total) (local.get $at)))
        (if (i32.gt_u (local.get $n) (i32.const 5000)) (then (local.set $n (i32.const 5000))))
        (i32.store (i32.const 4) (local.get $n))
        (loop $fill
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (i32.store8 (i32.add (i32.const 4096) (local.get $n)) (call $byte (i32.add (local.get $at) (local.get $n))))
          (br_if $fill (local.get $n)))
        (local.set $n (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (if (local.get $n) (then (return (local.get $n))))
        (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
        (br_if $more (i32.lt_u (local.get $at) (local.get $total))))
      (i32.const 0))
    (func (export "read_all") (param $total i32) (result i32) (local $at i32) (local $n i32)
      (i32.store (i32.const 16) (i32.const 32768)) (i32.store (i32.const 20) (i32.const 3000))
      (loop $more
        (if (call $fd_read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)) (then unreachable))
        (local.set $n (i32.const 0))
        (if (i32.eqz (i32.load (i32.const 24))) (then (return (local.get $at))))
        (loop $check
          (if (i32.ne (i32.load8_u (i32.add (i32.const 32768) (local.get $n)))
                      (call $byte (i32.add (local.get $at) (local.get $n)))) (then unreachable))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $check (i32.lt_u (local.get $n) (i32.load (i32.const 24)))))
        (local.set $at (i32.add (local.get $at) (local.get $n)))
        (br_if $more (i32.lt_u (local.get $at) (local.get $total))))
      (local.get $at))
    (func (export "write_then_read") (param i32) (result i32)
      (if (call 3 (local.get 0)) (then unreachable)) (call $read (local.get 0)))
    (func (export "read_then_write") (param i32) (result i32) (local $n i32)
      (local.set $n (call $read (local.get 0)))
      (if (call 3 (local.get 0)) (then unreachable)) (local.get $n))
    (func $read (param i32) (result i32) (call 5 (local.get 0))))"""
# Functions by number: 0 to 2 are imported, 3 is $byte.
TALKER = TALKER.replace("(call 3 (local.get 0))", "(call 4 (local.get 0))")


class Machine:
    """A kernel with two processes, each one's stdout the other's stdin."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.scheduler = Scheduler(self.kernel)
        self.loader = Loader(engine_for(EngineConfig()), CodeCache(""))
        self.program = self.loader.load(wat(TALKER), "talker")
        pipes = [self.kernel.new_pipe(), self.kernel.new_pipe()]
        self.guests = [self.guest(pipes[0], pipes[1]), self.guest(pipes[1], pipes[0])]

    def guest(self, stdin: Pipe, stdout: Pipe) -> Guest:
        process = self.kernel.new_process([b"talker"], [])
        process.fds.add(OpenFile(stdin.opened(True, False, False), True, False))
        process.fds.add(OpenFile(stdout.opened(False, True, False), False, True))
        guest = Guest(self.kernel, process, self.loader, StoreLimits(), self.scheduler)
        guest.load(self.program)
        return guest

    def start(self, number: int, name: str, *arguments: int) -> WasmtimeCall:
        guest = self.guests[number]
        assert guest.instance is not None
        call = guest.instance.start_call(name, arguments)
        assert isinstance(call, WasmtimeCall)
        self.scheduler.add(guest.process, call)
        return call

    def close(self) -> None:
        for guest in self.guests:
            guest.close()


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    made.close()


def test_two_guests_on_one_thread_through_full_pipes_in_both_directions(machine: Machine) -> None:
    first = machine.start(0, "write_then_read", TOTAL)
    second = machine.start(1, "read_then_write", TOTAL)
    machine.scheduler.run()
    assert first.results == second.results == (TOTAL,)
    assert machine.scheduler.tasks == []
    assert all(guest.process.parked is None for guest in machine.guests)


def test_the_reader_may_come_first(machine: Machine) -> None:
    second = machine.start(1, "read_then_write", TOTAL)
    assert second.resume() is not None  # it waits, before anybody else has begun
    first = machine.start(0, "write_then_read", TOTAL)
    machine.scheduler.run()
    assert first.results == second.results == (TOTAL,)


def test_all_waiting_for_each_other_is_a_deadlock(machine: Machine) -> None:
    machine.start(0, "write_then_read", TOTAL)
    machine.start(1, "write_then_read", TOTAL)
    with pytest.raises(Deadlock, match=r"process 1 \(writing fd 1\), process 2 \(writing fd 1\)"):
        machine.scheduler.run()


def test_a_killed_reader_gives_its_peer_a_broken_pipe(machine: Machine) -> None:
    reader = machine.start(1, "read_all", TOTAL)
    assert reader.resume() is not None
    writer = machine.start(0, "write_all", TOTAL)
    (task,) = [task for task in machine.scheduler.tasks if task.runner is reader]
    machine.scheduler.kill(task)
    reader.cancel()
    machine.guests[1].close()
    machine.scheduler.run()
    assert reader.finished and reader.results == ()
    assert writer.results == (64,)  # PIPE


def test_a_killed_writer_gives_its_peer_the_end_of_the_stream(machine: Machine) -> None:
    writer = machine.start(0, "write_all", TOTAL)
    wait = writer.resume()
    assert wait is not None and wait.writable == (1,)
    (task,) = machine.scheduler.tasks
    machine.scheduler.kill(task)
    writer.cancel()
    machine.guests[0].close()
    reader = machine.start(1, "read_all", TOTAL)
    machine.scheduler.run()
    assert 60_000 < reader.results[0] < TOTAL  # what was in the pipe, whole


def test_closing_the_store_of_a_guest_that_waits_is_safe(machine: Machine) -> None:
    for _ in range(20):
        made = Machine()
        call = made.start(0, "read_all", 10)
        assert call.resume() is not None
        call.cancel()
        made.close()
    del made, call


def test_a_sleep_of_an_hour_takes_no_time() -> None:
    world = World()
    result = world.run(sleeps(3600 * 10**9), trace=True)
    assert result.ok
    assert world.kernel.clock.monotonic() >= 3600 * 10**9
    assert result.trace[0]["errno"] == "SUCCESS"


def test_others_run_while_a_start_function_waits(machine: Machine) -> None:
    """The reader's start function can't be suspended, and what it waits for comes from the other guest."""
    writer = machine.start(1, "write_all", TOTAL)
    check = f'(if (i32.ne (call $read (i32.const {TOTAL})) (i32.const {TOTAL})) (then unreachable))'
    text = TALKER.rstrip()[:-1] + f'(func $go {check})'
    reader = machine.loader.load(wat(text + " (start $go))"), "reader")
    machine.guests[0].load(reader)
    machine.scheduler.run()
    assert writer.results == (0,)


def test_what_ends_a_guest_stays_with_it_while_another_is_run(machine: Machine) -> None:
    """The writer traps in the middle; whoever runs the reader sees the end of the stream, and the trap is the writer's."""
    text = TALKER.replace('(func (export "write_all")', '(func (export "fail") unreachable) (func (export "write_all")')
    failing = machine.guests[1].load(machine.loader.load(wat(text), "failing"))
    reading = machine.start(0, "read_all", TOTAL)
    fails = failing.start_call("fail")
    task = machine.scheduler.add(machine.guests[1].process, fails)
    reader = machine.scheduler.tasks[0]
    with pytest.raises(Deadlock):  # nobody closes the writer's end before we do
        machine.scheduler.run(until=reader)
    assert isinstance(task.error, GuestTrap) and not reading.finished
    machine.guests[1].close()
    machine.scheduler.run(until=reader)
    assert reading.results == (0,)
    with pytest.raises(GuestTrap):
        machine.scheduler.run(until=task)


def test_a_start_function_that_waits_for_ever_is_a_deadlock() -> None:
    world = World()
    stdin = world.kernel.new_pipe()
    stdin.opened(False, True, False)
    text = READS_STDIN.replace('(func (export "_start")', "(func $s").rstrip()[:-1]
    program = world.loader.load(wat(text + ' (start $s) (func (export "_start")))'), "waits")
    process = world.kernel.new_process([b"waits"], [])
    process.fds.add(OpenFile(stdin.opened(True, False, False), True, False))
    guest = Guest(world.kernel, process, world.loader, StoreLimits())
    with pytest.raises(Deadlock, match="reading fd 0"):
        guest.load(program)
    guest.close()


NESTED = f"""(module {imported("poll_oneoff")} (import "env" "back" (func $back (param i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 16) "\\01") (data (i32.const 24) "{little(10**9, 8)}")
    (func (export "inner") (param i32) (result i32)
      (if (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable))
      (if (local.get 0) (then (return (call $back (i32.sub (local.get 0) (i32.const 1))))))
      (i32.load (i32.const 256)))
    (func (export "_start")
      (if (i32.ne (call $back (i32.const 2)) (i32.const 1)) (then unreachable))
      (if (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable))))"""


def test_a_wait_inside_a_call_that_a_host_function_made() -> None:
    world = World()
    depths = []

    @world.function("env")
    def back(caller: Caller, depth: int) -> int:
        depths.append(depth)
        result = caller.call("inner", depth)
        return int(result)

    result = world.run(wat(NESTED), trace=True)
    assert result.ok, result
    assert depths == [2, 1, 0]
    assert [event["call"] for event in result.trace] == ["poll_oneoff"] * 4
    assert world.kernel.clock.monotonic() >= 4 * 10**9


def test_a_nested_call_that_traps_stops_the_host_function_too() -> None:
    world = World()
    seen: list[Any] = []

    @world.function("env")
    def back(caller: Caller) -> None:
        try:
            caller.call("bad")
        except Exception as error:
            seen.append(error)
            raise

    text = """(module (import "env" "back" (func $back)) (func (export "bad") unreachable)
      (func (export "_start") (call $back)))"""
    result = world.run(wat(text))
    assert (result.ended_by, result.message) == ("trap", "unreachable")
    assert len(seen) == 1


def test_a_nested_trap_ends_the_outer_call_too() -> None:
    world = World()

    @world.function("env")
    def back(caller: Caller) -> int:
        try:
            caller.call("bad")
        except Exception:
            return 7
        return 0

    text = f"""(module {imported("proc_exit")} (import "env" "back" (func $back (result i32)))
      (func (export "bad") unreachable) (func (export "_start") (call $proc_exit (call $back))))"""
    assert world.run(wat(text)).ended_by == "trap"
