"""Syscalls on sockets, in memory and behind devices."""

from __future__ import annotations

import pytest

from kernel_sim.errors import Errno, WouldBlock
from kernel_sim.net.stream import DeviceConnection, DeviceListener, MemoryListener, connection_pair
from kernel_sim.openfile import Status
from kernel_sim.syscalls.sockets import WAITALL_LIMIT, ReceiveFlags
from tests.kernel_sim.scripts import (
    MemoryListenerDevice,
    MemoryStream,
    World,
    blocks,
    errno,
    pieces,
    populated,
    provokes,
    views,
    world,
)  # fmt: skip

KEEP = ReceiveFlags.PEEK
ALL = ReceiveFlags.WAITALL


def connected(k: World) -> tuple[int, int]:
    """Descriptors of both ends of a connection."""
    near, far = connection_pair(k.kernel.pipes)
    return k.install(near), k.install(far)


def on_device(k: World, device: MemoryStream) -> int:
    k.kernel.attach("wire", device)
    pipes = k.kernel.pipes
    return k.install(DeviceConnection(pipes, pipes.new_number(), 0, k.kernel.devices, "wire"))


def receive(k: World, fd: int, size: int, flags: int = 0) -> bytes:
    view = memoryview(bytearray(size))
    count, truncated = k.sys.recv(fd, [view], flags)
    assert not truncated
    return bytes(view[:count])


def send(k: World, fd: int, data: bytes) -> int:
    return k.sys.send(fd, [memoryview(data)])


class TestConnections:
    def test_bytes_go_both_ways(self) -> None:
        k = world()
        a, b = connected(k)
        assert k.sys.send(a, pieces(b"he", b"llo")) == 5
        assert send(k, b, b"world") == 5
        buffers = views(2, 9)
        assert k.sys.recv(b, buffers, 0) == (5, False)
        assert b"".join(buffers) == b"hello" + b"\xaa" * 6
        assert k.read(a, 9) == b"world"  # an ordinary read does as well
        assert k.write(a, b"x") == 1

    def test_peeking_leaves_the_bytes(self) -> None:
        k = world()
        a, b = connected(k)
        send(k, a, b"hello")
        assert receive(k, b, 3, KEEP) == b"hel"
        assert receive(k, b, 9, KEEP) == receive(k, b, 9) == b"hello"

    def test_waiting_for_all(self) -> None:
        k = world()
        a, b = connected(k)
        send(k, a, b"hel")
        with pytest.raises(WouldBlock) as blocked:
            receive(k, b, 5, ALL)
        wait = blocked.value.wait
        assert not k.kernel.is_over(k.process, wait)  # something is there, but not enough
        send(k, a, b"lo")
        assert k.kernel.is_over(k.process, wait)
        assert receive(k, b, 5, ALL) == b"hello"
        send(k, a, b"x")
        assert blocks(receive, k, b, WAITALL_LIMIT * 2, ALL)
        k.sys.shutdown(a, False, True)
        assert receive(k, b, 5, ALL) == b"x"
        assert receive(k, b, 5, ALL) == b""

    def test_not_waiting_beats_waiting_for_all(self) -> None:
        k = world()
        a, b = connected(k)
        k.sys.set_status(b, Status.NONBLOCK)
        send(k, a, b"hel")
        assert receive(k, b, 5, ALL) == b"hel"

    def test_a_full_connection_blocks_and_the_end_is_an_end(self) -> None:
        k = world()
        a, b = connected(k)
        assert blocks(receive, k, b, 1)
        assert send(k, a, b"x" * 100_000) == 1 << 16
        assert blocks(send, k, a, b"x")
        assert len(receive(k, b, 1 << 17)) == 1 << 16
        k.sys.close(a)
        assert receive(k, b, 1) == b""
        assert errno(send, k, b, b"x") == "PIPE"

    def test_shutting_down_one_direction(self) -> None:
        k = world()
        a, b = connected(k)
        send(k, a, b"last")
        k.sys.shutdown(a, False, True)
        k.sys.shutdown(a, False, True)
        assert errno(send, k, a, b"x") == "PIPE"
        assert receive(k, b, 9) == b"last"
        assert receive(k, b, 9) == b""
        assert send(k, b, b"still") == 5
        assert receive(k, a, 9) == b"still"
        k.sys.shutdown(a, True, False)
        assert receive(k, a, 9) == receive(k, a, 9, KEEP) == b""
        assert errno(send, k, b, b"x") == "PIPE"
        a_inode = k.process.fds[a].inode
        assert a_inode.readiness(False) == a_inode.readiness(True) == (True, 0, True)
        assert errno(a_inode.truncate, 0) == "INVAL"

    @provokes("recv", "BADF", "NOTSOCK", "NOTCONN", "AGAIN", "CONNRESET", "IO")
    @provokes("send", "BADF", "NOTSOCK", "NOTCONN", "AGAIN", "PIPE", "CONNRESET", "IO")
    @provokes("shutdown", "BADF", "NOTSOCK", "NOTCONN", "INVAL", "IO")
    def test_errors(self) -> None:
        k = populated()
        a, b = connected(k)
        listening = k.install(MemoryListener(k.kernel.pipes, 1, 0))
        for bad, answer in ((99, "BADF"), (k.open("f"), "NOTSOCK"), (listening, "NOTCONN")):
            assert errno(receive, k, bad, 1) == errno(send, k, bad, b"x") == answer
            assert errno(k.sys.shutdown, bad, True, True) == answer
        for fd in (a, b):
            k.sys.set_status(fd, Status.NONBLOCK)
        assert errno(receive, k, b, 1) == "AGAIN"
        send(k, a, b"x" * (1 << 16))
        assert errno(send, k, a, b"x") == "AGAIN"
        assert errno(k.sys.shutdown, a, False, False) == "INVAL"
        device = MemoryStream(b"x")
        fd = on_device(k, device)
        for failure in (Errno.CONNRESET, Errno.IO):
            device.failure = failure
            assert errno(receive, k, fd, 1) == errno(send, k, fd, b"x") == failure
        assert errno(k.sys.shutdown, fd, True, True) == "IO"
        device.failure = Errno.NOTCONN
        assert errno(k.sys.shutdown, fd, True, True) == "NOTCONN"


