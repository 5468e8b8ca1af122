"""Headers: names without case, values in order, and what can't be one."""

from __future__ import annotations

import pytest

from agave_wasi.preview2.http.fields import FORBIDDEN, Fields, is_token
from agave_wasi.preview2.http.types import HttpTypes
from tests.agave_wasi.preview2.guest import outcome
from tests.kernel_sim.scripts import world


def fields(*rows: tuple[str, bytes]) -> Fields:
    return Fields.from_list(HttpTypes(world().sys), list(rows))


def test_values_of_a_name() -> None:
    found = fields(("A", b"1"), ("b", b"2"), ("a", b"3"))
    assert found.get("a") == found.get("A") == [b"1", b"3"] and found.get("c") == [] == found.get("no name")
    assert found.has("B") and not found.has("c")
    assert found.entries() == [("a", b"1"), ("b", b"2"), ("a", b"3")]
    assert Fields.constructor(HttpTypes(world().sys)).entries() == []


def test_changing() -> None:
    found = fields(("a", b"1"), ("b", b"2"))
    found.append("a", b"3")
    found.set("B", [b"4", b"5"])
    assert found.entries() == [("a", b"1"), ("a", b"3"), ("b", b"4"), ("b", b"5")]
    found.delete("A")
    assert outcome(found.delete, "a") is None and found.entries() == [("b", b"4"), ("b", b"5")]
    found.set("b", [])
    assert not found.has("b")


def test_a_copy_is_its_own() -> None:
    found = fields(("a", b"1"))
    found.immutable = True
    copy = found.clone()
    copy.append("a", b"2")
    assert found.get("a") == [b"1"] and copy.get("a") == [b"1", b"2"]


def test_what_is_immutable() -> None:
    found = fields(("a", b"1"))
    found.immutable = True
    assert outcome(found.append, "a", b"") == outcome(found.set, "a", []) == outcome(found.delete, "a") == "immutable"
    assert found.get("a") == [b"1"]


@pytest.mark.parametrize("name", ["", "a b", "a:", "é", "a\n"])
def test_what_is_no_name(name: str) -> None:
    found = fields()
    for call, *values in ((found.append, b""), (found.set, [b""]), (found.set, []), (found.delete,)):
        assert outcome(call, name, *values) == "invalid-syntax"
    assert outcome(Fields.from_list, HttpTypes(found.kernel), [(name, b"")]) == "invalid-syntax"


@pytest.mark.parametrize("value", [b"a\nb", b"\r", b"\0", b"\x7f"])
def test_what_is_no_value(value: bytes) -> None:
    found = fields(("a", b"1"))
    assert outcome(found.append, "a", value) == outcome(found.set, "a", [b"x", value]) == "invalid-syntax"
    assert found.get("a") == [b"1"]
    assert outcome(found.append, "a", b"tab\t \xff") is None


@pytest.mark.parametrize("name", [*FORBIDDEN, "Host"])
def test_what_belongs_to_transport(name: str) -> None:
    found = fields()
    assert outcome(found.append, name, b"x") == outcome(found.set, name, []) == outcome(found.delete, name) == "forbidden"


def test_tokens() -> None:
    assert is_token("GET") and is_token("x-1") and not is_token("") and not is_token("a/b")
