"""`agave-wasi conformance coverage`: the table, and that it fails where less is provoked than is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli import coverage
from conformance.suites import heard, provoked
from conformance.suites.cases import cases
from conformance.suites.provoked import measured


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small document, and only the case that it is about."""
    path = tmp_path / "COVERAGE.md"
    rows = [
        "| `sched_yield` | sched_yield | SUCCESS | `sched_yield` |",
        "|  |  | INTR | none: no signal interrupts a call |",
    ]
    path.write_text("| function | POSIX | errno | case, or why none |\n|---|---|---|---|\n" + "\n".join(rows) + "\n\nend\n")
    monkeypatch.setattr(provoked, "COVERAGE", path)
    found = {answer: each for answer, each in measured(cases("sched_yield")).items() if answer[0] == "sched_yield"}
    monkeypatch.setattr(provoked, "measured", lambda _: found)
    return path


def test_what_is_recorded_is_provoked(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert coverage.main([]) == 0
    shown = capsys.readouterr().out
    assert "sched_yield  INTR     none: no signal interrupts a call" in shown
    assert shown.endswith("1 of 2 answers are provoked, 1 are recorded\n")
    assert coverage.main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"][0] == {"function": "sched_yield", "errno": "SUCCESS", "cases": ["sched_yield"], "reason": ""}
    assert (told["provoked"], told["recorded"], told["complaints"]) == (1, 1, [])


def test_less_than_recorded_fails(recorded: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(provoked, "measured", lambda _: {})
    assert coverage.main(["--json"]) == 1
    shown = capfd.readouterr()
    assert json.loads(shown.out)["complaints"] == ["sched_yield SUCCESS: sched_yield doesn't provoke it"]
    assert "sched_yield doesn't provoke it" in shown.err


def test_preview_2_has_its_own(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    _, rows, _ = heard.read(heard.COVERAGE.read_text(encoding="utf-8"))
    names = {case.name: case for case in heard.suite().cases}
    told = {row.answer: [names[name] for name in row.names] for row in rows if row.names}
    monkeypatch.setattr(heard, "measured", lambda _: told)
    assert coverage.main(["preview2"]) == 0
    shown = capfd.readouterr().out
    assert "random#get-random-u64" in shown
    assert shown.endswith(f"{len(told)} of {len(rows)} answers are provoked, {len(told)} are recorded\n")
    told.popitem()
    assert coverage.main(["preview2"]) == 1
