"""Core values that are shared by cases of a variant, and addresses with offsets."""

from __future__ import annotations

import pytest

from agave_wasi.component.adapters.places import Flat, Place


@pytest.mark.parametrize(
    ("letters", "wanted", "pushes"),
    [
        ("iIfF", "iIfF", ["a", "b", "c", "d"]),
        ("ii", "if", ["a", "b f32.reinterpret_i32"]),
        ("II", "if", ["a i32.wrap_i64", "b i32.wrap_i64 f32.reinterpret_i32"]),
        ("II", "F", ["a f64.reinterpret_i64"]),
    ],
)
def test_parts_are_cast_to_what_a_case_has(letters: str, wanted: str, pushes: list[str]) -> None:
    part = Flat("abcd"[: len(letters)], letters).part(0, wanted)
    assert (list(part.pushes), part.letters) == (pushes, wanted)


def test_a_part_begins_anywhere() -> None:
    assert Flat(["a", "b", "c"], "iif").part(1, "if").pushes == ["b", "c"]


def test_places() -> None:
    assert Place("$p").push() == "local.get $p"
    assert Place("$p", 4).plus(8).push() == "local.get $p i32.const 12 i32.add"
