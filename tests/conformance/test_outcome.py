"""Verdicts: from what was seen and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.expectations import Expectation
from conformance.observation import Observation
from conformance.outcome import Verdict, judged, skipped, weighed
from tests.conformance.made import one

RIGHT, WRONG = Observation(stdout=b"hello\n"), Observation(stdout=b"hullo\n")
STUCK = Observation("timeout", None, message="stopped")
FAILS = Expectation("made", "case", None, True, False, "it is known", "https://example.org", "known.toml")


@pytest.mark.parametrize(
    "seen, verdict, reasons",
    [
        ([RIGHT], Verdict.PASS, ()),
        ([WRONG], Verdict.FAIL, ("stdout 'hullo\\n', expected 'hello\\n'",)),
        ([STUCK], Verdict.ERROR, ("timeout: stopped", "stdout '', expected 'hello\\n'")),
        ([RIGHT, RIGHT], Verdict.PASS, ()),
        ([WRONG, WRONG], Verdict.FAIL, ("stdout 'hullo\\n', expected 'hello\\n'",)),
        ([RIGHT, WRONG, RIGHT], Verdict.FLAKY, ("3 runs: 2 PASS, 1 FAIL", "stdout 'hullo\\n', expected 'hello\\n'")),
        (
            [WRONG, Observation(stdout=b"x")],
            Verdict.FLAKY,
            ("2 runs, and not the same output in all", "stdout 'hullo\\n', expected 'hello\\n'"),
        ),
    ],
)  # fmt: skip
def test_plain_verdicts(seen: list[Observation], verdict: Verdict, reasons: tuple[str, ...], tmp_path: Path) -> None:
    assert judged(one(tmp_path, stdout="hello\n"), seen) == (verdict, reasons)


def test_how_long_it_took_makes_nothing_flaky(tmp_path: Path) -> None:
    seen = [Observation(stdout=b"hello\n", seconds=1), Observation(stdout=b"hello\n", seconds=2)]
    assert judged(one(tmp_path, stdout="hello\n"), seen)[0] is Verdict.PASS


@pytest.mark.parametrize(
    "seen, verdict, unexpected",
    [
        (RIGHT, Verdict.XPASS, True),
        (WRONG, Verdict.XFAIL, False),
        (STUCK, Verdict.XFAIL, False),
    ],
)
def test_where_a_failure_is_expected(seen: Observation, verdict: Verdict, unexpected: bool, tmp_path: Path) -> None:
    outcome = weighed(one(tmp_path, stdout="hello\n"), "r", [seen], FAILS)
    assert (outcome.verdict, outcome.unexpected) == (verdict, unexpected)
    assert "it is known (https://example.org)" in outcome.reasons[0]


def test_flaky_is_unexpected_whatever_was_expected(tmp_path: Path) -> None:
    outcome = weighed(one(tmp_path, stdout="hello\n"), "r", [RIGHT, WRONG], FAILS)
    assert outcome.verdict is Verdict.FLAKY and outcome.unexpected


def test_a_skip_is_no_pass_and_tells_its_reason(tmp_path: Path) -> None:
    outcome = skipped(one(tmp_path), "r", "needs http")
    assert (outcome.verdict, outcome.reasons, outcome.unexpected) == (Verdict.SKIP, ("needs http",), False)


def test_the_reference_is_not_judged(tmp_path: Path) -> None:
    outcome = weighed(one(tmp_path, stdout="hello\n"), "r", [WRONG], reference=True)
    assert outcome.verdict is Verdict.FAIL and not outcome.unexpected
    assert {verdict for verdict in Verdict if verdict.unexpected} == {"FAIL", "XPASS", "FLAKY", "ERROR"}
