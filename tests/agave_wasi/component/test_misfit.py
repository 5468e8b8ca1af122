"""What a message says of a value that doesn't fit."""

from __future__ import annotations

from agave_wasi.component.misfit import SHOWN, Misfit
from agave_wasi.component.types import STRING, U8, List, Tuple


def test_the_value_and_the_type_are_named() -> None:
    assert str(Misfit(U8, 256)) == "256 doesn't fit the type u8"
    assert str(Misfit(List(STRING), None)) == "None doesn't fit the type list<string>"
    assert isinstance(Misfit(U8, 256), TypeError)


def test_long_values_and_types_are_cut() -> None:
    large = Tuple(tuple([STRING] * 1000))
    assert len(str(Misfit(large, "x" * 10_000))) < 2 * SHOWN + 250


def test_a_value_that_cannot_be_shown() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    assert str(Misfit(U8, Odd())) == "a value of the Python type Odd doesn't fit the type u8"
