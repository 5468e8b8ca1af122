"""Reading a snapshot: the tables first, then the references between inodes, then what holds on to them."""

from __future__ import annotations

from zlib import crc32

from kernel_sim.clock import InstructionClock, VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.errors import KernelError
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.hostfs import HostDirectory, HostFileSystem
from kernel_sim.fs.inode import Directory, Inode
from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.fs.overlay import OverlayFile, OverlayFileSystem, OverlaySpecial, OverlaySymlink
from kernel_sim.fs.special import OutputBudget, PipeBuffer, Stream
from kernel_sim.kernel import Kernel
from kernel_sim.openfile import OpenFile, Rights, Status
from kernel_sim.process import Process
from kernel_sim.snapshot.codec import MAGIC, VERSION, Reader, SnapshotError
from kernel_sim.snapshot.writing import BY_TYPE, HOST, MEMORY, OVERLAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from kernel_sim.devices import ClockDevice, EntropyDevice

BY_NUMBER = {kind.number: kind for kind in BY_TYPE.values()}
OFFSET_LIMIT = (1 << 64) - 1
STATUS_LIMIT = 2 * Status.SYNC - 1


class Restored:
    """A kernel that came back, and what was to be kept with it, by name."""

    __slots__ = ("kernel", "kept")

    def __init__(self, kernel: Kernel, kept: dict[str, Inode]) -> None:
        self.kernel = kernel
        self.kept = kept


def load(
    data: bytes,
    devices: Mapping[str, object] | None = None,
    clock: ClockDevice | None = None,
    entropy: EntropyDevice | None = None,
) -> Restored:
    """The kernel that `save` wrote.

    `devices` are attached by their names; those behind host directories and sockets must be there, streams may come
    later. `clock` and `entropy` are needed if the snapshot's were the host's, and ignored if not; a virtual clock that
    goes by instructions takes the place of the snapshot's. Raises SnapshotError
    for bytes that are no snapshot, and for a host that doesn't have any more what was in use there.
    """
    reader = Reader(data)
    if bytes(reader.data[: len(MAGIC)]) != MAGIC:
        reader.fail("this is no snapshot of a kernel")
    reader.at = len(MAGIC)
    version = reader.natural()
    if version != VERSION:
        reader.fail(f"this snapshot has version {version}; only version {VERSION} can be read", len(MAGIC))
    reader.end = max(reader.at, len(data) - 4)
    if crc32(reader.data[: reader.end]).to_bytes(4, "little") != bytes(reader.data[reader.end :]):
        reader.fail("the checksum is wrong: the snapshot has been damaged or cut off", reader.end)
    loading = Loading(reader, dict(devices or {}), clock, entropy)
    try:
        return loading.everything()
    except KernelError as error:
        raise SnapshotError(f"the host doesn't give back what was open there: {error}", reader.at) from None


