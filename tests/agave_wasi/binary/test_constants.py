"""Constant expressions: what they say, and what is none."""

from __future__ import annotations

from math import isnan

import pytest

from agave_wasi.binary.constants import constant_expression
from agave_wasi.binary.reader import MalformedModule, Reader


@pytest.mark.parametrize(
    ("encoded", "expression", "features"),
    [
        ("417f0b", (("i32.const", -1),), ""),
        ("4280010b", (("i64.const", 128),), ""),
        ("430000803f0b", (("f32.const", 1.0),), ""),
        ("44000000000000f03f0b", (("f64.const", 1.0),), ""),
        ("23050b", (("global.get", 5),), ""),
        ("410141026a0b", (("i32.const", 1), ("i32.const", 2), ("i32.add", None)), "extended-const"),
        ("d0700b", (("ref.null", "func"),), "reference-types"),
        ("d2090b", (("ref.func", 9),), "reference-types"),
        ("4107fb1c0b", (("i32.const", 7), ("ref.i31", None)), "gc"),
        ("fb0801020b", (("array.new_fixed", (1, 2)),), "gc"),
        ("fd0c" + "01" * 16 + "0b", (("v128.const", b"\x01" * 16),), "simd"),
        ("0b", (), ""),
    ],
)
def test_expression(encoded: str, expression: object, features: str) -> None:
    reader = Reader(bytes.fromhex(encoded))
    found: set[str] = set()
    assert constant_expression(reader, found) == expression
    assert not reader
    assert " ".join(sorted(found)) == features


def test_nan() -> None:
    ((name, value),) = constant_expression(Reader(bytes.fromhex("430000c07f0b")), set())
    assert name == "f32.const"
    assert isinstance(value, float) and isnan(value)


@pytest.mark.parametrize("encoded", ["", "41", "4101", "20000b", "fb7f0b", "4300000b", "fc000b"])
def test_no_expression(encoded: str) -> None:
    with pytest.raises(MalformedModule):
        constant_expression(Reader(bytes.fromhex(encoded)), set())
