"""A host folder as a file system: what the guest does happens there, and there only, and nothing stays open."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

from kernel_sim.errors import Errno
from kernel_sim.fs.hostfs import MAX_HANDLES, HostDirectory
from kernel_sim.fs.resolve import find
from kernel_sim.syscalls.paths import OpenFlags
from tests.kernel_sim.fs.trees import BOTH, CREATE, READ, WRITE, Machine, count_descriptors, refusal


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


def test_deep_trees_need_few_handles(machine: Machine) -> None:
    calls, before = machine.calls, count_descriptors()
    fd = machine.open(b".")
    for _ in range(3 * MAX_HANDLES):
        calls.mkdirat(fd, b"x")
        deeper = calls.openat(fd, b"x", True, 0, 0, READ, READ)
        calls.close(fd)
        fd = deeper
        assert count_descriptors(collect=False) <= before + MAX_HANDLES + 1
    machine.write(b"x/" * (3 * MAX_HANDLES) + b"file", b"deepest")
    calls.close(fd)
    assert count_descriptors() == before
    there_and_back = b"x/" * 300 + b"../" * 300 + b"x/" * 300 + b"../" * 299 + b"../f"
    assert machine.read(there_and_back) == b"hello"
    inode = find(machine.top, b"x/" * 300, True)
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
    directory = find(machine.top, b"d", True)
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
