"""clock_*: each id leads to its own clock of the kernel's."""

from __future__ import annotations

import pytest

from agave_wasi.preview1.clocks import Clocks
from kernel_sim.clock import CLOCK_IDS, VirtualClock
from kernel_sim.kernel import Kernel


def clocks(clock: VirtualClock) -> Clocks:
    kernel = Kernel(clock)
    return Clocks(kernel.door(kernel.new_process([], [])))


def test_realtime_and_monotonic_are_apart() -> None:
    found = clocks(VirtualClock(start=10**18, step=7))
    realtime, monotonic = (found.clock_time_get(clock, 0) for clock in ("realtime", "monotonic"))
    assert realtime - monotonic == 10**18 - 7  # the second reading is a step later
    assert found.clock_time_get("monotonic", 10**9) == monotonic + 7  # whatever precision would do


@pytest.mark.parametrize("clock", CLOCK_IDS)
def test_every_clock_has_a_resolution(clock: str) -> None:
    assert clocks(VirtualClock()).clock_res_get(clock) > 0
