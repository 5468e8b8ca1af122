"""What two runs of a program come to: the comparison, the trace's lines on both sides, and the rule that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agave_wasi.strace import Lines, of_component
from conformance.calls.call import NEVER
from conformance.calls.compare import Comparison, Pair
from conformance.calls.recorder import Recording
from conformance.calls.rules import Difference
from conformance.component_calls.values import brief
from conformance.diff.component_sections import PREVIEW2
from conformance.diff.sections import PREVIEW1, Decisions, Section

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
    unseen: int = 0
    """Functions that components within a component call; those calls aren't compared one by one."""

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
        calls = self.comparison.ours.calls or self.comparison.theirs.calls
        rules = decisions(calls[0].name) if calls else PREVIEW1
        if self.comparison.ending or (self.strict and self.comparison.known_ending):
            return rules.ending
        return rules.files if not self.same else None


def decisions(call: str) -> Decisions:
    """The rules of the interface that a call belongs to."""
    return PREVIEW2 if of_component(call) else PREVIEW1


def decision(pair: Pair) -> Section:
    """The rule that decides about a pair of calls."""
    if pair.known and not pair.unknown:
        entry = pair.known[0][1]
        return Section(entry.rule, entry.link)
    asked = any(each.what == "call" or each.what.startswith("argument") for each in pair.unknown)
    name = pair.call.name
    rules = decisions(name)
    if asked:
        return rules.asked
    errnos = {each.errno for each in (pair.ours, pair.theirs) if each is not None}
    if NEVER in errnos and name.rpartition("#")[2] not in rules.leaving:
        return rules.never_returned
    return rules.section(name)


def lines(recording: Recording, preopens: Sequence[str]) -> list[str]:
    """A line for each call, as `agave-wasi strace` writes them."""
    found: list[str] = []
    writer = Lines(found.append, preopens)
    for call in recording.calls:
        event = call.event()
        if of_component(call.name):
            event |= {"args": brief(call.args), "result": brief(call.result)}
        writer.event(event)
    return found


def judge(program: str, comparison: Comparison, strict: bool) -> Verdict:
    """The verdict on a comparison."""
    preopens = list(comparison.ours.trees)
    ours, theirs = (lines(each, preopens) for each in (comparison.ours, comparison.theirs))
    return Verdict(program, comparison, strict, ours, theirs)
