"""A program made small that still shows the same: calls are taken out by delta debugging (ddmin), then arguments made plain.

`shows`(steps) tells whether a candidate still does. Each try is a run on fresh sides, so their number is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from conformance.fuzz.steps import Step

Shows = Callable[[list[Step]], bool]
MOST_TRIES = 3000


class _Tries:
    """Tries of candidates, as long as there are some left; each candidate once."""

    def __init__(self, shows: Shows, most: int) -> None:
        self.shows = shows
        self.left = most
        self.seen: set[str] = set()

    def __call__(self, steps: list[Step]) -> bool:
        key = repr(steps)
        if self.left <= 0 or key in self.seen:
            return False
        self.seen.add(key)
        self.left -= 1
        return self.shows(steps)


def shrink(steps: Sequence[Step], shows: Shows, most: int = MOST_TRIES) -> list[Step]:
    """The smallest program that was found; the one that was given, if it doesn't show it again."""
    found = list(steps)
    if not shows(found):
        return found
    tries = _Tries(shows, most)
    found = fewer(found, tries)
    while True:
        before = found
        for at in range(len(found)):
            found = _plainer(found, at, tries)
        found = _shorter_names(found, tries)
        if found == before or tries.left <= 0:
            return found
        found = fewer(found, tries)


def fewer(steps: list[Step], shows: Shows) -> list[Step]:
    """ddmin: take out ever smaller parts, as long as the rest still shows it."""
    parts = 2
    while len(steps) >= 2:
        size = -(-len(steps) // parts)
        for start in range(0, len(steps), size):
            rest = steps[:start] + steps[start + size :]
            if rest and shows(rest):
                steps, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(steps))
    return steps


def _plainer(steps: list[Step], at: int, shows: Shows) -> list[Step]:
    """Make the arguments of one call plainer, one after the other."""
    for slot in list(steps[at].raw):
        step = replace(steps[at], raw={key: value for key, value in steps[at].raw.items() if key != slot})
        steps = _if(steps, at, step, shows)
    for name in steps[at].values:
        changed = True
        while changed:
            changed = False
            for value in candidates(steps[at].values[name]):
                tried = _if(steps, at, steps[at].with_value(name, value), shows)
                if tried is not steps:
                    steps, changed = tried, True
                    break
    return steps


def _if(steps: list[Step], at: int, step: Step, shows: Shows) -> list[Step]:
    tried = [*steps[:at], step, *steps[at + 1 :]]
    return tried if shows(tried) else steps


def candidates(value: Any) -> Iterator[Any]:
    """Plainer values than one, the plainest first; each is nearer to an end."""
    if isinstance(value, bool) or value == 0:
        return
    if isinstance(value, int):
        yield from dict.fromkeys(each for each in (0, 1, value // 2, value & (value - 1), value - 1) if each < value)
    elif isinstance(value, str):
        parts = ("a", value[: len(value) // 2], value[1:], value[:-1])
        yield from dict.fromkeys(each for each in parts if len(each) < len(value))
    elif isinstance(value, list):
        for at in range(len(value)):
            yield [*value[:at], *value[at + 1 :]]
        for at, part in enumerate(value):
            yield from ([*value[:at], each, *value[at + 1 :]] for each in candidates(part))
    elif isinstance(value, dict) and "of" in value:
        if value["of"] > 3:
            yield {"of": 3}
    elif isinstance(value, dict):
        for key, part in value.items():
            if key != "for":
                yield from ({**value, key: each} for each in candidates(part))


def _shorter_names(steps: list[Step], shows: Shows) -> list[Step]:
    """Give names in paths that are long shorter ones, everywhere at once."""
    names = {part for step in steps for value in step.values.values() if isinstance(value, str) for part in value.split("/")}
    free = [each for each in "abcdefghijklmnopqrstuvwxyz" if each not in names]
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1 and name != ".." and free:
            tried = [_renamed(step, name, free[0]) for step in steps]
            if shows(tried):
                steps = tried
                del free[0]
    return steps


def _renamed(step: Step, old: str, new: str) -> Step:
    values = {key: "/".join(new if part == old else part for part in value.split("/")) if isinstance(value, str) else value
              for key, value in step.values.items()}  # fmt: skip
    return replace(step, values=values)
