"""Profiles for speedscope: events that open and close as it wants them, and the sums in them."""

from __future__ import annotations

import json

from agave_wasi.profiling.speedscope import document
from tests.agave_wasi.profiling.measured import CALLS, calling, profiled


def test_events_are_nested_and_add_up() -> None:
    profiler, _ = profiled(CALLS, name="main", world=calling())
    told = json.loads(json.dumps(document(profiler, "calls", ["calls.wasm"])))
    (profile,) = told["profiles"]
    frames = told["shared"]["frames"]
    assert {"name": "main", "file": "calls.wasm"} in frames and {"name": "host.again", "file": "[host]"} in frames
    assert (profile["type"], profile["unit"], profile["startValue"], profile["endValue"]) == (
        "evented", "none", 0, profiler.total,
    )  # fmt: skip
    stack: list[int] = []
    own = dict.fromkeys(range(len(frames)), 0)
    at = profiler.tree.root.own
    for event in profile["events"]:
        if stack:
            own[stack[-1]] += event["at"] - at
        at = event["at"]
        if event["type"] == "O":
            stack.append(event["frame"])
        else:
            assert stack.pop() == event["frame"]
    assert not stack and at == profiler.total
    assert {frames[number]["name"]: count for number, count in own.items()} == {
        row.place.name: row.own for row in profiler.rows()
    }
