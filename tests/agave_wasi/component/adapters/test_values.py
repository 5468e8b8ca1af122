"""Every type on its way: what is made regular, what is copied in bulk, and what is refused with which words."""

from __future__ import annotations

import struct

import pytest

from agave_wasi.component import types as t
from agave_wasi.component.adapters import Side, fuse
from agave_wasi.component.adapters.module import Module
from agave_wasi.component.adapters.values import Way
from agave_wasi.engines.base import GuestTrap, LinkError
from tests.agave_wasi.component.adapters.pair import HEAP, MOVE, Pair, compiled

NAN = 0x7FC0_0000
RESOURCE = t.ResourceType("file")
EITHER = t.Variant((("a", t.F32), ("b", t.U64), ("c", None), ("d", t.Tuple((t.F64, t.F32)))))
BIG = t.Tuple((t.U64,) * 9)
"""Too large to stand in line."""


def call(type: t.ValType, *values: int, memory: bytes = b"", at: int = 0) -> tuple[int, ...]:
    """What a callee gets of one argument."""
    seen = []
    with Pair(t.FuncType((("x", type),)), ("utf8", "utf8"), lambda *got: seen.append(got)) as pair:
        pair.put("caller", at, memory)
        pair.call(values)
    return seen[0]


@pytest.mark.parametrize(
    ("type", "raw", "seen"),
    [
        (t.BOOL, 0, 0), (t.BOOL, 1, 1), (t.BOOL, 0x8000_0000, 1),
        (t.U8, 0x1FF, 0xFF), (t.S8, 0x180, 0xFFFF_FF80), (t.U16, 0xABCDE, 0xBCDE), (t.S16, 0x8000, 0xFFFF_8000),
        (t.U32, 0xFFFF_FFFF, 0xFFFF_FFFF), (t.S64, (1 << 64) - 1, (1 << 64) - 1),
        (t.F32, 0x7F80_0001, NAN), (t.F32, 0xFFC0_0000, NAN), (t.F32, 0xFF80_0000, 0xFF80_0000), (t.F32, 1 << 31, 1 << 31),
        (t.F64, 0xFFF0_0000_0000_0001, 0x7FF8_0000_0000_0000), (t.F64, 1, 1),
        (t.CHAR, 0, 0), (t.CHAR, 0xD7FF, 0xD7FF), (t.CHAR, 0xE000, 0xE000), (t.CHAR, 0x10FFFF, 0x10FFFF),
        (t.Flags(("a", "b", "c")), 0xFA, 2), (t.Flags(tuple("abcdefghijklmnopqrstuvwxyzABCDEF")), 0xFFFF_FFFF, 0xFFFF_FFFF),
        (t.Enum(("a", "b")), 1, 1), (t.Own(RESOURCE), 5, 5 + MOVE), (t.Borrow(RESOURCE), 6, 6 + MOVE),
    ],
)  # fmt: skip
def test_core_values_become_regular(type: t.ValType, raw: int, seen: int) -> None:
    assert call(type, raw) == (seen,)


def test_what_is_large_counts_as_one_value() -> None:
    row = t.Tuple((t.U8,) * 8)
    weighs = Way(Module(), False, ("utf8", "utf8"), [])._weight
    assert [weighs(each) for each in (row, t.Tuple((row, t.U8)), BIG, t.Tuple((BIG, t.U8)))] == [8, 9, 9, 2]


def test_a_type_is_weighed_once_however_often_it_is_in_another() -> None:
    type: t.ValType = BIG
    for _ in range(64):
        type = t.Tuple((type, type))
    weight = Way(Module(), False, ("utf8", "utf8"), [])._weight(type)
    assert weight == 16


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ((0, (7 << 32) | 0xFFC0_0000, 99), (0, NAN, 0)), ((0, 0xFF80_0000, 0), (0, 0xFF80_0000, 0)),
        ((1, 1 << 63, 99), (1, 1 << 63, 0)), ((2, 5, 6), (2, 0, 0)),
        ((3, 0x7FF0_0000_0000_0001, 0x7F80_0001), (3, 0x7FF8_0000_0000_0000, NAN)),
    ],
)  # fmt: skip
def test_cases_share_places(raw: tuple[int, ...], seen: tuple[int, ...]) -> None:
    assert call(EITHER, *raw) == seen


def test_a_small_number_in_a_large_place_is_unsigned() -> None:
    assert call(t.Result(t.S32, t.S64), 0, 0xFFFF_FFFF) == (0, 0xFFFF_FFFF)
    assert call(t.Result(t.S8, t.S64), 0, 0x80) == (0, 0xFFFF_FF80)
    assert call(t.Result(t.F32, t.S32), 0, 0x8000_0000) == (0, 0x8000_0000)


