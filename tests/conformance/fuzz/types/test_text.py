"""A batch's text is a component that both sides take, with the exports that it has functions for."""

from __future__ import annotations

import pytest

from agave_wasi.component import types as t
from agave_wasi.component.binary import decode
from agave_wasi.component.validate import validate
from agave_wasi.engines.capi import to_wasm
from conformance.fuzz.types.batch import ENCODINGS, Batch, Echo, draw
from conformance.fuzz.types.text import Named, component


@pytest.mark.parametrize("number", range(4))
def test_components_are_valid(number: int) -> None:
    batch = draw(6, number, 8)
    for part in batch.parts():
        text = component(part)
        validate(decode(to_wasm(text.encode())))
        for name, there in (("echo", True), ("raw", part.returned), ("give", part.given)):
            assert (f'(export "{name}" (instance' in text) is bool(there)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings(encoding: str) -> None:
    batch = Batch((encoding, "utf8"), [Echo("t0", t.FuncType((("a", t.STRING),), t.STRING))])
    text = component(batch)
    assert text.count(f"string-encoding={encoding}") >= 2 and "$Outer" in text


def test_named_types_are_defined_before_they_are_used() -> None:
    inner = t.Enum(("a",))
    outer = t.Record((("x", t.List(inner)), ("y", t.Flags(("f",)))))
    named = Named([t.FuncType((("p", outer),), t.Option(inner))])
    assert list(named.bodies) == [inner, outer.fields[1][1], outer]
    assert named.signature(t.FuncType((("p", outer),), inner)) == '(param "p" $e2) (result $e0)'
    assert named.exported_signature(t.FuncType((("p", outer),))) == '(param "p" $x2)'
    assert next(named.exported()) == '(type $y0 (enum "a")) (export $x0 "e0" (type $y0))'
