"""The small language in which the kernel's tests are written, and the register of provoked errors.

    k = world()                        a kernel, a process with `/` preopened as descriptor 3, and its syscalls
    fd = k.open("a", "creat rw")       open flags and access as words
    k.write(fd, b"hello"); k.read(fd, 5)
    errno(k.sys.close, 99) == "BADF"   which error a call ends in, "" if in none

A test that makes a syscall fail says so with `@provokes("openat", "LOOP", ...)`; `test_contracts` compares the register
with the errors that the syscalls' docstrings list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kernel_sim.errors import Errno, KernelError, WouldBlock
from kernel_sim.fs.inode import Inode, Stat
from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.kernel import Kernel
from kernel_sim.openfile import OpenFile, Rights, Status
from kernel_sim.process import Process
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.paths import OpenFlags
from kernel_sim.syscalls.table import strict as strict_rights

F = TypeVar("F", bound=Callable[..., Any])

ROOT = 3
"""The descriptor of `/`."""
FLAGS = {
    "creat": OpenFlags.CREATE,
    "dir": OpenFlags.DIRECTORY,
    "excl": OpenFlags.EXCLUSIVE,
    "trunc": OpenFlags.TRUNCATE,
}
ACCESS = {"r": Rights.FD_READ, "w": Rights.FD_WRITE, "rw": Rights.FD_READ | Rights.FD_WRITE}
STATUS = {"append": Status.APPEND, "nonblock": Status.NONBLOCK}

PROVOKED: set[tuple[str, str]] = set()
"""(syscall, errno) pairs that some test provokes."""


def provokes(name: str, *errnos: str) -> Callable[[F], F]:
    """Enter into the register that a test makes the syscall `name` fail with each of `errnos`."""

    def enter(test: F) -> F:
        PROVOKED.update((name, each) for each in errnos)
        return test

    return enter


def errno(call: Callable[..., object], *args: Any) -> str:
    """The error that `call(*args)` ends in, "" if it succeeds."""
    try:
        call(*args)
    except KernelError as error:
        assert error.errno in vars(Errno).values()
        return error.errno
    return ""


def blocks(call: Callable[..., object], *args: Any) -> bool:
    """Does the call have to wait?"""
    try:
        call(*args)
    except WouldBlock:
        return True
    return False


def views(*sizes: int) -> list[memoryview]:
    """Buffers to read into, of those sizes, full of guard bytes."""
    return [memoryview(bytearray(b"\xaa" * size)) for size in sizes]


def pieces(*data: bytes) -> list[memoryview]:
    """Buffers to write."""
    return [memoryview(each) for each in data]


class MemoryStream:
    """A stream device in memory: what `incoming` holds is read (None in it: nothing there yet), `written` was written."""

    def __init__(self, *incoming: bytes | None, terminal: bool = False, live: bool = False, room: int = 1 << 20) -> None:
        self.incoming: list[bytes | None] = list(incoming)
        self.written = bytearray()
        self.terminal = terminal
        self.live = live
        self.room = room
        self.failure = ""
        self.closed = False

    def read(self, limit: int) -> bytes | None:
        self._fail()
        if not self.incoming:
            return b""
        first = self.incoming[0]
        if first is None:
            return None
        self.incoming[0] = first[limit:]
        if not self.incoming[0]:
            del self.incoming[0]
        return first[:limit]

    def peek(self, limit: int) -> bytes | None:
        self._fail()
        return (self.incoming or [b""])[0] and (self.incoming[0] or b"")[:limit]

    def write(self, data: memoryview) -> int | None:
        self._fail()
        if data and not self.room:
            return None
        count = min(len(data), self.room)
        self.written += data[:count]
        self.room -= count
        return count

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        self._fail()
        if write:
            return bool(self.room), self.room, False
        if not self.incoming:
            return True, 0, True
        return self.incoming[0] is not None, len(self.incoming[0] or b""), False

    def shutdown(self, read: bool, write: bool) -> None:
        self._fail()

    def close(self) -> None:
        self.closed = True

    def _fail(self) -> None:
        if self.failure:
            raise KernelError(self.failure)


class MemoryListenerDevice:
    """A listener device that hands out `connections`."""

    live = True

    def __init__(self, *connections: MemoryStream) -> None:
        self.connections = list(connections)
        self.failure = ""
        self.closed = False

    def accept(self) -> MemoryStream | None:
        if self.failure:
            raise KernelError(self.failure)
        return self.connections.pop(0) if self.connections else None

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        return bool(self.connections), 0, False

    def close(self) -> None:
        self.closed = True


class FaultyInode(Inode):
    """A regular file of a broken host: every operation fails with `failure`."""

    __slots__ = ("failure",)

    type = "regular-file"
    seekable = True

    def __init__(self, directory: MemDirectory, failure: str) -> None:
        super().__init__(directory.fs, directory.fs.new_number(), 0)
        self.failure = failure

    def _fail(self, *_: object) -> Any:
        raise KernelError(self.failure)


class FaultyDirectory(MemDirectory):
    """A directory of a broken host: whatever is asked of it fails with `failure`."""

    __slots__ = ("failure",)

    def __init__(self, parent: MemDirectory, failure: str) -> None:
        super().__init__(parent.fs, parent.fs.new_number(), 0, parent)
        self.failure = failure

    def _fail(self, *_: object) -> Any:
        raise KernelError(self.failure)


for each in ("read_at", "write_at", "append", "truncate", "allocate", "sync", "opened", "stat", "set_times", "readiness"):
    setattr(FaultyInode, each, FaultyInode._fail)
for each in (
    "find", "lookup", "create", "make_directory", "symlink", "link", "unlink", "remove_directory", "rename", "entries",
    "stat", "set_times",
):  # fmt: skip
    setattr(FaultyDirectory, each, FaultyDirectory._fail)


class UnchangeableDirectory(FaultyDirectory):
    """One that can be looked into."""

    __slots__ = ()

    def find(self, name: bytes) -> Inode | None:
        return MemDirectory.find(self, name)

    def lookup(self, name: bytes) -> Inode:
        return MemDirectory.lookup(self, name)


class World:
    """A kernel with one process, and shorthands for what tests do most. All paths are relative to ROOT."""

    def __init__(self, kernel: Kernel, process: Process, sys: Syscalls) -> None:
        self.kernel = kernel
        self.process = process
        self.sys = sys
        self.stdin: MemoryStream = kernel.devices["stdin"]
        self.stdout: MemoryStream = kernel.devices["stdout"]

    def open(self, path: str | bytes, how: str = "r", at: int = ROOT) -> int:
        """A descriptor; `how` has words of FLAGS, ACCESS, STATUS, and "nofollow"."""
        words = how.split()
        flags = sum(FLAGS.get(word, 0) for word in words)
        rights = sum(ACCESS.get(word, 0) for word in words)
        status = sum(STATUS.get(word, 0) for word in words)
        name = path.encode() if isinstance(path, str) else path
        return self.sys.openat(at, name, "nofollow" not in words, flags, status, rights, Rights.ALL)

    def put(self, path: str | bytes, data: bytes = b"") -> None:
        """A file with that content."""
        fd = self.open(path, "creat trunc w")
        if data:
            assert self.write(fd, data) == len(data)
        self.sys.close(fd)

    def get(self, path: str | bytes) -> bytes:
        """The content of a file."""
        fd = self.open(path)
        data = b"".join(iter(lambda: self.read(fd, 1 << 16), b""))
        self.sys.close(fd)
        return data

    def mkdir(self, *paths: str) -> None:
        for path in paths:
            self.sys.mkdirat(ROOT, path.encode())

    def symlink(self, target: str, path: str) -> None:
        self.sys.symlinkat(target.encode(), ROOT, path.encode())

    def link(self, path: str, new_path: str) -> None:
        self.sys.linkat(ROOT, path.encode(), ROOT, new_path.encode())

    def rename(self, path: str, new_path: str) -> None:
        self.sys.renameat(ROOT, path.encode(), ROOT, new_path.encode())

    def unlink(self, path: str) -> None:
        self.sys.unlinkat(ROOT, path.encode())

    def rmdir(self, path: str) -> None:
        self.sys.rmdirat(ROOT, path.encode())

    def stat(self, path: str, follow: bool = True) -> Stat:
        return self.sys.fstatat(ROOT, path.encode(), follow)

    def read(self, fd: int, size: int) -> bytes:
        view = memoryview(bytearray(size))
        return bytes(view[: self.sys.readv(fd, [view])])

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        view = memoryview(bytearray(size))
        return bytes(view[: self.sys.preadv(fd, [view], offset)])

    def write(self, fd: int, data: bytes) -> int:
        return self.sys.writev(fd, [memoryview(data)])

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        return self.sys.pwritev(fd, [memoryview(data)], offset)

    def names(self, path: str = ".") -> list[str]:
        """What a directory lists, without "." and ".."."""
        fd = self.open(path, "dir")
        listed = [entry.name.decode() for entry in self.sys.getdents(fd, 2, 1 << 30)]
        self.sys.close(fd)
        return listed

    def plant(self, name: str, inode: Inode) -> None:
        """Put a special inode into the root directory."""
        self.kernel.root.attach(name.encode(), inode)

    def install(self, inode: Inode, readable: bool = True, writable: bool = True, rights: int = Rights.ALL) -> int:
        """Give the process a descriptor of any inode."""
        opened = inode.opened(readable, writable, False)
        return self.process.fds.add(OpenFile(opened, readable, writable, 0, rights, Rights.ALL))

    def holding(self, inode: Inode) -> int:
        """A descriptor of an inode that wasn't asked whether it can be opened."""
        return self.process.fds.add(OpenFile(inode, True, True))


