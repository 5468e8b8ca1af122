"""proc_* and sched_*: ending, signals, giving way."""

from __future__ import annotations

from agave_wasi.preview1.host import Host, wasi, wasi_blocking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Never

    from agave_wasi.preview1.types import ExitCode, Signal


class Procs(Host):
    """What a program does to itself."""

    __slots__ = ()

    @wasi
    def proc_exit(self, rval: ExitCode) -> Never:
        """End the program."""
        self.kernel.exit(rval)
        raise AssertionError("exit returned")

    @wasi
    def proc_raise(self, sig: Signal) -> None:
        """Send a signal to oneself: its default action."""
        self.kernel.raise_signal(sig)

    @wasi_blocking
    def sched_yield(self) -> None:
        """Let others run first."""
        self.kernel.sched_yield()
