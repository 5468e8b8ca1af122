"""Files of the host, looked up and open: what a guest reads, writes and sets there, and where they say that they are."""

from __future__ import annotations

import os
from pathlib import Path

from kernel_sim.errors import Errno
from kernel_sim.fs.hostfile import HostEntry
from kernel_sim.fs.hostfs import HostDirectory, HostOpenFile
from kernel_sim.fs.resolve import find
from tests.kernel_sim.fs.trees import BOTH, Machine, count_descriptors, refusal


def test_reading_and_writing(machine: Machine, folder: Path) -> None:
    calls = machine.calls
    assert machine.read(b"f") == b"hello" and machine.read(b"l/h") == b"deep"
    machine.write(b"d/new", b"written")
    assert (folder / "d" / "new").read_bytes() == b"written"
    fd = machine.open(b"f", 0, BOTH)
    assert calls.seek(fd, 0, "end") == 5
    assert calls.writev(fd, [memoryview(b"!"), memoryview(b"?")]) == 2
    assert calls.pwritev(fd, [memoryview(b"J")], 0) == 1
    with (folder / "f").open("ab") as outside:
        outside.write(b"from outside")
    calls.set_status(fd, 1)
    assert calls.writev(fd, [memoryview(b"+")]) == 1
    assert (folder / "f").read_bytes() == b"Jello!?from outside+"
    assert calls.tell(fd) == calls.fstat(fd).size == 20
    calls.ftruncate(fd, 2)
    calls.fallocate(fd, 0, 4)
    calls.fsync(fd)
    calls.fdatasync(fd)
    calls.fadvise(fd, 0, 0, "willneed")
    assert (folder / "f").read_bytes() == b"Je\0\0"
    calls.close(fd)


def test_attributes_are_the_hosts(machine: Machine, folder: Path) -> None:
    calls = machine.calls
    os.link(folder / "f", folder / "same")
    for path, follow in ((b"f", True), (b"d", True), (b"l", False), (b".", True), (b"d/e/h", True)):
        expected = os.stat(folder / path.decode(), follow_symlinks=follow)
        found = calls.fstatat(0, path, follow)
        assert (found.inode, found.nlink, found.size) == (expected.st_ino, expected.st_nlink, expected.st_size)
        assert (found.mtime, found.ctime) == (expected.st_mtime_ns, expected.st_ctime_ns)
        assert found.device == machine.top.fs.number
    assert calls.fstatat(0, b"same", True).inode == calls.fstatat(0, b"f", True).inode


def test_times(machine: Machine, folder: Path) -> None:
    calls = machine.calls
    fd, directory = machine.open(b"f"), machine.open(b"d")
    calls.futimens(fd, 1_000_000_001, None)
    calls.futimens(directory, None, 2_000_000_002)
    calls.utimensat(0, b"l", False, 3_000_000_003, 4_000_000_004)
    calls.utimensat(0, b"l/h", True, 5_000_000_005, None)
    calls.utimensat(0, b"d/e", True, 6_000_000_006, 7_000_000_007)
    assert (folder / "f").stat().st_atime_ns == 1_000_000_001
    assert (folder / "d").stat().st_mtime_ns == 2_000_000_002
    assert (folder / "l").lstat().st_mtime_ns == 4_000_000_004
    assert (folder / "d" / "e" / "h").stat().st_atime_ns == 5_000_000_005
    assert (folder / "d" / "e").stat().st_mtime_ns == 7_000_000_007


def test_what_is_no_file_or_folder_can_be_seen_but_not_opened(machine: Machine, folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    assert machine.calls.fstatat(0, b"fifo", True).type == "fifo"
    assert refusal(machine.open, b"fifo") == Errno.NOTSUP
    assert refusal(machine.open, b"fifo/x") == Errno.NOTDIR
    machine.calls.renameat(0, b"fifo", 0, b"pipe")
    machine.calls.unlinkat(0, b"pipe")


def test_a_created_file_without_a_descriptor_is_closed(machine: Machine) -> None:
    before = count_descriptors()
    machine.top.create(b"made")
    assert count_descriptors() == before


def test_open_objects_know_where_they_are(machine: Machine) -> None:
    calls, fds = machine.calls, machine.process.fds
    directory, file, inner = machine.open(b"d/e"), machine.open(b"f"), machine.open(b"d/e/h")
    calls.renameat(0, b"d", 0, b"moved")
    calls.renameat(0, b"f", 0, b"moved/e/f2")

    def place(fd: int) -> list[bytes] | None:
        inode = fds[fd].inode
        assert isinstance(inode, HostDirectory | HostOpenFile)
        return inode.path()

    assert place(0) == []
    assert place(directory) == [b"moved", b"e"]
    assert place(file) == [b"moved", b"e", b"f2"]
    assert place(inner) == [b"moved", b"e", b"h"]
    calls.renameat(0, b"moved/e/f2", 0, b"moved/e/h")
    assert place(file) == [b"moved", b"e", b"h"] and place(inner) is None
    assert machine.read_fd(inner) == b"deep" and machine.read_fd(file) == b"hello"
    calls.unlinkat(0, b"moved/e/h")
    calls.rmdirat(0, b"moved/e")
    assert place(file) is None and place(directory) is None
    assert refusal(calls.mkdirat, directory, b"x") == Errno.NOENT
    assert [entry.name for entry in calls.getdents(directory, 0, 9)] == [b".", b".."]


def test_renaming_one_of_two_names_onto_the_other_keeps_both(machine: Machine) -> None:
    machine.calls.linkat(0, b"f", 0, b"same")
    fd = machine.open(b"f")
    machine.calls.renameat(0, b"f", 0, b"same")
    inode = machine.process.fds[fd].inode
    assert isinstance(inode, HostOpenFile) and inode.path() == [b"f"]
    assert machine.names() == [b"d", b"f", b"l", b"same"]


def test_an_entry_that_has_lost_its_name_leads_nowhere(machine: Machine) -> None:
    entry = find(machine.top, b"f", True)
    assert isinstance(entry, HostEntry) and entry.path() == [b"f"] and entry.size == 5
    entry.name = None
    assert entry.path() is None
    for use in (entry.readlink, lambda: entry.opened(True, False, False), lambda: entry.set_times(1, 1)):
        assert refusal(use) == Errno.NOENT
    assert entry.stat().size == 5  # as it was when it was looked up


def test_the_handle_goes_with_the_last_descriptor(machine: Machine) -> None:
    entry = find(machine.top, b"f", True)
    file = entry.opened(True, False, False)
    assert file.opened(True, False, False) is file
    file.closed(True, False)
    assert file.size == 5
    file.closed(True, False)
    for use in (file.stat, lambda: file.read_at(0, []), lambda: file.sync(False), lambda: file.truncate(0)):
        assert refusal(use) == Errno.BADF
