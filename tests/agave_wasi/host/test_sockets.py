"""Listeners and connections over loopback: nothing waits, every way of hanging up is told apart."""

from __future__ import annotations

import errno
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest

from agave_wasi.host.sockets import HostConnection, HostListener, parse_address
from agave_wasi.host.waiting import HostWait
from kernel_sim.errors import Errno, KernelError
from tests.waiting import HANG

if TYPE_CHECKING:
    from kernel_sim.devices import ConnectionDevice, ListenerDevice

T = TypeVar("T")
LONG = int(HANG * 1e9)
"""Nanoseconds in which it has come, however busy the host is."""


def eventually(question: Callable[[], T | None]) -> T:
    """Ask until the answer isn't "not yet"."""
    deadline = time.monotonic() + HANG
    while (answer := question()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return answer


def refusal(question: Callable[[], object]) -> str:
    """Ask until it fails; the errno."""
    deadline = time.monotonic() + HANG
    while True:
        try:
            question()
        except KernelError as error:
            return error.errno
        assert time.monotonic() < deadline
        time.sleep(0.001)


class Connected:
    """A connection of ours and the client socket at its other end."""

    def __init__(self) -> None:
        self.listener = HostListener("127.0.0.1:0")
        host, _, port = self.listener.address.rpartition(":")
        self.peer = socket.create_connection((host, int(port)))
        self.ours = eventually(self.listener.accept)

    def close(self) -> None:
        self.peer.close()
        self.ours.close()
        self.listener.close()


@pytest.fixture
def pair() -> Iterator[Connected]:
    """A connection over loopback, closed afterwards."""
    connected = Connected()
    yield connected
    connected.close()


def test_are_devices(pair: Connected) -> None:
    listener: ListenerDevice = pair.listener
    connection: ConnectionDevice = pair.ours
    assert listener.live and connection.live and not connection.terminal


def test_accept_answers_none_until_somebody_comes() -> None:
    listener = HostListener("127.0.0.1:0")
    assert listener.accept() is None
    assert listener.readiness(False) == (False, 0, False)
    host, _, port = listener.address.rpartition(":")
    with socket.create_connection((host, int(port))):
        HostWait({"l": listener}).wait([("l", False)], LONG)
        assert listener.readiness(False) == (True, 0, False)
        connection = listener.accept()
        assert connection is not None
        assert listener.accept() is None
        connection.close()
    listener.close()
    assert listener.readiness(False) == (True, 0, True)
    assert refusal(listener.accept) == Errno.BADF


def test_read_peek_and_the_end(pair: Connected) -> None:
    assert pair.ours.read(10) is None
    assert pair.ours.peek(10) is None
    assert pair.ours.readiness(False) == (False, 0, False)
    pair.peer.sendall(b"hello")
    assert eventually(lambda: pair.ours.peek(10)) == b"hello"
    assert pair.ours.readiness(False) == (True, 5, False)
    assert pair.ours.read(2) == b"he"
    assert pair.ours.peek(1) == b"l"
    assert pair.ours.read(1 << 40) == b"llo"
    assert pair.ours.read(10) is None
    pair.peer.shutdown(socket.SHUT_WR)
    assert eventually(lambda: pair.ours.read(10)) == b""
    assert pair.ours.peek(10) == b""
    assert pair.ours.readiness(False) == (True, 0, True)
    assert pair.ours.write(memoryview(b"still open this way")) == 19
    assert pair.peer.recv(100) == b"still open this way"


def test_waiting_for_many_bytes_is_not_over_with_a_few(pair: Connected) -> None:
    wait = partial(HostWait({"c": pair.ours}).wait, [("c", False)])
    pair.peer.sendall(b"abc")
    assert wait(LONG) and wait(LONG, {"c": 3})
    assert not wait(20_000_000, {"c": 4})
    assert wait(0, {"c": 1})  # the next wait is an ordinary one
    pair.peer.sendall(b"d")
    assert wait(LONG, {"c": 4})
    assert pair.ours.readiness(False) == (True, 4, False)
    pair.peer.shutdown(socket.SHUT_WR)
    assert wait(LONG, {"c": 5})
    assert eventually(lambda: pair.ours.readiness(False)[2] or None)


def test_write_is_partial_then_none_then_goes_on(pair: Connected) -> None:
    data = os.urandom(1 << 24)
    sent = pair.ours.write(memoryview(data))
    assert sent is not None and 0 < sent < len(data)
    full = False
    while not full:  # the host may take a moment to hand on what it has, and then it takes some more
        while (count := pair.ours.write(memoryview(data)[sent:])) is not None:
            sent += count
            assert sent < len(data)
        full = pair.ours.readiness(True) == (False, 0, False)
    received = bytearray()
    while len(received) < sent:
        received += pair.peer.recv(1 << 20)
    assert received == data[:sent]
    HostWait({"c": pair.ours}).wait([("c", True)], LONG)
    assert pair.ours.write(memoryview(b"more")) == 4
    assert pair.ours.write(memoryview(b"")) == 0


def test_half_close_of_ours_ends_the_peers_input(pair: Connected) -> None:
    pair.ours.write(memoryview(b"bye"))
    pair.ours.shutdown(False, True)
    assert pair.peer.recv(10) == b"bye"
    assert pair.peer.recv(10) == b""
    assert refusal(lambda: pair.ours.write(memoryview(b"x"))) == Errno.PIPE
    pair.peer.sendall(b"answer")
    assert eventually(lambda: pair.ours.read(10)) == b"answer"


def test_shutting_the_reading_side(pair: Connected) -> None:
    pair.ours.shutdown(True, False)
    assert pair.ours.read(10) == b""
    pair.ours.shutdown(False, False)
    pair.ours.shutdown(True, True)
    assert pair.peer.recv(10) == b""


def test_reset_by_the_peer(pair: Connected) -> None:
    pair.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    pair.peer.close()
    assert refusal(lambda: pair.ours.read(10)) == Errno.CONNRESET
    assert refusal(lambda: pair.ours.shutdown(True, True)) == Errno.NOTCONN


def test_writing_after_the_peer_has_closed(pair: Connected) -> None:
    pair.peer.close()
    assert eventually(lambda: pair.ours.read(10)) == b""
    assert refusal(lambda: pair.ours.write(memoryview(b"x"))) == Errno.PIPE


def test_after_close_everything_is_badf(pair: Connected) -> None:
    pair.ours.close()
    assert refusal(lambda: pair.ours.read(1)) == Errno.BADF
    assert refusal(lambda: pair.ours.write(memoryview(b"x"))) == Errno.BADF
    assert refusal(lambda: pair.ours.shutdown(True, True)) == Errno.BADF
    assert pair.ours.readiness(False) == (True, 0, True)
    HostWait({"c": pair.ours}).wait([("c", False)], None)


def test_a_connection_over_a_socket_pair() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        connection = HostConnection(ours)
        theirs.sendall(b"x")
        assert connection.read(5) == b"x"
        connection.close()


def test_ipv6() -> None:
    try:
        listener = HostListener("[::1]:0")
    except OSError:
        pytest.skip("this host has no IPv6 loopback")
    assert listener.address.startswith("[::1]:")
    with socket.create_connection(("::1", int(listener.address.rpartition(":")[2]))):
        eventually(listener.accept).close()
    listener.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:80", (socket.AF_INET, "127.0.0.1", 80)),
        ("localhost:0", (socket.AF_INET, "127.0.0.1", 0)),
        ("[::1]:65535", (socket.AF_INET6, "::1", 65535)),
        ("0.0.0.0:8080", (socket.AF_INET, "0.0.0.0", 8080)),
    ],
)
def test_addresses(text: str, expected: tuple[socket.AddressFamily, str, int]) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "8080", "127.0.0.1", ":8080", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
     "[::1]", "[127.0.0.1]:80", "example.com:80", "127.1:80", "1.2.3.4\0:80", "1.2.3.\udcff:80", "a:\u0663",
     "[fe80::1%eth0]:80"],
)  # fmt: skip
def test_bad_addresses_are_named_and_cured(text: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1") as caught:
        HostListener(text)
    assert repr(text) in str(caught.value)


def test_an_address_in_use_says_what_to_do() -> None:
    listener = HostListener("127.0.0.1:0")
    with pytest.raises(OSError, match="choose another port") as caught:
        HostListener(listener.address)
    assert caught.value.errno == errno.EADDRINUSE
    assert listener.address in str(caught.value)
    listener.close()


def test_a_foreign_address_says_so() -> None:
    with pytest.raises(OSError, match="no network interface") as caught:
        HostListener("192.0.2.1:0")
    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_a_port_can_be_listened_at_again_at_once() -> None:
    pair = Connected()
    address = pair.listener.address
    pair.ours.close()
    pair.close()
    HostListener(address).close()
