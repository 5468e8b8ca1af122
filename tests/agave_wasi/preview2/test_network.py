"""The network that isn't there: its handle, what errors mean, and options that sockets share."""

from __future__ import annotations

import pytest

from agave_wasi.preview2.io import Error
from agave_wasi.preview2.network import InstanceNetwork, Network, Networks, Socket
from agave_wasi.preview2.tcp import TcpSocket
from kernel_sim.errors import KernelError
from tests.agave_wasi.preview2.guest import TRAP, outcome
from tests.kernel_sim.scripts import world


def test_the_handle() -> None:
    assert isinstance(InstanceNetwork(world().sys).instance_network(), Network)


def test_no_stream_here_is_about_a_network() -> None:
    k = world()
    assert Networks(k.sys).network_error_code(Error(k.sys, "CONNRESET")) is None


@pytest.mark.parametrize(("errno", "code"), [("MFILE", "new-socket-limit"), ("NOTCAPABLE", "access-denied"), ("IO", "unknown")])
def test_errors_of_the_kernel(errno: str, code: str) -> None:
    assert Networks(world().sys).failure(KernelError(errno)) == code


def test_options_are_each_sockets_own_and_never_zero() -> None:
    defaults = {"receive buffer": 5, "send buffer": 6}

    class Some(Socket):
        DEFAULTS = defaults

    k = world()
    one, other = (Some(k.sys, family) for family in ("ipv4", "ipv6"))
    one.set_receive_buffer_size(7)
    one.set_send_buffer_size((1 << 64) - 1)
    assert (one.receive_buffer_size(), one.send_buffer_size()) == (7, (1 << 64) - 1)
    assert (other.receive_buffer_size(), other.send_buffer_size()) == (5, 6)
    assert outcome(one.set_send_buffer_size, 0) == outcome(one.set_receive_buffer_size, 0) == "invalid-argument"
    assert one.receive_buffer_size() == 7 and [each.address_family() for each in (one, other)] == ["ipv4", "ipv6"]


def test_a_socket_is_ready_to_say_no() -> None:
    socket = TcpSocket(world().sys, "ipv4")
    pollable = socket.subscribe()
    assert pollable.ready() and outcome(socket.drop) == TRAP
    pollable.drop()
    assert outcome(socket.drop) is None
