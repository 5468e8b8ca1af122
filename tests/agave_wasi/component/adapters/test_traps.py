"""Sentences for what adapters find."""

from __future__ import annotations

import pytest

from agave_wasi.component import types as t
from agave_wasi.component.adapters import traps
from agave_wasi.component.adapters.traps import Site, trap_of

BAD = "realloc returned a bad pointer:"


@pytest.mark.parametrize(
    ("kind", "numbers", "text"),
    [
        (traps.MISALIGNED, (3, 4, 0), "misaligned pointer: 0x3 must be a multiple of 4"),
        (traps.OUT_OF_BOUNDS, (5, 6, 7), "pointer out of bounds: 6 bytes at 0x5, memory has 0x7"),
        (traps.REALLOC_MISALIGNED, (3, 4, 0), f"{BAD} misaligned pointer: 0x3 must be a multiple of 4"),
        (traps.REALLOC_OUT_OF_BOUNDS, (5, 6, 7), f"{BAD} pointer out of bounds: 6 bytes at 0x5, memory has 0x7"),
        (traps.CASE, (9, 3, 0), "9 is no case, there are 3"),
        (traps.CHAR, (0xD800, 0, 0), "0xd800 is no Unicode scalar value, as a char must be"),
        (traps.TOO_LONG, (9, 3, 0), "9 bytes are more than 3"),
        (traps.UTF8, (16, 0, 0), "a string isn't utf-8: malformed at 0x10"),
        (traps.UTF16, (16, 0, 0), "a string isn't utf-16: a surrogate alone at 0x10"),
        (traps.EXCEPTION, (0, 0, 0), "the callee threw an exception, which can't leave its component"),
    ],
)  # fmt: skip
def test_every_kind_has_a_sentence(kind: int, numbers: tuple[int, int, int], text: str) -> None:
    assert str(trap_of(kind, None, *numbers)) == text
    assert str(trap_of(kind, Site(t.U8, True), *numbers)) == f"{text} (u8 in the result)"


def test_a_site_of_a_large_type_stays_short() -> None:
    type: t.ValType = t.U8
    for _ in range(40):
        type = t.Tuple((type, type))
    assert len(str(Site(type, False))) < 150
