"""fd_*: what these functions do besides their kernel call: times, names of preopens, listings that are cut off."""

from __future__ import annotations

from struct import unpack_from
from typing import Any

import pytest

from agave_wasi.preview1.files import ATIM, ATIM_NOW, MTIM, MTIM_NOW, Files
from agave_wasi.preview1.layout import DIRENT_SIZE
from tests.kernel_sim.scripts import ROOT, errno, populated, world


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (0, (None, None)), (ATIM, (5, None)), (MTIM, (None, 6)), (ATIM | MTIM, (5, 6)), (ATIM_NOW, ("now", None)),
        (MTIM_NOW, (None, "now")), (ATIM | MTIM_NOW, (5, "now")), (ATIM_NOW | MTIM_NOW, ("now", "now")),
    ],
)  # fmt: skip
def test_times(flags: int, expected: tuple[Any, ...]) -> None:
    k = world()
    now = k.kernel.clock.now()
    assert Files(k.sys).new_times(5, 6, flags) == tuple(now if each == "now" else each for each in expected)


@pytest.mark.parametrize("flags", [ATIM | ATIM_NOW, MTIM | MTIM_NOW, 15])
def test_a_time_is_given_or_now_but_not_both(flags: int) -> None:
    k = populated()
    fd = k.open("f", "rw")
    before = k.stat("f").mtime
    assert errno(Files(k.sys).fd_filestat_set_times, fd, 1, 1, flags) == "INVAL"
    assert k.stat("f").mtime == before


def test_names_of_preopened_directories() -> None:
    k = populated()
    files = Files(k.sys)
    assert files.fd_prestat_get(ROOT) == 1
    exact, long = bytearray(1), bytearray(b"..")
    files.fd_prestat_dir_name(ROOT, memoryview(exact))
    files.fd_prestat_dir_name(ROOT, memoryview(long))
    assert bytes(exact) == b"/" and bytes(long) == b"/."
    assert errno(files.fd_prestat_dir_name, ROOT, memoryview(bytearray())) == "NAMETOOLONG"
    other = k.open("d", "dir")
    assert errno(files.fd_prestat_get, other) == "BADF"
    assert errno(files.fd_prestat_dir_name, other, memoryview(bytearray(9))) == "NOTDIR"
    assert errno(files.fd_prestat_get, 99) == errno(files.fd_prestat_dir_name, 99, memoryview(long)) == "BADF"


def listed(data: bytes) -> list[tuple[int, bytes]]:
    """(cookie, name) of each whole entry; the last one may be cut off."""
    found, at = [], 0
    while at + DIRENT_SIZE <= len(data):
        cookie, length = unpack_from("<Q8xI", data, at)
        at += DIRENT_SIZE + length
        if at <= len(data):
            found.append((cookie, data[at - length : at]))
    return found


@pytest.mark.parametrize("room", [30, 52, 64, 100, 1000])
def test_a_listing_can_be_read_through_a_buffer_of_any_size(room: int) -> None:
    k = populated()
    files = Files(k.sys)
    names: list[bytes] = []
    cookie = 0
    while True:
        buffer = bytearray(room)
        count = files.fd_readdir(ROOT, memoryview(buffer), cookie)
        whole = listed(bytes(buffer[:count]))
        names += [name for _, name in whole]
        if count < room:
            break
        cookie = whole[-1][0]
    assert names == [b".", b"..", *(name.encode() for name in k.names())]


def test_a_full_buffer_says_that_there_is_more() -> None:
    k = populated()
    whole = bytearray(4096)
    length = Files(k.sys).fd_readdir(ROOT, memoryview(whole), 0)
    for room in range(length + 1):
        part = bytearray(b"\xaa" * room)
        assert Files(k.sys).fd_readdir(ROOT, memoryview(part), 0) == room
        assert part == whole[:room]


def test_arguments_arrive_in_their_places() -> None:
    k = populated()
    files, fd = Files(k.sys), k.open("f", "rw")
    assert files.fd_pwrite(fd, (memoryview(b"J"), memoryview(b"E")), 0) == 2
    room = bytearray(3)
    assert files.fd_pread(fd, (memoryview(room),), 1) == 3 and room == b"Ell"
    assert files.fd_seek(fd, -1, "end") == files.fd_tell(fd) == 4
    files.fd_allocate(fd, 6, 4)
    assert files.fd_filestat_get(fd).size == 10
    files.fd_filestat_set_size(fd, 2)
    files.fd_filestat_set_times(fd, 5, 6, ATIM | MTIM)
    assert (k.stat("f").size, k.stat("f").atime, k.stat("f").mtime) == (2, 5, 6)
    files.fd_fdstat_set_flags(fd, 1)
    assert files.fd_fdstat_get(fd).status == 1
    files.fd_renumber(fd, 0)
    assert errno(files.fd_close, fd) == "BADF"
    assert files.fd_tell(0) == 4
