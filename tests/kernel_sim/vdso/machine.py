"""A kernel with a process, a few files, and a vDSO over RAM that is a plain byte array."""

from __future__ import annotations

from kernel_sim.kernel import Kernel
from kernel_sim.process import PREOPEN_INHERITING, PREOPEN_RIGHTS
from kernel_sim.syscalls import Syscalls
from kernel_sim.vdso.layout import DESCRIPTOR, ENTRY, INODE, PAGE, PAGE_LAYOUT, Kind
from kernel_sim.vdso.ram import Ram
from kernel_sim.vdso.vdso import Vdso

SIZE = 1 << 20


class Machine:
    """`door` makes syscalls, `vdso` is awake; `root` is preopened as 0. RAM ends at `most` bytes."""

    def __init__(self, most: int = 1 << 24, max_fds: int = 100) -> None:
        self.most = most
        self.memory = bytearray(SIZE)
        self.kernel = Kernel()
        self.process = self.kernel.new_process([], [], max_fds)
        self.kernel.preopen(self.process, self.kernel.root, b"/")
        self.door: Syscalls = self.kernel.door(self.process)
        self.vdso = Vdso(self.kernel, self.process, Ram(lambda: memoryview(self.memory), self.grow))
        self.vdso.wake()

    def grow(self, size: int) -> bool:
        """More memory, unless that is too much."""
        if len(self.memory) + size > self.most:
            return False
        self.memory = self.memory + bytearray(size)
        return True

    def open(self, path: bytes, flags: int = 0) -> int:
        """A descriptor for reading and writing."""
        return self.door.openat(0, path, True, flags, 0, PREOPEN_INHERITING, PREOPEN_INHERITING)

    def open_directory(self, path: bytes) -> int:
        """A descriptor of a directory."""
        return self.door.openat(0, path, True, 2, 0, PREOPEN_RIGHTS, PREOPEN_INHERITING)

    def make(self, path: bytes, data: bytes = b"") -> int:
        """A file with that content, open at its end."""
        fd = self.open(path, 9)
        if data:
            self.door.writev(fd, [memoryview(data)])
        return fd

    # What code beside the kernel does, by hand

    def field(self, at: int, name: str) -> int:
        """A field of the inode's record at `at`."""
        ram, offset = self.vdso.ram, at + INODE.offset[name]
        small = name in ("kind", "flags", "data", "capacity", "opens", "patience", "fs", "names", "version", "parent")
        return ram.u32[offset >> 2] if small else ram.u64[offset >> 3]

    def set_field(self, at: int, name: str, value: int) -> None:
        """Set one of 64 bits."""
        self.vdso.ram.u64[(at + INODE.offset[name]) >> 3] = value

    def page(self, name: str) -> int:
        """A field of 64 bits on the page."""
        return self.vdso.ram.u64[(PAGE + PAGE_LAYOUT.offset[name]) >> 3]

    def offset_of(self, fd: int) -> int:
        """The offset of a descriptor that lives in RAM."""
        return self.vdso.ram.u64[(self.vdso.slots.table + DESCRIPTOR.size * fd + DESCRIPTOR.offset["offset"]) >> 3]

    def create_beside(self, name: bytes, directory: int) -> int:
        """Make an empty file in the directory of that record, as code beside the kernel does; its record."""
        from zlib import crc32

        ram = self.vdso.ram
        inode, entry = self.vdso.inodes.new_block(128), self.vdso.inodes.new_block(128)
        fs = self.field(directory, "fs")
        number = ram.u64[(fs >> 3) + 4]
        ram.u64[(fs >> 3) + 4] += 1
        ram.u64[(fs >> 3) + 2] += 1
        for label, value in (("device", self.kernel.root.fs.number), ("number", number), ("type", 4), ("nlink", 1)):
            self.set_field(inode, label, value)
        for label, value in (("kind", Kind.FILE), ("fs", fs), ("names", 1), ("parent", directory)):
            ram.u32[(inode + INODE.offset[label]) >> 2] = value
        wanted = crc32(name)
        link = (self.field(directory, "data") >> 2) + (wanted & (self.field(directory, "capacity") - 1))
        while ram.u32[link]:
            link = ram.u32[link] >> 2
        ram.u32[link] = entry
        for label, value in (("hash", wanted), ("inode", inode), ("length", len(name))):
            ram.u32[(entry + ENTRY.offset[label]) >> 2] = value
        ram.u64[(entry + ENTRY.offset["cookie"]) >> 3] = self.field(directory, "next_cookie")
        ram.bytes[entry + ENTRY.offset["name"] : entry + ENTRY.offset["name"] + len(name)] = name
        self.set_field(directory, "next_cookie", self.field(directory, "next_cookie") + 1)
        self.set_field(directory, "stored", self.field(directory, "stored") + 1)
        ram.u32[(directory + INODE.offset["version"]) >> 2] += 1
        return inode
