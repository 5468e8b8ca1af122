"""LEB128 and the section walk: what they accept, what they refuse, and where they say the error is."""

from __future__ import annotations

import mmap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_wasi.binary import writer
from agave_wasi.binary.reader import MODULE_PREAMBLE, MalformedModule, Reader, function_bodies, kind_of, sections

U64 = st.integers(0, 2**64 - 1)
S64 = st.integers(-(2**63), 2**63 - 1)


@given(U64)
def test_unsigned_round_trip(value: int) -> None:
    encoded = writer.unsigned(value)
    assert Reader(encoded).unsigned(64) == value
    if value < 2**32:
        assert Reader(encoded).u32() == value


@given(S64)
def test_signed_round_trip(value: int) -> None:
    assert Reader(writer.signed(value)).signed(64) == value


@given(
    st.binary(max_size=12), st.sampled_from([("u32", ()), ("unsigned", (64,)), ("signed", (32,)), ("signed", (33,))])
)
def test_any_bytes_are_a_number_or_malformed(data: bytes, method: tuple[str, tuple[int, ...]]) -> None:
    reader = Reader(data)
    try:
        getattr(reader, method[0])(*method[1])
    except MalformedModule as error:
        assert 0 <= error.offset <= len(data)
        assert reader.pos == 0
    else:
        assert 0 < reader.pos <= len(data)


@pytest.mark.parametrize(
    ("encoded", "value"),
    [("00", 0), ("8000", 0), ("ff7f", 0x3FFF), ("8080808000", 0), ("ffffffff0f", 2**32 - 1), ("e58e26", 624485)],
)
def test_u32_may_be_longer_than_needed(encoded: str, value: int) -> None:
    assert Reader(bytes.fromhex(encoded)).u32() == value


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        ("", "unexpected end"),
        ("80", "unexpected end"),
        ("ffffffff1f", "too large"),
        ("808080808000", "too long"),
        ("ffffffffffff", "too long"),
    ],
)
def test_bad_u32(encoded: str, reason: str) -> None:
    with pytest.raises(MalformedModule, match=reason):
        Reader(bytes.fromhex(encoded)).u32()


@pytest.mark.parametrize(
    ("encoded", "value"), [("7f", -1), ("40", -64), ("8080808078", -(2**31)), ("ffffffff07", 2**31 - 1)]
)
def test_s32(encoded: str, value: int) -> None:
    assert Reader(bytes.fromhex(encoded)).signed(32) == value


@pytest.mark.parametrize("encoded", ["ffffffff0f", "8080808070", "80808080808000"])
def test_bad_s32(encoded: str) -> None:
    with pytest.raises(MalformedModule):
        Reader(bytes.fromhex(encoded)).signed(32)


def test_reader_stays_in_its_part() -> None:
    reader = Reader(b"\x02ab\x03cd")
    part = reader.part()
    assert part.take(2) == b"ab"
    with pytest.raises(MalformedModule):
        part.u8()
    with pytest.raises(MalformedModule) as caught:
        reader.part()
    assert caught.value.offset == 4


def test_count_is_believed_only_as_far_as_the_bytes_reach() -> None:
    assert Reader(b"\x02ab").count() == 2
    for claim in (b"\x03ab", b"\xff\xff\xff\xff\x0fab"):
        with pytest.raises(MalformedModule):
            Reader(claim).count()
    with pytest.raises(MalformedModule):
        Reader(b"\x02abc").count(2)
    with pytest.raises(MalformedModule, match="limit"):
        Reader(b"\x03abc").count(limit=2)


def test_name_is_utf8() -> None:
    assert Reader(writer.name("größe")).name() == "größe"
    for bad in (b"\x01\xff", b"\x03\xed\xa0\x80", b"\x05abc"):
        with pytest.raises(MalformedModule):
            Reader(bad).name()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "unknown"),
        (b"\0asm", "unknown"),
        (MODULE_PREAMBLE, "module"),
        (b"\0asm\x0d\0\x01\0", "component"),
        (b"\0asm\x02\0\0\0", "unknown"),
        (b"(module)", "text"),
        (b" ;; note\n (; a (; nested ;) ;)\n( component $x)", "text"),
        (b"(func)", "text"),
        (b"(define x 1)", "unknown"),
        (b"(; never closed", "unknown"),
        (b"#!/bin/sh\n", "unknown"),
        (b"(" * 70000, "unknown"),
    ],
)
def test_kind(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind
    assert kind_of(memoryview(data)) == kind


def test_sections_of_a_module() -> None:
    data = MODULE_PREAMBLE + b"\x01\x04\x01\x60\x00\x00" + b"\x00\x05\x03abc!" + b"\x05\x03\x01\x00\x01"
    found = sections(data)
    assert [(one.id, one.name, one.offset, data[one.start : one.end]) for one in found] == [
        (1, "type", 8, b"\x01\x60\x00\x00"),
        (0, "abc", 14, b"!"),
        (5, "memory", 21, b"\x01\x00\x01"),
    ]
    assert [one.size for one in found] == [4, 1, 3]


@pytest.mark.parametrize(
    ("rest", "offset", "reason"),
    [
        (b"\x01", 9, "unexpected end"),
        (b"\x01\x05\x00", 10, "5 bytes wanted, 1 left"),
        (b"\x0e\x00", 8, "unknown section id 14"),
        (b"\x03\x01\x00\x01\x01\x00", 11, "type section is repeated or out of order"),
        (b"\x01\x01\x00\x01\x01\x00", 11, "type section is repeated or out of order"),
        (b"\x00\x00", 10, "unexpected end"),
        (b"\x00\x02\x05a", 11, "5 bytes wanted"),
    ],
)
def test_bad_sections(rest: bytes, offset: int, reason: str) -> None:
    with pytest.raises(MalformedModule, match=reason) as caught:
        sections(MODULE_PREAMBLE + rest)
    assert caught.value.offset == offset
    assert isinstance(caught.value, ValueError)
    assert f"{offset:#x}" in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"\0as", b"\0asm\x01\0\0", b"\x7fELF\x01\0\0\0", b"\0asm\x02\0\0\0", b"\0asm\x01\0\x02\0"]
)
def test_bad_preamble(data: bytes) -> None:
    with pytest.raises(MalformedModule):
        sections(data)


def test_sections_are_limited() -> None:
    with pytest.raises(MalformedModule, match="more than 100000 sections"):
        sections(MODULE_PREAMBLE + b"\0\x01\0" * 100_001)


def test_tags_and_data_count_stand_before_their_users() -> None:
    order = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
    data = MODULE_PREAMBLE + b"".join(bytes((id, 1, 0)) for id in order)
    assert [section.id for section in sections(data)] == list(order)


def test_function_bodies() -> None:
    data = MODULE_PREAMBLE + b"\x0a\x07\x02\x02\x00\x0b\x02\x00\x0b"
    (code,) = sections(data)
    assert function_bodies(data, code) == [(12, 14), (15, 17)]
    with pytest.raises(MalformedModule):
        short = data.replace(b"\x0a\x07\x02", b"\x0a\x07\x01")
        function_bodies(short, sections(short)[0])


def test_mapped_file(tmp_path: Path) -> None:
    path = tmp_path / "module.wasm"
    path.write_bytes(MODULE_PREAMBLE + b"\x00\x05\x03abc!")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        assert [one.name for one in sections(data)] == ["abc"]
        assert sections(data)[0].reader(data).take(1) == b"!"
