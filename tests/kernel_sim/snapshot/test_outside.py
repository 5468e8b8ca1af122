"""Snapshots of worlds with folders of the host: kept by device and path, found again when loaded."""

from __future__ import annotations

import os
from pathlib import Path
from zlib import crc32

import pytest

from agave_wasi.host.directory import HostDirectory
from kernel_sim.fs.changes import changes
from kernel_sim.fs.hostfs import HostDirectory as HostTree
from kernel_sim.fs.overlay import LowerContent, OverlayDirectory
from kernel_sim.snapshot import SnapshotError, load, save
from tests.kernel_sim.fs.trees import BOTH, CREATE, Machine
from tests.kernel_sim.scripts import errno


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A little tree of the host."""
    tree = tmp_path / "tree"
    (tree / "d" / "deep").mkdir(parents=True)
    (tree / "f").write_bytes(b"hello")
    (tree / "d" / "x").write_bytes(b"0123456789")
    os.link(tree / "f", tree / "d" / "hard")
    os.symlink("f", tree / "l")
    os.mkfifo(tree / "fifo")
    return tree


class Copy(Machine):
    """What comes back from another machine's snapshot, with a device of its own."""

    def __init__(self, machine: Machine, folder: Path | None) -> None:
        super().__init__("memory")
        devices: dict[str, object] = {}
        if folder is not None:
            other = Machine("host", folder)
            assert other.device is not None
            self.device = other.device
            devices["folder"] = other.device
            self.other = other
        self.saved = save(machine.kernel, {"top": machine.top})
        restored = load(self.saved, devices)
        self.kernel = restored.kernel
        self.top = restored.kept["top"]  # type: ignore[assignment]  # it was a directory
        self.process = self.kernel.processes[machine.process.pid]
        self.calls = self.kernel.door(self.process)

    def saved_again(self) -> bytes:
        return save(self.kernel, {"top": self.top})


def names(machine: Machine, path: bytes = b".") -> list[bytes]:
    fd = machine.open(path)
    found = [entry.name for entry in machine.calls.getdents(fd, 2, 99)]
    machine.calls.close(fd)
    return found


def put(machine: Machine, path: bytes, data: bytes) -> None:
    fd = machine.open(path, CREATE, BOTH)
    machine.calls.writev(fd, [memoryview(data)])
    machine.calls.close(fd)


@pytest.mark.parametrize("kind", ["host", "read-only", "overlay"])
def test_open_files_and_directories_go_on_where_they_were(kind: str, folder: Path) -> None:
    machine = Machine(kind, folder)
    x = machine.open(b"d/x")
    deep = machine.open(b"d/deep")
    d = machine.open(b"d")
    first = machine.calls.getdents(d, 0, 3)
    assert machine.calls.readv(x, [memoryview(bytearray(3))]) == 3
    copy = Copy(machine, folder)
    assert copy.saved_again() == copy.saved
    assert copy.read_fd(x) == b"3456789"
    assert names(copy, b"d") == names(machine, b"d")
    rest = [entry.name for entry in machine.calls.getdents(d, first[-1].cookie, 9)]
    assert [entry.name for entry in copy.calls.getdents(d, first[-1].cookie, 9)] == rest
    assert copy.calls.fstat(deep).type == "directory"
    if kind == "host":
        put(copy, b"d/deep/new", b"n")
        assert (folder / "d" / "deep" / "new").read_bytes() == b"n"
        assert errno(put, copy, b"new", b"n") == ""
    elif kind == "read-only":
        assert errno(put, copy, b"new", b"n") == "PERM"


def test_a_renamed_directory_of_the_host_is_found_under_its_new_name(folder: Path) -> None:
    machine = Machine("host", folder)
    d = machine.open(b"d")
    machine.calls.renameat(0, b"d", 0, b"moved")
    copy = Copy(machine, folder)
    fd = copy.calls.openat(d, b"x", True, 0, 0, BOTH, 0)
    assert copy.read_fd(fd) == b"0123456789"
    copy.calls.renameat(0, b"moved", 0, b"again")
    assert Copy(copy, folder).calls.fstat(d).type == "directory"


