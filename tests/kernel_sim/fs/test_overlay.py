"""Copy on write: the guest sees the host's files, changes what it likes, and the host is as before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel_sim.errors import Errno
from kernel_sim.fs.changes import changes
from kernel_sim.fs.content import SparseContent
from kernel_sim.fs.memfs import MemFile
from kernel_sim.fs.overlay import LowerContent, OverlayDirectory
from kernel_sim.fs.resolve import resolve
from kernel_sim.syscalls.paths import OpenFlags
from tests.kernel_sim.fs.trees import BOTH, WRITE, Machine, count_descriptors, furnish, host_tree, refusal


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The host's folder, which must be the same after the test as it was when the overlay was made."""
    made = furnish(tmp_path)
    (made / "same").hardlink_to(made / "d" / "g")
    before = host_tree(made)
    yield made
    assert host_tree(made) == before


@pytest.fixture
def machine(folder: Path) -> Iterator[Machine]:
    made = Machine("overlay", folder, max_bytes=1 << 20)
    yield made
    made.close()


def described(machine: Machine) -> list[str]:
    assert isinstance(machine.top, OverlayDirectory)
    return [repr(change) for change in changes(machine.top)]


def test_the_hosts_files_are_seen(machine: Machine, folder: Path) -> None:
    calls = machine.calls
    assert machine.read(b"f") == b"hello" and machine.read(b"l/h") == b"deep"
    assert machine.names() == [b"d", b"f", b"l", b"same"]
    assert calls.readlinkat(0, b"l") == b"d/e"
    for path in (b"f", b"d", b"d/e/h", b"same"):
        expected, found = os.stat(folder / path.decode()), calls.fstatat(0, path, True)
        assert (found.nlink, found.mtime) == (expected.st_nlink, expected.st_mtime_ns)
    assert calls.fstatat(0, b"same", True).inode == calls.fstatat(0, b"d/g", True).inode
    assert described(machine) == []


def test_nothing_that_the_guest_does_reaches_the_host(machine: Machine) -> None:
    calls = machine.calls
    machine.write(b"f", b"new")
    machine.write(b"d/made", b"made")
    calls.unlinkat(0, b"d/e/h")
    calls.rmdirat(0, b"d/e")
    calls.renameat(0, b"d", 0, b"moved")
    calls.mkdirat(0, b"d")
    calls.symlinkat(b"f", 0, b"d/link")
    calls.utimensat(0, b"same", True, 1, 2)
    assert refusal(machine.read, b"d/link") == Errno.NOENT
    assert machine.read(b"moved/made") == b"made" and machine.read(b"f") == b"new"
    assert machine.names(b"moved") == [b"g", b"made"]


def test_reading_copies_nothing(machine: Machine, folder: Path) -> None:
    with (folder / "big").open("wb") as file:
        file.truncate(1 << 27)
        file.seek(3 << 25)
        file.write(b"far out")
    fd = machine.open(b"big", 0, BOTH)
    buffer = bytearray(9)
    assert machine.calls.preadv(fd, [memoryview(buffer)[:4], memoryview(buffer)[4:]], 3 << 25) == 9
    assert buffer == b"far out\0\0" and machine.top.fs.used_bytes == 0
    assert machine.calls.preadv(fd, [memoryview(buffer)], (1 << 27) - 4) == 4
    assert machine.calls.preadv(fd, [memoryview(buffer)], 1 << 33) == 0
    assert machine.calls.writev(fd, [memoryview(b"x")]) == 1  # holes aren't copied either
    inode = machine.process.fds[fd].inode
    assert isinstance(inode, MemFile) and isinstance(inode.content, SparseContent)
    assert machine.top.fs.used_bytes <= 3 << 16 and inode.size == 1 << 27
    assert machine.calls.preadv(fd, [memoryview(buffer)], 3 << 25) == 9 and buffer == b"far out\0\0"
    os.unlink(folder / "big")


def test_a_copy_counts_against_the_quota(machine: Machine, folder: Path) -> None:
    (folder / "big").write_bytes(os.urandom(3 << 19))
    try:
        fd = machine.open(b"big", 0, BOTH)
        assert refusal(machine.calls.writev, fd, [memoryview(b"x")]) == Errno.NOSPC
        assert refusal(machine.calls.ftruncate, fd, (3 << 19) - 1) == Errno.NOSPC
        assert machine.top.fs.used_bytes == 0 and machine.read(b"big") == (folder / "big").read_bytes()
        machine.calls.ftruncate(fd, 1000)  # what fits is copied
        assert machine.top.fs.used_bytes == 1000
        assert machine.read(b"big") == (folder / "big").read_bytes()[:1000]
        machine.calls.close(fd)
        machine.calls.unlinkat(0, b"big")
        assert machine.top.fs.used_bytes == 0
        machine.write(b"f", b"")
        machine.write(b"f", bytes(1 << 20))
    finally:
        os.unlink(folder / "big")


