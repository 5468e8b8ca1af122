"""Jobs for child processes: what the child is told, and every way in which it may answer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from conformance.adapters.job import ChildSession, GuestLedOut, GuestRefused, GuestTrapped, Job, reported, serve
from conformance.observation import Observation
from conformance.processes import Groups
from conformance.runner import observe
from tests.conformance.made import one


def test_the_job_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "s" / "tree").mkdir(parents=True)
    case = one(tmp_path / "s", args=["a b"], env={"A": "1"}, root="tree", stdin="text")
    child = "import json, sys; told = json.load(open(sys.argv[1])); print(json.dumps([told, sys.stdin.read()]))"
    session = ChildSession([sys.executable, "-c", child], dict(os.environ), Groups())
    seen = observe(case, session, 30)
    job, stdin = json.loads(seen.stdout)
    assert (job["program"], job["argv"], job["env"], stdin) == (str(case.program), ["case.wasm", "a b"], {"A": "1"}, "text")
    assert [(each["guest"], each["mode"]) for each in job["folders"]] == [("/", "rw")]
    assert (seen.ended_by, seen.message) == ("crash", "the runtime ended with 0, and no word")


@pytest.mark.parametrize(
    "report, ended_by, exit_code, message",
    [
        ({"ended_by": "exit", "exit_code": 3}, "exit", 3, ""),
        ({"ended_by": "trap", "message": "oops"}, "trap", None, "oops"),
        ({"ended_by": "trap", "exit_code": 3}, "trap", None, ""),
        ({"ended_by": "magic"}, "crash", None, ""),
        ({}, "crash", None, ""),
        (None, "crash", None, "the runtime ended with 9, and no word"),
    ],
)
def test_the_report_counts(report: object, ended_by: str, exit_code: int | None, message: str, tmp_path: Path) -> None:
    if report is not None:
        (tmp_path / "report").write_text(json.dumps(report))
    seen = reported(Observation(exit_code=9, stdout=b"x"), tmp_path / "report")
    assert (seen.ended_by, seen.exit_code, seen.message, seen.stdout) == (ended_by, exit_code, message, b"x")


@pytest.mark.parametrize(
    "ends, told",
    [
        (3, {"ended_by": "exit", "exit_code": 3}),
        (GuestTrapped("oops"), {"ended_by": "trap", "message": "oops"}),
        (GuestRefused("no"), {"ended_by": "refused", "message": "no"}),
        (GuestLedOut("out"), {"ended_by": "crash", "message": "out"}),
        (KeyError("k"), {"ended_by": "crash", "message": "KeyError: 'k'"}),
    ],
)
def test_the_child_always_answers(ends: int | BaseException, told: object, tmp_path: Path) -> None:
    job = {"program": "p", "argv": [], "env": {}, "folders": [], "report": str(tmp_path / "report")}
    (tmp_path / "job").write_text(json.dumps(job))

    def run(given: Job) -> int:
        assert given == Job(**job)  # type: ignore[arg-type]
        if isinstance(ends, BaseException):
            raise ends
        return ends

    assert serve([str(tmp_path / "job")], run) == 0
    assert json.loads((tmp_path / "report").read_text()) == told
