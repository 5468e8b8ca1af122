"""Types: their encodings, their text, and what they need."""

from __future__ import annotations

import pytest

from agave_wasi.binary.reader import MalformedModule, Reader
from agave_wasi.binary.types import (
    ArrayType,
    ContinuationType,
    FieldType,
    FuncType,
    GlobalType,
    MemoryType,
    StructType,
    TableType,
    TagType,
    composite_types,
    features_of_type,
    global_type,
    memory_type,
    table_type,
    value_type,
)


@pytest.mark.parametrize(
    ("encoded", "text"),
    [
        ("7f", "i32"),
        ("7b", "v128"),
        ("70", "funcref"),
        ("6f", "externref"),
        ("71", "nullref"),
        ("74", "nullexnref"),
        ("6370", "(ref null func)"),
        ("6403", "(ref 3)"),
        ("63808001", "(ref null 16384)"),
    ],
)
def test_value_type(encoded: str, text: str) -> None:
    reader = Reader(bytes.fromhex(encoded))
    assert value_type(reader) == text
    assert not reader


@pytest.mark.parametrize("encoded", ["", "40", "60", "78", "63", "6340", "63bf7f", "00"])
def test_no_value_type(encoded: str) -> None:
    with pytest.raises(MalformedModule):
        value_type(Reader(bytes.fromhex(encoded)))


@pytest.mark.parametrize(
    ("encoded", "types", "text"),
    [
        ("60027f7e017d", [FuncType(("i32", "i64"), ("f32",))], "(i32, i64) -> (f32)"),
        (
            "5f0278017f00",
            [StructType((FieldType("i8", True), FieldType("i32", False)))],
            "struct ((mut i8), i32)",
        ),
        ("5e7700", [ArrayType(FieldType("i16", False))], "array (i16)"),
        ("5d02", [ContinuationType(2)], "cont 2"),
        ("500100600000", [FuncType()], "() -> ()"),
        ("4e026000004f005f00", [FuncType(), StructType(())], "() -> ()"),
    ],
)
def test_composite_types(encoded: str, types: list[object], text: str) -> None:
    reader = Reader(bytes.fromhex(encoded))
    assert composite_types(reader) == types
    assert not reader
    assert str(types[0]) == text


@pytest.mark.parametrize("encoded", ["", "61", "6001", "60e90700", "5d7f", "5f017f02", "4eff7f"])
def test_no_composite_type(encoded: str) -> None:
    with pytest.raises(MalformedModule):
        composite_types(Reader(bytes.fromhex(encoded)))


@pytest.mark.parametrize(
    ("encoded", "type", "text"),
    [
        ("0001", MemoryType(1), "1.. pages"),
        ("010102", MemoryType(1, 2), "1..2 pages"),
        ("030102", MemoryType(1, 2, shared=True), "1..2 pages shared"),
        ("0480808080808001", MemoryType(1 << 42, memory64=True), "4398046511104.. pages 64-bit"),
        ("09010200", MemoryType(1, 2, page_log2=0), "1..2 pages of 1 bytes"),
    ],
)
def test_memory_type(encoded: str, type: MemoryType, text: str) -> None:
    assert memory_type(Reader(bytes.fromhex(encoded))) == type
    assert str(type) == text


@pytest.mark.parametrize("encoded", ["", "10", "00", "0101", "00ffffffff7f", "080111"])
def test_no_memory_type(encoded: str) -> None:
    with pytest.raises(MalformedModule):
        memory_type(Reader(bytes.fromhex(encoded)))


def test_table_and_global_types() -> None:
    assert table_type(Reader(b"\x6f\x01\x01\x02")) == TableType("externref", 1, 2)
    assert str(TableType("funcref", 3)) == "3.. funcref"
    assert global_type(Reader(b"\x7f\x01")) == GlobalType("i32", True)
    assert str(GlobalType("i32", True)) == "(mut i32)"
    for bad in (b"\x7f\x00\x01", b"\x70\x08\x01\x00"):
        with pytest.raises(MalformedModule):
            table_type(Reader(bad))
    with pytest.raises(MalformedModule):
        global_type(Reader(b"\x7f\x02"))


@pytest.mark.parametrize(
    ("type", "features"),
    [
        (FuncType(("i32",), ("f64",)), set()),
        (FuncType(("funcref",), ("i32", "i32")), {"reference-types", "multi-value"}),
        (TableType("funcref", 1), set()),
        (TableType("externref", 1, table64=True), {"reference-types", "memory64"}),
        (GlobalType("(ref null exn)"), {"exceptions-exnref"}),
        (GlobalType("(ref 3)"), {"function-references"}),
        (GlobalType("(ref null struct)"), {"gc"}),
        (GlobalType("anyref"), {"gc"}),
        (MemoryType(1, 2, True, True, 0), {"threads", "memory64", "custom-page-sizes"}),
        (TagType(("v128",)), {"exceptions", "simd"}),
        (ContinuationType(1), {"stack-switching"}),
    ],
)
def test_features_of_type(type: FuncType, features: set[str]) -> None:
    assert features_of_type(type) == features
