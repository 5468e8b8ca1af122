"""How inodes are kept that bytes stream through: what devices feed, pipes, sockets.

    8 stream        text device; flag counted as output
    9 pipe          buffer
    10 connection   incoming and outgoing buffer; flags read_shut, write_shut
    11 listener     natural backlog; flag open; list of the connections that wait to be accepted
    12 connection of a device   text device
    13 listener of a device     text device; natural connections accepted
    14 standard stream          natural place
"""

from __future__ import annotations

from kernel_sim.fs.inode import Inode
from kernel_sim.fs.special import Pipe, StandardStream, Stream
from kernel_sim.net.stream import DeviceConnection, DeviceListener, MemoryConnection, MemoryListener
from kernel_sim.snapshot.inodes import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernel_sim.fs.filesystem import FileSystem
    from kernel_sim.fs.special import PipeBuffer
    from kernel_sim.snapshot.codec import Writer
    from kernel_sim.snapshot.reading import Loading
    from kernel_sim.snapshot.writing import Tables


class StreamKind(Kind):
    number = 8
    type = Stream

    def save_rest(self, out: Writer, inode: Stream, tables: Tables) -> None:
        out.text(inode.name)
        out.flag(inode.budget is not None)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        name = loading.reader.text()
        counted = loading.reader.flag()
        if counted and loading.kernel.budget is None:
            loading.reader.fail("a stream counts as output, but output has no limit")
        return Stream(fs, number, 0, loading.kernel.devices, name, loading.kernel.budget if counted else None)


class PipeKind(Kind):
    number = 9
    type = Pipe

    def buffers(self, inode: Pipe) -> Iterable[PipeBuffer]:
        return (inode.buffer,)

    def save_rest(self, out: Writer, inode: Pipe, tables: Tables) -> None:
        out.natural(tables.buffer(inode.buffer))

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        pipe = Pipe(fs, number, 0)
        pipe.buffer = loading.buffer()
        return pipe


class ConnectionKind(Kind):
    number = 10
    type = MemoryConnection

    def buffers(self, inode: MemoryConnection) -> Iterable[PipeBuffer]:
        return inode.incoming, inode.outgoing

    def save_rest(self, out: Writer, inode: MemoryConnection, tables: Tables) -> None:
        out.natural(tables.buffer(inode.incoming))
        out.natural(tables.buffer(inode.outgoing))
        out.flag(inode.read_shut)
        out.flag(inode.write_shut)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        connection = MemoryConnection(fs, number, 0, loading.buffer(), loading.buffer())
        connection.read_shut = loading.reader.flag()
        connection.write_shut = loading.reader.flag()
        return connection


class ListenerKind(Kind):
    number = 11
    type = MemoryListener

    def references(self, inode: MemoryListener) -> Iterable[Inode]:
        return inode.queue

    def save_rest(self, out: Writer, inode: MemoryListener, tables: Tables) -> None:
        out.natural(inode.backlog)
        out.flag(inode.open)
        out.natural(len(inode.queue))
        for connection in inode.queue:
            out.natural(tables.inode(connection))

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        reader = loading.reader
        listener = MemoryListener(fs, number, 0, reader.natural())
        listener.open = reader.flag()
        start = reader.at
        queue = [reader.natural() for _ in range(reader.count())]

        def link() -> None:
            for reference in queue:
                connection = loading.inode(reference, start)
                if not isinstance(connection, MemoryConnection):
                    reader.fail("what waits to be accepted is no connection", start)
                listener.queue.append(connection)

        loading.later(link)
        return listener


class DeviceConnectionKind(Kind):
    number = 12
    type = DeviceConnection

    def save_rest(self, out: Writer, inode: DeviceConnection, tables: Tables) -> None:
        out.text(inode.name)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        return DeviceConnection(fs, number, 0, loading.kernel.devices, loading.device(exclusive=True))


class DeviceListenerKind(Kind):
    number = 13
    type = DeviceListener

    def save_rest(self, out: Writer, inode: DeviceListener, tables: Tables) -> None:
        out.text(inode.name)
        out.natural(inode.accepted)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        devices = loading.kernel.devices
        listener = DeviceListener(fs, number, 0, devices, devices, loading.device(exclusive=True))
        listener.accepted = loading.reader.natural()
        return listener


class StandardStreamKind(Kind):
    number = 14
    type = StandardStream

    def save_rest(self, out: Writer, inode: StandardStream, tables: Tables) -> None:
        out.natural(inode.place)

    def load_rest(self, loading: Loading, fs: FileSystem, number: int) -> Inode:
        return StandardStream(fs, number, 0, loading.reader.natural())


STREAM_KINDS: list[Kind] = [
    StreamKind(), PipeKind(), ConnectionKind(), ListenerKind(), DeviceConnectionKind(), DeviceListenerKind(),
    StandardStreamKind(),
]  # fmt: skip
