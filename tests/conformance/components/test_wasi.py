"""The interfaces that guests of the suite import."""

from __future__ import annotations

from conformance.components.wasi import interfaces


def test_each_stands_behind_those_whose_types_it_uses() -> None:
    seen: set[str] = set()
    for each in interfaces():
        assert set(each.uses) <= seen, each.id
        seen.add(each.id)
    assert {each.partition("/")[0] for each in seen} == {"wasi:io", "wasi:clocks", "wasi:random", "wasi:filesystem", "wasi:cli"}
