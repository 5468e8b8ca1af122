"""Syscalls about time."""

from __future__ import annotations

from kernel_sim.syscalls.table import Calls, syscall


class ClockCalls(Calls):
    """Reading clocks. Sleeping is `poll` on a clock."""

    __slots__ = ()

    @syscall(56)
    def clock_gettime(self, clock: str) -> int:
        """The time of a clock in nanoseconds; reading a virtual clock moves it on.

        Errors:
            INVAL  there is no such clock
        """
        return self.kernel.clock.read(clock)

    @syscall(57)
    def clock_getres(self, clock: str) -> int:
        """The smallest step of a clock in nanoseconds.

        Errors:
            INVAL  there is no such clock
        """
        return self.kernel.clock.resolution(clock)