@pytest.mark.parametrize(
    ("type", "values", "why"),
    [
        (t.CHAR, (0xD800,), "0xd800 is no Unicode scalar value, as a char must be (char in the arguments)"),
        (t.CHAR, (0xDFFF,), "0xdfff is no Unicode scalar"), (t.CHAR, (0x110000,), "0x110000 is no Unicode scalar"),
        (t.CHAR, (0xFFFF_FFFF,), "0xffffffff is no Unicode scalar"),
        (t.Enum(("a", "b")), (2,), "2 is no case, there are 2 (enum {a, b} in the arguments)"),
        (t.Option(t.U8), (2, 0), "2 is no case, there are 2 (option<u8> in the arguments)"),
        (t.Result(), (0xFFFF_FFFF,), "4294967295 is no case, there are 2 (result in the arguments)"),
        (EITHER, (4, 0, 0), "4 is no case, there are 4"),
        (t.List(t.U32), (2, 0), "misaligned pointer: 0x2 must be a multiple of 4 (list<u32> in the arguments)"),
        (t.List(t.U32), (0xFFFC, 2), "out of bounds: 8 bytes at 0xfffc, memory has 0x10000 (list<u32> in the arguments)"),
        (t.List(t.U8), (0x10001, 0), "pointer out of bounds: 0 bytes at 0x10001, memory has 0x10000"),
        (t.List(t.U64), (0, 0xFFFF_FFFF), "34359738360 bytes are more than 4294967295 (list<u64> in the arguments)"),
        (t.Map(t.U8, t.U64), (4, 0), "misaligned pointer: 0x4 must be a multiple of 8 (map<u8, u64> in the arguments)"),
        (t.Tuple((t.U64,) * 17), (4,), "misaligned pointer: 0x4 must be a multiple of 8 (the arguments)"),
        (t.Tuple((t.U64,) * 17), (0xFF80,), "pointer out of bounds: 136 bytes at 0xff80, memory has 0x10000 (the arguments)"),
        (t.List(t.Enum(("a",))), (0, 1), "9 is no case, there are 1 (enum {a} in the arguments)"),
        (t.List(t.Option(t.CHAR)), (4, 1), "0xffffffff is no Unicode scalar value"),
    ],
)  # fmt: skip
def test_arguments_that_break_the_abi(type: t.ValType, values: tuple[int, ...], why: str) -> None:
    with pytest.raises(GuestTrap) as caught:
        call(type, *values, memory=bytes.fromhex("0900000001000000ffffffff"))
    assert str(caught.value).startswith("test:pair/f: ")
    assert why in str(caught.value)
    assert caught.value.code == "abi"


def returning(type: t.ValType, *values: int, raw: int | None = None, memory: bytes = b"") -> Pair:
    """A pair that was called, and whose callee answered `raw` with that memory."""

    def callee(*got: int) -> int | None:
        pair.put("callee", 64, memory)
        return raw

    pair = Pair(t.FuncType((), type), ("utf8", "utf8"), callee)
    pair.call(values)
    return pair


@pytest.mark.parametrize(
    ("type", "raw", "why"),
    [
        (t.CHAR, 0xD800, "0xd800 is no Unicode scalar value, as a char must be (char in the result)"),
        (t.Enum(("a",)), 1, "1 is no case, there are 1 (enum {a} in the result)"),
        (t.List(t.U8), 2, "misaligned pointer: 0x2 must be a multiple of 4 (the result)"),
        (t.List(t.U8), 0xFFFC, "pointer out of bounds: 8 bytes at 0xfffc, memory has 0x10000 (the result)"),
        (t.STRING, 64, "pointer out of bounds: 8 bytes at 0xffffffff, memory has 0x10000 (string in the result)"),
    ],
)  # fmt: skip
def test_results_that_break_the_abi(type: t.ValType, raw: int, why: str) -> None:
    out = [8] if type.kind in ("list", "string") else []
    with pytest.raises(GuestTrap) as caught:
        returning(type, *out, raw=raw, memory=bytes.fromhex("ffffffff08000000"))
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("out", "why"), [(2, "misaligned pointer: 0x2 must be a multiple of 4"), (0xFFFC, "8 bytes at 0xfffc, memory has 0x10000")]
)
def test_where_a_result_goes_is_checked_before_the_call(out: int, why: str) -> None:
    called: list[int] = []

    def callee() -> int:
        called.append(1)
        return 0

    with Pair(t.FuncType((), t.STRING), ("utf8", "utf8"), callee) as pair, pytest.raises(GuestTrap, match=why):
        pair.call([out])
    assert not called


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (2, r"realloc returned a bad pointer: misaligned pointer: 0x2 must be a multiple of 4 \(list<u32> in the arguments\)"),
        (0xFFFC, "realloc returned a bad pointer: pointer out of bounds: 8 bytes at 0xfffc, memory has 0x10000"),
    ],
)
def test_what_realloc_answers_is_checked(answer: int, why: str) -> None:
    with Pair(t.FuncType((("x", t.List(t.U32)),)), ("utf8", "utf8"), lambda *_: None) as pair:
        pair.reallocs["callee"] = lambda *_: answer  # type: ignore[assignment]
        with pytest.raises(GuestTrap, match=why):
            pair.call([0, 2])


