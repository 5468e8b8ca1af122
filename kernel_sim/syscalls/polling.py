"""The syscall that waits for several things at once: clocks and descriptors."""

from __future__ import annotations

from kernel_sim.clock import ClockId
from kernel_sim.errors import Errno, KernelError, WouldBlock
from kernel_sim.fs.inode import Directory
from kernel_sim.fs.special import Stream
from kernel_sim.openfile import Rights
from kernel_sim.syscalls.table import Calls, syscall
from kernel_sim.wait import Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

NEVER = 1 << 62
"""Nanoseconds of monotonic time, 146 years: who waits longer waits for ever, and no clock counts round."""


class Subscription:
    """One thing to wait for: a clock (`fd` is None) or a descriptor.

    A relative `timeout` becomes the `deadline` (monotonic ns) when it is first looked at, so a call that is started again
    doesn't wait anew.
    """

    __slots__ = ("fd", "write", "clock", "timeout", "absolute", "deadline")

    def __init__(
        self, fd: int | None, write: bool = False, clock: str = "", timeout: int = 0, absolute: bool = False
    ) -> None:
        self.fd = fd
        self.write = write
        self.clock = clock
        self.timeout = timeout
        self.absolute = absolute
        self.deadline: int | None = None


class Ready:
    """A subscription, by its index, that came true: bytes available, and whether the other end is gone."""

    __slots__ = ("index", "nbytes", "hangup")

    def __init__(self, index: int, nbytes: int = 0, hangup: bool = False) -> None:
        self.index = index
        self.nbytes = nbytes
        self.hangup = hangup


class PollCalls(Calls):
    """Waiting."""

    __slots__ = ()

    @syscall(48)
    def poll(self, subscriptions: Sequence[Subscription]) -> list[Ready]:
        """Wait until at least one subscription is true; all that are, in order.

        Errors:
            INVAL  nothing to wait for, or a clock that can't be waited for
            BADF   a descriptor is not open, a directory, or a standard stream of the other direction
            NOTCAPABLE  rights are strict, and a descriptor may not be waited for
            IO     the host failed to answer
        """
        if not subscriptions:
            raise KernelError(Errno.INVAL)
        clock = self.kernel.clock
        now = clock.read(ClockId.MONOTONIC)
        ready: list[Ready] = []
        earliest = NEVER
        readable: list[int] = []
        writable: list[int] = []
        for index, each in enumerate(subscriptions):
            if each.fd is None:
                deadline = each.deadline
                if deadline is None:
                    deadline = each.deadline = self._deadline(each, now)
                if deadline <= now:
                    ready.append(Ready(index))
                elif deadline < earliest:
                    earliest = deadline
            else:
                is_ready, nbytes, hangup = self._readiness(each.fd, each.write)
                if is_ready:
                    ready.append(Ready(index, nbytes, hangup))
                else:
                    (writable if each.write else readable).append(each.fd)
        if ready:
            return ready
        raise WouldBlock(Wait(tuple(readable), tuple(writable), earliest if earliest < NEVER else None))

    def _deadline(self, each: Subscription, now: int) -> int:
        if each.clock not in (ClockId.MONOTONIC, ClockId.REALTIME):
            raise KernelError(Errno.INVAL)
        if not each.absolute:
            return now + each.timeout
        if each.clock == ClockId.MONOTONIC:
            return each.timeout
        return now + each.timeout - self.kernel.clock.now()

    def _readiness(self, fd: int, write: bool) -> tuple[bool, int, bool]:
        file = self.fds[fd]
        inode = file.inode
        if isinstance(inode, Directory) or (isinstance(inode, Stream) and not (file.writable if write else file.readable)):
            raise KernelError(Errno.BADF)
        if self.process.strict:
            needed = Rights.POLL_FD_READWRITE | (Rights.FD_WRITE if write else Rights.FD_READ)
            if needed & ~file.rights:
                raise KernelError(Errno.NOTCAPABLE)
        if not inode.seekable:
            return inode.readiness(write)
        left = 0 if write else max(0, inode.size - file.offset)
        return True, left, not write and not left
