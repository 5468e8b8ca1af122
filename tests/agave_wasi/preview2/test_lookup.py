"""Looking up names: what is an address, what could be a name, and what is neither."""

from __future__ import annotations

import pytest

from agave_wasi.component.types import Case
from agave_wasi.preview2.lookup import IpNameLookup, ResolveAddressStream
from agave_wasi.preview2.network import Network
from tests.agave_wasi.preview2.guest import outcome
from tests.kernel_sim.scripts import world


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", Case("ipv4", (127, 0, 0, 1))), ("::1", Case("ipv6", (0, 0, 0, 0, 0, 0, 0, 1))),
        ("2001:db8::ff00:42:8329", Case("ipv6", (0x2001, 0xDB8, 0, 0, 0, 0xFF00, 0x42, 0x8329))),
    ],
)  # fmt: skip
def test_an_address_is_its_own_answer(text: str, expected: Case) -> None:
    k = world()
    stream = IpNameLookup(k.sys).resolve_addresses(Network(k.sys), text)
    assert isinstance(stream, ResolveAddressStream) and stream.subscribe().ready()
    assert stream.resolve_next_address() == expected
    assert stream.resolve_next_address() is stream.resolve_next_address() is None


@pytest.mark.parametrize("text", ["localhost", "example.com", "example.com.", "a" * 63, "bücher.example", "999.1.1.1"])
def test_names_lead_nowhere(text: str) -> None:
    k = world()
    assert outcome(IpNameLookup(k.sys).resolve_addresses, Network(k.sys), text) == "permanent-resolver-failure"


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", "a b", "a" * 64, ".".join(["a" * 60] * 5), "host:80", "fe80::1%eth0", "[::1]", "-a", "a-", "a/b", "a\0"],
)
def test_what_is_no_name(text: str) -> None:
    k = world()
    assert outcome(IpNameLookup(k.sys).resolve_addresses, Network(k.sys), text) == "invalid-argument"
