"""wasi:clocks: reading clocks, and pollables that wait for one."""

from __future__ import annotations

from collections import namedtuple

from agave_wasi.component.host import Host, interface
from agave_wasi.preview2.io import Pollable
from kernel_sim.clock import ClockId

SECOND = 1_000_000_000

TimezoneDisplay = namedtuple("TimezoneDisplay", "utc_offset name in_daylight_saving_time")


def datetime(nanoseconds: int) -> tuple[int, int]:
    """A moment counted from 1970 as seconds and nanoseconds; what was before can't be said and becomes 1970 itself."""
    return divmod(nanoseconds, SECOND) if nanoseconds > 0 else (0, 0)


@interface("wasi:clocks/monotonic-clock@0.2")
class MonotonicClock(Host):
    """Time from the start of the run, in nanoseconds."""

    __slots__ = ()

    def now(self) -> int:
        """The time."""
        return self.kernel.clock_gettime(ClockId.MONOTONIC)

    def resolution(self) -> int:
        """The smallest step."""
        return self.kernel.clock_getres(ClockId.MONOTONIC)

    def subscribe_instant(self, when: int) -> Pollable:
        """Ready when the clock shows `when`."""
        return Pollable(self.kernel, None, when)

    def subscribe_duration(self, when: int) -> Pollable:
        """Ready when so much time has passed from now on."""
        return Pollable(self.kernel, None, self.now() + when)


@interface("wasi:clocks/wall-clock@0.2")
class WallClock(Host):
    """The time of day."""

    __slots__ = ()

    def now(self) -> tuple[int, int]:
        """The time."""
        return datetime(self.kernel.clock_gettime(ClockId.REALTIME))

    def resolution(self) -> tuple[int, int]:
        """The smallest step."""
        return datetime(self.kernel.clock_getres(ClockId.REALTIME))


@interface("wasi:clocks/timezone@0.2")
class Timezone(Host):
    """The time zone of the machine, which is UTC."""

    __slots__ = ()

    def display(self, when: tuple[int, int]) -> TimezoneDisplay:
        """How the zone is called at that time, and how it differs from UTC."""
        return TimezoneDisplay(0, "UTC", False)

    def utc_offset(self, when: tuple[int, int]) -> int:
        """Seconds that local time is ahead of UTC."""
        return 0
