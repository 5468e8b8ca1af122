"""Clocks: the kernel's, in WIT's units."""

from __future__ import annotations

from agave_wasi.preview2.clocks import SECOND, MonotonicClock, Timezone, WallClock, datetime
from kernel_sim.clock import DEFAULT_START, DEFAULT_STEP
from tests.kernel_sim.scripts import world


def test_monotonic_time_moves_with_each_look() -> None:
    clock = MonotonicClock(world().sys)
    first = clock.now()
    assert clock.now() == first + DEFAULT_STEP and clock.resolution() == DEFAULT_STEP


def test_the_time_of_day() -> None:
    clock = WallClock(world().sys)
    assert clock.now() == (DEFAULT_START // SECOND, DEFAULT_STEP)
    assert clock.now()[1] == 2 * DEFAULT_STEP
    assert clock.resolution() == (0, DEFAULT_STEP)


def test_moments() -> None:
    assert datetime(5 * SECOND + 7) == (5, 7) and datetime(SECOND - 1) == (0, SECOND - 1)
    assert datetime(-1) == datetime(0) == (0, 0)


def test_a_duration_counts_from_now_and_an_instant_from_the_start() -> None:
    clock = MonotonicClock(world().sys)
    now = clock.now()
    assert clock.subscribe_instant(77).deadline == 77
    assert clock.subscribe_duration(77).deadline == now + DEFAULT_STEP + 77


def test_the_machine_is_in_utc() -> None:
    zone = Timezone(world().sys)
    when = datetime(0)
    assert zone.utc_offset(when) == 0 and zone.display(when) == (0, "UTC", False)
    assert str(zone.display(when)) == "TimezoneDisplay(utc_offset=0, name='UTC', in_daylight_saving_time=False)"
