"""Names, sorts, value types, and what an import or export is: every form, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.binary.reader import MalformedModule, Reader
from agave_wasi.component.binary.codes import (
    MAX_NAME,
    extern_name,
    extern_type,
    flag,
    name,
    optional,
    sort,
    sort_and_place,
    value_type,
)
from agave_wasi.component.model import ExternType


def read(what: Any, data: str) -> Any:
    reader = Reader(bytes.fromhex(data))
    found = what(reader)
    reader.finish("test")
    return found


def refusal(what: Any, data: str) -> tuple[int, str]:
    with pytest.raises(MalformedModule) as found:
        what(Reader(bytes.fromhex(data)))
    return found.value.offset, found.value.reason


def test_names() -> None:
    assert read(name, "03 61c3a4") == "aä"
    assert name(Reader(memoryview(b"\x01a"))) == "a"
    assert refusal(name, "01 ff") == (0, "a name is not UTF-8")
    assert refusal(name, "03 6161") == (1, "3 bytes wanted, 2 left")


def test_a_name_has_a_limit() -> None:
    text = b"a" * MAX_NAME
    assert name(Reader(b"\xa0\x8d\x06" + text)) == text.decode()
    with pytest.raises(MalformedModule, match="a name of 100001 bytes, more than the implementation limit of 100000"):
        name(Reader(b"\xa1\x8d\x06" + text + b"a"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("00 01 61", ("a", ())),
        ("01 01 61", ("a", ())),
        ("02 01 61 00", ("a", ())),
        ("02 01 61 01 00 01 62", ("a", (("implements", "b"),))),
        ("02 01 61 02 01 02 2e32 02 01 78", ("a", (("versionsuffix", ".2"), ("external-id", "x")))),
    ],
)
def test_names_of_imports_and_exports(data: str, expected: object) -> None:
    assert read(extern_name, data) == expected


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        ("03 01 61", 0, "0x03 is no form"),
        ("02 01 61 01 03 01 62", 4, "0x03 is no option of a name"),
        ("02 01 61 02 00 01 62 00 01 62", 7, "the name 'a' has the option implements twice"),
        ("02 01 61 0b" + "00 00" * 11, 3, "more than the implementation limit of 10"),
    ],
)
def test_what_is_no_name_of_an_import(data: str, offset: int, reason: str) -> None:
    at, why = refusal(extern_name, data)
    assert at == offset
    assert reason in why


def test_sorts() -> None:
    assert [read(sort, f"{code:02x}") for code in range(1, 6)] == ["func", "value", "type", "component", "instance"]
    cores = ["core func", "core table", "core memory", "core global", "core tag"]
    assert [read(sort, f"00 {code:02x}") for code in range(5)] == cores
    assert [read(sort, f"00 {code:02x}") for code in range(0x10, 0x13)] == ["core type", "core module", "core instance"]
    assert read(sort_and_place, "00 02 81 01") == ("core memory", 129)
    assert refusal(sort, "06") == (0, "0x06 is no sort")
    assert refusal(sort, "00 05") == (0, "0x05 is no core sort")


def test_value_types() -> None:
    names = ["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string"]
    assert [read(value_type, f"{0x7F - place:02x}") for place in range(13)] == names
    assert read(value_type, "64") == "error-context"
    assert read(value_type, "05") == 5
    assert read(value_type, "ff 00") == 127
    assert refusal(value_type, "72") == (0, "0x72 is no value type")
    assert refusal(value_type, "") == (0, "unexpected end")


def test_what_may_be_missing() -> None:
    assert read(lambda reader: optional(reader, value_type), "00") is None
    assert read(lambda reader: optional(reader, value_type), "01 7f") == "bool"
    assert refusal(lambda reader: optional(reader, value_type), "02") == (0, "0x02, where 0 is nothing and 1 something")
    assert read(lambda reader: flag(reader, "it"), "01") is True
    assert read(lambda reader: flag(reader, "it"), "00") is False
    assert refusal(lambda reader: flag(reader, "it"), "02") == (0, "it is 0 or 1, not 0x02")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("00 11 03", ExternType("core module", 3)),
        ("01 02", ExternType("func", 2)),
        ("02 00 01", ExternType("value", ("eq", 1))),
        ("02 01 73", ExternType("value", "string")),
        ("03 00 07", ExternType("type", 7, "eq")),
        ("03 01", ExternType("type", None, "sub")),
        ("04 00", ExternType("component", 0)),
        ("05 00", ExternType("instance", 0)),
    ],
)
def test_what_imports_and_exports_are(data: str, expected: ExternType) -> None:
    assert read(extern_type, data) == expected


def test_what_no_import_is() -> None:
    assert refusal(extern_type, "00 10 00")[0] == 0
    assert refusal(extern_type, "02 02") == (1, "0x02 is no bound of a value")
    assert refusal(extern_type, "03 02") == (1, "0x02 is no bound of a type")
    assert refusal(extern_type, "06 00") == (0, "0x06 is no sort of an import or export")
