"""The inodes of which RAM has a record: what moves there, what comes home, and what only has a name there.

A record stands for one inode as long as a directory in RAM names it, or it lives in RAM itself.
"""

from __future__ import annotations

from kernel_sim.fs.content import DenseContent
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.inode import Inode
from kernel_sim.fs.memfs import MemDirectory, MemFile
from kernel_sim.vdso.layout import DIRECTORY_TYPE, FILE_TYPE, FILESYSTEM, INODE, KNOWN, PATIENCE, RECORD, RETURN, Kind, State
from kernel_sim.vdso.names import SharedNames
from kernel_sim.vdso.shared import U64_MAX, Place, SharedDirectory, SharedFile, SharedFileSystem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.vdso.ram import Ram
    from kernel_sim.vdso.vdso import Vdso

BYTES_PER_CALL = 4096
"""A call in the kernel is taken to be worth the copying of so many bytes."""
ENTRIES_MAX = 4096
"""A directory with more names stays the kernel's."""
FILE_MAX = 1 << 26
"""A file with more bytes stays the kernel's: there a call costs little beside its copying, and here growing copies."""
LONGEST_ENTRY = 512
"""Bytes of an entry with the longest name."""
REFILL = 64
"""Records that are made at once for what code beside the kernel creates."""
NEVER = 0
_TIMES = ("nlink", "atime", "mtime", "ctime")
_COUNTERS = ("used_bytes", "used_inodes", "next_inode")


