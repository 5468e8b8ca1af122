"""wasi:sockets/ip-name-lookup, in a world without a network: addresses are addresses, and names lead nowhere."""

from __future__ import annotations

from agave_wasi.component.host import interface, resource
from agave_wasi.component.types import Case, WitError
from agave_wasi.preview2.io import Source
from agave_wasi.preview2.network import INVALID_ARGUMENT, NetworkHost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview2.network import Network
    from kernel_sim.syscalls import Syscalls

LABEL_MAX = 63
NAME_MAX = 253
"""Bytes of a part of a domain name, and of the whole (RFC 1035)."""
_NEVER = frozenset(" \t\r\n\0#%/:<>?@[\\]^`{|}")
"""Characters that no name has."""


@resource("wasi:sockets/ip-name-lookup@0.2", "resolve-address-stream", addresses="addresses")
class ResolveAddressStream(Source):
    """The addresses that were found."""

    __slots__ = ("addresses",)

    def __init__(self, kernel: Syscalls, addresses: list[Case]) -> None:
        super().__init__(kernel)
        self.addresses = addresses

    def resolve_next_address(self) -> Case | None:
        """The next address; None when there is no other."""
        return self.addresses.pop(0) if self.addresses else None


@interface("wasi:sockets/ip-name-lookup@0.2", ResolveAddressStream)
class IpNameLookup(NetworkHost):
    """Finding the addresses of a name."""

    __slots__ = ()

    def resolve_addresses(self, network: Network, name: str) -> ResolveAddressStream:
        """An address is its own answer; of a name nobody knows anything here, nor will."""
        found = address(name)
        if found is not None:
            return ResolveAddressStream(self.kernel, [found])
        raise WitError("permanent-resolver-failure" if is_name(name) else INVALID_ARGUMENT)


def address(text: str) -> Case | None:
    """The `ip-address` that is written there, None if it is none."""
    from ipaddress import IPv4Address, IPv6Address

    if "%" in text:  # a zone, which an ip-address has no place for
        return None
    try:
        return Case("ipv4", tuple(IPv4Address(text).packed))
    except ValueError:
        pass
    try:
        packed = IPv6Address(text).packed
    except ValueError:
        return None
    return Case("ipv6", tuple(int.from_bytes(packed[at : at + 2], "big") for at in range(0, 16, 2)))


def is_name(text: str) -> bool:
    """Could it be a domain name? What is not ASCII would be translated."""
    labels = text.removesuffix(".").split(".")
    return (
        len(text) <= NAME_MAX
        and all(0 < len(label) <= LABEL_MAX and label[0] != "-" and label[-1] != "-" for label in labels)
        and _NEVER.isdisjoint(text)
    )
