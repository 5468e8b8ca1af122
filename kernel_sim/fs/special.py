"""Files that aren't storage: /dev/null and its family, pipes, and streams that a device feeds (a console, a host pipe)."""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError, LimitReached
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.inode import FileType, Inode, Stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel_sim.devices import EntropyDevice, StreamDevice

PIPE_CAPACITY = 1 << 16
RANDOM_MAX = (1 << 25) - 1
"""So many bytes come with one read of /dev/urandom at the most, as on Linux: random bytes take a while to make."""
PIPE_BUF = 4096
"""Writes of at most this many bytes to a pipe are atomic (POSIX requires at least 512)."""


class CharacterDevice(Inode):
    """What the members of /dev share: reads and writes that take no notice of offsets."""

    __slots__ = ()

    type = FileType.CHARACTER_DEVICE

    def truncate(self, size: int) -> None:
        """Opening with O_TRUNC is allowed and does nothing; ftruncate is refused."""
        raise KernelError(Errno.INVAL)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        return sum(map(len, buffers))


class NullDevice(CharacterDevice):
    """/dev/null: always at its end, takes everything."""

    __slots__ = ()

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        return 0


class ZeroDevice(CharacterDevice):
    """/dev/zero: endless zeros, takes everything."""

    __slots__ = ()

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        for view in buffers:
            view[:] = bytes(len(view))
        return sum(map(len, buffers))


class FullDevice(ZeroDevice):
    """/dev/full: endless zeros, and a disk that is always full."""

    __slots__ = ()

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        raise KernelError(Errno.NOSPC)


class RandomDevice(CharacterDevice):
    """/dev/random and /dev/urandom: the world's entropy; what is written is thanked for and dropped."""

    __slots__ = ("entropy",)

    def __init__(self, fs: FileSystem, number: int, now: int, entropy: EntropyDevice) -> None:
        super().__init__(fs, number, now)
        self.entropy = entropy

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int:
        left = RANDOM_MAX
        for view in buffers:
            piece = view[:left]
            piece[:] = self.entropy.take(len(piece))
            left -= len(piece)
        return RANDOM_MAX - left


class StandardStream(CharacterDevice):
    """/dev/stdin and its like: opening it gives the standard stream at that `place` of whoever opens it."""

    __slots__ = ("place",)

    def __init__(self, fs: FileSystem, number: int, now: int, place: int) -> None:
        super().__init__(fs, number, now)
        self.place = place


class Stream(Inode):
    """A byte stream behind an attached device: the caller's stdin, a terminal, a buffer that a test fills.

    `budget` is how many bytes may still be written (None: no limit); it is shared by all streams that count as output.
    """

    __slots__ = ("devices", "name", "budget")

    def __init__(
        self,
        fs: FileSystem,
        number: int,
        now: int,
        devices: dict[str, StreamDevice],
        name: str,
        budget: OutputBudget | None = None,
    ) -> None:
        super().__init__(fs, number, now)
        self.nlink = 1
        self.devices = devices
        self.name = name
        self.budget = budget

    @property
    def type(self) -> str:  # type: ignore[override]  # a class attribute elsewhere; here the device decides
        device = self.devices.get(self.name)  # in a kernel that was restored, nothing may be attached yet
        return FileType.CHARACTER_DEVICE if device is not None and device.terminal else FileType.UNKNOWN

    def stat(self) -> Stat:
        """Streams of the host have no attributes that a guest could rely on: all zero, as wasmtime answers."""
        return Stat(0, 0, self.type, 0, 0, 0, 0, 0)

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        device = self.devices[self.name]
        done = 0
        for view in buffers:
            if not view:
                continue
            if done and not device.readiness(False)[1]:  # what has arrived is enough; never wait for more
                break
            data = device.read(len(view))
            if data is None:
                return done or None
            view[: len(data)] = data
            done += len(data)
            if len(data) < len(view):
                break
        return done

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        device, budget = self.devices[self.name], self.budget
        if budget is not None:
            buffers = budget.allow(buffers)
        written = device.write(buffers[0] if len(buffers) == 1 else memoryview(b"".join(buffers)))
        if budget is not None and written is not None:
            budget.left -= written
        return written

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        return self.devices[self.name].readiness(write)

    def is_live(self) -> bool:
        return self.devices[self.name].live

    def device_name(self) -> str:
        return self.name


class OutputBudget:
    """How many bytes all output streams together may still take."""

    __slots__ = ("limit", "left")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.left = limit

    def allow(self, buffers: Sequence[memoryview]) -> list[memoryview]:
        """As much of the buffers as is left; LimitReached if nothing is.

        Cut before anything is joined: a thousand buffers may be the same gigabyte of a guest's.
        """
        left, allowed = self.left, []
        for view in buffers:
            if left > 0 and view:
                allowed.append(view[:left])
                left -= len(view)
        if not allowed and any(buffers):
            raise LimitReached("output", self.limit)
        return allowed


class PipeBuffer:
    """A bounded byte queue with counted ends; the state behind a pipe and behind each direction of a connection."""

    __slots__ = ("data", "capacity", "readers", "writers")

    def __init__(self, capacity: int = PIPE_CAPACITY) -> None:
        self.data = bytearray()
        self.capacity = capacity
        self.readers = 0
        self.writers = 0

    def read(self, buffers: Sequence[memoryview], keep: bool = False) -> int | None:
        """Move bytes out (or only copy them, if `keep`); 0 at the end, None if there is nothing yet."""
        if not self.data and self.writers:
            return None if any(map(len, buffers)) else 0
        done = 0
        for view in buffers:
            piece = self.data[done : done + len(view)]
            view[: len(piece)] = piece
            done += len(piece)
        if not keep:
            del self.data[:done]
        return done

    def write(self, buffers: Sequence[memoryview]) -> int | None:
        """Take what fits, small writes whole or not at all; None if there is no room; PIPE if nobody reads."""
        if not self.readers:
            raise KernelError(Errno.PIPE)
        wanted = sum(map(len, buffers))
        room = self.capacity - len(self.data)
        if room < min(wanted, PIPE_BUF, self.capacity) or (wanted and not room):
            return None
        done = 0
        for view in buffers:
            piece = view[: room - done]
            self.data += piece
            done += len(piece)
        return done

    def readable(self) -> tuple[bool, int, bool]:
        """(ready, bytes, hung up) for the reading end."""
        return bool(self.data) or not self.writers, len(self.data), not self.writers

    def writable(self) -> tuple[bool, int, bool]:
        """(ready, room, hung up) for the writing end."""
        room = self.capacity - len(self.data)
        return room >= min(PIPE_BUF, self.capacity) or not self.readers, room, not self.readers


class Pipe(Inode):
    """A FIFO: descriptors opened for reading drain the buffer that those opened for writing fill."""

    __slots__ = ("buffer",)

    type = FileType.FIFO

    def __init__(self, fs: FileSystem, number: int, now: int) -> None:
        super().__init__(fs, number, now)
        self.buffer = PipeBuffer()

    def opened(self, read: bool, write: bool, truncate: bool) -> Inode:
        self.buffer.readers += read
        self.buffer.writers += write
        return self

    def closed(self, read: bool, write: bool) -> None:
        self.buffer.readers -= read
        self.buffer.writers -= write

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        return self.buffer.read(buffers)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        return self.buffer.write(buffers)

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        return self.buffer.writable() if write else self.buffer.readable()
