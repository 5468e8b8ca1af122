"""The virtual clock: it moves when it is looked at, and jumps when everybody waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernel_sim.clock import CLOCK_IDS, DEFAULT_START, ClockId, VirtualClock
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
