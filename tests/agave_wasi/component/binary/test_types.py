"""The type section: every form of a type, every declaration, limits."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.binary.reader import MalformedModule, Reader
from agave_wasi.component.binary import MalformedComponent, decode
from agave_wasi.component.binary.types import result_list, type_definition
from agave_wasi.component.model import (
    AliasExport,
    AliasOuter,
    CoreType,
    ExportDeclaration,
    ExternType,
    ImportDeclaration,
    TypeDefinition,
)
from tests.agave_wasi.component.texts import decoded, sections


def types(text: str) -> list[Any]:
    return [each.type for each in decoded(text).definitions if isinstance(each, TypeDefinition)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u8", ("primitive", "u8")),
        ("string", ("primitive", "string")),
        ('(record (field "a" u8) (field "b-c" string))', ("record", (("a", "u8"), ("b-c", "string")))),
        ('(variant (case "a") (case "b" f32))', ("variant", (("a", None), ("b", "f32")))),
        ("(list char)", ("list", "char")),
        ("(list u32 4)", ("list", "u32", 4)),
        ("(map string u32)", ("map", "string", "u32")),
        ("(tuple u8 u16)", ("tuple", ("u8", "u16"))),
        ('(flags "a" "b")', ("flags", ("a", "b"))),
        ('(enum "a" "b")', ("enum", ("a", "b"))),
        ("(option bool)", ("option", "bool")),
        ("(result)", ("result", None, None)),
        ("(result u8)", ("result", "u8", None)),
        ("(result (error u8))", ("result", None, "u8")),
        ("(result s8 (error s64))", ("result", "s8", "s64")),
        ("(stream u8)", ("stream", "u8")),
        ("(stream)", ("stream", None)),
        ("(future f64)", ("future", "f64")),
        ("(future)", ("future", None)),
        ("(own 7)", ("own", 7)),
        ("(borrow 0)", ("borrow", 0)),
        ("error-context", ("primitive", "error-context")),
        ("(func)", ("func", (), None, False)),
        ('(func (param "a" u8) (param "b" s16) (result bool))', ("func", (("a", "u8"), ("b", "s16")), "bool", False)),
        ('(func async (param "a" u8))', ("func", (("a", "u8"),), None, True)),
        ("(resource (rep i32))", ("resource", None)),
        ("(resource (rep i32) (dtor (core func 3)))", ("resource", 3)),
        ("(component)", ("component", ())),
        ("(instance)", ("instance", ())),
    ],
)
def test_every_form(text: str, expected: object) -> None:
    assert types(f"(type {text})") == [expected]


def test_a_type_refers_to_others_by_their_index() -> None:
    assert types("(type $a u8) (type (list $a))") == [("primitive", "u8"), ("list", 0)]


def without_offsets(declarations: Any) -> list[Any]:
    return [each._replace(offset=0) for each in declarations]


def test_declarations_of_an_instance_type() -> None:
    ((kind, found),) = types("""(type (instance
        (type (list u8))
        (export "r" (type (sub resource)))
        (export "l" (type (eq 0)))
        (core type (func (param i32)))
        (alias outer 1 0 (type))
        (export "i" (instance (type 0)))
        (alias export 0 "x" (type))
    ))""")
    assert kind == "instance"
    assert without_offsets(found) == [
        TypeDefinition(0, ("list", "u8")),
        ExportDeclaration(0, "r", ExternType("type", None, "sub")),
        ExportDeclaration(0, "l", ExternType("type", 0, "eq")),
        CoreType(0, ("func", ("i32",), ())),
        AliasOuter(0, "type", 1, 0),
        ExportDeclaration(0, "i", ExternType("instance", 0)),
        AliasExport(0, "type", 0, "x"),
    ]


def test_only_a_component_type_has_imports() -> None:
    ((kind, found),) = types('(type (component (import "a" (core module (type 0))) (export "b" (component (type 1)))))')
    assert kind == "component"
    assert without_offsets(found)[-2:] == [
        ImportDeclaration(0, "a", ExternType("core module", 0)),
        ExportDeclaration(0, "b", ExternType("component", 1)),
    ]
    with pytest.raises(MalformedComponent) as caught:
        decode(sections((7, "01 42 01 03 00 01 61 03 01")))
    assert (caught.value.offset, caught.value.reason) == (13, "0x03 is no declaration of an instance type")


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        ("62", 0, "0x62 is no form of a type"),
        ("6c 00", 0, "0x6c is no form of a type"),
        ("72 00", 2, "a record without any member"),
        ("71 00", 2, "a variant without any member"),
        ("6f 00", 2, "a tuple without any type"),
        ("6e 00", 2, "a flags type without any member"),
        ("6d 00", 2, "an enum without any member"),
        ("71 01 01 61 00 01 00", 5, "the byte after a variant's case is 0, not 0x01"),
        ("3f 7e 00", 1, "a resource's representation is an i32 (0x7f), not 0x7e"),
        ("40 00 02", 2, "0x02 is no form of a function's result"),
        ("40 00 01 01 01 61 7f", 3, "named results, which functions no longer have"),
        ("41 01 05 00", 2, "0x05 is no declaration of a component type"),
        ("6e e9 07" + "01 61" * 1001, 1, "a vector of 1001 items, more than the implementation limit of 1000"),
        ("70 72", 1, "0x72 is no value type"),
    ],
)
def test_what_is_no_type(data: str, offset: int, reason: str) -> None:
    with pytest.raises(MalformedModule) as found:
        type_definition(Reader(bytes.fromhex(data)))
    assert (found.value.offset, found.value.reason) == (offset, reason)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("71 01 00 00 00", ("variant", (("", None),))), ("72 01 00 7f", ("record", (("", "bool"),))),
        ("6f 01 7f", ("tuple", ("bool",))), ("6e 01 00", ("flags", ("",))), ("6d 01 00", ("enum", ("",))),
    ],
)  # fmt: skip
def test_the_shortest_part_ends_with_the_data(data: str, expected: object) -> None:
    assert type_definition(Reader(bytes.fromhex(data))).type == expected


def test_types_are_nested_to_a_limit() -> None:
    def deep(levels: int) -> bytes:
        return bytes.fromhex("4201 01") * levels + b"\x7f"

    type_definition(Reader(deep(100)))
    with pytest.raises(MalformedModule, match="types are nested more than 100 deep"):
        type_definition(Reader(deep(101)))


def test_a_result_list_is_a_type_or_nothing() -> None:
    assert result_list(Reader(b"\0\x7f")) == "bool"
    assert result_list(Reader(b"\1\0")) is None
