"""Verdicts: what a run's observation means for a case, in the light of what was expected of the runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.case import Case
from conformance.expectations import Expectation
from conformance.observation import Observation


class Verdict(StrEnum):
    """PASS, SKIP and XFAIL are as they should be; all others make a run fail."""

    PASS = "PASS"
    FAIL = "FAIL"
    SKIP = "SKIP"
    XFAIL = "XFAIL"
    XPASS = "XPASS"
    FLAKY = "FLAKY"
    ERROR = "ERROR"

    @property
    def unexpected(self) -> bool:
        """Does this make a run fail?"""
        return self in (Verdict.FAIL, Verdict.XPASS, Verdict.FLAKY, Verdict.ERROR)


MEANINGS = {
    Verdict.PASS: "as the manifest says",
    Verdict.FAIL: "not as the manifest says",
    Verdict.SKIP: "not run, for the reason that is given",
    Verdict.XFAIL: "failed, as was expected for the reason that is given",
    Verdict.XPASS: "passed, although it was expected to fail: the expectation is out of date",
    Verdict.FLAKY: "not the same in every repetition",
    Verdict.ERROR: "stopped by the timeout, or the runtime broke",
}


@dataclass(frozen=True)
class Outcome:
    """What came of a case on a runtime. `reasons` say why; `seen` has an observation for each repetition."""

    case: Case
    runtime: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    seen: tuple[Observation, ...] = ()
    expected: Expectation | None = None
    reference: bool = False

    @property
    def unexpected(self) -> bool:
        """Does this make a run fail? What the reference does is shown and never counts."""
        return self.verdict.unexpected and not self.reference

    @property
    def seconds(self) -> float:
        """How long all repetitions took."""
        return sum(each.seconds for each in self.seen)


def judged(case: Case, seen: Sequence[Observation], lenient: bool = False) -> tuple[Verdict, tuple[str, ...]]:
    """The plain verdict over all repetitions, with its reasons; nothing is expected yet."""
    verdicts = [judge_one(case, each, lenient) for each in seen]
    if len({each.same for each in seen}) > 1 and len({verdict for verdict, _ in verdicts}) > 1:
        counts = {verdict: sum(each is verdict for each, _ in verdicts) for verdict, _ in verdicts}
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        first = next(reasons for verdict, reasons in verdicts if verdict is not Verdict.PASS)
        return Verdict.FLAKY, (f"{len(seen)} runs: {told}", *first)
    if len({each.same for each in seen}) > 1:
        return Verdict.FLAKY, (f"{len(seen)} runs, and not the same output in all", *verdicts[0][1])
    return verdicts[0]


def judge_one(case: Case, seen: Observation, lenient: bool = False) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict on one run. Lenient: output that the manifest doesn't speak of isn't compared."""
    reasons = tuple(case.differences(seen, lenient))
    if seen.ended_by in ("timeout", "crash"):
        return Verdict.ERROR, reasons
    return (Verdict.FAIL if reasons else Verdict.PASS), reasons


def weighed(
    case: Case, runtime: str, seen: Sequence[Observation], expected: Expectation | None = None, lenient: bool = False,
    reference: bool = False,
) -> Outcome:  # fmt: skip
    """The outcome of a case that was run."""
    verdict, reasons = judged(case, seen, lenient)
    if expected is not None and expected.fails:
        if verdict is Verdict.PASS:
            verdict, reasons = Verdict.XPASS, (f"expected to fail: {expected.told}",)
        elif verdict in (Verdict.FAIL, Verdict.ERROR):
            verdict, reasons = Verdict.XFAIL, (expected.told, *reasons)
    return Outcome(case, runtime, verdict, reasons, tuple(seen), expected, reference)


def skipped(case: Case, runtime: str, reason: str, expected: Expectation | None = None, reference: bool = False) -> Outcome:
    """The outcome of a case that wasn't run."""
    return Outcome(case, runtime, Verdict.SKIP, (reason,), (), expected, reference)
