"""UDP sockets without a network: set up, and denied."""

from __future__ import annotations

import pytest

from agave_wasi.component.types import Case
from agave_wasi.preview2.network import InstanceNetwork
from agave_wasi.preview2.udp import IncomingDatagramStream, OutgoingDatagramStream, UdpCreateSocket, UdpSocket
from tests.agave_wasi.preview2.guest import outcome
from tests.kernel_sim.scripts import world

ADDRESS = Case("ipv4", (53, (127, 0, 0, 1)))


def created() -> UdpSocket:
    return UdpCreateSocket(world().sys).create_udp_socket("ipv4")


def test_binding_is_denied() -> None:
    socket = created()
    assert outcome(socket.start_bind, InstanceNetwork(socket.kernel).instance_network(), ADDRESS) == "access-denied"
    assert outcome(socket.finish_bind) == "not-in-progress" and socket.address_family() == "ipv4"


@pytest.mark.parametrize("remote", [None, ADDRESS])
def test_an_unbound_socket_has_no_streams(remote: Case | None) -> None:
    assert outcome(created().stream, remote) == "invalid-state"


@pytest.mark.parametrize("name", ["local_address", "remote_address"])
def test_an_unbound_socket_has_no_addresses(name: str) -> None:
    assert outcome(getattr(created(), name)) == "invalid-state"


def test_the_hop_limit() -> None:
    socket = created()
    assert socket.unicast_hop_limit() == 64 and outcome(socket.set_unicast_hop_limit, 0) == "invalid-argument"
    socket.set_unicast_hop_limit(9)
    assert socket.unicast_hop_limit() == 9


def test_streams_of_datagrams_are_of_a_bound_socket() -> None:
    k = world()
    incoming, outgoing = IncomingDatagramStream(k.sys), OutgoingDatagramStream(k.sys)
    assert outcome(incoming.receive, 5) == outcome(outgoing.check_send) == outcome(outgoing.send, []) == "invalid-state"
    assert incoming.subscribe().ready() and outgoing.subscribe().ready()
