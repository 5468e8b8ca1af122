"""The rules that decide about components' calls: one for every function of WASI's first five packages, with its place."""

from __future__ import annotations

import pytest

from agave_wasi.component.shown import short
from conformance.components.wasi import interfaces
from conformance.diff.component_sections import FUNCTIONS, OTHER, PREVIEW2, section


def functions() -> list[str]:
    return [f"{each.id}#{name}" for each in interfaces() for name in each.functions]


def test_every_function_has_a_rule_of_its_own() -> None:
    calls = functions()
    assert len(calls) > 60
    assert {short(each) for each in calls} == FUNCTIONS.keys()
    assert all(section(each).rule != OTHER for each in calls)


@pytest.mark.parametrize(
    "call, place",
    [
        ("wasi:filesystem/types@0.2.12#[method]descriptor.read", "wasi-filesystem/blob/main/wit/types.wit"),
        ("wasi:cli/stdout@0.2.0#get-stdout", "wasi-cli/blob/main/wit/stdio.wit"),
        ("wasi:clocks/wall-clock@0.2.12#now", "wasi-clocks/blob/main/wit/wall-clock.wit"),
        ("wasi:sockets/tcp@0.2.12#[method]tcp-socket.shutdown", "wasi-sockets/blob/main/wit/tcp.wit"),
        ("resource.drop descriptor", "CanonicalABI.md#canon-resourcedrop"),
        ("local:own/things#f", "mvp/WIT.md"),
    ],
)
def test_links(call: str, place: str) -> None:
    assert section(call).link.endswith(place)
    assert PREVIEW2.section(call) == section(call)
