"""Waiting for the host no longer than a run may take.

A guest that computes is stopped by the engine (`agave_wasi.engines.interrupt`), but one that waits for a live device, for
real time or for the reader of its output has its thread inside a wait of the host. So each such wait is cut at the deadline
of the run.
"""

from __future__ import annotations

from time import monotonic_ns

from agave_wasi.engines.base import TIMEOUT, Interrupted
from agave_wasi.engines.interrupt import exposed, state
from agave_wasi.host.clock import HostClock
from agave_wasi.host.readiness import WRITE, wait
from agave_wasi.host.waiting import NOTHING, HostWait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


PIECE = 4096
"""A pipe that is ready takes so many bytes without waiting."""
TERMINAL_PIECE = 256
"""A terminal is ready once its queue is shorter than this (WAKEUP_CHARS of Linux)."""


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

    @exposed
    def wait(self, devices: Sequence[tuple[str, bool]], timeout: int | None, least: Mapping[str, int] = NOTHING) -> bool:
        """As HostWait's, and Interrupted when the run's time is up."""
        rest = left()
        ready = super().wait(devices, rest if timeout is None else timeout if rest is None else min(rest, timeout), least)
        left()
        return ready


class PatientClock(HostClock):
    """The host's clocks; sleeping ends with the run."""

    __slots__ = ()

    @exposed
    def sleep_until(self, deadline: int) -> None:
        """As HostClock's, and Interrupted when the run's time is up."""
        rest = left()
        super().sleep_until(deadline if rest is None else min(deadline, self.monotonic() + rest))
        left()


def write_patiently(fd: int, terminal: bool, write: Callable[[memoryview], int], data: memoryview) -> int:
    """Write all of `data` to `fd` by `write`, in pieces that don't wait; Interrupted when the run's time is up."""
    piece = TERMINAL_PIECE if terminal else PIECE
    done = 0
    while done < len(data):
        if wait({fd: WRITE}, left()):
            done += write(data[done : done + piece])
        left()
    return done
