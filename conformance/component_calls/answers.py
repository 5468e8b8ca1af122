"""What a run was told of time and chance, so that the other is told the same: see `conformance.calls.answers`.

The reference is asked first, and its errors are its own. Where it succeeds, the guest is told what it was told here: of clocks
and random numbers, and the times in a descriptor's attributes. A clock is waited for by waiting for nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agave_wasi.component.layout import layout
from agave_wasi.component.shown import short
from conformance.calls.call import KEPT, KEPT_CHANCE, Call, Region
from conformance.component_calls.lowered import Lowered

CHANCE = frozenset(("random.get-random-bytes", "insecure.get-insecure-random-bytes"))
GIVEN = CHANCE | frozenset((
    "monotonic-clock.now", "monotonic-clock.resolution", "wall-clock.now", "wall-clock.resolution", "random.get-random-u64",
    "insecure.get-insecure-random-u64", "insecure-seed.insecure-seed",
))  # fmt: skip
STATS = frozenset(("descriptor.stat", "descriptor.stat-at"))
WAITS = frozenset(("monotonic-clock.subscribe-duration", "monotonic-clock.subscribe-instant"))
FIRST_TIME = 3
"""The field of a descriptor-stat from which on it has times."""


def kept(name: str) -> int:
    """So many bytes of a region are kept: random ones must be known for the other side."""
    return KEPT_CHANCE if short(name) in CHANCE else KEPT


def write(path: Path, calls: Iterable[Call]) -> None:
    """Keep the answers of a recording in a file."""
    lines = []
    for each in calls:
        name = short(each.name)
        if each.errno == "SUCCESS" and (name in GIVEN or name in STATS):
            lines.append(json.dumps([name, _key(name, each), each.slots[-1], [part.plain() for part in each.written]]))
    path.write_text("\n".join(lines), encoding="utf-8")


class Answers:
    """The answers of another run, in order for each question."""

    def __init__(self, path: Path | None = None) -> None:
        self.left: dict[tuple[str, str], deque[tuple[int, list[bytes]]]] = defaultdict(deque)
        if path is not None:
            for line in path.read_text(encoding="utf-8").splitlines():
                name, key, slot, regions = json.loads(line)
                self.left[name, key].append((slot, [Region.restore(each).data for each in regions]))

    def is_wait(self, lowered: Lowered) -> bool:
        """Does a function make what waits for a clock?"""
        return short(lowered.name) in WAITS

    def is_stat(self, lowered: Lowered) -> bool:
        """Does a function tell the attributes of a file?"""
        return short(lowered.name) in STATS

    def find(self, lowered: Lowered, call: Call) -> tuple[int, list[tuple[int, bytes]]] | None:
        """(core result, what is to be written where) in the stead of what a successful call answered; None: nothing.

        The regions are those of the call that is answered; of attributes only the times are given.
        """
        name = short(lowered.name)
        waiting = self.left.get((name, _key(name, call)))
        if not waiting:
            return None
        slot, regions = waiting.popleft()
        if name in STATS:
            assert lowered.type is not None
            at = _times(lowered.type.result)
            return slot, [(call.written[0].address + at, regions[0][at:])]
        if name in CHANCE:
            place = call.written[-1]
            return (slot, [(place.address, regions[-1])]) if len(call.written) > 1 and regions[1:] else None
        return slot, [(each.address, data) for each, data in zip(call.written, regions)]


def _key(name: str, call: Call) -> str:
    return json.dumps(call.args) if name in STATS or name in CHANCE else ""


def _times(type: Any) -> int:
    """Where in the memory of a `result<descriptor-stat, ...>` its times begin; all that is behind them are times, too."""
    return layout(type).offsets[0] + layout(type.ok).offsets[FIRST_TIME]
