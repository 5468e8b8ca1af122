"""Waiting for the host no longer than a run may take.

A guest that computes is stopped by the engine (`agave_wasi.engines.interrupt`), but one that waits for a live device or for
real time has its thread inside a wait of the host. So each such wait is cut at the deadline of the run.
"""

from __future__ import annotations

from time import monotonic_ns

from agave_wasi.engines.base import TIMEOUT, Interrupted
from agave_wasi.engines.interrupt import state
from agave_wasi.host.clock import HostClock
from agave_wasi.host.waiting import NOTHING, HostWait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def left() -> int | None:
    """Nanoseconds that this thread's run has left, None without a limit; Interrupted when they are used up."""
    if state.deadline is None:
        return None
    rest = int(state.deadline * 1e9) - monotonic_ns()
    if rest <= 0:
        raise Interrupted(TIMEOUT)
    return rest


class PatientWait(HostWait):
    """A wait device that ends with the run."""

    __slots__ = ()

    def wait(self, devices: Sequence[tuple[str, bool]], timeout: int | None, least: Mapping[str, int] = NOTHING) -> bool:
        """As HostWait's, and Interrupted when the run's time is up."""
        rest = left()
        ready = super().wait(devices, rest if timeout is None else timeout if rest is None else min(rest, timeout), least)
        left()
        return ready


class PatientClock(HostClock):
    """The host's clocks; sleeping ends with the run."""

    __slots__ = ()

    def sleep_until(self, deadline: int) -> None:
        """As HostClock's, and Interrupted when the run's time is up."""
        rest = left()
        super().sleep_until(deadline if rest is None else min(deadline, self.monotonic() + rest))
        left()
