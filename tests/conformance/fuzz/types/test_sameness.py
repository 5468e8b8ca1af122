"""Values are the same or not, whatever Python's `==` says."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component import types as t
from conformance.fuzz.types.sameness import same

NAN = float("nan")


@pytest.mark.parametrize("value", [NAN, [NAN], {"a": NAN}, t.Ok((NAN, 1)), t.Case("a", 0.0), b"a", frozenset("a"), "a", None])
def test_the_same(value: Any) -> None:
    assert same(value, value)


def test_maps_in_any_order() -> None:
    assert same({1: NAN, 2: "b"}, {2: "b", 1: NAN})


@pytest.mark.parametrize(
    ("one", "other"),
    [(0.0, -0.0), (True, 1), (1, 1.0), (t.Ok(1), t.Some(1)), (t.Ok(1), t.Err(1)), (None, t.Some(None)), ([True], [1]),
     ({1: 2}, {1: 3}), ("a", b"a"), ((1,), [1])],
)  # fmt: skip
def test_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
