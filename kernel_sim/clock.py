"""Clocks, and the virtual one: time that moves only when somebody looks at it or everybody waits.

Each reading moves time on by `step`, so a guest that polls the clock in a loop gets somewhere and two readings are never
equal; when all processes wait, time jumps to the next deadline. CPU time is monotonic time without the jumps.

A clock may also go by the instructions that machines have executed: so many are a second, and CPU time is theirs alone.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel_sim.vdso.shared import Place


class ClockId:
    """The clocks of a machine. The first is counted from 1970, the others from the start of the run."""

    REALTIME = "realtime"
    MONOTONIC = "monotonic"
    PROCESS_CPU = "process-cputime"
    THREAD_CPU = "thread-cputime"


CLOCK_IDS = (ClockId.REALTIME, ClockId.MONOTONIC, ClockId.PROCESS_CPU, ClockId.THREAD_CPU)
DEFAULT_START = 1_767_225_600_000_000_000
"""2026-01-01T00:00:00Z, in nanoseconds: where virtual time begins unless a run says otherwise."""
DEFAULT_STEP = 1_000
"""How far a reading moves the clock, in nanoseconds."""


class VirtualClock:
    """A clock device that is part of the simulation; `start` and `step` in nanoseconds."""

    __slots__ = ("start", "step", "elapsed", "slept", "mapped")

    mapped: Place

    def __init__(self, start: int = DEFAULT_START, step: int = DEFAULT_STEP) -> None:
        self.start = start
        self.step = step
        self.elapsed = 0
        self.slept = 0

    def restore(self, elapsed: int, slept: int) -> None:
        """Be where another clock was, which had these numbers."""
        self.elapsed, self.slept = elapsed, slept

    def read(self, clock: str) -> int:
        elapsed = self.elapsed = self.elapsed + self.step
        if clock == ClockId.MONOTONIC:
            return elapsed
        if clock == ClockId.REALTIME:
            return self.start + elapsed
        if clock not in CLOCK_IDS:
            raise KernelError(Errno.INVAL)
        return elapsed - self.slept

    def now(self) -> int:
        return self.start + self.elapsed

    def monotonic(self) -> int:
        return self.elapsed

    def resolution(self, clock: str) -> int:
        if clock not in CLOCK_IDS:
            raise KernelError(Errno.INVAL)
        return self.step or 1

    def sleep_until(self, deadline: int) -> None:
        if deadline > self.elapsed:
            self.slept += deadline - self.elapsed
            self.elapsed = deadline


SECOND = 1_000_000_000


class InstructionClock(VirtualClock):
    """A clock that machines drive: `ips` of their instructions are a second. Looking at it doesn't move it.

    Its `sources` say how many instructions each machine that is attached has executed; `retired` are those of machines that
    are gone.
    """

    __slots__ = ("ips", "sources", "retired")

    def __init__(self, start: int = DEFAULT_START, ips: int = SECOND) -> None:
        self.ips = ips
        self.sources: list[Callable[[], int]] = []
        self.retired = 0
        self.start = start
        self.step = max(SECOND // ips, 1)
        self.slept = 0

    def attach(self, source: Callable[[], int]) -> None:
        """From now on `source`'s instructions count, too, those that it has executed already included."""
        self.sources.append(source)

    def detach(self, source: Callable[[], int]) -> None:
        """What it has executed stays; it may be asked no more."""
        self.sources.remove(source)
        self.retired += source()

    def executing(self) -> int:
        """The nanoseconds in which something was executed."""
        return (self.retired + sum(source() for source in self.sources)) * SECOND // self.ips

    @property
    def elapsed(self) -> int:  # type: ignore[override]  # which is a number that is kept there
        return self.slept + self.executing()

    def restore(self, elapsed: int, slept: int) -> None:
        self.slept = slept
        self.retired = max(0, -((slept - elapsed) * self.ips // SECOND))

    def read(self, clock: str) -> int:
        if clock not in CLOCK_IDS:
            raise KernelError(Errno.INVAL)
        if clock in (ClockId.PROCESS_CPU, ClockId.THREAD_CPU):
            return self.executing()
        return self.elapsed + (self.start if clock == ClockId.REALTIME else 0)

    def sleep_until(self, deadline: int) -> None:
        self.slept += max(0, deadline - self.elapsed)
