"""Real time: it starts where it should, goes forward, and a sleep ends when it should."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from agave_wasi.host.clock import HostClock
from kernel_sim.clock import CLOCK_IDS, ClockId
from kernel_sim.errors import Errno, KernelError

if TYPE_CHECKING:
    from kernel_sim.devices import ClockDevice

MILLISECOND = 1_000_000


def test_is_a_clock_device() -> None:
    device: ClockDevice = HostClock()
    assert device.monotonic() >= 0


@pytest.mark.parametrize("clock", [ClockId.MONOTONIC, ClockId.PROCESS_CPU, ClockId.THREAD_CPU])
def test_counts_from_its_making_and_never_goes_back(clock: str) -> None:
    hosts = {ClockId.MONOTONIC: time.monotonic_ns, ClockId.PROCESS_CPU: time.process_time_ns}.get(clock, time.thread_time_ns)
    before = hosts()
    device = HostClock()
    readings = [device.read(clock) for _ in range(100)]
    assert readings == sorted(readings)
    assert 0 <= readings[0] <= readings[-1] <= hosts() - before


def test_realtime_is_the_hosts() -> None:
    device = HostClock()
    assert time.time_ns() <= device.read(ClockId.REALTIME) <= device.now() <= time.time_ns()


def test_cpu_time_does_not_pass_in_a_sleep() -> None:
    def costs_little(milliseconds: int) -> bool:
        device = HostClock()
        device.sleep_until(device.monotonic() + milliseconds * MILLISECOND)
        return device.read(ClockId.THREAD_CPU) < milliseconds * MILLISECOND // 2

    assert any(map(costs_little, (50, 500, 5000)))  # some hosts count what they themselves are kept from


@pytest.mark.parametrize("clock", CLOCK_IDS)
def test_resolution_is_a_positive_number_of_nanoseconds(clock: str) -> None:
    assert 1 <= HostClock().resolution(clock) <= 100 * MILLISECOND


def test_unknown_clocks_are_refused() -> None:
    device = HostClock()
    for question in (device.read, device.resolution):
        with pytest.raises(KernelError) as caught:
            question("sundial")
        assert caught.value.errno == Errno.INVAL


def test_sleep_is_never_short_and_a_past_deadline_none_at_all() -> None:
    device = HostClock()
    deadline = device.monotonic() + 20 * MILLISECOND
    device.sleep_until(deadline)
    assert device.monotonic() >= deadline
    device.sleep_until(0)


def test_interrupt_ends_a_sleep_of_centuries() -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            HostClock().sleep_until(1 << 64)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
