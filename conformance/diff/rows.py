"""Both traces as rows of plain data: calls that belong together, how they compare, and what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from agave_wasi.terminal import printable
from conformance.calls.compare import Pair, ended
from conformance.calls.recorder import Recording
from conformance.diff.verdict import Verdict, decision

Row = dict[str, Any]
"""`mark`, `number` (from 1), the lines `ours` and `theirs` ("" for none); where there are any `notes` (what differs, and the
known divergence that it is), `rules` that allow it, and what `decides`. {"left_out": N} stands for N rows."""
Traces = dict[str, Any]
"""`sides`, `reason` (why there are not two), `marks` (how many pairs have each), `differences` at the end, `rows`."""

MARKS = {
    "same": ("=", "the same"),
    "allowed": ("~", "differs, as a rule allows"),
    "known": ("K", "a known divergence"),
    "follows": ("\N{DOWNWARDS ARROW WITH TIP RIGHTWARDS}", "follows from a known divergence"),
    "unknown": ("\N{NOT EQUAL TO}", "differs"),
}
QUIET = ("same", "allowed")
"""Marks of calls that need nobody's eyes."""
NEAR = 3
"""So many calls that are the same stay visible round one that isn't."""
ENDS = 50
"""So many of the first rows, and of the last, a shortened trace keeps."""
MOST_TELLING = 30
"""So many rows with a difference it keeps, with what is near them."""
MOST_NOTES = 4
MOST_DIFFERENCES = 12
LONGEST = 320
MORE = "went on: more isn't recorded"


def kind_of(pair: Pair) -> str:
    """Which of MARKS a pair gets."""
    if pair.unknown:
        return "unknown"
    if pair.known:
        return "known"
    if pair.follows:
        return "follows"
    return "allowed" if pair.allowed else "same"


def row(verdict: Verdict, pair: Pair) -> Row:
    """A pair of calls."""
    made: Row = {
        "mark": kind_of(pair),
        "number": (pair.our_number if pair.ours is not None else pair.their_number) + 1,
        "ours": verdict.ours[pair.our_number] if pair.ours is not None else "",
        "theirs": verdict.theirs[pair.their_number] if pair.theirs is not None else "",
    }
    found = [(each, "") for each in pair.unknown] + [(each, entry.id) for each, entry in pair.known]
    if found:
        made["notes"] = [difference(each.what, each.ours, each.theirs) | {"known": id} for each, id in found]
    if pair.allowed:
        made["rules"] = sorted({each.rule for each in pair.allowed})
    if pair.unknown:
        made["decides"] = decision(pair)._asdict()
    return made


def difference(what: str, ours: object, theirs: object) -> Row:
    """Something that isn't the same on both sides."""
    return {"what": what, "ours": str(ours), "theirs": str(theirs)}


def near(rows: Sequence[Row], most: int | None = None) -> set[int]:
    """Where rows are that differ in what matters (the first `most` of them), and those round them."""
    telling = [at for at, each in enumerate(rows) if each.get("mark", "same") not in QUIET]
    return {at + by for at in telling[:most] for by in range(-NEAR, NEAR + 1)}


def shortened(rows: Sequence[Row]) -> list[Row]:
    """The beginning, the end, and what differs between them; numbers of what is left out stand in its place."""
    kept = near(rows, MOST_TELLING)
    found: list[Row] = []
    for at, each in enumerate(rows):
        if at < ENDS or at >= len(rows) - ENDS or at in kept:
            found.append(_cut(each))
        elif found and "left_out" in found[-1]:
            found[-1]["left_out"] += 1
        else:
            found.append({"left_out": 1})
    return found


def _cut(each: Row) -> Row:
    """A row with texts that aren't too long, and not too many notes."""
    made: Row = {key: cut(value) if isinstance(value, str) else value for key, value in each.items()}
    if "notes" in made:
        notes = made["notes"][:MOST_NOTES]
        made["notes"] = [{key: cut(value) for key, value in note.items()} for note in notes]
    return made


def cut(text: str) -> str:
    """A text, shortened in the middle if it is long; what would steer a terminal is shown as it is written."""
    text = printable(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} \N{HORIZONTAL ELLIPSIS} {text[-LONGEST // 2 :]}"


def traces(verdict: Verdict) -> Traces:
    """What two recorded runs showed, in the form that a report keeps."""
    comparison = verdict.comparison
    known = [each for each, _ in comparison.known_ending]
    told = [
        difference(*each) | {"mark": mark}
        for mark, found in (
            ("unknown", [(each.what, each.ours, each.theirs) for each in comparison.ending] + comparison.files),
            ("known", [(each.what, each.ours, each.theirs) for each in known]), ("follows", comparison.files_following),
        )
        for each in found
    ]  # fmt: skip
    left_out = [{"left_out": len(told) - MOST_DIFFERENCES}] if len(told) > MOST_DIFFERENCES else []
    rows = [row(verdict, pair) for pair in comparison.pairs]
    counts = Counter(each["mark"] for each in rows)
    return {
        "sides": [
            {"runtime": each.runtime, "calls": len(each.calls), "ended": cut(_how(each))}
            for each in (comparison.ours, comparison.theirs)
        ],
        "reason": "",
        "marks": {mark: counts[mark] for mark in MARKS if counts[mark]},
        "differences": [_cut(each) for each in told[:MOST_DIFFERENCES]] + left_out,
        "rows": shortened(rows),
    }


def _how(recording: Recording) -> str:
    return ended(recording) if recording.ended_by != "full" else MORE


def alone(runtime: str, how: str, lines: Sequence[str], reason: str) -> Traces:
    """The trace of one side; why there is no other."""
    rows = [{"number": number, "ours": line} for number, line in enumerate(lines, 1)]
    side = {"runtime": runtime, "calls": len(lines), "ended": cut(how)}
    return {**none(reason), "sides": [side], "rows": shortened(rows)}


def none(reason: str) -> Traces:
    """No trace at all, and why."""
    return {"sides": [], "reason": cut(reason), "marks": {}, "differences": [], "rows": []}
