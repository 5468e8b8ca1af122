"""Verdicts are kept as long as they say something about the code, and the cases, as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.mutants.judge import CASE, SURVIVED, Verdict
from conformance.mutants.places import Mutant
from conformance.mutants.state import State

ONE = Mutant("kernel_sim.x", "f", "a", "b", 0, "constant", 1, 1)
TWO = Mutant("kernel_sim.x", "f", "a", "b", 1, "constant", 2, 2)
CAUGHT, LIVES = Verdict(CASE, "append", "exit_code 1", 0.5), Verdict(SURVIVED, seconds=2.0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("kernel_sim/x.py", "agave_wasi/y.py", "conformance/suites/preview1/case.json", "conformance/fuzz/z.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("1\n")
    return tmp_path


def kept(project: Path, seed: int = 1, calls: int = 10) -> list[Verdict | None]:
    """The verdicts that stand; those that don't are what they were until they are judged again."""
    state = State(project / "state", seed, calls, project)
    assert all(state.of(each) is not None for each in (ONE, TWO) if state.stands(each))
    return [state.of(each) if state.stands(each) else None for each in (ONE, TWO)]


@pytest.fixture
def judged(project: Path) -> Path:
    state = State(project / "state", 1, 10, project)
    assert state.of(ONE) is None
    state.add(ONE, CAUGHT)
    state.add(TWO, LIVES)
    assert [state.of(ONE), state.of(TWO)] == [CAUGHT, LIVES]
    return project


def test_it_is_read_again(judged: Path) -> None:
    assert kept(judged) == [CAUGHT, LIVES]


def test_other_code_is_judged_anew(judged: Path) -> None:
    (judged / "agave_wasi/y.py").write_text("2\n")
    assert kept(judged) == [None, None]
    assert State(judged / "state", 1, 10, judged).of(ONE) is None


@pytest.mark.parametrize("name", ["suites/preview1/case.json", "suites/preview1/new.wasm", "fuzz/z.py"])
def test_other_cases_may_catch_what_has_survived(judged: Path, name: str) -> None:
    (judged / "conformance" / name).write_text("2\n")
    assert kept(judged) == [CAUGHT, None]
    state = State(judged / "state", 1, 10, judged)
    assert state.of(TWO) == LIVES
    state.add(TWO, CAUGHT)
    assert kept(judged) == [CAUGHT, CAUGHT]


def test_other_random_calls_likewise(judged: Path) -> None:
    assert kept(judged, seed=2) == kept(judged, calls=11) == [CAUGHT, None]


def test_a_line_that_was_cut_off_is_no_verdict(judged: Path) -> None:
    state = judged / "state"
    state.write_text(state.read_text()[:-20])
    assert kept(judged) == [CAUGHT, None]