def world(
    *,
    max_bytes: int = 1 << 30,
    max_inodes: int = 1 << 20,
    max_fds: int = 1024,
    max_output: int | None = None,
    strict: bool = False,
    stdin: Sequence[bytes | None] = (),
) -> World:
    """A fresh world: standard streams on 0 to 2, `/` on 3, holding nothing."""
    kernel = Kernel(max_bytes=max_bytes, max_inodes=max_inodes, max_output=max_output)
    process = kernel.new_process([b"prog", b"x"], [b"A=1"], max_fds, strict)
    for name in ("stdin", "stdout", "stderr"):
        kernel.attach(name, MemoryStream(*(stdin if name == "stdin" else ())))
        kernel.open_stream(process, kernel.new_stream(name, name != "stdin"), name != "stdin")
    assert kernel.preopen(process, kernel.root, b"/") == ROOT
    kind: Any = strict_rights(Syscalls) if strict else Syscalls
    return World(kernel, process, kernel.door(process, kind))


def populated(k: World | None = None) -> World:
    """A world with one of everything: file f (hello), directories d (holding x) and e, and links of all sorts."""
    k = k or world()
    k.put("f", b"hello")
    k.put("g", b"G")
    k.mkdir("d", "e")
    k.put("d/x", b"0123456789")
    for target, name in (
        ("f", "l"), ("gone", "dang"), ("d", "ld"), ("loop", "loop"), ("../f", "esc"), ("d/../f", "ok"), ("..", "up"),
    ):  # fmt: skip
        k.symlink(target, name)
    root = k.kernel.root
    root.symlink(b"abs", b"/f")  # no guest can make it, but a tree of the host may have it
    return k
