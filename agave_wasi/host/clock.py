"""Real time: the host's clocks, with everything but the time of day counted from the moment the device was made."""

from __future__ import annotations

import time

from kernel_sim.clock import ClockId
from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_LONGEST_SLEEP = 86_400_000_000_000
"""A day, in nanoseconds: hosts refuse sleeps that their time type can't express, so a long one is taken in pieces."""
_HOST_NAMES: dict[str, Literal["time", "monotonic", "process_time", "thread_time"]] = {
    ClockId.REALTIME: "time",
    ClockId.MONOTONIC: "monotonic",
    ClockId.PROCESS_CPU: "process_time",
    ClockId.THREAD_CPU: "thread_time",
}


class HostClock:
    """A clock device over the host's clocks; all values in nanoseconds."""

    __slots__ = ("_monotonic", "_process", "_thread")

    def __init__(self) -> None:
        self._monotonic = time.monotonic_ns()
        self._process = time.process_time_ns()
        self._thread = time.thread_time_ns()

    def read(self, clock: str) -> int:
        """The time of `clock` (a `ClockId`); CPU times are those of this whole process and of the calling thread."""
        if clock == ClockId.MONOTONIC:
            return time.monotonic_ns() - self._monotonic
        if clock == ClockId.REALTIME:
            return time.time_ns()
        if clock == ClockId.PROCESS_CPU:
            return time.process_time_ns() - self._process
        if clock == ClockId.THREAD_CPU:
            return time.thread_time_ns() - self._thread
        raise KernelError(Errno.INVAL)

    def now(self) -> int:
        """Realtime."""
        return time.time_ns()

    def monotonic(self) -> int:
        """Time since the device was made."""
        return time.monotonic_ns() - self._monotonic

    def resolution(self, clock: str) -> int:
        """What the host says is the smallest step, at least 1."""
        if clock not in _HOST_NAMES:
            raise KernelError(Errno.INVAL)
        return max(1, round(time.get_clock_info(_HOST_NAMES[clock]).resolution * 1e9))

    def sleep_until(self, deadline: int) -> None:
        """Sleep; never returns early, but a KeyboardInterrupt ends it."""
        while (left := deadline - self.monotonic()) > 0:
            time.sleep(min(left, _LONGEST_SLEEP) / 1e9)
