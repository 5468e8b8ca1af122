"""Values as data: whole where they are compared, brief where they are shown."""

from __future__ import annotations

import json
from collections import namedtuple
from typing import Any

import pytest

from agave_wasi.component.context import NumberedHandle
from agave_wasi.component.types import Case, Err, Ok, Some
from conformance.component_calls.values import LINE, brief, whole

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    "value, data",
    [
        (5, 5), (True, True), (None, None), ("é", "é"), (1.5, 1.5), (float("nan"), "nan"),
        (b"a\xff", {"bytes": 2, "data": "a\xff"}), (NumberedHandle("thing", 4), {"resource": "thing", "handle": 4}),
        (Case("none"), "none"), (Case("some", 5), {"some": 5}), (Ok(None), "ok"), (Err(Case("io")), {"err": "io"}),
        (Some(None), {"some": None}), (frozenset(("b", "a")), {"flags": ["a", "b"]}), (Point(1, [2]), {"x": 1, "y": [2]}),
        ({1: b""}, [[1, {"bytes": 0, "data": ""}]]),
    ],
)  # fmt: skip
def test_every_kind_of_value(value: Any, data: Any) -> None:
    assert whole(value) == data
    json.dumps(data)


def test_long_ones_are_whole_and_shown_briefly() -> None:
    data = whole([b"x" * 1000] * 100)
    assert len(data) == 100 and data[99] == {"bytes": 1000, "data": "x" * 1000}
    shown = brief(data)
    assert len(shown) == LINE + 1 and shown[-1] == "... 68 more" and shown[0] == {"bytes": 1000, "data": "x" * LINE}


@pytest.mark.parametrize("one, other", [(b"aab", b"aac"), ("aab", "aac")])
def test_what_is_not_kept_is_in_a_digest(one: Any, other: Any) -> None:
    assert whole(one, 2) != whole(other, 2) and whole(one, 2) == whole(one, 2)
    assert brief(whole("aab", 2)) == "aa..."
