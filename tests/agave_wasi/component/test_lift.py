"""Lifting: what the slow reference wrote comes back, and every trap."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.abi.memory import Trap
from agave_wasi.component.context import ROOM
from agave_wasi.component.layout import MAX_FLAT_PARAMS, layout
from agave_wasi.component.lift import lifter
from agave_wasi.component.types import (
    BOOL,
    CHAR,
    F32,
    F64,
    S8,
    S16,
    S32,
    S64,
    STRING,
    U8,
    U16,
    U32,
    U64,
    Borrow,
    Case,
    Enum,
    Err,
    Flags,
    List,
    Map,
    Ok,
    Option,
    Own,
    Record,
    ResourceType,
    Result,
    Some,
    Tuple,
    Variant,
)  # fmt: skip
from tests.agave_wasi.component import reference
from tests.agave_wasi.component.fake import Guest

ENCODINGS = st.sampled_from(["utf8", "utf16", "latin1+utf16"])


@given(reference.TYPED, ENCODINGS)
@settings(max_examples=150, deadline=None)
def test_memory_is_lifted_as_the_specification_has_it(typed: Any, encoding: str) -> None:
    type, value = typed
    guest = Guest(encoding)
    at = guest.realloc(0, 0, layout(type).align, layout(type).size)
    reference.store(guest, at, type, value)
    assert reference.shown(lifter(type).load(guest.context(), at)) == reference.shown(value)


@given(reference.TYPED, ENCODINGS)
@settings(max_examples=150, deadline=None)
def test_core_values_are_lifted_as_the_specification_has_it(typed: Any, encoding: str) -> None:
    type, value = typed
    if len(layout(type).flat) > MAX_FLAT_PARAMS:
        return
    guest = Guest(encoding)
    cores = tuple(reference.lower(guest, type, value))
    around = (7, *cores, 7)
    assert reference.shown(lifter(type).flat(guest.context(), around, 1)) == reference.shown(value)


def flat(type: Any, *cores: Any, guest: Guest | None = None) -> Any:
    return lifter(type).flat((guest or Guest()).context(), cores, 0)


def load(type: Any, data: bytes) -> Any:
    guest = Guest()
    return lifter(type).load(guest.context(), guest.put(data))


def test_core_values_wrap() -> None:
    assert flat(U8, 0x1FF) == 0xFF
    assert flat(S8, 0x180) == -128
    assert flat(U16, 0xFFFF_0001) == 1
    assert flat(S16, 0xFFFF_8000) == -0x8000
    assert flat(S32, 0xFFFF_FFFF) == -1
    assert flat(S64, 1 << 63) == -1 << 63
    assert flat(U32, 0xFFFF_FFFF) == 0xFFFF_FFFF
    assert flat(BOOL, 2) is True
    assert flat(BOOL, 0) is False


def test_bits_of_flags_that_there_are_not_are_ignored() -> None:
    type = Flags(("a", "b"))
    assert flat(type, 0xFFFF_FFFE) == {"b"}
    assert load(type, b"\xff") == {"a", "b"}


@pytest.mark.parametrize("code", [0xD800, 0xDFFF, 0x110000, 0xFFFF_FFFF])
def test_no_char(code: int) -> None:
    with pytest.raises(Trap, match="no Unicode scalar value"):
        flat(CHAR, code)
    with pytest.raises(Trap, match="no Unicode scalar value"):
        load(CHAR, struct.pack("<I", code))


def test_chars_at_the_edges() -> None:
    assert [flat(CHAR, code) for code in (0xD7FF, 0xE000, 0x10FFFF)] == ["\ud7ff", "\ue000", "\U0010ffff"]


@pytest.mark.parametrize(
    ("type", "tag"),
    [
        (Enum(("a", "b")), 2),
        (Option(U8), 2),
        (Result(None, U8), 2),
        (Variant((("a", U8), ("b", None), ("c", STRING))), 3),
        (Enum(tuple(f"n{place}" for place in range(300))), 300),
    ],
)  # fmt: skip
def test_no_case(type: Any, tag: int) -> None:
    with pytest.raises(Trap, match=f"{tag} is no case of"):
        flat(type, tag, 0, 0)
    with pytest.raises(Trap, match=f"{tag} is no case of"):
        load(type, struct.pack("<H", tag) + bytes(16))


def test_payloads_of_variants_share_core_values() -> None:
    type = Variant((("a", F32), ("b", U64), ("c", F64), ("d", None), ("e", U8)))
    assert flat(type, 0, struct.unpack("<I", struct.pack("<f", 0.5))[0] | 0xFFFF << 32) == Case("a", 0.5)
    assert flat(type, 1, (1 << 64) - 1) == Case("b", (1 << 64) - 1)
    assert flat(type, 2, struct.unpack("<Q", struct.pack("<d", 0.1))[0]) == Case("c", 0.1)
    assert flat(type, 3, 99) == Case("d")
    assert flat(type, 4, 0x1_0000_0101) == Case("e", 1)
    assert flat(Result(F32, U32), 0, 0x3F00_0000) == Ok(0.5)
    assert flat(Result(F32, U32), 1, 5) == Err(5)


def test_options_within_options() -> None:
    type = Option(Option(U8))
    assert flat(type, 0, 0, 0) is None
    assert flat(type, 1, 0, 0) == Some(None)
    assert flat(type, 1, 1, 7) == Some(7)


def test_lists_of_numbers_are_lists_and_of_bytes_are_bytes() -> None:
    guest = Guest()
    at = guest.put(b"\xff\xfe\x01\x00")
    assert flat(List(U8), at, 4, guest=guest) == b"\xff\xfe\x01\x00"
    assert flat(List(S8), at, 4, guest=guest) == [-1, -2, 1, 0]
    assert flat(List(U16), at, 2, guest=guest) == [0xFEFF, 1]
    assert flat(List(BOOL), at, 4, guest=guest) == [True, True, True, False]


def test_records_are_named_tuples() -> None:
    found = flat(Record((("a-b", U32), ("class", U64))), 1, 2)
    assert (found.a_b, found.class_) == (1, 2)
    assert load(Tuple((U8, U8)), b"\x01\x02") == (1, 2)


@pytest.mark.parametrize(
    ("type", "size", "align"),
    [(List(U8), 1, 1), (List(U32), 4, 4), (List(Tuple((U8, U64))), 16, 8), (Map(U8, U16), 4, 2), (List(List(U8)), 8, 4)],
)
def test_lists_out_of_bounds_and_misaligned(type: Any, size: int, align: int) -> None:
    guest = Guest()
    end = guest.size
    assert len(flat(type, end, 0, guest=guest)) == 0
    assert len(flat(type, end - size, 1, guest=guest)) == 1
    for pointer, count in [(end - size, 2), (end + align, 0), (0xFFFF_FFF8, 1), (0, 0xFFFF_FFFF), (end, 1)]:
        with pytest.raises(Trap, match="out of bounds"):
            flat(type, pointer, count, guest=guest)
    if align > 1:
        for count in (0, 1):
            with pytest.raises(Trap, match="misaligned"):
                flat(type, align // 2, count, guest=guest)


def test_a_memory_that_has_grown_is_looked_at_again() -> None:
    guest = Guest()
    context = guest.context()
    at = guest.size
    guest.size += 64
    guest.put(b"new!", at)
    assert lifter(List(U8)).flat(context, (at, 4), 0) == b"new!"
    assert lifter(STRING).flat(context, (at, 4), 0) == "new!"


@pytest.mark.parametrize("type", [List(U8), List(BOOL), List(U16), STRING])
def test_one_call_lifts_only_so_much(type: Any) -> None:
    """A list of which all elements are the same region of memory."""
    guest = Guest(size=1 << 18)
    inner, count = 8192, 16384
    at = guest.put(struct.pack("<II", 0, inner) * count, 16384)
    with pytest.raises(Trap, match="128 MiB"):
        flat(List(type), at, count, guest=guest)
    context = guest.context()
    lifter(List(type)).flat(context, (at, 100), 0)
    assert context.room <= ROOM - 100 * inner


@pytest.mark.parametrize(("element", "least"), [(U8, 8192), (BOOL, 8192 * 17), (U16, 8192 * 17)])
def test_lists_of_fixed_length_count_too(element: Any, least: int) -> None:
    context = Guest().context()
    lifter(List(element, 8192)).load(context, 0)
    assert context.room <= ROOM - least


def test_fixed_lists_lie_where_they_are() -> None:
    assert load(List(U16, 2), b"\x01\x00\x02\x00") == [1, 2]
    assert load(List(U8, 2), b"\x01\x02") == b"\x01\x02"
    assert flat(List(U8, 3), 1, 2, 0x103) == b"\x01\x02\x03"
    assert flat(List(Option(U8), 2), 0, 0, 1, 5) == [None, 5]


@pytest.mark.parametrize(
    ("type", "size"),
    [
        (U8, 1), (S8, 1), (U16, 2), (S16, 2), (U32, 4), (S32, 4), (U64, 8), (S64, 8), (F32, 4), (F64, 8),
    ],
)  # fmt: skip
def test_a_number_may_be_the_last_in_memory(type: Any, size: int) -> None:
    guest = Guest()
    cx, at = guest.context(), guest.size - size
    assert lifter(List(type)).flat(cx, (at, 1), 0) in ([0], b"\0")
    assert lifter(type).load(cx, at) == 0


def test_handles_may_lie_in_memory() -> None:
    guest, kind = Guest(), ResourceType("file")
    guest.put(struct.pack("<I", guest.state.handles.add(kind, "object")), 256)
    cx = guest.context()
    cx.require(256, 4)
    assert lifter(Borrow(kind)).load(cx, 256) == "object"
    assert cx.task is not None
    cx.task.give_back()
    assert lifter(Own(kind)).load(cx, 256) == "object" and len(guest.state.handles) == 0
