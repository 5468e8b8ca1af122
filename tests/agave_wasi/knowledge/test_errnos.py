"""Every errno has a meaning in a few words of its own."""

from __future__ import annotations

from agave_wasi.knowledge.errnos import ERRNOS
from agave_wasi.preview1.errno import NUMBERS


def test_every_error_has_a_meaning() -> None:
    assert ERRNOS.keys() == NUMBERS.keys()


def test_meanings_are_short_and_different() -> None:
    assert len(set(ERRNOS.values())) == len(ERRNOS)
    for meaning in ERRNOS.values():
        assert 0 < len(meaning) <= 48 and not meaning.endswith(".")
