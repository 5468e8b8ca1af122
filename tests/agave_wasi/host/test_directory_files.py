"""The directory device against real files: opening, content, handles, read-only mounts, and no way out."""

from __future__ import annotations

import os
import socket
import stat
import threading
import time
from pathlib import Path

import pytest

from agave_wasi.host.directory import HostDirectory
from kernel_sim.errors import Errno, KernelError
from tests.agave_wasi.host.asking import open_file, views
from tests.kernel_sim.fs.trees import refusal
from tests.waiting import HANG

SIZE = 4
"""Where a HostStat has it."""


# Opening


def test_create_exclusive_truncate(device: HostDirectory, tmp_path: Path) -> None:
    assert refusal(open_file, device, b"f", "r") == Errno.NOENT
    first = open_file(device, b"f", "rwcx")
    assert refusal(open_file, device, b"f", "rwcx") == Errno.EXIST
    device.write(first, 0, [memoryview(b"hello")])
    device.close(open_file(device, b"f", "wc"))
    device.close(open_file(device, b"f", "rx"))  # exclusive means something only for creation
    assert device.stat_file(first)[SIZE] == 5
    device.close(open_file(device, b"f", "wct"))
    assert device.stat_file(first)[SIZE] == 0
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o666 & ~mask


def test_access_is_the_hosts(device: HostDirectory, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    for mode in ("r", ""):
        file = open_file(device, b"f", mode)
        assert device.read(file, 0, views(1)) == 1
        assert refusal(device.write, file, 0, views(1)) == Errno.BADF
    file = open_file(device, b"f", "w")
    assert refusal(device.read, file, 0, views(1)) == Errno.BADF
    assert device.write(file, 0, views(1)) == 1


@pytest.mark.parametrize("mode", ["r", "w", "rw", "wt", "wc"])
def test_only_regular_files_open(device: HostDirectory, tmp_path: Path, mode: str) -> None:
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
    assert refusal(open_file, device, b"d", mode) == Errno.ISDIR
    assert refusal(open_file, device, b"fifo", mode) == Errno.NOTSUP
    assert refusal(open_file, device, b"socket", mode) == Errno.NOTSUP
    host = HostDirectory("/dev")
    assert refusal(open_file, host, b"null", mode) == Errno.NOTSUP
    host.close_all()


# Content


def test_reads_and_writes_go_straight_into_the_buffers(device: HostDirectory) -> None:
    file = open_file(device, b"f", "rwc")
    assert device.write(file, 2, [memoryview(b"abc"), memoryview(b""), memoryview(b"defg")]) == 7
    memory = memoryview(bytearray(12))
    assert device.read(file, 0, [memory[8:12], memory[0:0], memory[0:4]]) == 8
    assert bytes(memory) == b"cdef\0\0\0\0\0\0ab"
    assert device.read(file, 7, [memory]) == 2
    assert bytes(memory[:2]) == b"fg"
    assert device.read(file, 9, [memory]) == 0
    assert device.read(file, 1 << 40, [memory]) == 0
    assert device.read(file, 0, []) == device.write(file, 0, []) == 0
    assert device.read(file, 0, views(0)) == 0


@pytest.mark.parametrize("way", ["flag", "descriptor", "flag refused"])
def test_append(device: HostDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way == "descriptor":
        device._append_flag = 0
    elif not device._append_flag:
        pytest.skip("this host has no RWF_APPEND")
    elif way == "flag refused":

        def pwritev(fd: int, views: object, at: int, flags: int = 0) -> int:
            assert flags
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(os, "pwritev", pwritev)
    file = open_file(device, b"f", "wcx")
    (tmp_path / "f").chmod(0o600)
    with open(tmp_path / "f", "ab", buffering=0) as beside:
        (tmp_path / "f").chmod(0o400)  # what opening it a second time would stumble over, and the new name too
        (tmp_path / "f").rename(tmp_path / "g")
        (tmp_path / "f").write_bytes(b"another file")
        assert device.append(file, [memoryview(b"one")]) == 3
        beside.write(b"-")
        assert device.append(file, [memoryview(b"tw"), memoryview(b""), memoryview(b"o")]) == 3
    assert device.append(file, []) == 0
    monkeypatch.undo()
    assert device.write(file, 0, [memoryview(b"O")]) == 1  # positions count again
    assert (tmp_path / "g").read_bytes() == b"One-two"
    assert (tmp_path / "f").read_bytes() == b"another file"
    reader = open_file(device, b"g", "r")
    assert refusal(device.append, reader, [memoryview(b"x")]) == Errno.BADF


def test_truncate_and_allocate(device: HostDirectory, tmp_path: Path) -> None:
    file = open_file(device, b"f", "rwc")
    device.write(file, 0, [memoryview(b"hello")])
    device.truncate(file, 2)
    device.truncate(file, 4)
    assert (tmp_path / "f").read_bytes() == b"he\0\0"
    if hasattr(os, "posix_fallocate"):
        device.allocate(file, 100, 28)
        device.allocate(file, 0, 4)
        assert (tmp_path / "f").stat().st_size == 128
        assert refusal(device.allocate, file, 0, 0) == Errno.INVAL
    device.sync(file, False)
    device.sync(file, True)


def test_allocate_without_help_of_the_host(device: HostDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    assert refusal(device.allocate, open_file(device, b"f", "wc"), 0, 1) == Errno.NOTSUP


@pytest.mark.parametrize("huge", [1 << 63, (1 << 64) - 1])
def test_offsets_that_no_file_has(device: HostDirectory, huge: int) -> None:
    file = open_file(device, b"f", "rwc")
    assert refusal(device.read, file, huge, views(1)) == Errno.INVAL
    assert refusal(device.write, file, huge, views(1)) == Errno.FBIG
    assert refusal(device.truncate, file, huge) == Errno.FBIG
    assert refusal(device.allocate, file, huge, 1) in (Errno.FBIG, Errno.NOTSUP)
    assert refusal(device.write, file, (1 << 63) - 1, views(1)) in (Errno.FBIG, Errno.INVAL)


# Handles, and what is refused


def test_handles_are_never_used_again(device: HostDirectory) -> None:
    first = open_file(device, b"f", "rwc")
    device.close(first)
    second = open_file(device, b"f", "rwc")
    assert first != second
    for call, args in (
        (device.read, (first, 0, views(1))),
        (device.write, (first, 0, views(1))),
        (device.append, (first, views(1))),
        (device.stat_file, (first,)),
        (device.set_file_times, (first, 0, 0)),
        (device.truncate, (first, 0)),
        (device.allocate, (first, 0, 1)),
        (device.sync, (first, True)),
        (device.sync_directory, (first,)),
        (device.entries, (first,)),
        (device.stat, (first, b"")),
        (device.stat, (first, b"f")),
        (device.set_times, (first, b"", 0, 0)),
        (device.open_directory, (first, b"f")),
        (device.unlink, (first, b"f")),
        (device.rename, (first, b"f", 0, b"g")),
        (device.link, (0, b"f", first, b"g")),
        (device.replace_file, (first, b"f", [])),
        (device.close, (first,)),
    ):
        assert refusal(call, *args) == Errno.BADF


def test_the_root_stays_open_until_all_is_closed(tmp_path: Path) -> None:
    device = HostDirectory(tmp_path)
    device.close(device.root)
    device.close(open_file(device, b"f", "wc"))
    open_file(device, b"f")
    device.close_all()
    device.close_all()
    assert refusal(device.stat, device.root, b"") == Errno.BADF


def test_read_only_refuses_every_change(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "d").mkdir()
    before = sorted((path.name, path.stat().st_mtime_ns) for path in tmp_path.iterdir())
    device = HostDirectory(tmp_path, read_only=True)
    file = open_file(device, b"f")
    for mode in ("w", "rw", "wc", "rc", "rt", "wcx", "wt"):
        assert refusal(open_file, device, b"f", mode) == Errno.PERM
    for call, args in (
        (device.set_times, (0, b"f", 0, 0)),
        (device.set_file_times, (file, 0, 0)),
        (device.truncate, (file, 0)),
        (device.allocate, (file, 0, 1)),
        (device.symlink, (0, b"x", b"y")),
        (device.make_directory, (0, b"x")),
        (device.remove_directory, (0, b"d")),
        (device.unlink, (0, b"f")),
        (device.link, (0, b"f", 0, b"x")),
        (device.rename, (0, b"f", 0, b"x")),
        (device.replace_file, (0, b"f", [b"y"])),
    ):
        assert refusal(call, *args) == Errno.PERM
    assert refusal(device.write, file, 0, views(1)) == Errno.BADF
    assert refusal(device.append, file, views(1)) == Errno.BADF
    assert device.read(file, 0, views(1)) == 1
    device.close_all()
    assert sorted((path.name, path.stat().st_mtime_ns) for path in tmp_path.iterdir()) == before


# Races


FOUND_OUT = {b"NOTDIR", b"LOOP"}
"""What is told of a link in a folder's place."""

def test_swapping_a_directory_for_a_link_never_leads_outside(tmp_path: Path) -> None:
    """A thread of the host swaps a directory and a link to another one outside, as fast as it can."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for directory, content in ((inside, b"public"), (inside / "d", b"public"), (outside, b"SECRET")):
        directory.mkdir()
        (directory / "f").write_bytes(content)
    (inside / "to-dir").symlink_to(outside)
    (inside / "to-file").symlink_to(outside / "f")
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            for real, link in (("d", "to-dir"), ("f", "to-file")):
                os.rename(inside / real, inside / "spare")
                os.rename(inside / link, inside / real)
                os.rename(inside / real, inside / link)
                os.rename(inside / "spare", inside / real)

    device = HostDirectory(inside)
    swapper = threading.Thread(target=swap)
    swapper.start()
    outcomes: set[bytes] = set()
    try:
        begin, enough = time.monotonic(), 1.0
        while time.monotonic() - begin < enough:
            enough = 1.0 if b"public" in outcomes and FOUND_OUT & outcomes else HANG
            for way in (b"d", b""):
                handles = []
                try:
                    handles.append(device.open_directory(0, way) if way else 0)
                    handles.append(device.open_file(handles[0], b"f", True, True, False, False, False))
                    memory = memoryview(bytearray(6))
                    device.read(handles[1], 0, [memory])
                    outcomes.add(bytes(memory))
                except KernelError as error:
                    outcomes.add(error.errno.encode())
                for handle in handles:
                    device.close(handle)
    finally:
        done.set()
        swapper.join()
        device.close_all()
    assert b"public" in outcomes
    assert outcomes <= {b"public", b"NOENT", b"NOTDIR", b"LOOP"}
    assert FOUND_OUT & outcomes, "the race never happened"
    assert (outside / "f").read_bytes() == b"SECRET"
