"""What may differ may, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.components.fuzz.judge import RULES, SECOND, Judge, answer
from conformance.fuzz.steps import Step
from tests.conformance.components.fuzz.programs import call, of

SPANS = (100 * SECOND, 200 * SECOND), (5000 * SECOND, 6000 * SECOND)


def judge(name: str, ours: Any, theirs: Any, step: Step | None = None) -> list[tuple[str, Any, Any]]:
    made = Judge(SPANS)
    made.near.add(4)
    return [(each.what, each.ours, each.theirs) for each in made.differences(step or call(5, name), ours, theirs)]


def test_answers() -> None:
    assert [answer(each) for each in ({"ok": 1}, {"err": "io"}, {"err": {"last-operation-failed": "handle"}}, 3, None)] == [
        "ok", "io", "last-operation-failed", "ok", "ok",
    ]  # fmt: skip
    assert judge("descriptor.read", {"err": "io"}, {"ok": ["", True]}) == [("errno", "io", "ok")]
    assert judge("descriptor.read", {"err": "io"}, {"err": "io"}) == []


@pytest.mark.parametrize(("name", "ours", "theirs"), [
    ("wall-clock.now", {"seconds": 1}, {"seconds": 2}), ("random.get-random-bytes", "abc", "xyz"),
    ("error.to-debug-string", "a", "b"), ("output-stream.check-write", {"ok": 1}, {"ok": 4096}),
])  # fmt: skip
def test_what_differs_by_nature(name: str, ours: Any, theirs: Any) -> None:
    assert judge(name, ours, theirs) == []


@pytest.mark.parametrize(("name", "ours", "theirs", "found"), [
    ("random.get-random-bytes", "abc", "xy", ("length", 3, 2)),
    ("output-stream.check-write", {"ok": 0}, {"ok": 4096}, ("permit", False, True)),
    ("descriptor.read", {"ok": ["abc", False]}, {"ok": ["ab", False]}, ("length", 3, 2)),
    ("descriptor.read", {"ok": ["abc", False]}, {"ok": ["abd", False]}, ("result", ["abc", False], ["abd", False])),
    ("descriptor.get-flags", {"ok": ["read", "write"]}, {"ok": ["read"]}, ("result", "read, write", "read")),
    ("descriptor.write", {"ok": 3}, {"ok": 4}, ("result", 3, 4)),
])  # fmt: skip
def test_what_does_not(name: str, ours: Any, theirs: Any, found: tuple[str, Any, Any]) -> None:
    assert judge(name, ours, theirs) == [found]


def test_polls() -> None:
    step = call(5, "poll.poll", in_=[of(4), of(6), of(7)])
    assert judge("", [0, 1, 2], [2, 1], step) == []
    assert judge("", [0, 1], [0, 2], step) == [("result", [1], [2])]
    assert judge("", True, False, call(5, "pollable.ready", self=of(4))) == []
    assert judge("", True, False, call(5, "pollable.ready", self=of(6))) == [("result", True, False)]


def stat(
    type: str = "regular-file", size: int = 3, links: int = 1, access: int = 150, change: int = 150, status: int = 150
) -> Any:
    times = ([{"seconds": each, "nanoseconds": 0}] for each in (access, change, status))
    names = ("data-access-timestamp", "data-modification-timestamp", "status-change-timestamp")
    return {"ok": {"type": type, "link-count": links, "size": size, **dict(zip(names, times))}}


def test_attributes() -> None:
    theirs = stat(access=5500, change=5500, status=5500)
    assert judge("descriptor.stat", stat(), theirs) == []
    assert judge("descriptor.stat", stat(size=4), theirs) == [("field size", 4, 3)]
    assert judge("descriptor.stat", stat("directory", 4, 2), stat("directory", 3, 1, 5500, 5500, 5500)) == []
    assert judge("descriptor.stat", stat(change=7), stat(access=5500, change=7, status=5500)) == []
    assert judge("descriptor.stat", stat(change=7), theirs) == [("field data-modification-timestamp", str(7 * SECOND), "now")]
    assert judge("descriptor.stat", stat(access=7), stat(access=8, change=5500, status=5500)) == [
        ("field data-access-timestamp", str(7 * SECOND), str(8 * SECOND))
    ]
    assert judge("descriptor.stat", stat(access=7), theirs) == []


def hashed(number: int) -> dict[str, dict[str, int]]:
    return {"ok": {"lower": number, "upper": number + 1}}


def test_hashes() -> None:
    made, step = Judge(SPANS), call(5, "descriptor.metadata-hash", self=of(4))
    assert made.differences(step, hashed(1), hashed(10)) == [] == made.differences(step, hashed(2), hashed(20))
    assert made.differences(step, hashed(1), hashed(10)) == []
    assert made.differences(step, hashed(1), hashed(20)) and made.differences(step, hashed(3), hashed(10))
    made.after(call(6, "descriptor.unlink-file-at", self=of(3), path="a"))
    assert made.differences(step, hashed(1), hashed(20)) == []


def test_a_hash_that_says_that_something_has_changed() -> None:
    """The reference leaves that out: a known divergence, seen once for each change."""
    made, step = Judge(SPANS), call(5, "descriptor.metadata-hash", self=of(4))
    changed = {"ok": {"lower": 1, "upper": 7}}
    assert made.differences(step, hashed(1), hashed(10)) == []
    (found,) = made.differences(step, changed, hashed(10))
    assert (found.what, found.ours, found.theirs) == ("result upper", "another", "the same")
    assert made.differences(step, changed, hashed(10)) == []


def test_clocks_go_on() -> None:
    made, step = Judge(SPANS), call(5, "monotonic-clock.now")
    assert made.differences(step, 5, 50) == [] == made.differences(step, 5, 51)
    assert [(each.ours, each.theirs) for each in made.differences(step, 6, 40)] == [("on", "back")]


def test_listings() -> None:
    a, b = {"name": "a", "type": "directory"}, {"name": "b", "type": "regular-file"}
    made = Judge(SPANS)
    assert made.listings([a, b], [b, a]) == []
    assert [each.what for each in made.listings([a, b], [a])] == ["entries", "entry b"]
    assert [each.what for each in made.listings([a, b], [a, b | {"type": "directory"}])] == ["entry b"]


def test_every_rule_has_a_reason() -> None:
    assert all(each.instead and each.reason for each in RULES) and len({each.id for each in RULES}) == len(RULES)
