"""wasi:sockets/tcp and tcp-create-socket, in a world without a network: sockets can be made and set up, and reach nobody."""

from __future__ import annotations

from agave_wasi.component.host import interface, resource
from agave_wasi.component.types import WitError
from agave_wasi.preview2.clocks import SECOND
from agave_wasi.preview2.network import DENIED, INVALID_STATE, NOT_IN_PROGRESS, NetworkHost, Socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Never

    from agave_wasi.component.types import Case
    from agave_wasi.preview2.network import Network

DEFAULTS = {
    "backlog": 128,
    "keep-alive": 0,
    "keep-alive idle": 7200 * SECOND,
    "keep-alive interval": 75 * SECOND,
    "keep-alive count": 9,
    "hop limit": 64,
    "receive buffer": 1 << 17,
    "send buffer": 1 << 14,
}
"""Options of a new socket, about as Linux has them."""


@resource("wasi:sockets/tcp@0.2", "tcp-socket", family="family", options="options")
class TcpSocket(Socket):
    """A socket that stays unbound."""

    __slots__ = ()

    DEFAULTS = DEFAULTS

    def start_bind(self, network: Network, local_address: Case) -> Never:
        """Bind to a local address: denied."""
        raise WitError(DENIED)

    def finish_bind(self) -> Never:
        """Nothing was begun."""
        raise WitError(NOT_IN_PROGRESS)

    def start_connect(self, network: Network, remote_address: Case) -> Never:
        """Connect to a remote address: denied."""
        raise WitError(DENIED)

    def finish_connect(self) -> Never:
        """Nothing was begun."""
        raise WitError(NOT_IN_PROGRESS)

    def start_listen(self) -> Never:
        """Listen: not before it is bound."""
        raise WitError(INVALID_STATE)

    def finish_listen(self) -> Never:
        """Nothing was begun."""
        raise WitError(NOT_IN_PROGRESS)

    def accept(self) -> Never:
        """The next connection: not before it listens."""
        raise WitError(INVALID_STATE)

    def local_address(self) -> Never:
        """The address that it is bound to: none."""
        raise WitError(INVALID_STATE)

    def remote_address(self) -> Never:
        """The address that it is connected to: none."""
        raise WitError(INVALID_STATE)

    def is_listening(self) -> bool:
        """Does it listen?"""
        return False

    def shutdown(self, shutdown_type: str) -> Never:
        """Finish a direction of the connection: there is none."""
        raise WitError(INVALID_STATE)

    def set_listen_backlog_size(self, value: int) -> None:
        """Set how many connections may wait to be accepted."""
        self._set("backlog", value)

    def keep_alive_enabled(self) -> bool:
        """Is the other end asked now and then whether it is there?"""
        return bool(self.options["keep-alive"])

    def set_keep_alive_enabled(self, value: bool) -> None:
        """Set it."""
        self.options["keep-alive"] = value

    def keep_alive_idle_time(self) -> int:
        """After how many nanoseconds of silence that begins."""
        return self.options["keep-alive idle"]

    def set_keep_alive_idle_time(self, value: int) -> None:
        """Set it."""
        self._set("keep-alive idle", value)

    def keep_alive_interval(self) -> int:
        """How many nanoseconds lie between two questions."""
        return self.options["keep-alive interval"]

    def set_keep_alive_interval(self, value: int) -> None:
        """Set it."""
        self._set("keep-alive interval", value)

    def keep_alive_count(self) -> int:
        """How many questions may stay without an answer."""
        return self.options["keep-alive count"]

    def set_keep_alive_count(self, value: int) -> None:
        """Set it."""
        self._set("keep-alive count", value)

    def hop_limit(self) -> int:
        """How many routers a packet may pass."""
        return self.options["hop limit"]

    def set_hop_limit(self, value: int) -> None:
        """Set it."""
        self._set("hop limit", value)


@interface("wasi:sockets/tcp@0.2", TcpSocket)
class Tcp(NetworkHost):
    """Sockets alone."""

    __slots__ = ()


@interface("wasi:sockets/tcp-create-socket@0.2")
class TcpCreateSocket(NetworkHost):
    """Where sockets come from."""

    __slots__ = ()

    def create_tcp_socket(self, address_family: str) -> TcpSocket:
        """A new socket; that needs no access to any network."""
        return TcpSocket(self.kernel, address_family)
