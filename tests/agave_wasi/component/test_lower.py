"""Lowering of what has parts: the slow reference reads it back, and values that don't fit are said to."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.component.layout import MAX_FLAT_PARAMS, layout
from agave_wasi.component.lower import lowerer
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.types import (
    BOOL,
    F32,
    F64,
    S8,
    STRING,
    U8,
    U16,
    U32,
    U64,
    Case,
    Enum,
    Err,
    Flags,
    List,
    Map,
    Ok,
    Option,
    Record,
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
def test_memory_gets_what_the_specification_says(typed: Any, encoding: str) -> None:
    type, value = typed
    ours, theirs = Guest(encoding), Guest(encoding)
    found = []
    for guest in (ours, theirs):
        guest.bytes[:] = b"\xa5" * len(guest.bytes)  # what isn't written, padding for example, stays
        found.append(guest.realloc(0, 0, layout(type).align, layout(type).size))
    lowerer(type).store(ours.context(), value, found[0])
    reference.store(theirs, found[1], type, value)
    assert reference.shown(reference.load(ours, found[0], type)) == reference.shown(value)
    assert ours.bytes == theirs.bytes
    assert ours.asked == theirs.asked


@given(reference.TYPED, ENCODINGS)
@settings(max_examples=150, deadline=None)
def test_core_values_are_what_the_specification_says(typed: Any, encoding: str) -> None:
    type, value = typed
    if len(layout(type).flat) > MAX_FLAT_PARAMS:
        return
    ours, theirs = Guest(encoding), Guest(encoding)
    flat: list[Any] = []
    lowerer(type).flat(ours.context(), value, flat)
    assert reference.shown(flat) == reference.shown(reference.lower(theirs, type, value))
    assert ours.bytes == theirs.bytes
    assert reference.shown(reference.lift(ours, iter(flat), type)) == reference.shown(value)


def flat(type: Any, value: Any, guest: Guest | None = None) -> list[Any]:
    found: list[Any] = []
    lowerer(type).flat((guest or Guest()).context(), value, found)
    return found


RECORD = Record((("a-b", U8), ("class", STRING)))


@pytest.mark.parametrize("value", [(1, "x"), [1, "x"], {"a-b": 1, "class": "x"}, {"a_b": 1, "class_": "x"}])
def test_records_are_given_in_order_or_by_name(value: Any) -> None:
    assert flat(RECORD, value)[0] == 1
    assert flat(RECORD, RECORD.make(1, "x"))[0] == 1


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (RECORD, (1,)),
        (RECORD, (1, "x", 2)),
        (RECORD, {"a-b": 1}),
        (RECORD, {"a-b": 1, "other": "x"}),
        (RECORD, 5),
        (RECORD, None),
        (RECORD, ("x", 1)),
        (Tuple((U8, U8)), "ab"),
        (Tuple((U8,)), {"0": 1}),
        (Option(U8), "x"),
        (Option(Option(U8)), 5),
        (Result(U8, None), 5),
        (Result(U8, None), Err(5)),
        (Result(None, U8), Ok(5)),
        (Result(U8, None), Ok()),
        (Variant((("a", U8), ("b", None))), Case("c")),
        (Variant((("a", U8), ("b", None))), Case("b", 1)),
        (Variant((("a", U8), ("b", None))), Case("a")),
        (Variant((("a", U8), ("b", None))), "a"),
        (Variant((("a", U8), ("b", None))), None),
        (List(U8), 5),
        (List(U8), "text"),
        (List(U8), [1, 256]),
        (List(U8), [None]),
        (List(U16), [1, 1 << 16]),
        (List(U16), [1, 0.5]),
        (List(U16), b"ab"),
        (List(S8), [-129]),
        (List(F32), [1e300]),
        (List(F64), ["x"]),
        (List(STRING), "text"),
        (List(STRING), ["a", 5]),
        (List(STRING), None),
        (List(U8, 2), b"a"),
        (List(U16, 2), [1, 2, 3]),
        (Map(U8, U8), [(1, 2)]),
        (Map(U8, U8), {1: 256}),
        (Map(U8, U8), {"x": 1}),
    ],
)
def test_values_that_do_not_fit(type: Any, value: Any) -> None:
    with pytest.raises(Misfit, match="doesn't fit the type"):
        flat(type, value)
    guest = Guest()
    with pytest.raises(Misfit, match="doesn't fit the type"):
        lowerer(type).store(guest.context(), value, 1024)


BYTES = [b"abc", bytearray(b"abc"), memoryview(b"abc"), memoryview(b"xabc")[1:], [97, 98, 99], (97, 98, 99)]


@pytest.mark.parametrize("value", BYTES)
def test_bytes_of_many_kinds(value: Any) -> None:
    guest = Guest()
    at, count = flat(List(U8), value, guest)
    assert (bytes(guest.bytes[at : at + count]), guest.asked) == (b"abc", [(0, 0, 1, 3)])


def test_a_list_may_be_anything_that_can_be_gone_through() -> None:
    guest = Guest()
    at, count = flat(List(U16), (each for each in (1, 2)), guest)
    assert guest.bytes[at : at + 4] == b"\x01\x00\x02\x00"
    assert count == 2


def test_nan_is_the_canonical_one() -> None:
    odd = struct.unpack("<d", struct.pack("<Q", 0xFFF8_0000_0000_0001))[0]
    guest = Guest()
    at, _ = flat(List(F64), [1.0, odd], guest)
    assert struct.unpack_from("<Q", guest.bytes, at + 8)[0] == 0x7FF8_0000_0000_0000
    assert flat(Variant((("a", F32), ("b", U32))), Case("a", odd)) == [0, 0x7FC0_0000]


def test_payloads_of_variants_share_core_values() -> None:
    type = Variant((("a", F32), ("b", U64), ("c", Tuple((F64, F64))), ("d", None)))
    assert flat(type, Case("a", 0.5)) == [0, 0x3F00_0000, 0.0]
    assert flat(type, Case("b", 1 << 63)) == [1, 1 << 63, 0.0]
    assert flat(type, Case("c", (0.5, 0.25))) == [2, 0x3FE0_0000_0000_0000, 0.25]
    assert flat(type, Case("d")) == [3, 0, 0.0]


def test_options_within_options() -> None:
    type = Option(Option(U8))
    assert [flat(type, value) for value in (None, Some(None), Some(7))] == [[0, 0, 0], [1, 0, 0], [1, 1, 7]]


def test_cases_of_a_result_take_the_payload_alone() -> None:
    fine, failed = lowerer(Result(U8, Enum(("a", "b")))).cases
    found: list[Any] = []
    fine.flat(Guest().context(), 5, found)
    failed.flat(Guest().context(), "b", found)
    assert found == [0, 5, 1, 1]


def test_padding_is_left_alone() -> None:
    guest = Guest()
    guest.put(b"\xa5" * 16, 1024)
    lowerer(Tuple((U8, U32))).store(guest.context(), (1, 2), 1024)
    assert guest.bytes[1024:1034] == b"\x01\xa5\xa5\xa5\x02\x00\x00\x00\xa5\xa5"


def test_a_memory_that_realloc_makes_larger() -> None:
    guest = Guest()
    guest.top = guest.size - 4
    at, count = flat(List(List(U8)), [b"x" * 100, b"y" * 100], guest)
    assert guest.size > at
    first, size = struct.unpack_from("<II", guest.bytes, at)
    assert (bytes(guest.bytes[first : first + size]), count) == (b"x" * 100, 2)


def test_what_is_lowered_with_nothing_known_of_types() -> None:
    """Flags and bools are checked where they lie in something else, too."""
    with pytest.raises(Misfit):
        flat(Tuple((BOOL, Flags(("a",)))), (1, ["a"]))
    assert flat(Tuple((BOOL, U64)), (True, 5)) == [1, 5]
