"""Values of components as plain data for traces."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agave_wasi.component.context import NumberedHandle
from agave_wasi.component.shown import error_of, plain, short, title
from agave_wasi.component.types import STRING, U8, Case, Err, Ok, Record, Some

POINT = Record((("x", U8), ("name", STRING)))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None), (True, True), (5, 5), ("é", "é"), (0.5, 0.5), (float("nan"), "nan"), (float("-inf"), "-inf"),
        (b"ab\xff", {"bytes": 3, "data": "ab\xff"}), (bytes(40), {"bytes": 40, "data": "\0" * 32}),
        (NumberedHandle("descriptor", 3), {"resource": "descriptor", "handle": 3}),
        (Case("dot"), "dot"), (Case("line", 3), {"line": 3}), (Ok(), "ok"), (Ok(3), {"ok": 3}),
        (Err(b""), {"err": {"bytes": 0, "data": ""}}),
        (Some(None), {"some": None}), (frozenset(("b", "a")), {"flags": ["a", "b"]}),
        ({"k": b"v"}, [["k", {"bytes": 1, "data": "v"}]]),
        (POINT.make(1, "n"), {"x": 1, "name": "n"}), ((1, [2]), [1, [2]]), ([0] * 40, [0] * 32 + ["... 8 more"]),
    ],
)  # fmt: skip
def test_values(value: Any, shown: Any) -> None:
    assert plain(value) == shown
    json.dumps(plain(value), allow_nan=False)


def test_deep_values_end() -> None:
    value: Any = 1
    for _ in range(1000):
        value = [value]
    assert "..." in json.dumps(plain(value))


def test_errors_have_names() -> None:
    assert error_of(Ok(1)) is None and error_of(5) is None
    assert error_of(Err("no-entry")) == "no-entry" and error_of(Err()) == "err"
    assert error_of(Err(Case("closed"))) == "closed"
    assert error_of(Err(Case("last-operation-failed", NumberedHandle("error", 4)))) == "last-operation-failed(error#4)"


@pytest.mark.parametrize(
    ("call", "owner", "name"),
    [
        ("wasi:filesystem/types@0.2.12#[method]descriptor.read", "descriptor", "read"),
        ("wasi:http/types@0.2.0#[static]fields.from-list", "fields", "from-list"),
        ("wasi:http/types@0.2.0#[constructor]fields", "fields", ""),
        ("wasi:clocks/monotonic-clock@0.2.0#now", "monotonic-clock", "now"),
        ("resource.drop descriptor", "descriptor", "drop"), ("go", "", "go"),
    ],
)  # fmt: skip
def test_titles(call: str, owner: str, name: str) -> None:
    assert title(call) == (owner, name)
    assert short(call) == f"{owner}.{name}".strip(".")
