"""Pollables: what is ready, what is waited for, and who must be dropped first."""

from __future__ import annotations

from agave_wasi.preview2.cli import STDIN, Stdin, Stdout
from agave_wasi.preview2.clocks import MonotonicClock
from agave_wasi.preview2.io import Error, Poll, Pollable, Source, is_true
from kernel_sim.clock import ClockId
from kernel_sim.errors import WouldBlock
from kernel_sim.syscalls.polling import NEVER, Subscription
from kernel_sim.wait import Wait
from tests.agave_wasi.preview2.guest import TRAP, WAITS, outcome
from tests.kernel_sim.scripts import MemoryStream, World, world


def waited(k: World, *pollables: Pollable) -> Wait:
    """What a poll waits for."""
    try:
        Poll(k.sys).poll(list(pollables))
    except WouldBlock as blocked:
        return blocked.wait
    raise AssertionError("it didn't wait")


def test_an_error_says_what_it_was() -> None:
    assert Error(world().sys, "NOSPC").to_debug_string() == "NOSPC"


def test_a_deadline() -> None:
    k = world()
    clock = MonotonicClock(k.sys)
    later = clock.subscribe_duration(1_000_000)
    assert not later.ready()
    assert outcome(later.block) == WAITS
    assert waited(k, later).deadline == later.deadline
    k.kernel.clock.sleep_until(later.deadline)
    assert later.ready() and outcome(later.block) is None
    assert Poll(k.sys).poll([later]) == [0]


def test_all_that_is_ready_is_told_in_order_and_as_often_as_asked() -> None:
    k = world(stdin=[None])
    clock, poll = MonotonicClock(k.sys), Poll(k.sys)
    now, later = clock.subscribe_duration(0), clock.subscribe_duration(1 << 40)
    silent, ready = Stdin(k.sys).get_stdin().subscribe(), Stdout(k.sys).get_stdout().subscribe()
    assert poll.poll([later, ready, silent, now, ready, now]) == [1, 3, 4, 5]
    assert poll.poll([silent, now]) == [1]
    assert poll.poll([silent, ready]) == [1]
    both = waited(k, later, silent)
    assert both.readable == (STDIN,) and both.deadline == later.deadline
    k.stdin.incoming = [b"x"]
    assert poll.poll([later, silent]) == [1]


def test_a_poll_of_nothing_is_a_trap() -> None:
    assert outcome(Poll(world().sys).poll, []) == TRAP


def test_the_end_of_time_is_waited_for_without_a_deadline() -> None:
    k = world()
    clock = MonotonicClock(k.sys)
    last = (1 << 64) - 1
    for never in (clock.subscribe_duration(last), clock.subscribe_instant(last), clock.subscribe_instant(NEVER)):
        assert waited(k, never).deadline is None


def test_a_broken_source_is_ready_so_that_the_next_call_can_tell() -> None:
    k = world(stdin=[None])
    pollable = Stdin(k.sys).get_stdin().subscribe()
    later = MonotonicClock(k.sys).subscribe_duration(1 << 40)
    assert Poll(k.sys).poll([later, pollable]) == [1] if pollable.ready() else outcome(pollable.block) == WAITS
    k.stdin.failure = "IO"
    assert pollable.ready() and outcome(pollable.block) is None
    assert Poll(k.sys).poll([later, pollable]) == [1]
    assert is_true(k.sys, Subscription(99)) and not is_true(k.sys, Subscription(None, False, ClockId.MONOTONIC, 1 << 50, True))


def test_a_source_outlives_its_pollables() -> None:
    k = world()
    source = Source(k.sys)
    one, other = source.subscribe(), source.subscribe()
    assert one.ready() and Poll(k.sys).poll([one, other]) == [0, 1]
    assert outcome(source.drop) == TRAP
    one.drop()
    assert outcome(source.drop) == TRAP
    other.drop()
    assert outcome(source.drop) is None


def test_a_device_that_was_silent_wakes_its_pollable() -> None:
    k = world()
    device = k.kernel.devices["stdin"] = MemoryStream(None)
    stdin = Stdin(k.sys).get_stdin()
    pollable = stdin.subscribe()
    assert not pollable.ready() and outcome(pollable.block) == WAITS
    device.incoming[:] = [b"now"]
    assert pollable.ready() and outcome(stdin.read, 9) == b"now"
