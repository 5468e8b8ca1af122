"""Named tuples of our own are as typing's: fields, defaults, patterns, and what a wrong call is told."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from agave_wasi.component.model import AliasOuter, Export, Options


def test_fields_come_by_place_or_name() -> None:
    alias = AliasOuter(7, "type", levels=1, place=2)
    assert alias == (7, "type", 1, 2) == AliasOuter(7, "type", 1, 2)
    assert (alias.offset, alias.sort, alias.levels, alias.place) == (7, "type", 1, 2)
    assert repr(alias) == "AliasOuter(offset=7, sort='type', levels=1, place=2)"
    assert not hasattr(alias, "__dict__")


def test_defaults() -> None:
    assert Options() == ("utf8", None, None, None, False, None, None, False)
    assert Options("utf16", realloc=3).realloc == 3
    assert Export(0, "e", "func", 1, None).annotations == ()
    assert Options()._replace(memory=4).memory == 4


def test_patterns_and_pickles() -> None:
    match AliasOuter(0, "type", 1, 2):
        case AliasOuter(_, sort, levels, 2):
            assert (sort, levels) == ("type", 1)
        case _:
            pytest.fail("it doesn't match")
    assert pickle.loads(pickle.dumps(Options("utf16"))) == Options("utf16")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((0,), {}), ((0, "type", 1, 2, 3), {}), ((0, "type", 1, 2), {"place": 2}), ((0, "type", 1), {"levels": 2}),
        ((0,), {"wrong": 1}),
    ],
)
def test_a_wrong_call(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="AliasOuter has offset, sort, levels, place"):
        AliasOuter(*values, **named)
