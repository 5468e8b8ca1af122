"""The command: what it judges, where it goes on, and when it is content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.mutants import __main__ as command
from conformance.mutants.child import TIMEOUT, Broken
from conformance.mutants.judge import CASE, SURVIVED, TEST, Verdict
from conformance.mutants.places import Mutant
from conformance.mutants.reach import Reach

FOUND = [Mutant("kernel_sim.x", "f", "a", "b", number, "constant", 1, 1) for number in range(20)]


@pytest.fixture(autouse=True)
def _no_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "require_fresh", lambda: None)
    monkeypatch.setattr(command, "everything", lambda: FOUND)
    monkeypatch.setattr(command, "stale", lambda found: [])
    yield


def children(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> list[int]:
    """What children answer one after the other, the last one again and again; counts them."""
    count = [0]

    def in_child(work: Callable[[], Any], *limits: float) -> Any:
        count[0] += 1
        return answers[min(count[0], len(answers)) - 1]

    monkeypatch.setattr(command, "in_child", in_child)
    return count


GOOD, CAUGHT, LIVES = Reach(), Verdict(CASE, "x"), Verdict(SURVIVED)


def test_all_caught(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    count = children(monkeypatch, GOOD, LIVES, *[CAUGHT] * 9, Broken(TIMEOUT, "waits for ever"), LIVES, GOOD, LIVES)
    assert command.main(["--count", "10"]) == 0
    assert count == [13]  # one records, ten mutants, and one without any before and after
    assert "10 mutants, 100.0% caught, 0 survivors not explained" in capsys.readouterr().out
    assert command.main(["--count", "10"]) == 0 and count == [13]  # all is known
    assert command.main(["--count", "15"]) == 1 and count == [21]  # five more, which live
    assert "15 mutants, 66.7% caught, 5 survivors not explained" in capsys.readouterr().out


def test_a_survivor_must_be_explained(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    children(monkeypatch, GOOD, LIVES, LIVES, *[CAUGHT] * 19, LIVES)
    assert command.main(["--count", "20"]) == 1
    said = capsys.readouterr().out
    assert "survived  (nothing runs it)" in said and "20 mutants, 95.0% caught, 1 survivors not explained" in said


def test_time_is_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    count = children(monkeypatch, GOOD, LIVES)
    assert command.main(["--count", "10", "--minutes", "-1"]) == 1
    assert count == [3] and "10 mutants are left for the next run" in capsys.readouterr().out


@pytest.mark.parametrize("first", [Broken(TIMEOUT), Reach(complaints={"append": "exit_code 1"})])
def test_code_that_fails_without_a_mutant(first: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    count = children(monkeypatch, first)
    assert command.main(["--count", "10"]) == 1 and count == [1]


def test_what_breaks_in_the_middle_is_no_verdict(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    children(monkeypatch, GOOD, LIVES, CAUGHT)  # the last look, without a mutant, fails as well
    assert command.main(["--count", "10"]) == 1
    assert "what was judged is worth nothing" in capsys.readouterr().err


def test_what_breaks_once_is_no_verdict(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The machine may have been short of memory."""
    broken = Broken("crash", "signal 9")
    count = children(monkeypatch, GOOD, LIVES, broken, LIVES, broken, broken, LIVES)
    assert command.main(["--count", "2"]) == 1 and count == [7]
    assert "2 mutants, 50.0% caught" in capsys.readouterr().out


def test_several_at_a_time(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    count = children(monkeypatch, GOOD, LIVES, *[CAUGHT] * 20, LIVES)
    assert command.main(["--count", "20", "--jobs", "2"]) == 0 and count == [23]
    said = capsys.readouterr().out
    assert [line.partition("/")[0] for line in said.splitlines() if "/20 " in line] == [str(at) for at in range(1, 21)]


def test_the_last_look_is_with_a_vdso_from_the_first_call_on_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Mutant("kernel_sim.vdso.names", "f", "a", "b", 0, "constant", 1, 1)
    assert command.is_eager(shared) and not command.is_eager(FOUND[0])
    looks: list[bool] = []
    monkeypatch.setattr(command, "judge", lambda order, seed, calls: LIVES)
    monkeypatch.setattr(command, "wake_early", lambda: looks.append(True))
    monkeypatch.setattr(command, "put_in", lambda mutant: None)
    monkeypatch.setattr(command, "in_child", lambda work, cpu: work())
    options = command.parsed([])
    assert command.sound([FOUND[0]], options) and looks == []
    assert command.sound([FOUND[0], shared], options) and looks == [True]
    assert command.judged_alone(shared, (), 1, 1) is LIVES and looks == [True, True]
    command.judged_alone(FOUND[0], (), 1, 1)
    assert looks == [True, True]


def test_what_lives_of_the_vdso_is_tried_with_its_tests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = [Mutant("kernel_sim.vdso.names", "f", "a", "b", number, "constant", 1, 1) for number in range(3)]
    monkeypatch.setattr(command, "everything", lambda: shared)
    tests = [LIVES, Verdict(TEST, "tests/x.py::test_x"), Broken(TIMEOUT)]
    count = children(monkeypatch, GOOD, LIVES, CAUGHT, LIVES, LIVES, LIVES, *tests, Broken("crash"))
    assert command.main(["--count", "3"]) == 0 and count == [9]
    assert "3 mutants, 100.0% caught" in capsys.readouterr().out
    assert command.main(["--count", "3"]) == 0 and count == [9]  # all is known


def test_the_tests_must_hold_without_a_mutant(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "everything", lambda: [Mutant("kernel_sim.vdso.names", "f", "a", "b", 0, "constant", 1, 1)])
    children(monkeypatch, GOOD, LIVES, LIVES, LIVES, Verdict(TEST, "tests/x.py::test_x"))
    assert command.main(["--count", "1"]) == 1
    assert "without any mutant: Verdict(how='test', by='tests/x.py::test_x'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "first, wanted", [(LIVES, 30), (Verdict(SURVIVED, seconds=9.3), 75), (CAUGHT, 0), (Broken(TIMEOUT), 0)]
)
def test_how_long_a_mutant_may_compute(first: Any, wanted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As measured without one, on this machine and now."""
    children(monkeypatch, first)
    assert command.enough(lambda: LIVES) == wanted


def test_some_of_them(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    children(monkeypatch, GOOD, LIVES, CAUGHT, LIVES)
    command.main(["--count", "20", "--only", "nowhere"])
    assert "0 are sampled" in capsys.readouterr().out
