"""TCP sockets without a network: set up, and denied."""

from __future__ import annotations

import pytest

from agave_wasi.component.types import Case
from agave_wasi.preview2.clocks import SECOND
from agave_wasi.preview2.network import InstanceNetwork
from agave_wasi.preview2.tcp import DEFAULTS, TcpCreateSocket, TcpSocket
from tests.agave_wasi.preview2.guest import outcome
from tests.kernel_sim.scripts import world

ADDRESS = Case("ipv4", (80, (127, 0, 0, 1)))


def created() -> TcpSocket:
    return TcpCreateSocket(world().sys).create_tcp_socket("ipv6")


@pytest.mark.parametrize("name", ["start_bind", "start_connect"])
def test_whatever_needs_a_network_is_denied(name: str) -> None:
    socket = created()
    assert outcome(getattr(socket, name), InstanceNetwork(socket.kernel).instance_network(), ADDRESS) == "access-denied"


@pytest.mark.parametrize("name", ["finish_bind", "finish_connect", "finish_listen"])
def test_nothing_is_in_progress(name: str) -> None:
    assert outcome(getattr(created(), name)) == "not-in-progress"


@pytest.mark.parametrize("name", ["start_listen", "accept", "local_address", "remote_address"])
def test_what_an_unbound_socket_can_not_do(name: str) -> None:
    assert outcome(getattr(created(), name)) == "invalid-state"


def test_shutting_down_and_listening() -> None:
    socket = created()
    for each in ("receive", "send", "both"):
        assert outcome(socket.shutdown, each) == "invalid-state"
    assert socket.is_listening() is False and socket.address_family() == "ipv6"


def test_keep_alive() -> None:
    socket = created()
    assert socket.keep_alive_enabled() is False
    socket.set_keep_alive_enabled(True)
    assert socket.keep_alive_enabled() is True
    socket.set_keep_alive_enabled(False)
    assert socket.keep_alive_enabled() is False


@pytest.mark.parametrize(
    ("name", "value"),
    [("keep_alive_idle_time", 3 * SECOND), ("keep_alive_interval", SECOND), ("keep_alive_count", 4), ("hop_limit", 5)],
)
def test_options(name: str, value: int) -> None:
    socket = created()
    before = getattr(socket, name)()
    assert before in DEFAULTS.values()
    assert outcome(getattr(socket, f"set_{name}"), 0) == "invalid-argument" and getattr(socket, name)() == before
    assert outcome(getattr(socket, f"set_{name}"), value) is None and getattr(socket, name)() == value


def test_the_backlog() -> None:
    socket = created()
    assert socket.options["backlog"] == 128
    assert outcome(socket.set_listen_backlog_size, 0) == "invalid-argument"
    assert outcome(socket.set_listen_backlog_size, 7) is None and socket.options["backlog"] == 7
