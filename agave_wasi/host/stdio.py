"""Byte streams of the host: its stdin, stdout and stderr, and stand-ins for them in memory.

A read never waits: readiness is asked first, and "nothing there yet" is an answer, so that other processes of the
simulation go on. A write may wait for the host: whoever reads our output is outside of the simulation, and a guest that
prints expects it to arrive. Every plain run imports this module: it needs `os` alone until something unusual happens.
"""

from __future__ import annotations

import os
from stat import S_ISREG

from agave_wasi.host import NO_FD
from kernel_sim.errors import Errno, KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_READ = 1 << 20
"""Bytes that one read asks the host for at most: the buffer is made before it is known how much there is."""


class HostStream:
    """A stream device over a host descriptor. `terminal`: does it look like a terminal to the guest?

    `owned` says whether `close` closes the descriptor; those that this process was started with are not ours to close.
    A terminal that another program reads too may still be emptied between the question and the read, which then waits.
    """

    __slots__ = ("_fd", "_owned", "live", "terminal")

    def __init__(self, fd: int, terminal: bool, owned: bool = False) -> None:
        self._fd = fd
        self._owned = owned
        self.terminal = terminal
        try:
            self.live = not S_ISREG(os.fstat(fd).st_mode)
        except OSError:  # a descriptor closed by whoever started us: the guest hears it at its first read or write
            self.live = True

    def fileno(self) -> int:
        """The host descriptor, to wait for."""
        return self._fd

    def read(self, limit: int) -> bytes | None:
        """At most `limit` bytes; b"" at the end, None if nothing is there yet. Any errno of read(2)."""
        try:
            if self.live:
                from agave_wasi.host.readiness import READ, wait

                if not wait({self._fd: READ}, 0):
                    return None
            return os.read(self._fd, min(limit, LARGEST_READ))
        except BlockingIOError:
            return None
        except OSError as error:
            raise _told(error) from None

    def write(self, data: memoryview) -> int:
        """Write all of `data`, waiting for the host where it has no room; less only if it fails in the middle.

        Errors: PIPE when nobody reads any more; any other errno of write(2). After a partial count they come back at
        the next write.
        """
        done = 0
        try:
            while True:
                try:
                    done += os.write(self._fd, data[done:] if done else data)
                except BlockingIOError:  # somebody outside made the descriptor non-blocking
                    from agave_wasi.host.readiness import WRITE, wait

                    wait({self._fd: WRITE}, None)
                if done >= len(data):
                    return done
        except OSError as error:
            if done:
                return done
            raise _told(error) from None

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """(ready, bytes available, hung up); a regular file is always ready."""
        if not self.live:
            return True, 0 if write else self._left(), False
        from agave_wasi.host.readiness import readiness

        return readiness(self._fd, write)

    def _left(self) -> int:
        try:
            return max(0, os.fstat(self._fd).st_size - os.lseek(self._fd, 0, os.SEEK_CUR))
        except OSError:
            return 0

    def rest(self, limit: int) -> bytes | None:
        """What a regular file still has to be read, without reading on; None if it isn't one, or has more than `limit`."""
        if self.live:
            return None
        try:
            at = os.lseek(self._fd, 0, os.SEEK_CUR)
            found = os.pread(self._fd, limit + 1, at)
        except OSError as error:
            raise _told(error) from None
        return found if len(found) <= limit else None

    def close(self) -> None:
        """Close the descriptor, if it is ours."""
        if self._owned and self._fd != NO_FD:
            fd, self._fd = self._fd, NO_FD
            try:
                os.close(fd)
            except OSError as error:
                raise _told(error) from None


def _told(error: OSError) -> KernelError:
    from agave_wasi.host.errno import kernel_error

    return kernel_error(error)


class BufferStream:
    """A stream device to read from: bytes in memory, then the end."""

    __slots__ = ("_data", "_position", "live", "terminal")

    def __init__(self, data: bytes = b"", terminal: bool = False) -> None:
        self.terminal = terminal
        self.live = False
        self._data = data
        self._position = 0

    def read(self, limit: int) -> bytes:
        """The next bytes, at most `limit`; b"" at the end."""
        piece = self._data[self._position : self._position + limit]
        self._position += len(piece)
        return piece

    def rest(self, limit: int) -> bytes | None:
        """What is left, without reading on; None if it is more than `limit`."""
        left = self._data[self._position :]
        return left if len(left) <= limit else None

    def write(self, data: memoryview) -> int:
        """Refused: BADF."""
        raise KernelError(Errno.BADF)

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """Always ready; how much is left."""
        return True, 0 if write else len(self._data) - self._position, False

    def close(self) -> None:
        """Nothing to give back."""


class SinkStream:
    """A stream device to write to: keeps what arrives in `data`, and hands each write to `callback` as it happens.

    With `collect` false nothing is kept: the callback alone sees the output. What the callback raises comes out of the
    run.
    """

    __slots__ = ("_callback", "_collect", "_data", "live", "terminal")

    def __init__(
        self, callback: Callable[[bytes], object] | None = None, collect: bool = True, terminal: bool = False
    ) -> None:
        self.terminal = terminal
        self.live = False
        self._data = bytearray()
        self._callback = callback
        self._collect = collect

    @property
    def data(self) -> bytes:
        """Everything that was written so far, if it is collected."""
        return bytes(self._data)

    def read(self, limit: int) -> bytes:
        """Refused: BADF."""
        raise KernelError(Errno.BADF)

    def write(self, data: memoryview) -> int:
        """Take all of `data`."""
        if self._collect:
            self._data += data
        if self._callback is not None:
            self._callback(bytes(data))
        return len(data)

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """Always ready."""
        return True, 0, False

    def close(self) -> None:
        """What was collected stays."""