class Inodes:
    """Objects by record and records by object, and the file systems that they are of."""

    __slots__ = ("vdso", "ram", "objects", "records", "filesystems")

    def __init__(self, vdso: Vdso, ram: Ram) -> None:
        self.vdso = vdso
        self.ram = ram
        self.objects: dict[int, Inode] = {}
        self.records: dict[Inode, int] = {}
        self.filesystems: dict[FileSystem, int] = {}

    def take_home(self) -> None:
        """Everything comes home."""
        while directories := [inode for inode in self.records if type(inode) is SharedDirectory]:
            for inode in directories:  # may name others that were created beside the kernel, and are met only now
                self.return_directory(inode)
        for file in [inode for inode in self.records if type(inode) is SharedFile]:
            self.return_file(file)
        for fs, at in self.filesystems.items():
            values = [self.ram.u64[(at + FILESYSTEM.offset[name]) >> 3] for name in _COUNTERS]
            fs.__class__ = FileSystem
            fs.used_bytes, fs.used_inodes, fs.next_inode = values
            del fs.mapped
        self.objects, self.records, self.filesystems = {}, {}, {}

    def holds(self, inode: Inode) -> bool:
        """Does a file or directory live in this RAM?"""
        return inode in self.records and type(inode) in (SharedFile, SharedDirectory)

    def closed(self, inode: Inode) -> None:
        """A descriptor is gone: so is the record of what neither lives here nor has a name here."""
        at = self.records.get(inode, 0)
        if at and self.ram.u32[(at + INODE.offset["kind"]) >> 2] == Kind.OTHER:
            self.named(at, 0)

    def new_block(self, size: int) -> int:
        """A block of zeros; 0 if there is no room."""
        at = self.ram.allocate(size)
        if at:
            self.ram.clear(at, size)
        return at

    def record_of(self, inode: Inode) -> int:
        """The record that stands for an inode, made if there is none; 0 if there is no room for it."""
        at = self.records.get(inode, 0)
        if not at:
            at = self.new_block(RECORD)
            if at:
                self.objects[at] = inode
                self.records[inode] = at
                self._set_patience(at, inode)
        return at

    def _set_patience(self, at: int, inode: Inode) -> None:
        if type(inode) is MemFile:
            patience = PATIENCE + inode.size // BYTES_PER_CALL
        elif type(inode) is MemDirectory and inode.mounted is None:
            patience = PATIENCE + len(inode.names)
        else:
            patience = NEVER
        self.ram.u32[(at + INODE.offset["patience"]) >> 2] = min(patience, 0xFFFF_FFFF)

    def object_at(self, at: int) -> Inode:
        """The kernel's object for a record; what was created beside the kernel gets its object now."""
        return self.objects.get(at) or self._meet(at)

    def _meet(self, at: int) -> Inode:
        u32, field = self.ram.u32, INODE.offset
        inode: SharedFile | SharedDirectory
        if u32[(at + field["kind"]) >> 2] == Kind.FILE:
            inode = SharedFile.__new__(SharedFile)
        else:
            inode = SharedDirectory.__new__(SharedDirectory)
            parent = self.object_at(u32[(at + field["parent"]) >> 2])
            assert isinstance(parent, MemDirectory)
            inode.parent, inode.mounted = parent, None
            inode.names = SharedNames(self.vdso, at)  # type: ignore[assignment]  # it does what a directory's dict does
        fs_at = u32[(at + field["fs"]) >> 2]
        inode.fs = next(fs for fs, place in self.filesystems.items() if place == fs_at)
        inode.number = self.ram.u64[(at + field["number"]) >> 3]
        inode.mapped = Place(self.vdso, at)
        if isinstance(inode, SharedDirectory):
            inode.listing = None
        u32[(at + field["flags"]) >> 2] |= KNOWN
        self.objects[at] = inode
        self.records[inode] = at
        return inode

    def named(self, at: int, change: int) -> None:
        """A directory in RAM has one name more or less for a record; one that stands for nothing here goes with the last."""
        u32 = self.ram.u32
        names = (at + INODE.offset["names"]) >> 2
        u32[names] += change
        if not u32[names] and u32[(at + INODE.offset["kind"]) >> 2] == Kind.OTHER:
            self._drop(at)

    def _drop(self, at: int) -> None:
        """Forget the record of what isn't here and has no name here."""
        inode = self.objects.pop(at)
        del self.records[inode]
        if isinstance(inode, MemDirectory):
            for fd in self.vdso.slots.of(at, State.DIRECTORY):
                self.vdso.slots.enter(fd, State.KERNEL, PATIENCE)
        self.ram.free(at, RECORD)

    def adopt_record(self, at: int) -> bool:
        """As `adopt_inode`, of the inode behind a record."""
        return at in self.objects and self.adopt(self.objects[at])

    def adopt(self, inode: Inode) -> bool:
        """Let a file or directory live in RAM; False if it can't."""
        if type(inode) in (SharedFile, SharedDirectory):
            return inode in self.records
        at = self.record_of(inode)
        if not at or not all(0 <= getattr(inode, name) <= U64_MAX for name in _TIMES) or not self._share_fs(inode.fs):
            return False
        if type(inode) is MemFile:
            return self._adopt_file(inode, at)
        return type(inode) is MemDirectory and self._adopt_directory(inode, at)

    def _share_fs(self, fs: FileSystem) -> bool:
        if fs in self.filesystems:
            return True
        if type(fs) is not FileSystem or not fs.writable:
            return False
        at = self.new_block(FILESYSTEM.size)
        if not at:
            return False
        for name in FILESYSTEM.offset:
            self.ram.u64[(at + FILESYSTEM.offset[name]) >> 3] = getattr(fs, name)
        self.filesystems[fs] = at
        fs.mapped = Place(self.vdso, at)
        fs.__class__ = SharedFileSystem
        return True

    def _adopt_file(self, file: MemFile, at: int) -> bool:
        content = file.content
        if type(content) is not DenseContent or content.shared or len(content.data) > FILE_MAX:
            return False
        data = content.data
        block = self.ram.allocate(len(data)) if data else 0
        if data and not block:
            return False
        self.ram.bytes[block : block + len(data)] = data
        self._describe(file, at, Kind.FILE, block, _room(len(data)))
        self.ram.u64[(at + INODE.offset["stored"]) >> 3] = len(data)
        self.ram.u32[(at + INODE.offset["opens"]) >> 2] = file.opens
        del file.content
        file.__class__ = SharedFile
        return True

    def _describe(self, inode: MemFile | MemDirectory, at: int, kind: int, data: int, capacity: int) -> None:
        u32, u64, field = self.ram.u32, self.ram.u64, INODE.offset
        values = (
            ("device", inode.fs.number), ("number", inode.number), ("size", inode.size),
            ("type", FILE_TYPE if kind == Kind.FILE else DIRECTORY_TYPE),
            *((name, getattr(inode, name)) for name in _TIMES),
        )  # fmt: skip
        for name, value in values:
            u64[(at + field[name]) >> 3] = value
        fs = self.filesystems[inode.fs]
        for name, value in (("data", data), ("capacity", capacity), ("fs", fs), ("flags", KNOWN), ("parent", 0)):
            u32[(at + field[name]) >> 2] = value
        u32[(at + field["kind"]) >> 2] = kind
        inode.mapped = Place(self.vdso, at)

    def return_file(self, file: Inode) -> None:
        """A file comes home with its bytes and its descriptors."""
        self.vdso.costs += RETURN
        assert type(file) is SharedFile
        at, ram, field = self.records[file], self.ram, INODE.offset
        if file.opens:
            for fd in self.vdso.slots.of(at, State.RAM):
                self.vdso.slots.take_home(fd)
        data, capacity = ram.u32[(at + field["data"]) >> 2], ram.u32[(at + field["capacity"]) >> 2]
        stored, size, opens = ram.u64[(at + field["stored"]) >> 3], file.size, file.opens
        times = [getattr(file, name) for name in _TIMES]
        content = DenseContent()
        content.data, content.size = bytearray(ram.bytes[data : data + stored]), size
        if capacity:
            ram.free(data, capacity)
        ram.u32[(at + field["kind"]) >> 2] = Kind.OTHER
        file.__class__ = MemFile  # type: ignore[assignment]  # a class of the same layout
        file.nlink, file.atime, file.mtime, file.ctime = times
        file.opens, file.content = opens, content
        self._settled(at, file)

    def _settled(self, at: int, inode: Inode) -> None:
        """What is home again keeps its record only for its names here."""
        del inode.mapped
        self._set_patience(at, inode)
        self.named(at, 0)

    def grow(self, at: int, size: int) -> bool:
        """Give a file in RAM room for `size` bytes."""
        ram, field = self.ram, INODE.offset
        old, capacity = ram.u32[(at + field["data"]) >> 2], ram.u32[(at + field["capacity"]) >> 2]
        stored = ram.u64[(at + field["stored"]) >> 3]
        block = ram.allocate(size) if size <= FILE_MAX else 0
        if not block:
            return False
        ram.bytes[block : block + stored] = ram.bytes[old : old + stored]
        if capacity:
            ram.free(old, capacity)
        ram.u32[(at + field["data"]) >> 2] = block
        ram.u32[(at + field["capacity"]) >> 2] = _room(size)
        return True

    def refill(self) -> bool:
        """Make free records for what is created beside the kernel."""
        block = self.ram.allocate(REFILL * RECORD)
        for at in range(block, block + REFILL * RECORD, RECORD) if block else ():
            self.ram.free(at, RECORD)
        return block != 0

    def _adopt_directory(self, directory: MemDirectory, at: int) -> bool:
        names = directory.names
        if not directory.nlink or directory.mounted is not None:
            return False
        if len(names) > ENTRIES_MAX or not 0 <= directory.next_cookie <= U64_MAX:
            return False
        buckets = max(RECORD // 4, 1 << len(names).bit_length())
        if not self.ram.reserve(len(names) * (RECORD + LONGEST_ENTRY) + 4 * buckets):
            return False
        shared = SharedNames(self.vdso, at)
        next_cookie = directory.next_cookie
        self._describe(directory, at, Kind.DIRECTORY, 0, 0)
        shared.set_buckets(buckets)
        self.ram.u64[(at + INODE.offset["stored"]) >> 3] = 0
        self.ram.u64[(at + INODE.offset["next_cookie"]) >> 3] = next_cookie
        for name, value in names.items():
            shared[name] = value
        directory.listing = None
        directory.names = shared  # type: ignore[assignment]  # it does all that is asked of a directory's dict
        directory.__class__ = SharedDirectory
        return True

    def return_directory(self, directory: Inode) -> None:
        """A directory comes home with its names; what they name stays where it is."""
        self.vdso.costs += RETURN
        assert type(directory) is SharedDirectory
        at = self.records[directory]
        shared: SharedNames = directory.names  # type: ignore[assignment]  # which stand there while it is shared
        names, next_cookie = shared.take_home(), directory.next_cookie
        times = [getattr(directory, name) for name in _TIMES]
        self.ram.u32[(at + INODE.offset["kind"]) >> 2] = Kind.OTHER
        directory.__class__ = MemDirectory  # type: ignore[assignment]  # a class of the same layout
        directory.nlink, directory.atime, directory.mtime, directory.ctime = times
        directory.names, directory.next_cookie, directory.listing = names, next_cookie, None
        self._settled(at, directory)


def _room(size: int) -> int:
    """What a block for `size` bytes really holds."""
    return 1 << max(RECORD.bit_length() - 1, (size - 1).bit_length()) if size else 0