def test_what_the_host_has_needs_no_room_for_inodes(folder: Path) -> None:
    machine = Machine("memory", folder)
    machine.top = machine.kernel.new_overlay_tree("folder", max_inodes=2)
    fd = machine.kernel.preopen(machine.process, machine.top, b"/")
    assert [entry.name for entry in machine.calls.getdents(fd, 2, 99)] == [b"d", b"f", b"l", b"same"]
    machine.calls.mkdirat(fd, b"one")
    machine.calls.mkdirat(fd, b"two")
    assert refusal(machine.calls.mkdirat, fd, b"three") == Errno.NOSPC
    machine.close()


def test_names_are_a_stable_view(machine: Machine, folder: Path) -> None:
    assert machine.names(b"d/e") == [b"h"]
    (folder / "d" / "e" / "late").touch()
    (folder / "d" / "e" / "h").rename(folder / "h2")
    assert machine.names(b"d/e") == [b"h"]
    assert refusal(machine.read, b"d/e/late") == Errno.NOENT
    assert refusal(machine.read, b"d/e/h") == Errno.NOENT
    assert machine.calls.fstatat(0, b"d/e/h", True).size == 4
    (folder / "h2").rename(folder / "d" / "e" / "h")
    (folder / "d" / "e" / "late").unlink()
    assert machine.read(b"d/e/h") == b"deep"


def test_a_file_is_one_version_while_it_is_open(machine: Machine, folder: Path) -> None:
    fd = machine.open(b"f")
    (folder / "new").write_bytes(b"another, longer")
    os.rename(folder / "f", folder / "old")
    os.rename(folder / "new", folder / "f")
    assert machine.read_fd(fd) == b"hello"
    machine.calls.close(fd)
    assert machine.read(b"f") == b"another, longer" and machine.calls.fstatat(0, b"f", True).size == 15
    os.rename(folder / "old", folder / "f")


def test_a_file_that_shrinks_while_it_is_copied_is_an_error(machine: Machine, folder: Path) -> None:
    fd = machine.open(b"f", 0, BOTH)
    os.truncate(folder / "f", 2)
    assert refusal(machine.calls.writev, fd, [memoryview(b"x")]) == Errno.IO
    (folder / "f").write_bytes(b"hello")
    assert machine.calls.writev(fd, [memoryview(b"J")]) == 1
    assert machine.read(b"f") == b"Jello"


def test_descriptors_of_one_file_see_each_others_writes(machine: Machine) -> None:
    reading, writing = machine.open(b"same"), machine.open(b"d/g", 0, WRITE)
    machine.calls.writev(writing, [memoryview(b"IN")])
    assert machine.read_fd(reading) == b"IN d"
    machine.calls.unlinkat(0, b"same")
    machine.calls.unlinkat(0, b"d/g")
    machine.calls.seek(reading, 0, "set")
    assert machine.read_fd(reading) == b"IN d" and machine.calls.fstat(reading).nlink == 0
    machine.calls.close(reading)
    machine.calls.close(writing)
    assert machine.top.fs.used_bytes == 0


def test_nothing_stays_open(machine: Machine) -> None:
    before = count_descriptors()
    fd = machine.open(b"f")
    assert count_descriptors() == before + 1
    machine.calls.close(fd)
    fd = machine.open(b"f", OpenFlags.TRUNCATE, BOTH)
    assert count_descriptors() == before
    machine.calls.close(fd)
    fd = machine.open(b"d/g", 0, BOTH)
    machine.calls.writev(fd, [memoryview(b"x")])
    inode = resolve(machine.top, b"d/e/h", True).existing()
    assert isinstance(inode, MemFile) and isinstance(inode.content, LowerContent)
    assert inode.content.tobytes() == b"deep" and inode.content.source is None
    assert count_descriptors() == before + 2  # the folders d and e, which are given back when others need them
    machine.calls.close(fd)


