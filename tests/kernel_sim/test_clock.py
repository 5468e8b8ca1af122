"""The virtual clock: it moves when it is looked at, and jumps when everybody waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_sim.clock import CLOCK_IDS, DEFAULT_START, SECOND, ClockId, InstructionClock, VirtualClock
from tests.kernel_sim.scripts import errno

STEPS = st.lists(st.one_of(st.sampled_from(CLOCK_IDS), st.integers(0, 1 << 40)), max_size=30)


@given(st.integers(-(1 << 62), 1 << 62), st.integers(0, 1 << 30), STEPS)
def test_against_a_model(start: int, step: int, actions: list[str | int]) -> None:
    """An action is a reading of a clock, or a sleep until a time; the model adds up."""
    clock = VirtualClock(start, step)
    monotonic = slept = 0
    for action in actions:
        if isinstance(action, int):
            clock.sleep_until(action)
            slept += max(0, action - monotonic)
            monotonic = max(monotonic, action)
        else:
            monotonic += step
            expected = {ClockId.MONOTONIC: monotonic, ClockId.REALTIME: start + monotonic}
            assert clock.read(action) == expected.get(action, monotonic - slept)
        assert clock.monotonic() == monotonic
        assert clock.now() == start + monotonic


def test_readings_are_never_equal_and_start_where_documented() -> None:
    clock = VirtualClock()
    readings = [clock.read(ClockId.REALTIME) for _ in range(5)]
    assert readings == sorted(set(readings))
    assert readings[0] > DEFAULT_START == 1_767_225_600 * 10**9


def test_resolution() -> None:
    assert VirtualClock(step=0).resolution(ClockId.REALTIME) == 1
    assert VirtualClock(step=7).resolution(ClockId.THREAD_CPU) == 7
    assert errno(VirtualClock().resolution, "sundial") == errno(VirtualClock().read, "sundial") == "INVAL"


def test_instructions_move_a_clock() -> None:
    clock, executed = InstructionClock(start=5, ips=1000), [0, 250]
    sources = [lambda: executed[0], lambda: executed[1]]
    clock.attach(sources[0])
    assert clock.read(ClockId.MONOTONIC) == clock.monotonic() == clock.read(ClockId.PROCESS_CPU) == 0
    executed[0] = 3
    assert [clock.read(ClockId.MONOTONIC) for _ in range(2)] == [3_000_000] * 2  # looking at it moves nothing
    clock.attach(sources[1])
    assert clock.read(ClockId.THREAD_CPU) == 253_000_000 and clock.now() == clock.read(ClockId.REALTIME) == 253_000_005
    clock.sleep_until(2 * SECOND)
    clock.sleep_until(SECOND)
    assert clock.monotonic() == 2 * SECOND and clock.read(ClockId.PROCESS_CPU) == 253_000_000
    clock.detach(sources[1])
    executed[1] = 9_999_999
    assert clock.monotonic() == 2 * SECOND
    assert clock.resolution(ClockId.REALTIME) == 1_000_000 and InstructionClock(ips=10**12).resolution(ClockId.REALTIME) == 1
    assert errno(clock.read, "sundial") == "INVAL"


@pytest.mark.parametrize("ips", [1, 7, 1000, SECOND])
def test_a_clock_of_instructions_goes_on_elsewhere(ips: int) -> None:
    clock = InstructionClock(ips=ips)
    clock.attach(lambda: 12345)
    clock.sleep_until(10**15)
    again = InstructionClock(ips=ips)
    again.restore(clock.elapsed, clock.slept)
    assert (again.elapsed, again.slept, again.executing()) == (clock.elapsed, clock.slept, clock.executing())
    again.restore(0, 5)  # which no clock has said
    assert again.executing() == 0
