"""Types without names: their parts, and rebuilding them."""

from __future__ import annotations

import pytest

from agave_wasi.witparse import types as t
from agave_wasi.witparse.types import PRIMITIVES, Type, parts, rebuilt

U8, STRING = PRIMITIVES["u8"], PRIMITIVES["string"]
CASES: list[tuple[Type, tuple[Type, ...]]] = [
    (U8, ()),
    (t.List(U8, 4), (U8,)),
    (t.Map(STRING, U8), (STRING, U8)),
    (t.Option(U8), (U8,)),
    (t.Result(U8, STRING), (U8, STRING)),
    (t.Result(None, STRING), (STRING,)),
    (t.Result(None, None), ()),
    (t.Tuple((U8, STRING, U8)), (U8, STRING, U8)),
    (t.Stream(None), ()),
    (t.Future(U8), (U8,)),
]


@pytest.mark.parametrize(("type", "inner"), CASES)
def test_parts_in_order(type: Type, inner: tuple[Type, ...]) -> None:
    assert parts(type) == inner


class Leaf(Type):
    """Something with a name."""

    name: str


def _swap(type: Type) -> Type:
    assert isinstance(type, Leaf)
    return Leaf(type.name.upper())


def every(leaf: Type) -> Type:
    """Each kind of type, with a leaf in it."""
    return t.Tuple((
        t.List(leaf, 3), t.List(leaf), t.Map(STRING, leaf), t.Option(leaf), t.Result(leaf, None), t.Result(None, leaf),
        t.Own(leaf), t.Borrow(leaf), t.Stream(leaf), t.Stream(None), t.Future(leaf), leaf, U8,
    ))  # fmt: skip


def test_rebuilding_replaces_the_leaves_and_nothing_else() -> None:
    a, b = Leaf("a"), Leaf("A")
    assert rebuilt(every(a), _swap, _swap) == every(b)
    handles = rebuilt(t.Tuple((t.Own(a), t.Borrow(a), a)), _swap, lambda _: U8)
    assert handles == t.Tuple((t.Own(U8), t.Borrow(U8), b))


def test_wasis_keys_of_maps_are_no_floats() -> None:
    assert "f32" not in t.KEYS and "f32" in PRIMITIVES and "error-context" in PRIMITIVES
