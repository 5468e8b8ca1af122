"""The slots of a descriptor table in RAM: which numbers are taken, and the open files that live there."""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.openfile import OpenFile
from kernel_sim.vdso.layout import DESCRIPTOR, FILE_TYPE, INODE, PATIENCE, READABLE, RETURN, WRITABLE, State
from kernel_sim.vdso.ram import on_page
from kernel_sim.vdso.shared import U64_MAX, SharedFile, is_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.fdtable import FdTable
    from kernel_sim.fs.inode import Inode
    from kernel_sim.vdso.inodes import Inodes
    from kernel_sim.vdso.ram import Ram


class Slots:
    """The slots of `fds`, from the address `table` on; their numbers are bits on the page."""

    __slots__ = ("ram", "fds", "inodes", "table")

    def __init__(self, ram: Ram, fds: FdTable, inodes: Inodes) -> None:
        self.ram = ram
        self.fds = fds
        self.inodes = inodes
        self.table = 0

    def lay_out(self) -> bool:
        """Make the slots, with every open number the kernel's; False if there is no room."""
        ram, limit = self.ram, self.fds.limit
        sizes = DESCRIPTOR.size * limit, 8 * -(-limit // 64)
        self.table, bits = (ram.allocate(size) for size in sizes)
        if not self.table or not bits:
            return False
        ram.clear(self.table, sizes[0])
        ram.clear(bits, sizes[1])
        for name, value in (("fds", self.table), ("bits", bits), ("limit", limit), ("count", 0)):
            ram.u32[on_page(name) >> 2] = value
        for fd in dict.keys(self.fds):
            self.enter(fd, State.KERNEL, PATIENCE)
        return True

    def _slot(self, fd: int) -> int:
        return self.table + DESCRIPTOR.size * fd

    def state(self, fd: int) -> int:
        """Where a descriptor lives."""
        if not 0 <= fd < self.fds.limit:
            return State.CLOSED
        return self.ram.u32[(self._slot(fd) + DESCRIPTOR.offset["state"]) >> 2]

    def enter(self, fd: int, state: int, patience: int) -> None:
        """A number is taken."""
        ram = self.ram
        if self.state(fd) == State.CLOSED:
            ram.u64[(ram.u32[on_page("bits") >> 2] >> 3) + fd // 64] |= 1 << fd % 64
            ram.u32[on_page("count") >> 2] += 1
        word = self._slot(fd) >> 2
        ram.u32[word + (DESCRIPTOR.offset["state"] >> 2)] = state
        ram.u32[word + (DESCRIPTOR.offset["patience"] >> 2)] = patience

    def leave(self, fd: int) -> None:
        """A number is free."""
        ram = self.ram
        ram.u64[(ram.u32[on_page("bits") >> 2] >> 3) + fd // 64] &= ~(1 << fd % 64) & U64_MAX
        ram.u32[on_page("count") >> 2] -= 1
        ram.u32[(self._slot(fd) + DESCRIPTOR.offset["state"]) >> 2] = State.CLOSED

    def of(self, inode: int, state: int) -> list[int]:
        """The numbers in that state whose inode has its record there."""
        at = DESCRIPTOR.offset["inode"]
        return [fd for fd in self.numbers() if self.state(fd) == state and self.ram.u32[(self._slot(fd) + at) >> 2] == inode]

    def numbers(self) -> list[int]:
        """The numbers of all open descriptors, in order."""
        ram = self.ram
        first = ram.u32[on_page("bits") >> 2] >> 3
        found = []
        for word in range(-(-self.fds.limit // 64)):
            bits = ram.u64[first + word]
            while bits:
                low = bits & -bits
                found.append(64 * word + low.bit_length() - 1)
                bits ^= low
        return found

    def lowest_free(self) -> int:
        """The lowest number that is free; there must be one."""
        ram = self.ram
        word = ram.u32[on_page("bits") >> 2] >> 3
        number = 0
        while ram.u64[word] == U64_MAX:
            word += 1
            number += 64
        free = ~ram.u64[word]
        return number + (free & -free).bit_length() - 1

    def adopt(self, fd: int) -> bool:
        """Move an open file to RAM, or let RAM know its directory; False if it stays what it is."""
        file = dict.get(self.fds, fd)
        if file is None:
            return False
        inode = file.inode
        if isinstance(inode, MemDirectory):
            if not self.inodes.adopt(inode):
                return False
            ram, slot = self.ram, self._slot(fd)
            ram.u32[(slot + DESCRIPTOR.offset["inode"]) >> 2] = self.inodes.records[inode]
            ram.u32[(slot + DESCRIPTOR.offset["state"]) >> 2] = State.DIRECTORY
            return True
        if not is_file(inode) or file.preopen is not None or not 0 <= file.offset <= U64_MAX:
            return False
        patience = self._cost(inode)
        if patience:
            self.enter(fd, State.KERNEL, patience)
            return False
        if not self.inodes.adopt(inode):
            return False
        self._store(fd, file, self.inodes.records[inode])
        dict.__delitem__(self.fds, fd)
        return True

    def _cost(self, inode: Inode) -> int:
        """How many calls a file must first make in the kernel to be worth the copy; 0 if it has made them."""
        if type(inode) is SharedFile:
            return 0
        record = self.inodes.record_of(inode)
        if not record:
            return 0
        at = (record + INODE.offset["patience"]) >> 2
        wanted: int = self.ram.u32[at] - PATIENCE
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

    def take_home(self, fd: int) -> OpenFile:
        """Take a descriptor home; BADF if the number isn't open."""
        if self.state(fd) != State.RAM:
            raise KernelError(Errno.BADF)
        self.inodes.vdso.costs += RETURN
        ram, slot, field = self.ram, self._slot(fd), DESCRIPTOR.offset
        access = ram.u32[(slot + field["access"]) >> 2]
        file = OpenFile(
            self.inodes.object_at(ram.u32[(slot + field["inode"]) >> 2]),
            access & READABLE != 0,
            access & WRITABLE != 0,
            ram.u32[(slot + field["type"]) >> 2] >> 16,
            ram.u64[(slot + field["rights"]) >> 3],
            ram.u64[(slot + field["inheriting"]) >> 3],
        )
        file.offset = ram.u64[(slot + field["offset"]) >> 3]
        dict.__setitem__(self.fds, fd, file)
        self.enter(fd, State.KERNEL, PATIENCE)
        return file
