"""Which cases get their traces."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.case import Case
from conformance.expectations import Expectation
from conformance.observation import Observation
from conformance.outcome import Outcome, skipped, weighed
from conformance.suite import read_suite
from conformance.traces import choice
from conformance.traces.choice import FEW, MOST, chosen
from tests.conformance.made import add, suite

FAILS = Expectation("made", "x", None, True, False, "a known bug", "https://example.org/1", "known.toml")


def cases(folder: Path, count: int) -> list[Case]:
    suite(folder)
    for number in range(count):
        add(folder, f"c{number:03}")
    return list(read_suite(folder).cases)


def came(case: Case, code: int, runtime: str = "agave-wasi", expected: Expectation | None = None) -> Outcome:
    return weighed(case, runtime, [Observation(exit_code=code)], expected)


def names(found: list[Case]) -> list[str]:
    return [case.name for case in found]


def test_few_cases_have_all_of_theirs_but_what_ran_nowhere(tmp_path: Path) -> None:
    made = cases(tmp_path, FEW + 1)
    outcomes = [came(case, 0) for case in made[:FEW]] + [skipped(made[FEW], "agave-wasi", "needs http")]
    assert chosen(outcomes) == made[:FEW]


def test_of_many_those_that_did_not_pass_somewhere(tmp_path: Path) -> None:
    made = cases(tmp_path, FEW + 2)
    outcomes = [came(case, 0) for case in made]
    outcomes += [came(made[1], 1, "node"), came(made[4], 1, "node", FAILS), skipped(made[5], "node", "needs stdin")]
    assert names(chosen(outcomes)) == ["c001", "c004"]


def test_where_too_many_failed_the_expected_ones_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "MOST", 3)
    made = cases(tmp_path, FEW + 2)
    outcomes = [came(case, 1, expected=FAILS) for case in made[:-2]] + [came(case, 1) for case in made[-2:]]
    assert names(chosen(outcomes)) == ["c000", "c008", "c009"]
    assert MOST == 50  # as the manual says


def test_those_that_are_asked_for_and_none(tmp_path: Path) -> None:
    made = cases(tmp_path, 12)
    outcomes = [came(case, 0) for case in made]
    assert names(chosen(outcomes, ["c00?", "made/c011"])) == [f"c00{each}" for each in range(10)] + ["c011"]
    assert chosen(outcomes, ["none"]) == []
