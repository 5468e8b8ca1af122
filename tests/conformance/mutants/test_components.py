"""The scope `components`: its mutants, who judges them in which order, and when it is content."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.mutants import components
from conformance.mutants.__main__ import parsed
from conformance.mutants.child import TIMEOUT, Broken
from conformance.mutants.judge import CASE, FUZZ, SURVIVED, TEST, Verdict
from conformance.mutants.places import Mutant
from conformance.mutants.sample import everything
from conformance.mutants.scope import COMPONENT_ROOMS, PROJECT, sources
from conformance.mutants.table import DOCUMENT
from tests.conformance.mutants.fresh import fresh

FOUND = [Mutant("agave_wasi.component.strings", "f", "a", "b", number, "constant", 1, 1) for number in range(20)]
LIVES, CAUGHT = Verdict(SURVIVED), Verdict(TEST, "tests/x.py::test_x")


@pytest.fixture(autouse=True)
def _no_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(components, "everything", lambda rooms: FOUND)
    monkeypatch.setattr(components, "stale", lambda found, path: [])


def options(*given: str) -> Namespace:
    return parsed(["--scope", "components", *given])


def children(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> list[float]:
    """What children answer one after the other, the last one again and again; the seconds that they were given."""
    given: list[float] = []

    def in_child(work: Callable[[], Any], seconds: float) -> Any:
        given.append(seconds)
        return answers[min(len(given), len(answers)) - 1]

    monkeypatch.setattr(components, "in_child", in_child)
    return given


def test_what_is_mutated() -> None:
    names = sources(COMPONENT_ROOMS)
    assert {"agave_wasi.component.lift", "agave_wasi.component.validate.names", "agave_wasi.preview2.streams"} <= names.keys()
    assert not names.keys() & sources().keys() and "agave_wasi.component.model" not in names
    assert len(everything(COMPONENT_ROOMS)) > 3000


def test_each_module_has_tests_of_its_own() -> None:
    assert components.tests_of("agave_wasi.component.validate.names") == "tests/agave_wasi/component/validate/test_names.py"
    assert all((PROJECT / each).is_dir() for each in components.FOLDERS)


def test_all_caught(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = children(monkeypatch, *[CAUGHT] * 9, LIVES, LIVES, LIVES, LIVES, Broken(TIMEOUT, "for ever"), LIVES)
    assert components.main(options("--count", "10")) == 0
    assert len(given) == 10 + 3 + 1 + 3  # each one's own tests, each step, what was left, each step again
    said = capsys.readouterr().out
    assert "10 mutants, 100.0% caught, 0 survivors not explained" in said
    assert components.main(options("--count", "10")) == 0 and len(given) == 17  # all is known
    assert (tmp_path / components.STATE).exists()


def test_a_survivor_has_met_everything(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given = children(monkeypatch, LIVES)
    assert components.main(options("--count", "1")) == 1
    assert len(given) == 1 + 3 + 3 + 3 and "1 mutants, 0.0% caught, 1 survivors not explained" in capsys.readouterr().out


@pytest.mark.parametrize("answers", [(Broken(TIMEOUT),), (CAUGHT,), (LIVES, CAUGHT), (LIVES, LIVES, Broken(TIMEOUT))])
def test_what_fails_without_a_mutant(monkeypatch: pytest.MonkeyPatch, answers: tuple[Any, ...], capsys: Any) -> None:
    children(monkeypatch, LIVES, *answers, LIVES)
    assert components.main(options("--count", "1")) == 1
    assert "without any mutant" in capsys.readouterr().err


def test_time_is_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    children(monkeypatch, LIVES)
    assert components.main(options("--count", "5", "--minutes", "-1")) == 1
    assert "5 mutants are left for the next run" in capsys.readouterr().out


def test_who_catches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "complaints", lambda: iter([("a", "wrong"), ("b", ""), ("c", "wrong, too")]))
    assert components.by_suite() == Verdict(CASE, "a", "wrong")
    monkeypatch.setattr(components, "complaints", lambda: iter([("a", ""), ("b", "")]))
    assert components.by_suite().how == SURVIVED


def test_no_case_of_the_suite_fails_without_a_mutant() -> None:
    program = """
from conformance.mutants import components
from conformance.suite import read_suite
import conformance.suite
wanted = {"readonly_descriptor", "readonly_open", "readonly_strict"}
class Few:
    def __init__(self, cases): self.cases = cases
conformance.suite.read_suite = lambda *given: Few([each for each in read_suite(*given).cases if each.name in wanted])
print(sorted(components.complaints()))
"""
    assert fresh(program) == "[('readonly_descriptor', ''), ('readonly_open', ''), ('readonly_strict', '')]"


def test_types_notice() -> None:
    program = """
from conformance.mutants import components
from agave_wasi.component import lift
components.TYPES = 20
print(components.by_types(1).how)
lift._bad_case = lambda type, tag: TypeError("another exception")
lift._known.clear()
components.TYPES = 60
print(components.by_types(1).how)
"""
    assert fresh(program).split() == [SURVIVED, FUZZ]


def test_the_document_has_a_place_for_the_table() -> None:
    assert components.BEGIN in DOCUMENT.read_text(encoding="utf-8")
