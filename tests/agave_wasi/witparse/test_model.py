"""Models: names of what is in them."""

from __future__ import annotations

import pytest

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from agave_wasi.witparse.types import PRIMITIVES
from tests.agave_wasi.witparse.texts import interface, package


def test_names_of_packages_interfaces_and_worlds() -> None:
    found = package("interface i {} world w {}")
    assert (found.id, found.name, found.version) == ("a:b@1.2.3", "a:b", "1.2.3")
    assert found.interfaces["i"].name == "i" and found.worlds["w"].id == "a:b/w@1.2.3"
    plain = package("package a:b; interface i {}")
    assert (plain.id, plain.version, plain.interfaces["i"].id) == ("a:b", "", "a:b/i")
    assert model.member("a:b/c@1.0.0", "d") == "a:b/c/d@1.0.0"


def test_functions_of_a_resource_by_their_plain_names() -> None:
    found = interface("resource r { constructor(); m: func(); s: static func(); } resource q { m: func(); } f: func();")
    assert {name: each.name for name, each in found.of("r").items()} == {
        "constructor": "[constructor]r", "m": "[method]r.m", "s": "[static]r.s",
    }  # fmt: skip
    assert list(found.of("q")) == ["m"] and found.of("nothing") == {} and found.functions["f"].plain == "f"
    assert list(found.resources) == ["r", "q"]


def test_definitions_are_short_as_text_and_equal_by_what_they_are() -> None:
    one, other = (interface("record r { a: u8 } f: func(x: r);") for _ in range(2))
    assert one == other and hash(one) == hash(other) and hash(one.types["r"]) == hash(other.types["r"])
    assert repr(one.types["r"]) == "a:b/i@1.2.3.r"
    assert one != interface("record r { a: u16 } f: func(x: r);")


def test_a_resource_as_a_value_is_a_handle() -> None:
    resource = model.Resource("r", "i")
    assert model.handle(resource) == t.Own(resource) and model.handle(PRIMITIVES["u8"]) is PRIMITIVES["u8"]


def test_nothing_in_a_model_can_be_changed() -> None:
    found = interface("f: func();")
    with pytest.raises(TypeError):
        found.functions["g"] = found.functions["f"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        found.functions["f"].name = "g"  # type: ignore[misc]
