"""Static types in words."""

from __future__ import annotations

import pytest

from agave_wasi.component.validate import validate
from agave_wasi.component.validate.entities import Item
from agave_wasi.component.validate.shapes import Shapes
from agave_wasi.component.wording import LONGEST, Wording
from tests.agave_wasi.component.texts import decoded


def words(text: str) -> dict[str, str]:
    """What the imports are, those of a single imported instance if it is one."""
    items = validate(decoded(text)).imports
    if len(items) == 1:
        (item,) = items.values()
        items = item.type.exports if item.kind == "instance" else items
    wording = Wording(items)
    return {name: wording.item(item) for name, item in items.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "func()"),
        ('(param "a" u8) (param "b-c" string)', "func(a: u8, b-c: string)"),
        ("(result bool)", "func() -> bool"),
        ("async (result (list u8))", "async func() -> list<u8>"),
        ("(result (list u8 3))", "func() -> list<u8, 3>"),
        ("(result (tuple u8 (option f32)))", "func() -> tuple<u8, option<f32>>"),
        ("(result (result))", "func() -> result"),
        ("(result (result u8))", "func() -> result<u8>"),
        ("(result (result (error u8)))", "func() -> result<_, u8>"),
        ("(result (result s8 (error char)))", "func() -> result<s8, char>"),
        ("(result (map string u8))", "func() -> map<string, u8>"),
        ("(result (stream u8))", "func() -> stream<u8>"),
        ("(result (future))", "func() -> future"),
    ],
)
def test_functions(text: str, expected: str) -> None:
    assert words(f'(import "f" (func {text}))')["f"] == expected


def test_types_with_names_are_written_by_them() -> None:
    assert words("""(import "i" (instance
        (export "r" (type $r (sub resource)))
        (type $e0 (enum "a" "b")) (export "e" (type $e (eq $e0)))
        (type $v0 (variant (case "x" $e) (case "y"))) (export "v" (type $v (eq $v0)))
        (type $d0 (record (field "f" u8) (field "g" $v))) (export "d" (type $d (eq $d0)))
        (type $f0 (flags "p" "q")) (export "flags" (type $f (eq $f0)))
        (export "again" (type (eq $e)))
        (type $l0 (list $e)) (export "l" (type (eq $l0)))
        (export "[method]r.m" (func (param "self" (borrow $r)) (param "d" $d) (result (own $r))))
    ))""") == {
        "r": "resource",
        "e": "type = enum { a, b }",
        "v": "type = variant { x(e), y }",
        "d": "type = record { f: u8, g: v }",
        "flags": "type = flags { p, q }",
        "again": "type = e",
        "l": "type = list<e>",
        "[method]r.m": "func(self: borrow<r>, d: d) -> r",
    }  # fmt: skip


def test_a_resource_that_is_used_from_elsewhere() -> None:
    text = '(import "r" (type $r (sub resource))) (import "s" (type (eq $r)))'
    assert words(text) == {"r": "resource", "s": "type = r"}
    found = validate(decoded('(type $r (resource (rep i32))) (export "r" (type $r))')).exports
    assert Wording(found).item(found["r"]) == "resource"


def test_other_sorts() -> None:
    found = words('(core type $m (module)) (import "i" (instance)) (import "m" (core module (type $m))) (import "f" (func))')
    assert found == {"i": "instance", "m": "core module", "f": "func()"}
    assert words('(type $f (func)) (import "t" (type (eq $f)))') == {"t": "type = func()"}
    assert words('(type $i (instance)) (import "t" (type (eq $i)))') == {"t": "type = an interface"}
    assert words('(type $c (component)) (import "t" (type (eq $c)))') == {"t": "type = a world"}


def test_a_type_that_is_too_long_is_cut() -> None:
    shapes = Shapes()
    type = shapes.define(("primitive", "u8"))
    for _ in range(17):
        type = shapes.define(("tuple", (type, type)))
    found = Wording({}).item(Item("type", type, type))
    assert "..." in found
    assert len(found) < 5 * LONGEST
    wide = shapes.define(("tuple", ("u8",) * 5000))
    assert Wording({}).item(Item("type", wide, wide)).endswith("u8, u8, ...>")
