"""Syscalls of a process about itself: arguments, environment, entropy, pipes, giving way, ending."""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError, ProcessExit, WouldBlock
from kernel_sim.openfile import OpenFile
from kernel_sim.syscalls.table import Calls, syscall
from kernel_sim.wait import Wait

SIGNALS = {
    "abrt": 6, "alrm": 14, "bus": 7, "fpe": 8, "hup": 1, "ill": 4, "int": 2, "kill": 9, "pipe": 13, "poll": 29,
    "prof": 27, "pwr": 30, "quit": 3, "segv": 11, "sys": 31, "term": 15, "trap": 5, "usr1": 10, "usr2": 12,
    "vtalrm": 26, "xcpu": 24, "xfsz": 25,
}  # fmt: skip
"""Signals that end a process by default, with Linux' numbers: the exit code is 128 more."""
ENTROPY_PIECE = 1 << 20
"""So many random bytes are made at once: a guest may ask for gigabytes, which take minutes and needn't be held twice."""
IGNORED_SIGNALS = ("none", "chld", "cont", "urg", "winch")
"""Signals that do nothing by default; so does `cont` to a process that runs."""


class ProcessCalls(Calls):
    """What a process asks about itself."""

    __slots__ = ()

    @syscall(64)
    def arguments(self) -> list[bytes]:
        """The arguments, the program's name first."""
        return self.process.argv

    @syscall(65)
    def environment(self) -> list[bytes]:
        """The environment, as NAME=value."""
        return self.process.environ

    @syscall(66)
    def getrandom(self, buffer: memoryview) -> None:
        """Fill `buffer` with random bytes."""
        for start in range(0, len(buffer), ENTROPY_PIECE):
            if start:
                self.kernel.look_up()
            piece = buffer[start : start + ENTROPY_PIECE]
            piece[:] = self.kernel.entropy.take(len(piece))

    @syscall(67)
    def pipe(self) -> tuple[int, int]:
        """A new pipe: the descriptor to read from, and the one to write to.

        Errors:
            MFILE  too many descriptors
        """
        if len(self.fds) + 2 > self.fds.limit:
            raise KernelError(Errno.MFILE)
        inode = self.kernel.new_pipe()
        reading = self.fds.add(OpenFile(inode.opened(True, False, False), True, False))
        return reading, self.fds.add(OpenFile(inode.opened(False, True, False), False, True))

    @syscall(68)
    def sched_yield(self) -> None:
        """Let others run first, if there are any."""
        if len(self.kernel.processes) > 1 and self.process.parked is None:  # parked: this is the second time, after them
            raise WouldBlock(Wait(deadline=self.kernel.clock.monotonic()))

    @syscall(69)
    def exit(self, code: int) -> None:
        """End the process."""
        raise ProcessExit(code)

    @syscall(70)
    def raise_signal(self, signal: str) -> None:
        """Send a signal to oneself: the default action, since nobody can handle one.

        Errors:
            NOTSUP  the signal would stop the process, and nothing could continue it
        """
        if signal in SIGNALS:
            raise ProcessExit(128 + SIGNALS[signal])
        if signal not in IGNORED_SIGNALS:
            raise KernelError(Errno.NOTSUP)
