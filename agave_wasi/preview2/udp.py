"""wasi:sockets/udp and udp-create-socket, in a world without a network: sockets can be made and set up, and reach nobody."""

from __future__ import annotations

from agave_wasi.component.host import interface, resource
from agave_wasi.component.types import WitError
from agave_wasi.preview2.io import Source
from agave_wasi.preview2.network import DENIED, INVALID_STATE, NOT_IN_PROGRESS, NetworkHost, Socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Never

    from agave_wasi.component.types import Case
    from agave_wasi.preview2.network import Network

DEFAULTS = {"hop limit": 64, "receive buffer": 212_992, "send buffer": 212_992}
"""Options of a new socket, about as Linux has them."""


@resource("wasi:sockets/udp@0.2", "udp-socket", family="family", options="options")
class UdpSocket(Socket):
    """A socket that stays unbound."""

    __slots__ = ()

    DEFAULTS = DEFAULTS

    def start_bind(self, network: Network, local_address: Case) -> Never:
        """Bind to a local address: denied."""
        raise WitError(DENIED)

    def finish_bind(self) -> Never:
        """Nothing was begun."""
        raise WitError(NOT_IN_PROGRESS)

    def stream(self, remote_address: Case | None) -> Never:
        """Streams of datagrams: not before it is bound."""
        raise WitError(INVALID_STATE)

    def local_address(self) -> Never:
        """The address that it is bound to: none."""
        raise WitError(INVALID_STATE)

    def remote_address(self) -> Never:
        """The address that it is connected to: none."""
        raise WitError(INVALID_STATE)

    def unicast_hop_limit(self) -> int:
        """How many routers a packet may pass."""
        return self.options["hop limit"]

    def set_unicast_hop_limit(self, value: int) -> None:
        """Set it."""
        self._set("hop limit", value)


@resource("wasi:sockets/udp@0.2", "incoming-datagram-stream")
class IncomingDatagramStream(Source):
    """Datagrams that arrive, of a socket that is bound: nobody has one yet."""

    __slots__ = ()

    def receive(self, max_results: int) -> Never:
        """The next datagrams."""
        raise WitError(INVALID_STATE)


@resource("wasi:sockets/udp@0.2", "outgoing-datagram-stream")
class OutgoingDatagramStream(Source):
    """Datagrams to be sent, of a socket that is bound: nobody has one yet."""

    __slots__ = ()

    def check_send(self) -> Never:
        """How many may be sent."""
        raise WitError(INVALID_STATE)

    def send(self, datagrams: list[tuple[bytes, Case | None]]) -> Never:
        """Send them."""
        raise WitError(INVALID_STATE)


@interface("wasi:sockets/udp@0.2", UdpSocket, IncomingDatagramStream, OutgoingDatagramStream)
class Udp(NetworkHost):
    """Sockets alone."""

    __slots__ = ()


@interface("wasi:sockets/udp-create-socket@0.2")
class UdpCreateSocket(NetworkHost):
    """Where sockets come from."""

    __slots__ = ()

    def create_udp_socket(self, address_family: str) -> UdpSocket:
        """A new socket; that needs no access to any network."""
        return UdpSocket(self.kernel, address_family)
