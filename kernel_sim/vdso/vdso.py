"""What moves into RAM and comes home again, for one process.

`wake` shares the clock, the entropy and the descriptor table; files and directories follow one by one, when a call has asked for
them often enough to pay for the copy. `release` brings everything home.
"""

from __future__ import annotations

from kernel_sim.clock import VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fdtable import FdTable
from kernel_sim.fs.content import DenseContent
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.inode import Inode
from kernel_sim.fs.memfs import MemDirectory, MemFile
from kernel_sim.openfile import OpenFile, Rights
from kernel_sim.process import SHOWN_FILE
from kernel_sim.vdso import suits
from kernel_sim.vdso.descriptors import PATIENCE, SharedFdTable
from kernel_sim.vdso.layout import (
    DESCRIPTOR,
    FILESYSTEM,
    INODE,
    KNOWN,
    PAGE,
    PAGE_LAYOUT,
    READABLE,
    RECORD,
    WRITABLE,
    Kind,
    State,
)
from kernel_sim.vdso.names import SharedNames
from kernel_sim.vdso.shared import (
    U64_MAX,
    Place,
    SharedClock,
    SharedDirectory,
    SharedEntropy,
    SharedFile,
    SharedFileSystem,
    is_file,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.kernel import Kernel
    from kernel_sim.process import Process
    from kernel_sim.vdso.ram import Ram

BYTES_PER_CALL = 4096
"""A call in the kernel is taken to be worth the copying of so many bytes."""
ENTRIES_MAX = 4096
"""A directory with more names stays the kernel's."""
LONGEST_ENTRY = 512
"""Bytes of an entry with the longest name."""
REFILL = 64
"""Records that are made at once for what code beside the guest creates."""
NEVER = 0
DIRECTORY_TYPE, FILE_TYPE = 3, 4
"""Numbers of Preview 1's filestat and fdstat."""
_TIMES = ("nlink", "atime", "mtime", "ctime")
_FS_COUNTERS = ("used_bytes", "used_inodes", "next_inode")


def _page(name: str) -> int:
    return PAGE + PAGE_LAYOUT.offset[name]


class Vdso:
    """The kernel's half of a vDSO of `process`, whose other half sees the same `ram`."""

    __slots__ = ("kernel", "process", "ram", "awake", "objects", "records", "filesystems", "_table")

    def __init__(self, kernel: Kernel, process: Process, ram: Ram) -> None:
        self.kernel = kernel
        self.process = process
        self.ram = ram
        self.awake = False
        self.objects: dict[int, Inode] = {}
        self.records: dict[Inode, int] = {}
        self.filesystems: dict[FileSystem, int] = {}
        self._table = 0

    # Waking and releasing

    def wake(self) -> None:
        """Share clock, entropy and descriptors, unless something doesn't fit or another process shares them."""
        fds, clock = self.process.fds, self.kernel.clock
        if self.awake or type(fds) is not FdTable or not suits(self.kernel, self.process):
            return
        if any(fd >= fds.limit for fd in fds) or not all(0 <= each <= U64_MAX >> 1 for each in (clock.start, clock.step)):
            return
        ram = self.ram
        words = -(-fds.limit // 64)
        table, bits = ram.allocate(DESCRIPTOR.size * fds.limit), ram.allocate(8 * words)
        if not table or not bits:
            return
        ram.clear(table, DESCRIPTOR.size * fds.limit)
        ram.clear(bits, 8 * words)
        self._table = table
        place = Place(self, PAGE)
        for name, value in (("fds", table), ("bits", bits), ("limit", fds.limit), ("count", 0)):
            ram.u32[_page(name) >> 2] = value
        for at, access in enumerate((0, Rights.FD_READ, Rights.FD_WRITE, Rights.FD_READ | Rights.FD_WRITE)):
            ram.u64[(_page("shown") >> 3) + at] = SHOWN_FILE[access]
        for fd in dict.keys(fds):
            self.enter(fd, State.KERNEL, PATIENCE)
        fds.place = place
        fds.__class__ = SharedFdTable
        self._share_clock(clock, place)
        self._share_entropy(place)
        ram.u32[_page("awake") >> 2] = 1
        self.awake = True
        self.kernel.sharing.append(self)

    def _share_clock(self, clock: VirtualClock, place: Place) -> None:
        if clock.elapsed <= U64_MAX:
            u64 = self.ram.u64
            u64[_page("start") >> 3], u64[_page("step") >> 3] = clock.start, clock.step
            u64[_page("elapsed") >> 3] = clock.elapsed
            clock.place = place
            clock.__class__ = SharedClock
            self.ram.u32[_page("has_clock") >> 2] = 1

    def _share_entropy(self, place: Place) -> None:
        entropy = self.kernel.entropy
        if type(entropy) is SeededEntropy and entropy.taken <= U64_MAX >> 1:
            self.ram.u64[_page("taken") >> 3] = entropy.taken
            self.ram.u64[_page("block") >> 3] = U64_MAX
            self.ram.bytes[_page("key") : _page("key") + 32] = entropy.key
            entropy.place = place
            entropy.__class__ = SharedEntropy
            self.ram.u32[_page("has_entropy") >> 2] = 1

    def release(self) -> None:
        """Everything comes home; calls are the kernel's until it is woken again."""
        if not self.awake:
            return
        self.kernel.sharing.remove(self)
        self.awake = False
        ram = self.ram
        for name in ("awake", "calls", "has_clock", "has_entropy"):
            ram.u32[_page(name) >> 2] = 0
        fds = self.process.fds
        for fd in self.numbers():
            if self.state(fd) == State.RAM:
                self.return_descriptor(fd)
        while directories := [inode for inode in self.records if type(inode) is SharedDirectory]:
            for inode in directories:  # may name others that were created beside the kernel, and are met only now
                self.return_directory(inode)
        for file in [inode for inode in self.records if type(inode) is SharedFile]:
            self.return_file(file)
        fds.__class__ = FdTable
        fds.recount()
        for fs, at in self.filesystems.items():
            values = [ram.u64[(at + FILESYSTEM.offset[name]) >> 3] for name in _FS_COUNTERS]
            fs.__class__ = FileSystem
            fs.used_bytes, fs.used_inodes, fs.next_inode = values
        clock, entropy = self.kernel.clock, self.kernel.entropy
        if type(clock) is SharedClock:
            clock.__class__ = VirtualClock
            clock.elapsed = ram.u64[_page("elapsed") >> 3]
        if type(entropy) is SharedEntropy:
            entropy.__class__ = SeededEntropy
            entropy.taken = ram.u64[_page("taken") >> 3]
        self.objects, self.records, self.filesystems = {}, {}, {}
        ram.reset()

    # Descriptors

    def _slot(self, fd: int) -> int:
        return self._table + DESCRIPTOR.size * fd

    def state(self, fd: int) -> int:
        """Where a descriptor lives."""
        if not 0 <= fd < self.process.fds.limit:
            return State.CLOSED
        return self.ram.u32[(self._slot(fd) + DESCRIPTOR.offset["state"]) >> 2]

    def enter(self, fd: int, state: int, patience: int) -> None:
        """A number is taken."""
        ram = self.ram
        if self.state(fd) == State.CLOSED:
            ram.u64[(ram.u32[_page("bits") >> 2] >> 3) + fd // 64] |= 1 << fd % 64
            ram.u32[_page("count") >> 2] += 1
        word = self._slot(fd) >> 2
        ram.u32[word + (DESCRIPTOR.offset["state"] >> 2)] = state
        ram.u32[word + (DESCRIPTOR.offset["patience"] >> 2)] = patience

    def leave(self, fd: int) -> None:
        """A number is free."""
        ram = self.ram
        ram.u64[(ram.u32[_page("bits") >> 2] >> 3) + fd // 64] &= ~(1 << fd % 64) & U64_MAX
        ram.u32[_page("count") >> 2] -= 1
        ram.u32[(self._slot(fd) + DESCRIPTOR.offset["state"]) >> 2] = State.CLOSED

    def numbers(self) -> list[int]:
        """The numbers of all open descriptors, in order."""
        ram = self.ram
        first = ram.u32[_page("bits") >> 2] >> 3
        found = []
        for word in range(-(-self.process.fds.limit // 64)):
            bits = ram.u64[first + word]
            while bits:
                low = bits & -bits
                found.append(64 * word + low.bit_length() - 1)
                bits ^= low
        return found

    def lowest_free(self) -> int:
        """The lowest number that is free; there must be one."""
        ram = self.ram
        word = ram.u32[_page("bits") >> 2] >> 3
        number = 0
        while ram.u64[word] == U64_MAX:
            word += 1
            number += 64
        free = ~ram.u64[word]
        return number + (free & -free).bit_length() - 1

    def adopt_descriptor(self, fd: int) -> bool:
        """Move an open file to RAM, or let RAM know its directory; False if it stays what it is."""
        fds = self.process.fds
        file = dict.get(fds, fd)
        if not self.awake or file is None:
            return False
        inode = file.inode
        if isinstance(inode, MemDirectory):
            if not self.adopt_inode(inode):
                return False
            ram, slot = self.ram, self._slot(fd)
            ram.u32[(slot + DESCRIPTOR.offset["inode"]) >> 2] = self.records[inode]
            ram.u32[(slot + DESCRIPTOR.offset["state"]) >> 2] = State.DIRECTORY
            return True
        if not is_file(inode) or file.preopen is not None or not 0 <= file.offset <= U64_MAX:
            return False
        patience = self._cost(inode)
        if patience:
            self.enter(fd, State.KERNEL, patience)
            return False
        if not self.adopt_inode(inode):
            return False
        self._store(fd, file, self.records[inode])
        dict.__delitem__(fds, fd)
        return True

    def _cost(self, inode: Inode) -> int:
        """How many calls a file must first make in the kernel to be worth the copy; 0 if it has made them."""
        if type(inode) is SharedFile:
            return 0
        record = self.record_of(inode)
        if not record:
            return 0
        at = (record + INODE.offset["patience"]) >> 2
        wanted = self.ram.u32[at] - PATIENCE
        if wanted > 0:
            self.ram.u32[at] = PATIENCE
        return max(wanted, 0)

    def _store(self, fd: int, file: OpenFile, inode: int) -> None:
        ram, slot = self.ram, self._slot(fd)
        field = DESCRIPTOR.offset
        ram.u64[(slot + field["offset"]) >> 3] = file.offset
        ram.u32[(slot + field["inode"]) >> 2] = inode
        ram.u32[(slot + field["access"]) >> 2] = READABLE * bool(file.readable) | WRITABLE * bool(file.writable)
        ram.u32[(slot + field["type"]) >> 2] = FILE_TYPE | file.status << 16
        ram.u64[(slot + field["rights"]) >> 3] = file.rights
        ram.u64[(slot + field["inheriting"]) >> 3] = file.inheriting
        ram.u32[(slot + field["state"]) >> 2] = State.RAM

    def return_descriptor(self, fd: int) -> OpenFile:
        """Take a descriptor home; BADF if the number isn't open."""
        if self.state(fd) != State.RAM:
            raise KernelError(Errno.BADF)
        ram, slot, field = self.ram, self._slot(fd), DESCRIPTOR.offset
        access = ram.u32[(slot + field["access"]) >> 2]
        file = OpenFile(
            self.object_at(ram.u32[(slot + field["inode"]) >> 2]),
            access & READABLE != 0,
            access & WRITABLE != 0,
            ram.u32[(slot + field["type"]) >> 2] >> 16,
            ram.u64[(slot + field["rights"]) >> 3],
            ram.u64[(slot + field["inheriting"]) >> 3],
        )
        file.offset = ram.u64[(slot + field["offset"]) >> 3]
        dict.__setitem__(self.process.fds, fd, file)
        self.enter(fd, State.KERNEL, PATIENCE)
        return file

    # Inodes

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
            inode.parent, inode.names, inode.mounted = parent, SharedNames(self, at), None
        fs_at = u32[(at + field["fs"]) >> 2]
        inode.fs = next(fs for fs, place in self.filesystems.items() if place == fs_at)
        inode.number = self.ram.u64[(at + field["number"]) >> 3]
        inode.place = Place(self, at)
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

    def left(self, at: int) -> None:
        """A name is gone for good, or about to be given anew: a directory without any comes home."""
        inode = self.objects.get(at)
        if type(inode) is SharedDirectory and not self.ram.u32[(at + INODE.offset["names"]) >> 2]:
            self.return_directory(inode)

    def _drop(self, at: int) -> None:
        """Forget the record of what isn't here and has no name here."""
        inode = self.objects.pop(at)
        del self.records[inode]
        if isinstance(inode, MemDirectory):
            for fd in self.numbers():
                slot = self._slot(fd)
                if self.state(fd) == State.DIRECTORY and self.ram.u32[(slot + DESCRIPTOR.offset["inode"]) >> 2] == at:
                    self.enter(fd, State.KERNEL, PATIENCE)
        self.ram.free(at, RECORD)

    def adopt_record(self, at: int) -> bool:
        """As `adopt_inode`, of the inode behind a record."""
        return self.awake and at in self.objects and self.adopt_inode(self.objects[at])

    def adopt_inode(self, inode: Inode) -> bool:
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
        fs.place = Place(self, at)
        fs.__class__ = SharedFileSystem
        return True

    def _adopt_file(self, file: MemFile, at: int) -> bool:
        content = file.content
        if type(content) is not DenseContent or content.shared:
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
        for name, value in (("data", data), ("capacity", capacity), ("fs", self.filesystems[inode.fs]), ("flags", KNOWN), ("parent", 0)):
            u32[(at + field[name]) >> 2] = value
        u32[(at + field["kind"]) >> 2] = kind
        inode.place = Place(self, at)

    def return_file(self, file: Inode) -> None:
        """A file comes home with its bytes and its descriptors."""
        assert type(file) is SharedFile
        at, ram, field = self.records[file], self.ram, INODE.offset
        if file.opens and self.awake:
            for fd in self.numbers():
                if self.state(fd) == State.RAM and ram.u32[(self._slot(fd) + DESCRIPTOR.offset["inode"]) >> 2] == at:
                    self.return_descriptor(fd)
        data, capacity = ram.u32[(at + field["data"]) >> 2], ram.u32[(at + field["capacity"]) >> 2]
        stored, size, opens = ram.u64[(at + field["stored"]) >> 3], file.size, file.opens
        times = [getattr(file, name) for name in _TIMES]
        content = DenseContent(ram.bytes[data : data + stored])
        content.size = size
        if capacity:
            ram.free(data, capacity)
        ram.u32[(at + field["kind"]) >> 2] = Kind.OTHER
        file.__class__ = MemFile
        file.nlink, file.atime, file.mtime, file.ctime = times
        file.opens, file.content = opens, content
        self._settled(at, file)

    def _settled(self, at: int, inode: Inode) -> None:
        """What is home again keeps its record only for its names here."""
        self._set_patience(at, inode)
        self.named(at, 0)

    def grow(self, at: int, size: int) -> bool:
        """Give a file in RAM room for `size` bytes."""
        ram, field = self.ram, INODE.offset
        old, capacity = ram.u32[(at + field["data"]) >> 2], ram.u32[(at + field["capacity"]) >> 2]
        stored = ram.u64[(at + field["stored"]) >> 3]
        block = ram.allocate(size)
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
        if directory.mounted is not None or len(names) > ENTRIES_MAX or not 0 <= directory.next_cookie <= U64_MAX:
            return False
        if not self.ram.reserve(len(names) * (RECORD + LONGEST_ENTRY) + LONGEST_ENTRY):
            return False
        shared = SharedNames(self, at)
        next_cookie = directory.next_cookie
        self._describe(directory, at, Kind.DIRECTORY, 0, 0)
        shared.set_buckets(max(16, 1 << len(names).bit_length()))
        self.ram.u64[(at + INODE.offset["stored"]) >> 3] = 0
        self.ram.u64[(at + INODE.offset["next_cookie"]) >> 3] = next_cookie
        for name, value in names.items():
            shared[name] = value
        directory.listing = None
        directory.names = shared
        directory.__class__ = SharedDirectory
        return True

    def return_directory(self, directory: Inode) -> None:
        """A directory comes home with its names; what they name stays where it is."""
        assert type(directory) is SharedDirectory and isinstance(directory.names, SharedNames)
        at = self.records[directory]
        names, next_cookie = directory.names.take_home(), directory.next_cookie
        times = [getattr(directory, name) for name in _TIMES]
        self.ram.u32[(at + INODE.offset["kind"]) >> 2] = Kind.OTHER
        directory.__class__ = MemDirectory
        directory.nlink, directory.atime, directory.mtime, directory.ctime = times
        directory.names, directory.next_cookie, directory.listing = names, next_cookie, None
        self._settled(at, directory)


def _room(size: int) -> int:
    """What a block for `size` bytes really holds."""
    return 1 << max(RECORD.bit_length() - 1, (size - 1).bit_length()) if size else 0
