"""A host folder as a file system: what the guest does happens there, and there only, and nothing stays open."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

from kernel_sim.errors import Errno
from kernel_sim.fs.hostfs import MAX_HANDLES, HostDirectory, HostOpenFile
from kernel_sim.fs.resolve import resolve
from kernel_sim.syscalls.paths import OpenFlags
from tests.kernel_sim.fs.trees import BOTH, CREATE, READ, WRITE, Machine, count_descriptors, refusal

# Reading and writing


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


def test_read_only_mounts(folder: Path) -> None:
    machine = Machine("read-only", folder)
    calls = machine.calls
    assert machine.read(b"f") == b"hello"
    refused: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (machine.open, (b"f", 0, WRITE)),
        (machine.open, (b"f", OpenFlags.TRUNCATE)),
        (machine.open, (b"new", CREATE)),
        (calls.mkdirat, (0, b"new")),
        (calls.rmdirat, (0, b"d/e")),
        (calls.unlinkat, (0, b"f")),
        (calls.linkat, (0, b"f", 0, b"new")),
        (calls.symlinkat, (b"f", 0, b"new")),
        (calls.renameat, (0, b"f", 0, b"new")),
        (calls.utimensat, (0, b"f", True, 1, 1)),
        (calls.futimens, (0, 1, 1)),
    ]
    for call, args in refused:
        assert refusal(call, *args) == Errno.PERM
    machine.close()
    assert sorted(os.listdir(folder)) == ["d", "f", "l"] and (folder / "f").read_bytes() == b"hello"


def test_what_is_no_file_or_folder_can_be_seen_but_not_opened(machine: Machine, folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    assert machine.calls.fstatat(0, b"fifo", True).type == "fifo"
    assert refusal(machine.open, b"fifo") == Errno.NOTSUP
    assert refusal(machine.open, b"fifo/x") == Errno.NOTDIR
    machine.calls.renameat(0, b"fifo", 0, b"pipe")
    machine.calls.unlinkat(0, b"pipe")


def test_other_mounts_are_other_devices(folder: Path) -> None:
    machine = Machine("host", folder)
    machine.kernel.attach("again", machine.device)
    other = machine.kernel.new_host_tree("again")
    fd = machine.kernel.preopen(machine.process, other, b"/other")
    assert refusal(machine.calls.renameat, 0, b"f", fd, b"moved") == Errno.XDEV
    assert refusal(machine.calls.linkat, 0, b"f", fd, b"linked") == Errno.XDEV
    memory = machine.kernel.preopen(machine.process, machine.kernel.root, b"/")
    assert refusal(machine.calls.renameat, memory, b".", fd, b"x") == Errno.BUSY
    machine.kernel.root.create(b"m")
    assert refusal(machine.calls.renameat, memory, b"m", fd, b"m") == Errno.XDEV
    assert refusal(machine.calls.renameat, fd, b"f", memory, b"f") == Errno.XDEV
    del other
    machine.close()


# Listing


def test_listings_show_what_is_there(machine: Machine, folder: Path) -> None:
    entries = machine.calls.getdents(machine.open(b"d"), 0, 100)
    assert [(entry.cookie, entry.name, entry.type) for entry in entries] == [
        (1, b".", "directory"),
        (2, b"..", "directory"),
        (3, b"e", "directory"),
        (4, b"g", "regular-file"),
    ]
    inodes = [os.stat(folder / "d" / name).st_ino for name in (".", "..", "e", "g")]
    assert [entry.inode for entry in entries] == inodes


def test_at_the_top_a_listing_goes_no_higher(machine: Machine, folder: Path) -> None:
    entries = machine.calls.getdents(0, 0, 2)
    assert [entry.inode for entry in entries] == [folder.stat().st_ino] * 2


def test_cookies_outlast_changes(machine: Machine, folder: Path) -> None:
    """Every entry that stays is shown exactly once, whatever comes and goes, here or outside."""
    names = [f"{number:03}" for number in range(100)]
    many = folder / "many"
    many.mkdir()
    for name in names:
        (many / name).touch()
    fd = machine.open(b"many")
    shown: list[bytes] = []
    cookie = 0
    for turn in range(1000):
        entries = machine.calls.getdents(fd, cookie, 7)
        if not entries:
            break
        cookie = entries[-1].cookie
        shown += [entry.name for entry in entries]
        (many / f"outside{turn}").touch()
        machine.calls.unlinkat(0, b"many/" + entries[-1].name) if turn else None
        machine.write(b"many/a%d" % turn, b"")
        if turn == 3:
            os.unlink(many / "050")
    assert [name.decode() for name in shown if name.decode() in names and name != b"050"] == [*names[:50], *names[51:]]
    assert len(set(shown)) == len(shown)
    fresh = [entry.name for entry in machine.calls.getdents(fd, 0, 10_000)]
    assert sorted(os.fsencode(name) for name in os.listdir(many)) == sorted(fresh[2:])


def test_a_listing_can_begin_anywhere(machine: Machine) -> None:
    whole = machine.calls.getdents(machine.open(b"."), 0, 100)
    for start in range(len(whole) + 2):
        fd = machine.open(b".")
        found = machine.calls.getdents(fd, start, 2)
        assert [entry.name for entry in found] == [entry.name for entry in whole[start : start + 2]]


# Handles


def test_nothing_stays_open(machine: Machine) -> None:
    gc.disable()  # it isn't needed
    try:
        before = count_descriptors()
        for _ in range(3):
            machine.read(b"d/e/h")
            machine.write(b"d/e/new", b"x")
            machine.names(b"l")
            machine.calls.fstatat(0, b"d/../d/e/../e/h", True)
            machine.calls.renameat(0, b"d/e/new", 0, b"d/new")
            machine.calls.linkat(0, b"d/new", 0, b"d/e/linked")
            for path in (b"d/x/y", b"d/g/x", b"l/x", b"nothing", b"d/../../x"):
                refusal(machine.read, path)
            refusal(machine.open, b"d", CREATE, BOTH)
            refusal(machine.calls.mkdirat, 0, b"d/e/h")
            machine.calls.unlinkat(0, b"d/e/linked")
            machine.calls.unlinkat(0, b"d/new")
        assert count_descriptors() == before
        fd, file = machine.open(b"d/e"), machine.open(b"d/e/h")
        assert count_descriptors() == before + 3  # d, e, h
        machine.calls.close(fd)
        assert count_descriptors() == before + 3  # the file knows where it is
        machine.calls.close(file)
        assert count_descriptors() == before
    finally:
        gc.enable()


def test_a_created_file_without_a_descriptor_is_closed(machine: Machine) -> None:
    before = count_descriptors()
    machine.top.create(b"made")
    assert count_descriptors() == before


def test_deep_trees_need_few_handles(machine: Machine) -> None:
    calls, before = machine.calls, count_descriptors()
    fd = machine.open(b".")
    for _ in range(3 * MAX_HANDLES):
        calls.mkdirat(fd, b"x")
        deeper = calls.openat(fd, b"x", True, 0, 0, READ, READ)
        calls.close(fd)
        fd = deeper
        assert count_descriptors() <= before + MAX_HANDLES + 1
    machine.write(b"x/" * (3 * MAX_HANDLES) + b"file", b"deepest")
    calls.close(fd)
    assert count_descriptors() == before
    there_and_back = b"x/" * 300 + b"../" * 300 + b"x/" * 300 + b"../" * 299 + b"../f"
    assert machine.read(there_and_back) == b"hello"
    inode = resolve(machine.top, b"x/" * 300, True).existing()
    assert isinstance(inode, HostDirectory) and inode.path() == [b"x"] * 300


def test_descriptors_keep_their_handles(machine: Machine, folder: Path) -> None:
    for number in range(2 * MAX_HANDLES):
        (folder / f"{number}").mkdir()
        (folder / f"{number}" / "file").write_text(f"{number}")
    fds = [machine.open(b"%d" % number) for number in range(2 * MAX_HANDLES)]
    machine.read(b"d/e/h")
    for number, fd in enumerate(fds):
        file = machine.open(b"file", base=fd)
        assert machine.read_fd(file) == b"%d" % number
        machine.calls.close(file)


def test_a_directory_that_was_exchanged_while_its_handle_was_given_back_is_gone(machine: Machine, folder: Path) -> None:
    directory = resolve(machine.top, b"d", True).existing()
    assert isinstance(directory, HostDirectory)
    directory.opened_handle()
    directory.give_back()
    (folder / "d").rename(folder / "old")
    (folder / "d").mkdir()
    assert refusal(directory.lookup, b"g") == Errno.NOENT
    (folder / "d").rmdir()
    (folder / "d").symlink_to("old")
    assert refusal(directory.lookup, b"g") == Errno.NOTDIR
    (folder / "d").unlink()
    (folder / "old").rename(folder / "d")
    assert directory.lookup(b"g").size == 4


# Places


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
