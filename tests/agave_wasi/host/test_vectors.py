"""Vectored I/O that is complete: however little the host moves in one call, and however many buffers there are."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from agave_wasi.host.directory import HostDirectory
from agave_wasi.host.vectors import IOV_MAX, move
from kernel_sim.errors import Errno
from tests.agave_wasi.host.asking import open_file, views
from tests.kernel_sim.fs.trees import refusal


def test_more_buffers_than_the_host_takes(device: HostDirectory) -> None:
    file = open_file(device, b"f", "rwc")
    data = os.urandom(5000)
    pieces = [memoryview(data)[at : at + 2] for at in range(0, 5000, 2)]
    assert device.write(file, 0, [memoryview(b"")] * 2000 + pieces) == 5000
    buffers = views(*[0] * 1500, *[1] * 2000, 10_000)
    assert device.read(file, 0, buffers) == 5000
    assert b"".join(buffers)[:5000] == data
    assert device.append(file, pieces) == 5000
    assert device.stat_file(file)[4] == 10_000  # the size


def test_a_host_that_moves_little_at_a_time(device: HostDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    preadv, pwritev = os.preadv, os.pwritev
    file = open_file(device, b"f", "rwc")
    data = os.urandom(100)
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwritev", lambda fd, views, at, *flags: pwritev(fd, [views[0][:7]], at, *flags))
        patch.setattr(os, "preadv", lambda fd, views, at: preadv(fd, [views[0][:7]], at))
        assert device.write(file, 0, [memoryview(data)]) == 100
        assert device.write(file, 100, [memoryview(data)[:50], memoryview(data)[50:]]) == 100
        assert device.append(file, [memoryview(data)]) == 100
        memory = bytearray(400)
        assert device.read(file, 0, [memoryview(memory)]) == 300
        assert memory[:300] == data * 3


def test_an_error_in_the_middle_is_a_smaller_count(device: HostDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    pwritev = os.pwritev
    room = [10]

    def small_disk(fd: int, buffers: list[memoryview], at: int) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        count = pwritev(fd, [buffers[0][: room[0]]], at)
        room[0] -= count
        return count

    file = open_file(device, b"f", "rwc")
    monkeypatch.setattr(os, "pwritev", small_disk)
    assert device.write(file, 0, [memoryview(bytes(16))]) == 10
    assert refusal(device.write, file, 10, [memoryview(bytes(6))]) == Errno.NOSPC


class Host:
    """As much as `move` needs of a host: bytes written at offsets, `most` of them in one call."""

    def __init__(self, most: int, room: int = 1 << 20) -> None:
        self.most = most
        self.room = room
        self.data = bytearray(100)
        self.calls: list[tuple[int, int]] = []

    def write(self, fd: int, buffers: Sequence[memoryview], offset: int) -> int:
        assert fd == 7 and all(buffers)
        self.calls.append((len(buffers), offset))
        if not self.room and buffers:
            raise OSError(28, "No space left on device")
        piece = b"".join(buffers)[: min(self.most, self.room)]
        self.data[offset : offset + len(piece)] = piece
        self.room -= len(piece)
        return len(piece)


def pieces(*data: bytes) -> list[memoryview]:
    return [memoryview(each) for each in data]


@pytest.mark.parametrize("most", [1, 2, 3, 7, 100])
def test_every_buffer_moves_to_its_place(most: int) -> None:
    host = Host(most)
    assert move(host.write, 7, 10, pieces(b"ab", b"", b"cde", b"f"), 0) == 6
    assert host.data[8:18] == bytes(2) + b"abcdef" + bytes(2)


def test_what_has_moved_already_is_left_alone() -> None:
    host = Host(100)
    assert move(host.write, 7, 10, pieces(b"ab", b"cde"), 3) == 5
    assert host.data[10:16] == bytes(3) + b"de" + bytes(1)
    assert host.calls == [(1, 13)]


def test_no_call_has_more_buffers_than_the_host_takes() -> None:
    host = Host(1 << 20)
    host.data = bytearray(5000)
    assert move(host.write, 7, 0, pieces(*[b"x"] * (2 * IOV_MAX + 1)), 0) == 2 * IOV_MAX + 1
    assert host.calls == [(IOV_MAX, 0), (IOV_MAX, IOV_MAX), (1, 2 * IOV_MAX)]


def test_the_first_error_comes_out_and_a_later_one_shows_as_a_count() -> None:
    with pytest.raises(OSError, match="No space left"):
        move(Host(9, room=0).write, 7, 0, pieces(b"abc"), 0)
    assert move(Host(9, room=2).write, 7, 0, pieces(b"abc"), 0) == 2
    assert move(Host(0).write, 7, 0, pieces(b"abc"), 0) == 0  # nothing moves, and no error: it ends
