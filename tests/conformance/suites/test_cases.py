"""Cases of the suites: where they are, and what differs when one fails."""

from __future__ import annotations

from pathlib import Path

from conformance.suites.cases import SUITES, Case, cases, copy_of

MANIFEST = '{"args": ["a"], "root": "tree", "env": {}, "exit_code": 3, "stdout": "out", "stderr": ""}'


def test_all_cases_or_those_that_are_named() -> None:
    names = [case.name for case in cases()]
    assert len(names) == sum(len(list(suite.glob("*.json"))) - 1 for suite in SUITES)
    assert [str(case) for case in cases("sock_recv", "read_write")] == ["read_write", "sock_recv"]
    assert cases("no_such_case") == []


def test_a_case_knows_its_files(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(MANIFEST)
    case = Case.read(tmp_path / "one.json")
    assert (case.name, case.program, case.root, case.world) == ("one", tmp_path / "one.wasm", tmp_path / "tree", {})
    assert case.folder(None) is None


def test_faults_are_what_differs(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(MANIFEST)
    case = Case.read(tmp_path / "one.json")
    assert case.faults(3, "out", "") == []
    assert case.faults(None, "output", "oops") == [
        "exit_code None, expected 3",
        "stdout 'output', expected 'out'",
        "stderr 'oops', expected ''",
    ]


def test_a_copy_is_a_new_folder(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "f").write_text("text")
    assert (copy_of(tmp_path / "from", tmp_path / "to") / "f").read_text() == "text"
    assert list(copy_of(None, tmp_path / "empty").iterdir()) == []
