"""Copy on write: the guest sees the host's files, changes what it likes, and the host is as before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernel_sim.errors import Errno
from kernel_sim.fs.changes import changes
from kernel_sim.fs.content import SparseContent
from kernel_sim.fs.memfs import MemFile
from kernel_sim.fs.overlay import LowerContent, OverlayDirectory
from kernel_sim.fs.resolve import find
from kernel_sim.syscalls.paths import OpenFlags
from tests.kernel_sim.fs.trees import BOTH, WRITE, Machine, count_descriptors, refusal


def test_the_hosts_files_are_seen(overlay: Machine, lower: Path) -> None:
    calls = overlay.calls
    assert overlay.read(b"f") == b"hello" and overlay.read(b"l/h") == b"deep"
    assert overlay.names() == [b"d", b"f", b"l", b"same"]
    assert calls.readlinkat(0, b"l") == b"d/e"
    for path in (b"f", b"d", b"d/e/h", b"same"):
        expected, found = os.stat(lower / path.decode()), calls.fstatat(0, path, True)
        assert (found.nlink, found.mtime) == (expected.st_nlink, expected.st_mtime_ns)
    assert calls.fstatat(0, b"same", True).inode == calls.fstatat(0, b"d/g", True).inode
    assert isinstance(overlay.top, OverlayDirectory) and changes(overlay.top) == []


def test_nothing_that_the_guest_does_reaches_the_host(overlay: Machine) -> None:
    calls = overlay.calls
    overlay.write(b"f", b"new")
    overlay.write(b"d/made", b"made")
    calls.unlinkat(0, b"d/e/h")
    calls.rmdirat(0, b"d/e")
    calls.renameat(0, b"d", 0, b"moved")
    calls.mkdirat(0, b"d")
    calls.symlinkat(b"f", 0, b"d/link")
    calls.utimensat(0, b"same", True, 1, 2)
    assert refusal(overlay.read, b"d/link") == Errno.NOENT
    assert overlay.read(b"moved/made") == b"made" and overlay.read(b"f") == b"new"
    assert overlay.names(b"moved") == [b"g", b"made"]


def test_reading_copies_nothing(overlay: Machine, lower: Path) -> None:
    with (lower / "big").open("wb") as file:
        file.truncate(1 << 27)
        file.seek(3 << 25)
        file.write(b"far out")
    fd = overlay.open(b"big", 0, BOTH)
    buffer = bytearray(9)
    assert overlay.calls.preadv(fd, [memoryview(buffer)[:4], memoryview(buffer)[4:]], 3 << 25) == 9
    assert buffer == b"far out\0\0" and overlay.top.fs.used_bytes == 0
    assert overlay.calls.preadv(fd, [memoryview(buffer)], (1 << 27) - 4) == 4
    assert overlay.calls.preadv(fd, [memoryview(buffer)], 1 << 33) == 0
    assert overlay.calls.writev(fd, [memoryview(b"x")]) == 1  # holes aren't copied either
    inode = overlay.process.fds[fd].inode
    assert isinstance(inode, MemFile) and isinstance(inode.content, SparseContent)
    assert overlay.top.fs.used_bytes <= 3 << 16 and inode.size == 1 << 27
    assert overlay.calls.preadv(fd, [memoryview(buffer)], 3 << 25) == 9 and buffer == b"far out\0\0"
    os.unlink(lower / "big")


def test_a_copy_counts_against_the_quota(overlay: Machine, lower: Path) -> None:
    (lower / "big").write_bytes(os.urandom(3 << 19))
    try:
        fd = overlay.open(b"big", 0, BOTH)
        assert refusal(overlay.calls.writev, fd, [memoryview(b"x")]) == Errno.NOSPC
        assert refusal(overlay.calls.ftruncate, fd, (3 << 19) - 1) == Errno.NOSPC
        assert overlay.top.fs.used_bytes == 0 and overlay.read(b"big") == (lower / "big").read_bytes()
        overlay.calls.ftruncate(fd, 1000)  # what fits is copied
        assert overlay.top.fs.used_bytes == 1000
        assert overlay.read(b"big") == (lower / "big").read_bytes()[:1000]
        overlay.calls.close(fd)
        overlay.calls.unlinkat(0, b"big")
        assert overlay.top.fs.used_bytes == 0
        overlay.write(b"f", b"")
        overlay.write(b"f", bytes(1 << 20))
    finally:
        os.unlink(lower / "big")


def test_only_the_targets_of_new_links_count_against_the_quota(overlay: Machine) -> None:
    fs, fd = overlay.top.fs, 0
    assert overlay.calls.readlinkat(fd, b"l") == b"d/e"
    overlay.calls.unlinkat(fd, b"l")
    assert fs.used_bytes == 0
    overlay.calls.symlinkat(b"t" * 4000, fd, b"l")
    assert fs.used_bytes == 4000
    fs.max_bytes = 4000
    assert refusal(overlay.calls.symlinkat, b"t", fd, b"m") == Errno.NOSPC
    overlay.calls.unlinkat(fd, b"l")
    assert fs.used_bytes == 0


def test_what_the_host_has_needs_no_room_for_inodes(lower: Path) -> None:
    overlay = Machine("memory", lower)
    overlay.top = overlay.kernel.new_overlay_tree("folder", max_inodes=2)
    fd = overlay.kernel.preopen(overlay.process, overlay.top, b"/")
    assert [entry.name for entry in overlay.calls.getdents(fd, 2, 99)] == [b"d", b"f", b"l", b"same"]
    overlay.calls.mkdirat(fd, b"one")
    overlay.calls.mkdirat(fd, b"two")
    assert refusal(overlay.calls.mkdirat, fd, b"three") == Errno.NOSPC
    overlay.close()


def test_names_are_a_stable_view(overlay: Machine, lower: Path) -> None:
    assert overlay.names(b"d/e") == [b"h"]
    (lower / "d" / "e" / "late").touch()
    (lower / "d" / "e" / "h").rename(lower / "h2")
    assert overlay.names(b"d/e") == [b"h"]
    assert refusal(overlay.read, b"d/e/late") == Errno.NOENT
    assert refusal(overlay.read, b"d/e/h") == Errno.NOENT
    assert overlay.calls.fstatat(0, b"d/e/h", True).size == 4
    (lower / "h2").rename(lower / "d" / "e" / "h")
    (lower / "d" / "e" / "late").unlink()
    assert overlay.read(b"d/e/h") == b"deep"


def test_a_file_is_one_version_while_it_is_open(overlay: Machine, lower: Path) -> None:
    fd = overlay.open(b"f")
    (lower / "new").write_bytes(b"another, longer")
    os.rename(lower / "f", lower / "old")
    os.rename(lower / "new", lower / "f")
    assert overlay.read_fd(fd) == b"hello"
    overlay.calls.close(fd)
    assert overlay.read(b"f") == b"another, longer" and overlay.calls.fstatat(0, b"f", True).size == 15
    os.rename(lower / "old", lower / "f")


def test_a_file_that_shrinks_while_it_is_copied_is_an_error(overlay: Machine, lower: Path) -> None:
    fd = overlay.open(b"f", 0, BOTH)
    os.truncate(lower / "f", 2)
    assert refusal(overlay.calls.writev, fd, [memoryview(b"x")]) == Errno.IO
    (lower / "f").write_bytes(b"hello")
    assert overlay.calls.writev(fd, [memoryview(b"J")]) == 1
    assert overlay.read(b"f") == b"Jello"


def test_descriptors_of_one_file_see_each_others_writes(overlay: Machine) -> None:
    reading, writing = overlay.open(b"same"), overlay.open(b"d/g", 0, WRITE)
    overlay.calls.writev(writing, [memoryview(b"IN")])
    assert overlay.read_fd(reading) == b"IN d"
    overlay.calls.unlinkat(0, b"same")
    overlay.calls.unlinkat(0, b"d/g")
    overlay.calls.seek(reading, 0, "set")
    assert overlay.read_fd(reading) == b"IN d" and overlay.calls.fstat(reading).nlink == 0
    overlay.calls.close(reading)
    overlay.calls.close(writing)
    assert overlay.top.fs.used_bytes == 0


def test_nothing_stays_open(overlay: Machine) -> None:
    before = count_descriptors()
    fd = overlay.open(b"f")
    assert count_descriptors() == before + 1
    overlay.calls.close(fd)
    fd = overlay.open(b"f", OpenFlags.TRUNCATE, BOTH)
    assert count_descriptors() == before
    overlay.calls.close(fd)
    fd = overlay.open(b"d/g", 0, BOTH)
    overlay.calls.writev(fd, [memoryview(b"x")])
    inode = find(overlay.top, b"d/e/h", True)
    assert isinstance(inode, MemFile) and isinstance(inode.content, LowerContent)
    assert inode.content.tobytes() == b"deep" and inode.content.source is None
    assert count_descriptors() == before + 2  # the folders d and e, which are given back when others need them
    overlay.calls.close(fd)


def test_many_folders_need_few_handles(overlay: Machine, lower: Path) -> None:
    for number in range(300):
        (lower / "d" / "e" / f"{number}").mkdir()
        (lower / "d" / "e" / f"{number}" / "x").write_text(f"{number}")
    before = count_descriptors()
    for number in range(300):
        assert overlay.read(b"d/e/%d/x" % number) == b"%d" % number
    assert count_descriptors() < before + 140
    for number in range(300):
        assert overlay.read(b"d/e/%d/x" % number) == b"%d" % number
        (lower / "d" / "e" / f"{number}" / "x").unlink()
        (lower / "d" / "e" / f"{number}").rmdir()


def test_the_hosts_permissions_count(overlay: Machine, lower: Path) -> None:
    (lower / "f").chmod(0)
    (lower / "d").chmod(0)
    forbidden = not os.access(lower / "f", os.R_OK)
    found = [refusal(overlay.read, b"f"), refusal(overlay.names, b"d")] if forbidden else []
    (lower / "d").chmod(0o755)
    (lower / "f").chmod(0o644)
    if not forbidden:
        pytest.skip("nothing is forbidden to the superuser")
    assert found == [Errno.ACCES, Errno.ACCES]
    assert overlay.read(b"f") == b"hello" and overlay.names(b"d") == [b"e", b"g"]