def test_an_overlay_keeps_what_the_guest_changed(folder: Path) -> None:
    machine = Machine("overlay", folder)
    put(machine, b"f", b"J")
    put(machine, b"new", b"n")
    machine.calls.symlinkat(b"new", 0, b"s")
    machine.calls.mkdirat(0, b"made")
    machine.calls.unlinkat(0, b"l")
    machine.calls.renameat(0, b"d/x", 0, b"made/x")
    machine.calls.utimensat(0, b"d", True, 5, 6)
    machine.calls.utimensat(0, b"fifo", False, 7, 8)
    copy = Copy(machine, folder)
    assert copy.saved_again() == copy.saved
    for path in (b"f", b"d/hard", b"new", b"s", b"made/x"):
        assert copy.read(path) == machine.read(path)
    assert copy.read(b"d/hard") == b"Jello"
    assert names(copy) == names(machine)
    assert copy.calls.fstatat(0, b"d", True).atime == 5
    assert copy.calls.fstatat(0, b"fifo", False).mtime == 8
    assert errno(copy.open, b"fifo") == "NOTSUP"
    assert (folder / "f").read_bytes() == b"hello"
    assert isinstance(machine.top, OverlayDirectory) and isinstance(copy.top, OverlayDirectory)
    assert [repr(each) for each in changes(copy.top)] == [repr(each) for each in changes(machine.top)]


def test_an_overlay_that_nobody_has_looked_into_is_filled_later(folder: Path) -> None:
    copy = Copy(Machine("overlay", folder), folder)
    (folder / "late").write_bytes(b"x")
    assert b"late" in names(copy)
    assert copy.calls.fstatat(0, b"f", True).inode == copy.calls.fstatat(0, b"d/hard", True).inode


def test_an_open_file_of_an_overlay_stays_one_version(folder: Path) -> None:
    machine = Machine("overlay", folder)
    fd = machine.open(b"f", 0, BOTH)
    copy = Copy(machine, folder)
    inode = copy.process.fds[fd].inode
    assert isinstance(inode.content, LowerContent)  # type: ignore[attr-defined]  # an OverlayFile
    copy.calls.writev(fd, [memoryview(b"J")])
    assert copy.read(b"f") == b"Jello"
    assert machine.read(b"f") == b"hello"


def test_a_mounted_folder(folder: Path) -> None:
    machine = Machine("memory")
    other = Machine("host", folder)
    assert other.device is not None
    machine.kernel.attach("folder", other.device)
    assert machine.kernel.mount(b"host", machine.kernel.new_host_tree("folder"))
    copy = Copy(machine, folder)
    assert copy.read(b"host/d/x") == b"0123456789"
    fd = copy.open(b"host")
    assert copy.calls.getdents(fd, 1, 1)[0].inode == copy.calls.fstatat(0, b".", True).inode
    assert isinstance(copy.process.fds[fd].inode, HostTree)
    assert Copy(copy, folder).read(b"host/f") == b"hello"


class TestWrongReferences:
    """Snapshots with the right checksum that lie about the host: each byte changed, and changed back."""

    @pytest.mark.parametrize("kind", ["host", "overlay"])
    def test_every_byte(self, kind: str, folder: Path) -> None:
        machine = Machine(kind, folder)
        machine.open(b"d/x")
        names(machine)
        names(machine, b"d")
        put(machine, b"new", b"n") if kind == "overlay" else None
        data = save(machine.kernel, {"top": machine.top})
        start = data.index(b"folder")
        loaded = 0
        for at in range(start - 20, len(data) - 4):
            for value in (0, 1, 2, data[at] ^ 1):
                wrong = data[:at] + bytes([value]) + data[at + 1 : -4]
                device = HostDirectory(folder)
                try:
                    again = load(wrong + crc32(wrong).to_bytes(4, "little"), {"folder": device})
                except SnapshotError:
                    continue
                finally:
                    device.close_all()
                save(again.kernel)
                loaded += 1
        assert loaded > 50


class TestRefusals:
    def test_a_file_without_a_name(self, folder: Path) -> None:
        machine = Machine("host", folder)
        machine.open(b"f")
        machine.calls.unlinkat(0, b"f")
        with pytest.raises(SnapshotError, match="has no name any more"):
            save(machine.kernel)

    def test_a_device_that_is_missing(self, folder: Path) -> None:
        with pytest.raises(SnapshotError, match="the device 'folder' is needed"):
            Copy(Machine("host", folder), None)

    def test_a_file_that_is_gone(self, folder: Path) -> None:
        machine = Machine("host", folder)
        machine.open(b"d/x")
        (folder / "d" / "x").unlink()
        with pytest.raises(SnapshotError, match="the host doesn't give back what was open there: NOENT"):
            Copy(machine, folder)

    def test_a_file_that_is_a_directory_now_and_the_reverse(self, folder: Path) -> None:
        machine = Machine("host", folder)
        machine.open(b"d/x")
        (folder / "d" / "x").unlink()
        (folder / "d" / "x").mkdir()
        with pytest.raises(SnapshotError, match="is a directory now"):
            Copy(machine, folder)
        machine = Machine("host", folder)
        machine.open(b"d/deep")
        (folder / "d" / "deep").rmdir()
        (folder / "d" / "deep").write_bytes(b"")
        with pytest.raises(SnapshotError, match="is none any more"):
            Copy(machine, folder)
