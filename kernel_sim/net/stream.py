"""Stream sockets: listeners and connections, the inodes behind socket descriptors.

A connection is two byte queues, one in each direction, or a device's connection. `StreamSocket` is the interface that
syscalls use; a packet-level network later implements it a third way.
"""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.inode import FileType, Inode
from kernel_sim.fs.special import PipeBuffer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel_sim.devices import ConnectionDevice, ListenerDevice


class Socket(Inode):
    """What every socket is: a stream without offsets."""

    __slots__ = ()

    type = FileType.SOCKET_STREAM

    def truncate(self, size: int) -> None:
        raise KernelError(Errno.INVAL)

    def sync(self, data_only: bool) -> None:
        raise KernelError(Errno.INVAL)


class StreamSocket(Socket):
    """A connected stream socket."""

    __slots__ = ()

    def peek(self, buffers: Sequence[memoryview]) -> int | None:
        """As `read_at`, but the bytes stay to be read again."""
        raise KernelError(Errno.NOTSUP)

    def shutdown(self, read: bool, write: bool) -> None:
        """Shut one or both directions; NOTCONN if that can't be done any more."""
        raise KernelError(Errno.NOTCONN)


class Listener(Socket):
    """A listening stream socket."""

    __slots__ = ()

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        raise KernelError(Errno.NOTCONN)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        raise KernelError(Errno.NOTCONN)

    def accept(self) -> StreamSocket | None:
        """The next connection, None if there is none yet."""
        raise KernelError(Errno.INVAL)


class MemoryConnection(StreamSocket):
    """One end of a connection in memory: reads from `incoming`, writes to `outgoing`."""

    __slots__ = ("incoming", "outgoing", "read_shut", "write_shut")

    def __init__(
        self, fs: FileSystem, number: int, now: int, incoming: PipeBuffer, outgoing: PipeBuffer
    ) -> None:
        super().__init__(fs, number, now)
        self.incoming = incoming
        self.outgoing = outgoing
        self.read_shut = False
        self.write_shut = False
        incoming.readers += 1
        outgoing.writers += 1

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        return 0 if self.read_shut else self.incoming.read(buffers)

    def peek(self, buffers: Sequence[memoryview]) -> int | None:
        return 0 if self.read_shut else self.incoming.read(buffers, keep=True)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        if self.write_shut:
            raise KernelError(Errno.PIPE)
        return self.outgoing.write(buffers)

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        if write:
            return self.outgoing.writable() if not self.write_shut else (True, 0, True)
        return self.incoming.readable() if not self.read_shut else (True, 0, True)

    def shutdown(self, read: bool, write: bool) -> None:
        if read and not self.read_shut:
            self.read_shut = True
            self.incoming.readers -= 1
        if write and not self.write_shut:
            self.write_shut = True
            self.outgoing.writers -= 1

    def closed(self, read: bool, write: bool) -> None:
        self.shutdown(True, True)


class MemoryListener(Listener):
    """A listener in memory: `connect` queues a connection, at most `backlog` of them."""

    __slots__ = ("backlog", "queue", "open")

    def __init__(self, fs: FileSystem, number: int, now: int, backlog: int = 128) -> None:
        super().__init__(fs, number, now)
        self.backlog = backlog
        self.queue: list[MemoryConnection] = []
        self.open = True

    def connect(self) -> MemoryConnection:
        """The near end of a new connection, whose far end waits to be accepted; CONNREFUSED."""
        if not self.open or len(self.queue) >= self.backlog:
            raise KernelError(Errno.CONNREFUSED)
        near, far = connection_pair(self.fs)
        self.queue.append(far)
        return near

    def accept(self) -> StreamSocket | None:
        return self.queue.pop(0) if self.queue else None

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        return bool(self.queue) and not write, len(self.queue), False

    def closed(self, read: bool, write: bool) -> None:
        self.open = False
        while self.queue:
            self.queue.pop().shutdown(True, True)


def connection_pair(fs: FileSystem) -> tuple[MemoryConnection, MemoryConnection]:
    """Both ends of a new connection in memory."""
    there, back = PipeBuffer(), PipeBuffer()
    now = fs.clock.now()
    return (
        MemoryConnection(fs, fs.new_number(), now, back, there),
        MemoryConnection(fs, fs.new_number(), now, there, back),
    )


class DeviceConnection(StreamSocket):
    """A connection that a device carries, known by the name under which it is attached."""

    __slots__ = ("devices", "name")

    def __init__(self, fs: FileSystem, number: int, now: int, devices: dict[str, ConnectionDevice], name: str) -> None:
        super().__init__(fs, number, now)
        self.devices = devices
        self.name = name

    def read_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        return _scatter(self.devices[self.name].read(sum(map(len, buffers))), buffers)

    def peek(self, buffers: Sequence[memoryview]) -> int | None:
        return _scatter(self.devices[self.name].peek(sum(map(len, buffers))), buffers)

    def write_at(self, offset: int, buffers: Sequence[memoryview]) -> int | None:
        data = buffers[0] if len(buffers) == 1 else memoryview(b"".join(buffers))
        return self.devices[self.name].write(data) if data else 0

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        return self.devices[self.name].readiness(write)

    def is_live(self) -> bool:
        return self.devices[self.name].live

    def device_name(self) -> str:
        return self.name

    def shutdown(self, read: bool, write: bool) -> None:
        self.devices[self.name].shutdown(read, write)

    def closed(self, read: bool, write: bool) -> None:
        device = self.devices.pop(self.name, None)
        if device is not None:
            device.close()


class DeviceListener(Listener):
    """A listener that a device carries; each accepted connection is attached under a name of its own."""

    __slots__ = ("listeners", "connections", "name", "accepted")

    def __init__(
        self,
        fs: FileSystem,
        number: int,
        now: int,
        listeners: dict[str, ListenerDevice],
        connections: dict[str, ConnectionDevice],
        name: str,
    ) -> None:
        super().__init__(fs, number, now)
        self.listeners = listeners
        self.connections = connections
        self.name = name
        self.accepted = 0

    def accept(self) -> StreamSocket | None:
        connection = self.listeners[self.name].accept()
        if connection is None:
            return None
        self.accepted += 1
        name = f"{self.name}#{self.accepted}"
        self.connections[name] = connection
        return DeviceConnection(self.fs, self.fs.new_number(), self.fs.clock.now(), self.connections, name)

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        return self.listeners[self.name].readiness(write)

    def is_live(self) -> bool:
        return self.listeners[self.name].live

    def device_name(self) -> str:
        return self.name

    def closed(self, read: bool, write: bool) -> None:
        self.listeners[self.name].close()


def _scatter(data: bytes | None, buffers: Sequence[memoryview]) -> int | None:
    """Spread received bytes over the buffers."""
    if data is None:
        return None
    done = 0
    for view in buffers:
        piece = data[done : done + len(view)]
        view[: len(piece)] = piece
        done += len(piece)
    return done
