"""wasi:sockets/network and instance-network, in a world without a network: whoever asks for one is denied access.

What sockets share stands here as well: options that are plain data, and the errors.
"""

from __future__ import annotations

from agave_wasi.component.host import Host, interface, internal, resource
from agave_wasi.component.types import WitError
from agave_wasi.preview2.errors import NETWORK
from agave_wasi.preview2.io import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    from agave_wasi.preview2.io import Error
    from kernel_sim.errors import KernelError
    from kernel_sim.syscalls import Syscalls

    N = TypeVar("N", int, bool)

DENIED, INVALID_ARGUMENT = "access-denied", "invalid-argument"
INVALID_STATE, NOT_IN_PROGRESS = "invalid-state", "not-in-progress"


class NetworkHost(Host):
    """What the interfaces of sockets share."""

    __slots__ = ()

    def failure(self, error: KernelError) -> str:
        """The `error-code` of a kernel's error."""
        return NETWORK[error.errno]


@resource("wasi:sockets/network@0.2", "network")
class Network(Host):
    """A network, to which nothing is connected."""

    __slots__ = ()


@interface("wasi:sockets/network@0.2", Network)
class Networks(NetworkHost):
    """What went wrong, in the words of sockets."""

    __slots__ = ()

    def network_error_code(self, err: Error) -> str | None:
        """What went wrong with a stream, if it was about the network: no stream here is."""
        return None


@interface("wasi:sockets/instance-network@0.2")
class InstanceNetwork(NetworkHost):
    """The network of this guest."""

    __slots__ = ()

    def instance_network(self) -> Network:
        """The network."""
        return Network(self.kernel)


class Socket(Source):
    """A socket that is bound to nothing: its family, and options, which are remembered. It is always ready to say so."""

    __slots__ = ("family", "options")

    DEFAULTS: Mapping[str, int]
    """Its options, as they are at first."""

    def __init__(self, kernel: Syscalls, family: str) -> None:
        super().__init__(kernel)
        self.family = family
        self.options = dict(self.DEFAULTS)

    @internal
    def restored(self) -> None:
        super().restored()
        if self.options.keys() != self.DEFAULTS.keys():
            raise ValueError(f"resources: {type(self).__name__}: it has other options")

    def _set(self, option: str, value: int) -> None:
        """Remember an option, of which 0 is none."""
        if not value:
            raise WitError(INVALID_ARGUMENT)
        self.options[option] = value

    def address_family(self) -> str:
        """The family that it was created for."""
        return self.family

    def receive_buffer_size(self) -> int:
        """The size of the buffer for what arrives, in bytes."""
        return self.options["receive buffer"]

    def set_receive_buffer_size(self, value: int) -> None:
        """Set it."""
        self._set("receive buffer", value)

    def send_buffer_size(self) -> int:
        """The size of the buffer for what is sent, in bytes."""
        return self.options["send buffer"]

    def set_send_buffer_size(self, value: int) -> None:
        """Set it."""
        self._set("send buffer", value)
