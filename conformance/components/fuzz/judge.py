"""Two results of one call, one from each side: what may differ, and what doesn't.

What may differ is a table with reasons (RULES). Times are those of each side's own run, unless a program has set them; hashes
correspond one to one while no file goes away; a deadline of some microseconds is over sooner or later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.calls.rules import Difference, Rule
from conformance.fuzz.steps import Step

SECOND = 1_000_000_000
SLACK = 2 * SECOND
Spans = tuple[tuple[int, int], tuple[int, int]]

RULES = (
    Rule("clocks", "wall-clock, monotonic-clock", "time doesn't go back",
         "each side has a clock of its own, which is virtual here"),
    Rule("chance", "random, insecure, insecure-seed", "how many bytes there are", "entropy differs between any two runs"),
    Rule("debug-strings", "error.to-debug-string", "not at all", "the text is for people"),
    Rule("permits", "output-stream.check-write", "whether anything is permitted", "any number is a permit"),
    Rule("times", "descriptor-stat.*-timestamp", "a time that was set is the same, any other lies within its own run",
         "files get the time of their world; whether an access is noted is the host's choice"),
    Rule("directory-size", "descriptor-stat.size, link-count of a directory", "not at all",
         "no text says what they count: file systems answer 0, 60, 4096 or the number of entries"),
    Rule("hashes", "metadata-hash, metadata-hash-at", "equality: hashes of what is there correspond one to one",
         "a hash means nothing by itself"),
    Rule("listing-order", "directory-entry-stream", "names and kinds of a whole listing, sorted",
         "the text gives no order, and doesn't say whether later changes are seen"),
    Rule("ready-order", "poll.poll", "which pollables are ready, in any order", "the text gives no order"),
    Rule("due-meanwhile", "pollables of some microseconds", "not at all",
         "the host's clock goes on by itself; the virtual one when all wait"),
)  # fmt: skip
FREE = {
    "wall-clock.now", "wall-clock.resolution", "monotonic-clock.resolution", "error.to-debug-string", "random.get-random-u64",
    "insecure.get-insecure-random-u64", "insecure-seed.insecure-seed", "directory-entry-stream.read-directory-entry",
}  # fmt: skip
SIZED = {"random.get-random-bytes", "insecure.get-insecure-random-bytes"}
HASHES = {"descriptor.metadata-hash", "descriptor.metadata-hash-at"}
STATS = {"descriptor.stat", "descriptor.stat-at"}
FORGETS = {"descriptor.unlink-file-at", "descriptor.remove-directory-at", "descriptor.rename-at", "descriptor.drop",
           "input-stream.drop", "output-stream.drop"}  # fmt: skip
"""Behind these an object may be gone, and what tells it from others be given to another."""
ACCESS = "data-access-timestamp"
TIMES = (ACCESS, "data-modification-timestamp", "status-change-timestamp")


def answer(value: Any) -> str:
    """What a result comes to: ok, or the name of its error."""
    if isinstance(value, dict) and "err" in value:
        error = value["err"]
        return str(next(iter(error)) if isinstance(error, dict) else error)
    return "ok"


class Judge:
    """What corresponds on two sides. `near` are the pollables that come true at any time."""

    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        self.near: set[int] = set()
        self.clocks = [0, 0]
        self.hashes: tuple[dict[Any, Any], dict[Any, Any]] = {}, {}
        self.states: dict[int, int] = {}
        """The upper half of the last hash of each object here."""

    def differences(self, step: Step, ours: Any, theirs: Any) -> list[Difference]:
        """What differs in the results, and may not."""
        here, there = answer(ours), answer(theirs)
        if here != there:
            return [Difference("errno", here, there)]
        name = step.name
        if here != "ok" or name in FREE:
            return []
        if name == "monotonic-clock.now":
            return list(self._clock(ours, theirs))
        if name in SIZED:
            return _same("length", len(ours), len(theirs))
        if name in HASHES:
            return self._hashes(ours["ok"], theirs["ok"])
        if name in STATS:
            return list(self._stats(ours["ok"], theirs["ok"]))
        if name == "output-stream.check-write":
            return _same("permit", ours["ok"] > 0, theirs["ok"] > 0)
        if name == "pollable.ready" and step.values["self"]["of"] in self.near:
            return []
        if name == "poll.poll":
            near = {place for place, each in enumerate(step.values["in"]) if each["of"] in self.near}
            ours, theirs = (sorted(set(each) - near) for each in (ours, theirs))
        return _results(_payload(ours), _payload(theirs))

    def listings(self, ours: list[Any], theirs: list[Any]) -> list[Difference]:
        """What differs in two whole listings."""
        here, there = ({each["name"]: each["type"] for each in entries} for entries in (ours, theirs))
        found = _same("entries", len(ours), len(theirs))
        for name in sorted(here.keys() | there.keys()):
            found += _same(f"entry {name}", here.get(name, "nothing"), there.get(name, "nothing"))
        return found

    def after(self, step: Step) -> None:
        """A step has succeeded on both sides."""
        if step.name in FORGETS:
            self.hashes = {}, {}
            self.states.clear()
        elif step.name == "pollable.drop":
            self.near.discard(step.values["self"]["of"])

    def _clock(self, ours: int, theirs: int) -> Iterator[Difference]:
        for place, now in enumerate((ours, theirs)):
            if now < self.clocks[place]:
                yield Difference("result", *("back" if each == place else "on" for each in range(2)))
            self.clocks[place] = now

    def _hashes(self, ours: dict[str, int], theirs: dict[str, int]) -> list[Difference]:
        """Ours has in its lower half which object it is, and in the upper one how it is now, which theirs may leave out."""
        here, there, now = ours["lower"], (theirs["lower"], theirs["upper"]), ours["upper"]
        if self.hashes[0].setdefault(here, there) != there or self.hashes[1].setdefault(there, here) != here:
            return [Difference("hash", "the same" if here in self.hashes[1].values() else "another", "otherwise")]
        before, self.states[here] = self.states.get(here, now), now
        return _same("result upper", "the same" if now == before else "another", "the same")

    def _stats(self, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
        directory = ours["type"] == theirs["type"] == "directory"
        for field, here in ours.items():
            there = theirs[field]
            if field in TIMES:
                moments = [_moment(each) for each in (here, there)]
                now = [_within(moment, span) for moment, span in zip(moments, self.spans)]
                fine = all(now) or moments[0] == moments[1] or (field == ACCESS and any(now))
                if not fine:
                    yield Difference(f"field {field}", *("now" if each else str(moment) for each, moment in zip(now, moments)))
            elif here != there and not (directory and field in ("size", "link-count")):
                yield Difference(f"field {field}", here, there)


def _moment(time: list[dict[str, int]] | None) -> int | None:
    return None if time is None else time[0]["seconds"] * SECOND + time[0]["nanoseconds"]


def _within(moment: int | None, span: tuple[int, int]) -> bool:
    return moment is not None and span[0] - SLACK <= moment <= span[1] + SLACK


def _same(what: str, ours: Any, theirs: Any) -> list[Difference]:
    return [] if ours == theirs else [Difference(what, ours, theirs)]


def _payload(value: Any) -> Any:
    return value["ok"] if isinstance(value, dict) and "ok" in value else value


def _results(ours: Any, theirs: Any) -> list[Difference]:
    """How two plain results differ: bytes of which one has more, names, or anything."""
    if ours == theirs:
        return []
    here, there = (each[0] if isinstance(each, list) and len(each) == 2 else each for each in (ours, theirs))
    if isinstance(here, str) and isinstance(there, str) and here.startswith(there) != there.startswith(here):
        return [Difference("length", len(here), len(there))]
    if all(isinstance(each, list) and all(isinstance(item, str) for item in each) for each in (ours, theirs)):
        ours, theirs = ", ".join(ours), ", ".join(theirs)
    return [Difference("result", ours, theirs)]
