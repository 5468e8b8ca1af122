"""The runner of the suites on agave-wasi: what it prints."""

from __future__ import annotations

import pytest

from conformance.suites import run_agave
from conformance.suites.cases import Case, cases


def test_cases_that_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_agave.main(["read_write", "sock_recv"]) == 0
    assert capsys.readouterr().out == "2 of 2 cases pass on agave-wasi\n"


def test_a_case_that_fails(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = cases("sock_recv")
    waits = Case(found.path, {**found.manifest, "world": {"peers": []}})
    monkeypatch.setattr(run_agave, "cases", lambda *_: [waits])
    assert run_agave.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FAIL sock_recv"
    assert lines[1] == "    exit_code 125, expected 0"
    assert lines[-1] == "0 of 1 cases pass on agave-wasi"
