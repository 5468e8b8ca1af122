"""The interpreter gives on both sides what calls of the functions themselves would give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.components.fuzz.lockstep import ROOT
from conformance.components.fuzz.sides import Ours, Reference
from conformance.components.fuzz.values import HANDLE
from conformance.fuzz.side import Ended
from conformance.fuzz.steps import Step
from tests.conformance.components.fuzz.programs import call, of, opening, reading, writing

Side = Ours | Reference


@pytest.fixture(params=["ours", "theirs"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    made: Side = Ours() if request.param == "ours" else Reference(["the module"], str(tmp_path))
    assert values(made, ROOT) == [[[HANDLE, "/"]]]
    yield made
    made.close()
    assert not list(tmp_path.iterdir())


def values(side: Side, *steps: Step) -> list[Any]:
    answer = side.call(*steps)
    assert not isinstance(answer, Ended), str(answer)
    return ["skipped" if each.skipped else each.value(step.name) for step, each in zip(steps, answer)]


def test_a_program(side: Side) -> None:
    assert values(side, opening(4, "é", "create"), writing(5, 4, "hello"), reading(6, 4, 3, 1)) == [
        {"ok": HANDLE}, {"ok": 5}, {"ok": ["ell", False]},
    ]  # fmt: skip
    assert side.tree()["é"].size == 5
    drop = call(8, "descriptor.drop", self=of(4))
    assert values(side, call(7, "descriptor.get-type", self=of(4)), drop, reading(9, 4, 1)) == [
        {"ok": "regular-file"}, None, "skipped",
    ]  # fmt: skip


def test_an_error_of_a_stream_is_a_handle(side: Side) -> None:
    steps = [
        opening(4, "a", "create"), call(5, "descriptor.write-via-stream", self=of(4), offset=(1 << 63) - 2),
        call(6, "output-stream.blocking-write-and-flush", self=of(5), contents="abc"),
        call(7, "filesystem.filesystem-error-code", err=of(6)), call(8, "error.drop", self=of(6)),
    ]  # fmt: skip
    steps[3].name = "types.filesystem-error-code"
    found = values(side, *steps)
    assert found[2] == {"err": {"last-operation-failed": HANDLE}}
    assert found[3] in (["file-too-large"], ["invalid"]) and found[4] is None


def test_a_list_of_handles(side: Side) -> None:
    steps = [call(4, "monotonic-clock.subscribe-duration", when=0), call(5, "monotonic-clock.subscribe-duration", when=10**12)]
    assert values(side, *steps) == [HANDLE, HANDLE]
    assert values(side, call(6, "poll.poll", in_=[of(5), of(4)]), call(7, "poll.poll", in_=[of(4), of(99)])) == [[1], "skipped"]


def test_how_it_ends(side: Side) -> None:
    assert values(side, call(4, "environment.get-arguments"))[0][0] == "the module"
    ended = side.call(call(4, "poll.poll", in_=[]))
    assert isinstance(ended, Ended) and ended.how == "trap" and "empty" in ended.text


def test_exit(side: Side) -> None:
    ended = side.call(call(4, "exit.exit-with-code", status_code=7))
    assert isinstance(ended, Ended) and (ended.how, ended.code) == ("exit", 7)
