"""Shapes of types: pairs, payloads, fields and where they are, and what may be copied byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given

from agave_wasi.component import types as t
from agave_wasi.component.adapters import shapes
from tests.agave_wasi.component.adapters import reference
from tests.agave_wasi.component.adapters.values import TYPES


@given(TYPES)
def test_shapes_are_those_of_the_specification(type: t.ValType) -> None:
    assert shapes.is_pair(type) == (type.kind == "string" or reference.element(type) is not None)
    assert shapes.payloads(type) == reference.cases(type)
    some = reference.fields(type)
    if some is not None:
        assert list(shapes.fields(type)) == some
        at, places = 0, []
        for each in some:
            at = reference.up(at, reference.align(each))
            places.append(at)
            at += reference.size(each)
        assert list(shapes.offsets(type)) == places


@pytest.mark.parametrize(
    ("type", "plain"),
    [
        (t.U8, True), (t.S64, True), (t.BOOL, False), (t.F32, False), (t.CHAR, False), (t.STRING, False),
        (t.List(t.U8), False), (t.List(t.U8, 3), True), (t.List(t.BOOL, 3), False), (t.Tuple((t.U8, t.S8, t.U16)), True),
        (t.Tuple((t.U8, t.U16)), False),
        (t.Record((("a", t.U16), ("b", t.U8))), False), (t.Flags(tuple("abcdefgh")), True),
        (t.Flags(tuple("abcdefghi")), False),
        (t.Enum(("a",)), False), (t.Own(t.ResourceType("r")), False), (t.Option(t.U8), False),
    ],
)  # fmt: skip
def test_what_is_plain(type: t.ValType, plain: bool) -> None:
    assert shapes.is_plain(type) is plain