class TestDevices:
    def test_a_connection_behind_a_device(self) -> None:
        k = world()
        device = MemoryStream(b"hello", None, live=True)
        fd = on_device(k, device)
        assert receive(k, fd, 3, KEEP) == receive(k, fd, 3) == b"hel"
        assert blocks(receive, k, fd, 5, ALL)
        assert receive(k, fd, 9) == b"lo"
        assert blocks(receive, k, fd, 9)
        assert blocks(receive, k, fd, 9, KEEP)
        assert k.sys.send(fd, pieces(b"a", b"", b"b")) == 2
        assert k.sys.send(fd, pieces(b"")) == 0
        assert device.written == b"ab"
        k.sys.shutdown(fd, True, False)
        inode = k.process.fds[fd].inode
        assert (inode.is_live(), inode.device_name(), inode.readiness(True)) == (True, "wire", (True, (1 << 20) - 2, False))
        k.sys.close(fd)
        assert device.closed and "wire" not in k.kernel.devices

    @provokes("accept", "CONNABORTED", "IO")
    def test_a_listener_behind_a_device(self) -> None:
        k = world()
        first, second = MemoryStream(b"one"), MemoryStream(b"two")
        device = MemoryListenerDevice(first, second)
        k.kernel.attach("door", device)
        pipes = k.kernel.pipes
        fd = k.install(DeviceListener(pipes, pipes.new_number(), 0, k.kernel.devices, k.kernel.devices, "door"))
        inode = k.process.fds[fd].inode
        assert (inode.is_live(), inode.device_name(), inode.readiness(False)) == (True, "door", (True, 0, False))
        connections = [k.sys.accept(fd, 0), k.sys.accept(fd, Status.NONBLOCK)]
        assert [receive(k, each, 9) for each in connections] == [b"one", b"two"]
        assert blocks(k.sys.accept, fd, 0)
        for failure in (Errno.CONNABORTED, Errno.IO):
            device.failure = failure
            assert errno(k.sys.accept, fd, 0) == failure
        k.sys.close(fd)
        assert device.closed


class TestAccepting:
    def test_connections_wait_in_a_queue(self) -> None:
        k = world()
        listener = MemoryListener(k.kernel.pipes, k.kernel.pipes.new_number(), 0, backlog=2)
        fd = k.install(listener)
        assert listener.readiness(False) == (False, 0, False)
        assert blocks(k.sys.accept, fd, 0)
        ends = [listener.connect(), listener.connect()]
        assert errno(listener.connect) == "CONNREFUSED"
        assert listener.readiness(False) == (True, 2, False)
        for end in ends:
            end.write_at(0, pieces(b"hi"))
            accepted = k.sys.accept(fd, Status.NONBLOCK)
            assert k.sys.descriptor(accepted).status == Status.NONBLOCK
            assert receive(k, accepted, 9) == b"hi"
        waiting = listener.connect()
        k.sys.close(fd)
        assert waiting.read_at(0, views(1)) == 0  # nobody will ever accept it
        assert errno(listener.connect) == "CONNREFUSED"

    @provokes("accept", "BADF", "NOTSOCK", "INVAL", "AGAIN", "MFILE", "CONNABORTED")
    def test_errors(self) -> None:
        k = world(max_fds=6)
        fd = k.install(MemoryListener(k.kernel.pipes, 1, 0))
        assert errno(k.sys.accept, 99, 0) == "BADF"
        assert errno(k.sys.accept, 0, 0) == "NOTSOCK"
        k.sys.set_status(fd, Status.NONBLOCK)
        assert errno(k.sys.accept, fd, 0) == "AGAIN"
        near, _ = connection_pair(k.kernel.pipes)
        assert errno(k.sys.accept, k.install(near), 0) == "INVAL"
        assert errno(k.sys.accept, fd, 0) == "MFILE"
