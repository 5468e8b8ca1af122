"""Values go into wasmtime's structures and come out again as they were."""

from __future__ import annotations

from ctypes import byref
from random import Random

import pytest
from wasmtime import _bindings as c

from agave_wasi.component import types as t
from conformance.fuzz.types.cvalues import Value, WrongKind, put, take
from conformance.fuzz.types.drawing import Drawing
from conformance.fuzz.types.sameness import same


def test_there_and_back() -> None:
    drawing = Drawing(Random(5))
    for _ in range(300):
        type = drawing.type(5)
        value = drawing.value(type)
        raw = Value()
        put(type, value, raw)
        try:
            assert same(take(type, raw), value), (str(type), value)
        finally:
            c.wasmtime_component_val_delete(byref(raw))


def test_a_value_of_another_type() -> None:
    raw = Value()
    put(t.U8, 1, raw)
    with pytest.raises(WrongKind, match="kind 2, where s8 is wanted"):
        take(t.S8, raw)
    record = t.Record((("a", t.U8),))
    put(record, record.make(1), raw)
    with pytest.raises(WrongKind, match=r"a record of \['a'\]"):
        take(t.Record((("b", t.U8),)), raw)
    c.wasmtime_component_val_delete(byref(raw))
