"""Writing a snapshot: finding everything that hangs off a kernel, giving it places in tables, and writing those."""

from __future__ import annotations

from zlib import crc32

from kernel_sim.clock import VirtualClock
from kernel_sim.entropy import SeededEntropy, key_of
from kernel_sim.fs.hostfs import HostFileSystem
from kernel_sim.fs.overlay import OverlayFileSystem
from kernel_sim.snapshot.codec import MAGIC, VERSION, SnapshotError, Writer
from kernel_sim.snapshot.inodes import KINDS
from kernel_sim.snapshot.outside import OUTSIDE_KINDS
from kernel_sim.snapshot.streams import STREAM_KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel_sim.fs.filesystem import FileSystem
    from kernel_sim.fs.inode import Inode
    from kernel_sim.fs.special import PipeBuffer
    from kernel_sim.kernel import Kernel
    from kernel_sim.openfile import OpenFile
    from kernel_sim.process import Process
    from kernel_sim.snapshot.inodes import Kind

MEMORY, HOST, OVERLAY = 0, 1, 2
"""Kinds of file systems."""
BY_TYPE = {kind.type: kind for kind in (*KINDS, *STREAM_KINDS, *OUTSIDE_KINDS)}


class Tables:
    """What was found, in tables, and the place of each object in them."""

    def __init__(self, kernel: Kernel, kept: Mapping[str, Inode]) -> None:
        self.inodes: list[Inode] = []
        self.buffers: list[PipeBuffer] = []
        self.files: list[OpenFile] = []
        self._places: dict[int, int] = {}
        self._filesystems: dict[int, FileSystem] = {kernel.pipes.number: kernel.pipes}
        self._meet(kernel.root)
        for _, inode in sorted(kept.items()):
            self._meet(inode)
        for _, process in sorted(kernel.processes.items()):
            for stream in process.streams:
                self._meet(stream)
            for _, file in sorted(process.fds.items()):
                if id(file) not in self._places:
                    self._places[id(file)] = len(self.files)
                    self.files.append(file)
                    self._meet(file.inode)
        for inode in self.inodes:  # grows while it is walked
            kind = kind_of(inode)
            for each in kind.references(inode):
                self._meet(each)
            for buffer in kind.buffers(inode):
                if id(buffer) not in self._places:
                    self._places[id(buffer)] = len(self.buffers)
                    self.buffers.append(buffer)
        self.filesystems = [fs for _, fs in sorted(self._filesystems.items())]
        for place, fs in enumerate(self.filesystems):
            self._places[id(fs)] = place

    def _meet(self, inode: Inode) -> None:
        if id(inode) in self._places:
            return
        self._places[id(inode)] = len(self.inodes)
        self.inodes.append(inode)
        fs = inode.fs
        if self._filesystems.setdefault(fs.number, fs) is not fs:
            raise SnapshotError(f"two file systems have the number {fs.number}")
        if isinstance(fs, OverlayFileSystem):
            for linked in fs.linked.values():
                self._meet(linked)

    def inode(self, inode: Inode) -> int:
        return self._places[id(inode)]

    def buffer(self, buffer: PipeBuffer) -> int:
        return self._places[id(buffer)]

    def file(self, file: OpenFile) -> int:
        return self._places[id(file)]

    def filesystem(self, fs: FileSystem) -> int:
        return self._places[id(fs)]


def kind_of(inode: Inode) -> Kind:
    """How an inode is kept; SnapshotError if nobody knows."""
    kind = BY_TYPE.get(type(inode))
    if kind is None:
        raise SnapshotError(f"nothing is known about keeping a {type(inode).__name__}")
    return kind


def save(kernel: Kernel, kept: Mapping[str, Inode] | None = None) -> bytes:
    """The state of `kernel` as bytes; `load` gives `kept` back under the same names.

    Raises SnapshotError for what can't be kept: a call that waits with a view of guest memory, a file or directory of
    the host that is open but has no name any more, an inode of an unknown kind.
    """
    kernel.settle()
    kept = kept or {}
    tables = Tables(kernel, kept)
    out = Writer()
    out.data += MAGIC
    out.natural(VERSION)
    _save_kernel(out, kernel)
    out.natural(len(tables.filesystems))
    for fs in tables.filesystems:
        _save_filesystem(out, fs, tables)
    out.natural(len(tables.buffers))
    for buffer in tables.buffers:
        out.octets(buffer.data)
        for number in (buffer.capacity, buffer.readers, buffer.writers):
            out.natural(number)
    out.natural(len(tables.inodes))
    for inode in tables.inodes:
        kind = kind_of(inode)
        out.natural(kind.number)
        kind.save(out, inode, tables)
    out.natural(len(tables.files))
    for file in tables.files:
        _save_file(out, file, tables)
    out.natural(tables.filesystem(kernel.pipes))
    out.natural(tables.inode(kernel.root))
    out.natural(len(kept))
    for name, inode in sorted(kept.items()):
        out.text(name)
        out.natural(tables.inode(inode))
    out.natural(len(kernel.processes))
    for _, process in sorted(kernel.processes.items()):
        _save_process(out, process, tables)
    out.data += crc32(out.data).to_bytes(4, "little")
    return bytes(out.data)


def _save_kernel(out: Writer, kernel: Kernel) -> None:
    clock, entropy = kernel.clock, kernel.entropy
    out.flag(isinstance(clock, VirtualClock))
    if isinstance(clock, VirtualClock):
        for number in (clock.start, clock.step, clock.elapsed, clock.slept):
            out.integer(number)
    out.flag(isinstance(entropy, SeededEntropy))
    if isinstance(entropy, SeededEntropy):
        out.octets(key_of(entropy.seed))
        out.natural(entropy.taken)
    out.natural(kernel.next_pid)
    out.natural(kernel.next_fs)
    out.flag(kernel.budget is not None)
    if kernel.budget is not None:
        out.natural(kernel.budget.limit)
        out.natural(kernel.budget.left)


def _save_filesystem(out: Writer, fs: FileSystem, tables: Tables) -> None:
    out.natural(HOST if isinstance(fs, HostFileSystem) else OVERLAY if isinstance(fs, OverlayFileSystem) else MEMORY)
    out.natural(fs.number)
    out.flag(fs.writable)
    for number in (fs.max_bytes, fs.max_inodes, fs.max_file_size, fs.used_bytes, fs.used_inodes, fs.next_inode):
        out.natural(number)
    if isinstance(fs, HostFileSystem):
        out.text(fs.name)
    elif isinstance(fs, OverlayFileSystem):
        out.natural(len(fs.linked))
        for inode in fs.linked.values():
            out.natural(tables.inode(inode))


def _save_file(out: Writer, file: OpenFile, tables: Tables) -> None:
    out.natural(tables.inode(file.inode))
    out.natural(file.offset)
    out.flag(file.readable)
    out.flag(file.writable)
    for number in (file.status, file.rights, file.inheriting):
        out.natural(number)
    out.maybe_octets(file.preopen)


def _save_process(out: Writer, process: Process, tables: Tables) -> None:
    out.natural(process.pid)
    for strings in (process.argv, process.environ):
        out.natural(len(strings))
        for each in strings:
            out.octets(each)
    out.natural(process.fds.limit)
    out.flag(process.strict)
    out.maybe_integer(process.exit_code)
    out.natural(len(process.streams))
    for stream in process.streams:
        out.natural(tables.inode(stream))
    out.natural(len(process.fds))
    for fd, file in sorted(process.fds.items()):
        out.natural(fd)
        out.natural(tables.file(file))
    out.value(process.parked)
