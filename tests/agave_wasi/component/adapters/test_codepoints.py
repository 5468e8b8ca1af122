"""Routines over code points: every character there is, and the edges where the fast way ends."""

from __future__ import annotations

import pytest

from agave_wasi.component.adapters import codepoints
from agave_wasi.component.adapters.module import Module
from tests.agave_wasi.component.adapters.test_strings import encoded, send

TAG = 1 << 31


@pytest.mark.parametrize(
    ("here", "there"), [("utf8", "utf16"), ("utf16", "utf8"), ("latin1+utf16", "utf8"), ("utf8", "latin1+utf16")]
)
def test_every_length_of_a_character(here: str, there: str) -> None:
    edges = [1, 0x7F, 0x80, 0xFF, 0x100, 0x7FF, 0x800, 0xFFF, 0x1000, 0xD7FF, 0xE000, 0xFFFF]
    edges += [0x10000, 0x3FFFF, 0x40000, 0x100000, 0x10FFFF]
    text = "".join(map(chr, edges))
    assert send(*encoded(text, here), here, there)[:2] == encoded(text, there)


@pytest.mark.parametrize("length", range(20))
@pytest.mark.parametrize("place", [0, 1, 7, 8, 15, 16])
def test_where_ascii_ends(length: int, place: int) -> None:
    """Eight bytes at a time must neither go past the end nor past what isn't ASCII."""
    text = "".join("é" if at == place else "x" for at in range(length))
    for here, there in (("utf8", "utf16"), ("utf16", "utf8"), ("latin1+utf16", "utf8")):
        assert send(*encoded(text, here), here, there)[:2] == encoded(text, there)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_latin1_becomes_wide_in_place(count: int) -> None:
    text = "é" * count + "€"
    assert send(*encoded(text, "utf16"), "utf16", "latin1+utf16")[:2] == encoded(text, "latin1+utf16")


@pytest.mark.parametrize("text", ["", "ÿ", "abcÿ", "abÿcdefghij"])
def test_utf16_becomes_narrow_in_place(text: str) -> None:
    data = text.encode("utf-16-le")
    assert send(data, len(text) | TAG, "latin1+utf16", "latin1+utf16")[:2] == (text.encode("latin-1"), len(text))


def test_a_routine_is_made_once() -> None:
    module = Module()
    assert codepoints.validate(module, "caller", "utf8") == codepoints.validate(module, "caller", "utf8")
    made = list(module.routines)
    codepoints.transcode(module, "caller", "callee", "utf8", "utf16")
    assert [name for name in module.routines if name not in made] == ["put-utf16-callee", "transcode-utf8-utf16-callee"]
