"""Raw values lie as the canonical ABI wants them, until one place is spoiled."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from agave_wasi.component import types as t
from agave_wasi.component.layout import layout
from conformance.fuzz.types.raw import SLOT, START, TAG, Raw


def raw(encoding: str = "utf8", seed: int = 3) -> Raw:
    return Raw(Random(seed), encoding)


def number(made: Raw, at: int, size: int = 4) -> int:
    return int.from_bytes(made.memory[at : at + size], "little")


def test_room_is_aligned_and_above_what_is_for_results() -> None:
    made = raw()
    assert made.allocate(3, 1) == START and made.allocate(8, 8) == START + 8


@pytest.mark.parametrize(("type", "slots"), [(t.U8, 1), (t.STRING, 1), (t.Tuple((t.U8,) * 3), 1), (t.Option(t.U8), 1)])
def test_a_result_is_one_core_value(type: t.ValType, slots: int) -> None:
    assert raw().slots([type], 1) == slots


def test_arguments_are_core_values_or_one_pointer() -> None:
    made = raw()
    assert made.slots([t.STRING, t.U64], 16) == 3 and made.slots([t.U8] * 17, 16) == 1
    table = made.allocate(SLOT, SLOT)
    made.values([t.U64] * 17, table, 16)
    assert number(made, table) == table + SLOT and len(made.memory) == table + SLOT + 17 * 8


def test_a_variant_s_payload_lies_behind_its_number() -> None:
    type = t.Variant((("a", t.CHAR), ("b", t.CHAR)))
    made = raw()
    at = made.allocate(layout(type).size, layout(type).align)
    made.store(type, at)
    assert made.memory[at] < 2 and chr(number(made, at + 4)) in "a\0é\ud7ff\ue000😀\U0010ffff"
    assert made.spots == [("case", at, 1, 2), ("char", at + 4, 4, 0)]


@pytest.mark.parametrize("encoding", ["utf8", "utf16", "latin1+utf16"])
def test_strings_have_as_many_units_as_they_say(encoding: str) -> None:
    for seed in range(20):
        made = raw(encoding, seed)
        at, units = made.text()
        wide = encoding == "utf16" or bool(units & TAG)
        size = (units & ~TAG) * (2 if wide else 1)
        assert at + size == len(made.memory)
        codec = "utf-16-le" if wide else "utf-8" if encoding == "utf8" else "latin-1"
        assert bytes(made.memory[at : at + size]).decode(codec) is not None


def test_one_place_is_spoiled() -> None:
    type: Any = t.List(t.Tuple((t.CHAR, t.STRING, t.Enum(("x", "y")))))
    told = set()
    for seed in range(200):
        made = raw(seed=seed)
        at = made.allocate(2 * SLOT, SLOT)
        made.values([type], at, 16)
        before = bytes(made.memory)
        what = made.spoil()
        changed = [place for place, (old, new) in enumerate(zip(before, made.memory)) if old != new]
        assert len(before) == len(made.memory) and (not changed or changed[-1] - changed[0] < 4)
        told.add(what.partition(":")[0])
    assert told == {"nothing", "case", "char", "pointer", "length", "text"}
