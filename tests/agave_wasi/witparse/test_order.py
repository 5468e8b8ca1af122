"""Putting things in order, and finding circles, however long."""

from __future__ import annotations

import pytest

from agave_wasi.witparse.order import Circle, ordered


def test_what_is_needed_comes_first_and_the_rest_stays_as_it_was() -> None:
    needs = {"a": ["c"], "b": [], "c": ["d"], "d": []}
    assert ordered(needs, needs.__getitem__) == ["d", "c", "a", "b"]
    assert ordered(["b"], needs.__getitem__) == ["b"]
    assert ordered([], needs.__getitem__) == []


def test_each_thing_is_asked_once_however_often_it_is_needed() -> None:
    asked: list[int] = []

    def needs(each: int) -> list[int]:
        asked.append(each)
        return [each + 1, each + 1, each + 2] if each < 10 else []

    assert ordered([0], needs) == [10, 11, *range(9, -1, -1)]
    assert len(asked) == len(set(asked)) == 12


def test_circles() -> None:
    needs = {"a": ["b"], "b": ["c"], "c": ["b"], "d": ["d"]}
    with pytest.raises(Circle, match=r"^b -> c -> b$"):
        ordered(needs, needs.__getitem__)
    with pytest.raises(Circle, match=r"^d -> d$"):
        ordered(["d"], needs.__getitem__)


def test_long_chains_and_circles() -> None:
    assert ordered([0], lambda each: [each + 1] if each < 50_000 else [])[-1] == 0
    with pytest.raises(Circle) as caught:
        ordered([0], lambda each: [(each + 1) % 50_000])
    assert str(caught.value) == "0 -> 1 -> 2 -> 3 -> 4 -> 5 -> (49994 more) -> 0" and len(caught.value.members) == 50_001