def test_no_padding_crosses() -> None:
    """What a caller has between the fields of its records is none of the callee's business."""
    type = t.List(t.Tuple((t.U8, t.U32)))
    with Pair(t.FuncType((("x", type),)), ("utf8", "utf8"), lambda *_: None) as pair:
        pair.put("caller", 0, b"\xff" * 16)
        pair.call([0, 2])
        assert bytes(pair.data["callee"][HEAP : HEAP + 16]) == b"\xff\0\0\0\xff\xff\xff\xff" * 2


@pytest.mark.parametrize(
    ("type", "bulk"),
    [
        (t.List(t.U8), True), (t.List(t.Tuple((t.U32, t.S32))), True), (t.List(t.List(t.U16, 3)), True), (t.List(t.F32), False),
        (t.List(t.BOOL), False), (t.List(t.Tuple((t.U8, t.U32))), False), (t.List(t.CHAR), False),
        (t.List(t.Flags(tuple("abcdefgh"))), True), (t.List(t.Flags(tuple("abcdefg"))), False),
    ],
)  # fmt: skip
def test_plain_lists_are_copied_in_one_go(type: t.ValType, bulk: bool) -> None:
    text = fuse(t.FuncType((("x", type),)), Side(), Side()).text
    assert (b"memory.copy" in text, b"loop" in text) == (bulk, not bulk)


def test_a_long_list_of_fixed_length_is_a_loop() -> None:
    type = t.List(t.BOOL, 10_000)
    text = fuse(t.FuncType((("x", type),)), Side(), Side()).text
    assert len(text) < 4000
    seen = []

    def callee(at: int) -> None:
        seen.append(bytes(pair.data["callee"][at : at + 10_000]))

    with Pair(t.FuncType((("x", type),)), ("utf8", "utf8"), callee) as pair:
        pair.put("caller", 16, b"\x02\x00" * 5000)
        pair.call([16])
    assert seen == [b"\x01\x00" * 5000]


def test_a_type_that_is_made_of_itself_often_stays_small() -> None:
    """Each level doubles the value: in line that would be thousands of copies of everything."""
    type: t.ValType = t.Option(t.CHAR)
    for _ in range(9):
        type = t.Variant((("a", type), ("b", type), ("c", None), ("d", t.Tuple((type,)))))
    assert len(fuse(t.FuncType((("x", type),), type), Side(), Side()).text) < 100_000
    wide: t.ValType = BIG
    for _ in range(12):
        wide = t.Tuple((wide, t.BOOL, wide))
    adapter = fuse(t.FuncType((("x", wide),), wide), Side(), Side())
    assert len(adapter.text) < 60_000
    compiled(adapter.text)


def test_variants_of_many_cases() -> None:
    """Discriminants of two bytes, and payloads of a few types between them."""
    names = [f"c{at}" for at in range(300)]
    type = t.List(t.Variant(tuple((name, (None, t.U8, t.F64)[at % 3]) for at, name in enumerate(names))))
    with Pair(t.FuncType((("x", type),)), ("utf8", "utf8"), lambda *_: None) as pair:
        values = [(299, 7), (298, 8), (257, 9), (0, 10)]
        pair.put("caller", 0, b"".join(struct.pack("<Q", case) + struct.pack("<Q", value) for case, value in values))
        pair.call([0, 4])
        got = [struct.unpack_from("<QQ", pair.data["callee"], HEAP + 16 * at) for at in range(4)]
    assert got == [(299, 7), (298, 8), (257, 9), (0, 0)]


@pytest.mark.parametrize(
    ("type", "why"),
    [
        (t.Stream(t.U8), "stream needs Preview 3"), (t.ERROR_CONTEXT, "error-context needs Preview 3"),
        (t.List(t.List(t.U64, 1 << 30)), "fits into no memory"),
        (t.List(t.U8, 1 << 33), "fits into no memory"), (t.Tuple(()), "no fields"),
    ],
)  # fmt: skip
def test_types_that_cannot_cross(type: t.ValType, why: str) -> None:
    with pytest.raises(LinkError, match=why):
        fuse(t.FuncType((("x", type),)), Side(), Side())


def test_a_borrow_cannot_be_a_result() -> None:
    with pytest.raises(LinkError, match="a result can't have a borrow in it"):
        fuse(t.FuncType((), t.Borrow(RESOURCE)), Side(), Side())


def test_handles_go_both_ways() -> None:
    other = t.ResourceType("window")
    type = t.FuncType((("a", t.Own(RESOURCE)), ("b", t.Borrow(other)), ("c", t.Own(other))), t.Own(other))
    with Pair(type, ("utf8", "utf8"), lambda a, b, c: a + b + c) as pair:
        assert pair.call([1, 2, 3]) == 6 + 4 * MOVE
        assert pair.crossing.events == [
            "enter", ("give", "file", 1), ("lend", "window", 2), ("give", "window", 3), ("take", "window", 6 + 3 * MOVE),
            "leave",
        ]  # fmt: skip
