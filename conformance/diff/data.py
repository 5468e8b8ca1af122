"""A verdict for programs: what --json prints."""

from __future__ import annotations

from typing import Any

from conformance.calls.call import Call
from conformance.calls.compare import Pair, ended
from conformance.calls.rules import RULES, Difference
from conformance.diff.verdict import Verdict


def data(verdict: Verdict) -> dict[str, Any]:
    """The verdict as data that JSON can hold."""
    comparison, first, decides = verdict.comparison, verdict.first, verdict.decides()
    entries = {entry.id: entry for pair in comparison.pairs for _, entry in pair.known}
    entries |= {entry.id: entry for _, entry in comparison.known_ending}
    return {
        "program": verdict.program,
        "identical": verdict.same,
        "runtimes": [
            {"name": each.runtime, "calls": len(each.calls), "ended": ended(each), "exit_code": each.exit_code}
            for each in (comparison.ours, comparison.theirs)
        ],
        "first": _pair(verdict, first) if first is not None else None,
        "rule": decides._asdict() if decides is not None else None,
        "ending": [_difference(each) for each in comparison.ending],
        "files": [_row(row) for row in comparison.files],
        "known": [
            {
                "id": entry.id, "class": entry.kind, "rule": entry.rule, "link": entry.link,
                "calls": [pair.our_number for pair in comparison.known.get(entry.id, [])],
            }
            for entry in entries.values()
        ],
        "unseen": verdict.unseen,
        "follow": sum(1 for pair in comparison.pairs if pair.follows) + len(comparison.files_following),
        "allowed": [{"rule": id, "times": times, "reason": RULES[id].reason} for id, times in comparison.allowed.items()],
    }  # fmt: skip


def _pair(verdict: Verdict, pair: Pair) -> dict[str, Any]:
    return {
        "calls": [pair.our_number, pair.their_number],
        "ours": _call(pair.ours, verdict.ours, pair.our_number),
        "theirs": _call(pair.theirs, verdict.theirs, pair.their_number),
        "differences": [_difference(each) for each in verdict.differences()],
        "files": [_row(row) for row in verdict.moment],
    }


def _call(call: Call | None, lines: list[str], number: int) -> dict[str, Any] | None:
    if call is None:
        return None
    written = [
        {"name": each.name, "address": each.address, "size": each.size, "data": each.data.hex()} for each in call.written
    ]
    return call.event() | {"slots": list(call.slots), "written": written, "line": lines[number]}


def _difference(each: Difference) -> dict[str, Any]:
    return {"what": each.what, "ours": each.ours, "theirs": each.theirs}


def _row(row: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("path", "ours", "theirs"), row))