def test_many_folders_need_few_handles(machine: Machine, folder: Path) -> None:
    for number in range(300):
        (folder / "d" / "e" / f"{number}").mkdir()
        (folder / "d" / "e" / f"{number}" / "x").write_text(f"{number}")
    before = count_descriptors()
    for number in range(300):
        assert machine.read(b"d/e/%d/x" % number) == b"%d" % number
    assert count_descriptors() < before + 140
    for number in range(300):
        assert machine.read(b"d/e/%d/x" % number) == b"%d" % number
        (folder / "d" / "e" / f"{number}" / "x").unlink()
        (folder / "d" / "e" / f"{number}").rmdir()


def test_special_files_are_seen_moved_and_removed(machine: Machine, folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    assert machine.calls.fstatat(0, b"fifo", True).type == "fifo"
    assert refusal(machine.open, b"fifo") == Errno.NOTSUP
    machine.calls.renameat(0, b"fifo", 0, b"d/pipe")
    machine.calls.utimensat(0, b"d/pipe", True, 1, 1)
    assert described(machine) == ["<moved b'd/pipe' = b'fifo'>", "<removed-file b'fifo'>"]
    machine.calls.unlinkat(0, b"d/pipe")
    assert described(machine) == ["<removed-file b'fifo'>"]
    os.unlink(folder / "fifo")


def test_changes(machine: Machine) -> None:
    calls = machine.calls
    machine.read(b"d/e/h")
    assert described(machine) == []
    machine.write(b"d/new", b"x")
    calls.linkat(0, b"d/new", 0, b"again")
    calls.mkdirat(0, b"n")
    calls.symlinkat(b"gone", 0, b"n/link")
    calls.renameat(0, b"f", 0, b"n/f")
    calls.unlinkat(0, b"d/e/h")
    calls.rmdirat(0, b"d/e")
    machine.write(b"d/g", b"changed")
    calls.utimensat(0, b"l", False, 1, 2)
    calls.utimensat(0, b".", True, 3, 4)
    assert described(machine) == [
        "<directory b'n'>",
        "<file b'again'>",
        "<file b'same'>",
        "<moved b'n/f' = b'f'>",
        "<symlink b'n/link' -> b'gone'>",
        "<link b'd/g' = b'same'>",
        "<link b'd/new' = b'again'>",
        "<removed-file b'f'>",
        "<removed-file b'd/e/h'>",
        "<removed-directory b'd/e'>",
        "<times b'l'>",
        "<times b''>",
    ]


def test_changes_of_kind_wait_for_the_removal(machine: Machine) -> None:
    calls = machine.calls
    calls.renameat(0, b"f", 0, b"t")
    calls.renameat(0, b"d", 0, b"f")
    calls.renameat(0, b"t", 0, b"d")
    assert described(machine) == [
        "<removed-file b'd/e/h'>",
        "<removed-directory b'd/e'>",
        "<removed-file b'd/g'>",
        "<removed-directory b'd'>",
        "<removed-file b'f'>",
        "<directory b'f'>",
        "<directory b'f/e'>",
        "<moved b'd' = b'f'>",
        "<moved b'f/g' = b'same'>",
        "<moved b'f/e/h' = b'd/e/h'>",
    ]


def test_other_names_of_a_changed_file_follow_it(machine: Machine, folder: Path) -> None:
    (folder / "d" / "e" / "third").hardlink_to(folder / "same")
    machine.write(b"same", b"changed")
    assert described(machine) == ["<file b'same'>", "<link b'd/g' = b'same'>", "<link b'd/e/third' = b'same'>"]
    (folder / "d" / "e" / "third").unlink()


def test_times_are_kept_only_if_they_were_set_last(machine: Machine) -> None:
    assert isinstance(machine.top, OverlayDirectory)
    fd = machine.open(b"f", 0, BOTH)
    machine.calls.writev(fd, [memoryview(b"x")])
    assert [change.mtime for change in changes(machine.top)] == [None]
    machine.calls.futimens(fd, 5, 6)
    assert [(change.atime, change.mtime) for change in changes(machine.top)] == [(5, 6)]
    machine.calls.writev(fd, [memoryview(b"x")])
    assert [change.mtime for change in changes(machine.top)] == [None]


def test_the_hosts_permissions_count(machine: Machine, folder: Path) -> None:
    (folder / "f").chmod(0)
    (folder / "d").chmod(0)
    forbidden = not os.access(folder / "f", os.R_OK)
    found = [refusal(machine.read, b"f"), refusal(machine.names, b"d")] if forbidden else []
    (folder / "d").chmod(0o755)
    (folder / "f").chmod(0o644)
    if not forbidden:
        pytest.skip("nothing is forbidden to the superuser")
    assert found == [Errno.ACCES, Errno.ACCES]
    assert machine.read(b"f") == b"hello" and machine.names(b"d") == [b"e", b"g"]
