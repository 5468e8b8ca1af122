"""Sockets below the syscalls: what the interfaces answer by themselves."""

from __future__ import annotations

from kernel_sim.net.stream import Listener, Socket, StreamSocket, connection_pair
from tests.kernel_sim.scripts import errno, pieces, views, world


def test_the_interfaces_refuse_by_themselves() -> None:
    pipes = world().kernel.pipes
    bare = StreamSocket(pipes, 1, 0)
    assert errno(bare.peek, views(1)) == "NOTSUP"
    assert errno(bare.shutdown, True, True) == "NOTCONN"
    listener = Listener(pipes, 1, 0)
    assert errno(listener.read_at, 0, views(1)) == errno(listener.write_at, 0, pieces(b"x")) == "NOTCONN"
    assert errno(listener.accept) == "INVAL"
    assert errno(Socket(pipes, 1, 0).truncate, 0) == "INVAL"
    assert bare.type == listener.type == "socket-stream"


def test_closing_an_end_is_the_end_for_the_other() -> None:
    near, far = connection_pair(world().kernel.pipes)
    near.write_at(0, pieces(b"bye"))
    assert far.readiness(False) == (True, 3, False)
    near.closed(True, True)
    assert far.readiness(False) == (True, 3, True)
    assert far.readiness(True)[2]
    assert far.read_at(0, views(9)) == 3
    assert far.read_at(0, views(9)) == 0
    assert errno(far.write_at, 0, pieces(b"x")) == "PIPE"


def test_numbers_are_unique() -> None:
    pipes = world().kernel.pipes
    ends = [end for _ in range(3) for end in connection_pair(pipes)]
    assert len({end.number for end in ends}) == 6
