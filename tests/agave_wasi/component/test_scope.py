"""What type definitions mean where they stand, and instances that are made to a type."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component import model
from agave_wasi.component.scope import Given, Scope, Supplier, supply
from agave_wasi.component.types import (
    STRING,
    U8,
    Borrow,
    Enum,
    Flags,
    FuncType,
    Future,
    List,
    Map,
    Option,
    Own,
    Record,
    ResourceType,
    Result,
    Stream,
    Tuple,
    Variant,
)
from agave_wasi.engines.base import LinkError


def test_every_type_is_made_of_those_before_it() -> None:
    scope = Scope()
    resource = ResourceType("r")
    scope.add("type", resource)
    scope.add("type", scope.define(("record", (("a", "u8"), ("b", "string")))))
    record = Record((("a", U8), ("b", STRING)))
    wanted: list[tuple[tuple[Any, ...], Any]] = [
        (("primitive", "u8"), U8),
        (("variant", (("x", None), ("y", 1))), Variant((("x", None), ("y", record)))),
        (("list", 1), List(record)),
        (("list", "u8", 4), List(U8, 4)),
        (("map", "string", 1), Map(STRING, record)),
        (("tuple", ("u8", 1)), Tuple((U8, record))),
        (("flags", ("a", "b")), Flags(("a", "b"))),
        (("enum", ("a",)), Enum(("a",))),
        (("option", 1), Option(record)),
        (("result", None, "u8"), Result(None, U8)),
        (("own", 0), Own(resource)),
        (("borrow", 0), Borrow(resource)),
        (("stream", None), Stream()),
        (("future", "u8"), Future(U8)),
        (("func", (("p", 1),), "u8", False), FuncType((("p", record),), U8)),
    ]
    for definition, type in wanted:
        assert scope.define(definition) == type, definition


class Asked(Supplier):
    """Gives everything, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def function(self, interface: str, name: str, type: FuncType) -> Any:
        self.asked.append((interface, name, str(type)))
        return name

    def resource(self, interface: str, name: str) -> ResourceType:
        self.asked.append((interface, name, "resource"))
        return ResourceType(name)


def declared(scope: Scope) -> Any:
    """instance { r: resource; type t = own<r>; f: func(a: t) -> outer's type 0; nested: instance { g: func() } }"""
    inner = [
        model.TypeDefinition(0, ("func", (), None, False)),
        model.ExportDeclaration(0, "g", model.ExternType("func", 0)),
    ]
    return scope.define(
        (
            "instance",
            [
                model.ExportDeclaration(0, "r", model.ExternType("type", None, "sub")),
                model.TypeDefinition(0, ("own", 0)),
                model.ExportDeclaration(0, "t", model.ExternType("type", 1, "eq")),
                model.AliasOuter(0, "type", 1, 0),
                model.TypeDefinition(0, ("func", (("a", 2),), 3, False)),
                model.ExportDeclaration(0, "f", model.ExternType("func", 4)),
                model.TypeDefinition(0, ("instance", inner)),
                model.ExportDeclaration(0, "nested", model.ExternType("instance", 5)),
                model.AliasExport(0, "func", 0, "g"),
            ],
        )
    )


def test_an_instance_is_made_to_its_type() -> None:
    scope = Scope()
    scope.add("type", scope.define(("enum", ("e",))))
    supplier = Asked()
    made = supply("a:b/c", declared(scope), supplier)
    assert list(made) == ["r", "t", "f", "nested"]
    assert made["t"] == Own(made["r"]) and made["f"] == "f" and made["nested"] == {"g": "g"}
    assert supplier.asked == [
        ("a:b/c", "r", "resource"), ("a:b/c", "f", "func(a: own<r>) -> enum {e}"), ("nested", "g", "func()"),
    ]  # fmt: skip


def test_what_is_exported_within_can_be_used_without() -> None:
    inner = [
        model.TypeDefinition(0, ("enum", ("x",))),
        model.ExportDeclaration(0, "k", model.ExternType("type", 0, "eq")),
    ]
    declarations = [
        model.TypeDefinition(0, ("instance", inner)),
        model.ExportDeclaration(0, "nested", model.ExternType("instance", 0)),
        model.AliasExport(0, "type", 0, "k"),
        model.TypeDefinition(0, ("func", (("a", 1),), None, False)),
        model.ExportDeclaration(0, "f", model.ExternType("func", 2)),
    ]
    supplier = Asked()
    supply("a:b/c", Scope().define(("instance", declarations)), supplier)
    assert supplier.asked == [("a:b/c", "f", "func(a: enum {x})")]


class Function:
    def __init__(self, type: FuncType) -> None:
        self.type = type


def test_what_is_given_must_have_the_type() -> None:
    scope = Scope()
    scope.add("type", scope.define(("enum", ("e",))))
    shape = declared(scope)
    resource = ResourceType("r")
    good = Function(FuncType((("a", Own(resource)),), Enum(("e",))))
    nested = {"g": Function(FuncType(()))}
    full: dict[str, Any] = {"r": resource, "f": good, "nested": nested}
    assert supply("a:b/c", shape, Given(full))["f"] is good
    other = Function(FuncType((("a", Own(ResourceType("r"))),), Enum(("e",))))
    for change, complaint in (
        ({"r": good}, "a:b/c has no resource r in what is linked; it has f, nested, r"),
        ({"f": resource}, "a:b/c has no function f"),
        ({"f": other}, "f is wanted as func.a: own<r>. -> enum {e}, but what is linked has"),
        ({"nested": good}, "there is no instance nested"),
        ({"nested": {}}, "nested has no function g in what is linked; it has nothing"),
    ):
        with pytest.raises(LinkError, match=complaint):
            supply("a:b/c", shape, Given(full | change))


def test_levels_count_outwards() -> None:
    inner = Scope(Scope(Scope()))
    assert inner.at(0) is inner and inner.at(1) is inner.outer and inner.at(2).outer is None
