"""Syscalls about time."""

from __future__ import annotations

from kernel_sim.clock import CLOCK_IDS, DEFAULT_START, DEFAULT_STEP, ClockId
from tests.kernel_sim.scripts import errno, provokes, world


@provokes("clock_gettime", "INVAL")
@provokes("clock_getres", "INVAL")
def test_reading_moves_time_on() -> None:
    k = world()
    assert k.sys.clock_gettime(ClockId.MONOTONIC) == DEFAULT_STEP
    assert k.sys.clock_gettime(ClockId.REALTIME) == DEFAULT_START + 2 * DEFAULT_STEP
    assert k.sys.clock_gettime(ClockId.PROCESS_CPU) == 3 * DEFAULT_STEP
    assert [k.sys.clock_getres(clock) for clock in CLOCK_IDS] == [DEFAULT_STEP] * 4
    assert errno(k.sys.clock_gettime, "sundial") == errno(k.sys.clock_getres, "sundial") == "INVAL"
