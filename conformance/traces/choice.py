"""Which cases get their traces: those that didn't pass somewhere, all where there are few, or those that are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.case import Case
from conformance.outcome import Outcome, Verdict
from conformance.suite import matches

FEW = 8
"""So many cases get their traces even if they all passed."""
MOST = 50
"""So many get theirs without being asked for: each takes about a second."""
NONE = "none"
"""What asks for no traces."""


def chosen(outcomes: Sequence[Outcome], patterns: Sequence[str] = ()) -> list[Case]:
    """The cases, in the order of outcomes; the unexpected are the last to be left out. What ran nowhere has no trace."""
    cases: dict[str, Case] = {each.case.full_name: each.case for each in outcomes if each.verdict is not Verdict.SKIP}
    if patterns:
        return [case for case in cases.values() if any(matches(case, each) for each in patterns if each != NONE)]
    if len(cases) <= FEW:
        return list(cases.values())
    unexpected = {each.case.full_name for each in outcomes if each.unexpected}
    failed = {each.case.full_name for each in outcomes if each.verdict not in (Verdict.PASS, Verdict.SKIP)}
    first = [name for name in cases if name in unexpected] + [name for name in cases if name in failed - unexpected]
    kept = set(first[:MOST])
    return [case for name, case in cases.items() if name in kept]