class Loading:
    """What has been read so far."""

    def __init__(
        self, reader: Reader, devices: dict[str, Any], clock: ClockDevice | None, entropy: EntropyDevice | None
    ) -> None:
        self.reader = reader
        self.kernel = Kernel(self._clock(clock), self._entropy(entropy))
        self.kernel.devices.update(devices)
        self.filesystems: list[FileSystem] = []
        self.buffers: list[PipeBuffer] = []
        self.counts: list[tuple[int, int]] = []
        self.inodes: list[Inode] = []
        self.files: list[OpenFile] = []
        self.tops: dict[int, HostDirectory] = {}
        self._later: list[Callable[[], None]] = []
        self._adopted: dict[int, int] = {}
        self._taken: set[str] = set()

    # What kinds of inodes ask for

    def filesystem(self) -> FileSystem:
        """The file system that is referred to here."""
        return self.filesystems[self.reader.natural(len(self.filesystems) - 1)]

    def buffer(self) -> PipeBuffer:
        """The buffer that is referred to here."""
        start = self.reader.at
        place = self.reader.natural()
        if place >= len(self.buffers):
            self.reader.fail("there is no such buffer", start)
        return self.buffers[place]

    def inode(self, place: int, start: int) -> Inode:
        """The inode at `place`, once all are there; `start` is where the reference stands."""
        if place >= len(self.inodes):
            self.reader.fail("there is no such inode", start)
        return self.inodes[place]

    def later(self, link: Callable[[], None]) -> None:
        """Call `link` when all inodes are there."""
        self._later.append(link)

    def adopt(self, child: Directory, parent: MemDirectory, start: int) -> None:
        """A directory has one entry, in the directory above it and in the same file system."""
        if id(child) in self._adopted:
            self.reader.fail("a directory has two places in the tree", start)
        if not isinstance(child, MemDirectory) or child.fs is not parent.fs:
            self.reader.fail("an entry is a directory of another file system", start)
        self._adopted[id(child)] = id(parent)

    def device(self, exclusive: bool = False) -> str:
        """The name of a device that must be there; `exclusive`: and that nobody else names."""
        start = self.reader.at
        name = self.reader.text()
        if exclusive:
            if name in self._taken:
                self.reader.fail(f"the device {name!r} is named twice", start)
            self._taken.add(name)
        if name not in self.kernel.devices:
            self.reader.fail(f"the device {name!r} is needed, but nothing is attached under that name", start)
        return name

    # The parts, in order

    def everything(self) -> Restored:
        """The whole snapshot behind its version."""
        reader = self.reader
        linked = self._read_filesystems()
        for _ in range(reader.count()):
            self._read_buffer()
        for _ in range(reader.count()):
            start = reader.at
            kind = BY_NUMBER.get(reader.natural())
            if kind is None:
                reader.fail("there is no such kind of inode", start)
            self.inodes.append(kind.load(self))
        for link in self._later:
            link()
        self._check_parents()
        for link in linked:
            link()
        for buffer, (readers, writers) in zip(self.buffers, self.counts):
            buffer.readers, buffer.writers = readers, writers
        for _ in range(reader.count()):
            self._read_file()
        self._read_roots()
        kept = self._read_kept()
        self._read_processes()
        if reader.at != reader.end:
            reader.fail("there is something behind the end")
        return Restored(self.kernel, kept)

    def _clock(self, clock: ClockDevice | None) -> ClockDevice:
        reader = self.reader
        if reader.flag():
            start, step = reader.integer(), reader.integer()
            virtual = clock if isinstance(clock, InstructionClock) else VirtualClock(start, step)
            virtual.start = start
            virtual.restore(reader.integer(), reader.integer())
            return virtual
        if clock is None:
            reader.fail("the clock was the host's, and none is given")
        return clock

    def _entropy(self, entropy: EntropyDevice | None) -> EntropyDevice:
        reader = self.reader
        if reader.flag():
            start = reader.at
            key = reader.octets(32)
            if len(key) != 32:
                reader.fail("the key of the entropy is too short", start)
            return SeededEntropy(int.from_bytes(key, "little"), reader.natural(OFFSET_LIMIT))
        if entropy is None:
            reader.fail("the entropy was the host's, and none is given")
        return entropy

    def _read_filesystems(self) -> list[Callable[[], None]]:
        """The kernel's own numbers, and the file systems; what is to be done when there are inodes."""
        reader, kernel = self.reader, self.kernel
        kernel.next_pid = reader.natural()
        kernel.next_fs = reader.natural()
        if reader.flag():
            kernel.budget = OutputBudget(reader.natural())
            kernel.budget.left = reader.natural(kernel.budget.limit)
        linked: list[Callable[[], None]] = []
        last = 0
        for _ in range(reader.count()):
            start = reader.at
            kind = reader.natural()
            number = reader.natural(kernel.next_fs - 1)
            if number <= last:
                reader.fail("file systems are not in order", start)
            last = number
            writable = reader.flag()
            limits = [reader.natural() for _ in range(6)]
            fs: FileSystem
            if kind == HOST:
                fs = HostFileSystem(number, kernel.clock, kernel.devices, self.device(), writable)
            elif kind == OVERLAY:
                fs = overlay = OverlayFileSystem(number, kernel.clock, 0, 0)
                linked.append(self._linked(overlay))
            elif kind == MEMORY:
                fs = FileSystem(number, kernel.clock, writable)
            else:
                reader.fail(f"{kind} is no kind of file system", start)
            fs.writable = writable
            fs.max_bytes, fs.max_inodes, fs.max_file_size, fs.used_bytes, fs.used_inodes, fs.next_inode = limits
            self.filesystems.append(fs)
        if not self.filesystems:
            reader.fail("there is no file system")
        return linked

    def _linked(self, fs: OverlayFileSystem) -> Callable[[], None]:
        """The list of inodes that stand for files with several names, to be looked up when there are inodes."""
        reader = self.reader
        start = reader.at
        references = [reader.natural() for _ in range(reader.count())]

        def link() -> None:
            for place in references:
                inode = self.inode(place, start)
                if not isinstance(inode, OverlayFile | OverlaySymlink | OverlaySpecial) or inode.lower is None:
                    reader.fail("what has several names is no file of the host", start)
                fs.linked[inode.lower.identity] = inode

        return link

    def _read_buffer(self) -> None:
        reader = self.reader
        data = reader.octets()
        buffer = PipeBuffer(reader.natural())
        if len(data) > buffer.capacity:
            reader.fail("a buffer holds more than it has room for")
        buffer.data += data
        self.buffers.append(buffer)
        self.counts.append((reader.natural(), reader.natural()))

    def _check_parents(self) -> None:
        """Going up from any directory comes to an end, and an entry's parent is where the entry is."""
        ends: set[int] = set()
        for inode in self.inodes:
            if not isinstance(inode, MemDirectory):
                continue
            if self._adopted.get(id(inode), id(inode.parent)) != id(inode.parent):
                self.reader.fail("a directory is not below its parent")
            way: set[int] = set()
            directory = inode
            while id(directory) not in ends:
                if id(directory) in way:
                    self.reader.fail("directories form a circle")
                way.add(id(directory))
                if directory.parent is directory:
                    break
                directory = directory.parent
            ends |= way

    def _read_file(self) -> None:
        reader = self.reader
        inode = self.inode(reader.natural(), reader.at)
        offset = reader.natural(OFFSET_LIMIT)
        readable, writable = reader.flag(), reader.flag()
        status = reader.natural(STATUS_LIMIT)
        rights, inheriting = reader.natural(Rights.ALL), reader.natural(Rights.ALL)
        file = OpenFile(inode, readable, writable, status, rights, inheriting, reader.maybe_octets())
        file.offset = offset
        self.files.append(file)

    def _read_roots(self) -> None:
        self.kernel.pipes = self.filesystem()
        start = self.reader.at
        root = self.inode(self.reader.natural(), start)
        if type(root) is not MemDirectory:
            self.reader.fail("the root is no directory in memory", start)
        self.kernel.root = root

    def _read_kept(self) -> dict[str, Inode]:
        reader = self.reader
        kept: dict[str, Inode] = {}
        for _ in range(reader.count()):
            start = reader.at
            name = reader.text()
            if kept and name <= max(kept):
                reader.fail("what is kept is not in order", start)
            kept[name] = self.inode(reader.natural(), start)
        return kept

    def _read_processes(self) -> None:
        reader, kernel = self.reader, self.kernel
        for _ in range(reader.count()):
            start = reader.at
            pid = reader.natural(kernel.next_pid - 1)
            if kernel.processes and pid <= max(kernel.processes):
                reader.fail("processes are not in order", start)
            argv, environ = ([reader.octets() for _ in range(reader.count())] for _ in range(2))
            process = kernel.processes[pid] = Process(pid, argv, environ, reader.natural(), reader.flag())
            process.exit_code = reader.maybe_integer()
            for _ in range(reader.count()):
                start = reader.at
                stream = self.inode(reader.natural(), start)
                if not isinstance(stream, Stream):
                    reader.fail("a standard stream is no stream", start)
                process.streams.append(stream)
            last = -1
            for _ in range(reader.count()):
                start = reader.at
                fd = reader.natural()
                place = reader.natural()
                if fd <= last or place >= len(self.files):
                    reader.fail("a descriptor is out of order, or its open file is missing", start)
                process.fds.put(fd, self.files[place])
                last = fd
            start = reader.at
            parked = reader.value()
            if parked is not None and not _is_call(parked):
                reader.fail("a call that waits is a name, values and places of results", start)
            process.parked = parked  # type: ignore[assignment]  # just checked


def _is_call(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and [type(part) for part in value] == [str, tuple, tuple]
        and all(type(place) is int for place in value[2])
    )
