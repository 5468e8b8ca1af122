"""What two runs of a program come to: the comparison, the trace's lines on both sides, and the rule that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agave_wasi.strace import Lines
from conformance.calls.call import NEVER
from conformance.calls.compare import Comparison, Pair
from conformance.calls.recorder import Recording
from conformance.calls.rules import Difference
from conformance.diff.sections import ASKED, ENDING, FILES, NEVER_RETURNED, Section, section

Row = tuple[str, str, str]


@dataclass
class Verdict:
    """All that is shown: `ours` and `theirs` have a line for each call, `moment` the files behind the first difference."""

    program: str
    comparison: Comparison
    strict: bool
    ours: list[str]
    theirs: list[str]
    moment: list[Row] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Is there nothing to report?"""
        return self.comparison.same(self.strict)

    @property
    def first(self) -> Pair | None:
        """The first pair of calls to report."""
        return self.comparison.first(self.strict)

    def differences(self) -> list[Difference]:
        """What differs in the first pair."""
        first = self.first
        if first is None:
            return []
        return first.unknown + ([each for each, _ in first.known] if self.strict else [])

    def decides(self) -> Section | None:
        """The rule that decides about the first thing to report."""
        first = self.first
        if first is not None:
            return decision(first)
        if self.comparison.ending or (self.strict and self.comparison.known_ending):
            return ENDING
        return FILES if not self.same else None


def decision(pair: Pair) -> Section:
    """The rule that decides about a pair of calls."""
    if pair.known and not pair.unknown:
        entry = pair.known[0][1]
        return Section(entry.rule, entry.link)
    asked = any(each.what == "call" or each.what.startswith("argument") for each in pair.unknown)
    if asked:
        return ASKED
    if NEVER in {each.errno for each in (pair.ours, pair.theirs) if each is not None} and pair.call.name != "proc_exit":
        return NEVER_RETURNED
    return section(pair.call.name)


def lines(recording: Recording, preopens: Sequence[str]) -> list[str]:
    """A line for each call, as `agave-wasi strace` writes them."""
    found: list[str] = []
    writer = Lines(found.append, preopens)
    for call in recording.calls:
        writer.event(call.event())
    return found


def judge(program: str, comparison: Comparison, strict: bool) -> Verdict:
    """The verdict on a comparison."""
    preopens = list(comparison.ours.trees)
    ours, theirs = (lines(each, preopens) for each in (comparison.ours, comparison.theirs))
    return Verdict(program, comparison, strict, ours, theirs)
