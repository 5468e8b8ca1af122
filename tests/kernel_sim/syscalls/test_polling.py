"""Waiting for several things at once."""

from __future__ import annotations

import pytest

from kernel_sim.clock import DEFAULT_STEP, ClockId
from kernel_sim.errors import WouldBlock
from kernel_sim.openfile import Rights
from kernel_sim.syscalls.polling import NEVER, Ready, Subscription
from kernel_sim.wait import Wait
from tests.kernel_sim.scripts import ROOT, World, errno, populated, provokes, world

SECOND = 1_000_000_000


def clock(timeout: int, absolute: bool = False, which: str = ClockId.MONOTONIC) -> Subscription:
    return Subscription(None, False, which, timeout, absolute)


def reading(fd: int) -> Subscription:
    return Subscription(fd)


def writing(fd: int) -> Subscription:
    return Subscription(fd, True)


def ready(k: World, *subscriptions: Subscription) -> list[tuple[int, int, bool]]:
    return [(each.index, each.nbytes, each.hangup) for each in k.sys.poll(subscriptions)]


def wait_of(k: World, *subscriptions: Subscription) -> Wait:
    with pytest.raises(WouldBlock) as blocked:
        k.sys.poll(subscriptions)
    return blocked.value.wait


def test_all_that_are_true_are_answered_in_order() -> None:
    k = populated()
    fd = k.open("f", "rw")
    assert ready(k, writing(fd), clock(SECOND), reading(fd), clock(0)) == [(0, 0, False), (2, 5, False), (3, 0, False)]
    assert k.read(fd, 5) == b"hello"
    assert ready(k, reading(fd)) == [(0, 0, True)]


def test_a_relative_deadline_survives_being_started_again() -> None:
    k = world()
    subscription = clock(SECOND)
    deadline = wait_of(k, subscription).deadline
    assert deadline == DEFAULT_STEP + SECOND
    for _ in range(3):
        assert wait_of(k, subscription).deadline == deadline
    k.kernel.clock.sleep_until(deadline)
    assert ready(k, subscription) == [(0, 0, False)]


def test_the_earliest_deadline_counts() -> None:
    k = world()
    assert wait_of(k, clock(2 * SECOND), clock(SECOND), clock(3 * SECOND)).deadline == DEFAULT_STEP + SECOND
    assert wait_of(k, clock(NEVER)).deadline is None


@pytest.mark.parametrize("which", [ClockId.MONOTONIC, ClockId.REALTIME])
def test_absolute_deadlines(which: str) -> None:
    k = world()
    now = k.sys.clock_gettime(which)
    assert ready(k, clock(now, True, which)) == ready(k, clock(0, True, which)) == [(0, 0, False)]
    k = world()
    now = k.sys.clock_gettime(which)
    assert wait_of(k, clock(now + SECOND, True, which)).deadline == DEFAULT_STEP + SECOND


def test_descriptors_are_waited_for() -> None:
    k = world(stdin=[None])
    a, b = k.sys.pipe()
    k.write(b, b"x" * (1 << 16))
    wait = wait_of(k, reading(0), writing(b), clock(5))
    assert (wait.readable, wait.writable, wait.deadline) == ((0,), (b,), DEFAULT_STEP + 5)
    assert not k.kernel.is_over(k.process, wait)
    k.read(a, 100)  # not enough room yet for an atomic write
    assert not k.kernel.is_over(k.process, wait)
    k.read(a, 1 << 16)
    assert k.kernel.is_over(k.process, wait)
    assert ready(k, writing(b), reading(0)) == [(0, 1 << 16, False)]


def test_a_wait_is_over_when_its_descriptor_is_gone_or_broken() -> None:
    k = world(stdin=[None])
    wait = wait_of(k, reading(0))
    k.stdin.failure = "IO"
    assert k.kernel.is_over(k.process, wait)
    k.stdin.failure = ""
    k.sys.close(0)
    assert k.kernel.is_over(k.process, wait)


@provokes("poll", "INVAL", "BADF", "NOTCAPABLE", "IO")
def test_errors() -> None:
    k = populated()
    assert errno(k.sys.poll, []) == "INVAL"
    assert errno(k.sys.poll, [clock(1, which=ClockId.PROCESS_CPU)]) == "INVAL"
    for bad in (reading(99), reading(ROOT), writing(0), reading(1)):
        assert errno(k.sys.poll, [clock(0), bad]) == "BADF"
    k.stdin.failure = "IO"
    assert errno(k.sys.poll, [reading(0)]) == "IO"
    k = populated(world(strict=True))
    fd = k.install(k.kernel.new_pipe(), True, True, Rights.ALL & ~Rights.POLL_FD_READWRITE)
    assert errno(k.sys.poll, [writing(fd)]) == "NOTCAPABLE"
    fd = k.install(k.kernel.new_pipe(), True, True, Rights.POLL_FD_READWRITE | Rights.FD_READ)
    assert errno(k.sys.poll, [writing(fd)]) == "NOTCAPABLE"
    assert ready(k, writing(1)) == [(0, 1 << 20, False)]


def test_ready_is_plain_data() -> None:
    assert (Ready(1).index, Ready(1).nbytes, Ready(1).hangup) == (1, 0, False)


def test_no_wait_ends_where_clocks_would_count_round() -> None:
    k = world()
    now = k.kernel.clock.monotonic()
    latest = NEVER - now - 10_000
    assert wait_of(k, clock(latest)).deadline is not None
    assert wait_of(k, clock(latest + 10_000)).deadline is None
    assert ((1 << 63) - 1) + NEVER < 1 << 64  # the latest start of realtime, and the longest wait
