"""What the tests of file systems that lie over the host share: worlds with one tree, and a way to look at trees."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from agave_wasi.host.directory import HostDirectory
from kernel_sim.errors import KernelError
from kernel_sim.fs.inode import Directory
from kernel_sim.kernel import Kernel
from kernel_sim.openfile import Rights
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.paths import OpenFlags
from tests.descriptors import open_descriptors

READ = Rights.FD_READ
WRITE = Rights.FD_WRITE
BOTH = READ | WRITE
CREATE = OpenFlags.CREATE


class Machine:
    """A kernel with one process, whose descriptor 0 is the top of one tree."""

    def __init__(self, kind: str, folder: Path | str | None = None, max_bytes: int = 1 << 30) -> None:
        self.kernel = Kernel()
        self.device: HostDirectory | None = None
        if folder is not None:
            self.device = HostDirectory(folder)
            self.kernel.attach("folder", self.device)
        self.top: Directory
        if kind == "memory":
            self.top = self.kernel.root
        elif kind == "overlay":
            self.top = self.kernel.new_overlay_tree("folder", max_bytes)
        else:
            self.top = self.kernel.new_host_tree("folder", writable=kind != "read-only")
        self.process = self.kernel.new_process([b"test"], [])
        self.kernel.preopen(self.process, self.top, b"/")
        self.calls: Syscalls = self.kernel.door(self.process)

    def open(self, path: bytes, flags: int = 0, rights: int = READ, follow: bool = True, base: int = 0) -> int:
        return self.calls.openat(base, path, follow, flags, 0, rights, rights)

    def read(self, path: bytes) -> bytes:
        fd = self.open(path)
        try:
            return self.read_fd(fd)
        finally:
            self.calls.close(fd)

    def read_fd(self, fd: int) -> bytes:
        found = bytearray()
        while True:
            piece = bytearray(100_000)
            count = self.calls.readv(fd, [memoryview(piece)])
            if not count:
                return bytes(found)
            found += piece[:count]

    def write(self, path: bytes, content: bytes) -> None:
        fd = self.open(path, CREATE | OpenFlags.TRUNCATE, BOTH)
        try:
            assert self.calls.writev(fd, [memoryview(content)]) == len(content)
        finally:
            self.calls.close(fd)

    def names(self, path: bytes = b".") -> list[bytes]:
        fd = self.open(path)
        try:
            return [entry.name for entry in self.calls.getdents(fd, 2, 1 << 20)]
        finally:
            self.calls.close(fd)

    def close(self) -> None:
        self.kernel.reap(self.process)
        if self.device is not None:
            self.device.close_all()


def host_folder(beside: Path) -> Path:
    """A folder with a few files for a guest, and beside it one that no guest may ever see."""
    (beside / "secret").mkdir()
    (beside / "secret" / "secret.txt").write_text("SECRET")
    return furnish(beside / "folder")


def furnish(folder: Path) -> Path:
    """Make a folder of the host with a few files: f, d/g, d/e/h, and l, a link to d/e."""
    (folder / "d" / "e").mkdir(parents=True)
    (folder / "f").write_bytes(b"hello")
    (folder / "d" / "g").write_bytes(b"in d")
    (folder / "d" / "e" / "h").write_bytes(b"deep")
    (folder / "l").symlink_to("d/e")
    return folder


def count_descriptors(collect: bool = True) -> int:
    """How many descriptors this process has open."""
    return len(open_descriptors(collect))


def refusal(call: Callable[..., object], *args: object) -> str:
    """The errno that the call fails with."""
    try:
        call(*args)
    except KernelError as error:  # pytest.raises would keep the frames, and with them what they refer to
        return error.errno
    raise AssertionError(f"{call} was not refused")


def host_tree(folder: Path | str) -> dict[str, object]:
    """Every path of a folder of the host with its content, target or kind; hard links by the first of their names."""
    found: dict[str, object] = {}
    seen: dict[int, str] = {}
    for directory, below, files in os.walk(folder):
        below.sort()
        for name in sorted(below + files):
            whole = os.path.join(directory, name)
            path = os.path.relpath(whole, folder)
            status = os.lstat(whole)
            if os.path.islink(whole):
                found[path] = ("link to", os.readlink(whole))
            elif os.path.isdir(whole):
                found[path] = "directory"
            elif status.st_nlink > 1 and status.st_ino in seen:
                found[path] = ("same as", seen[status.st_ino])
            else:
                seen[status.st_ino] = path
                with open(whole, "rb") as file:
                    found[path] = file.read()
    return found
