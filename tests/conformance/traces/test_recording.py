"""Recording the traces of cases: both sides where that can be, one with the reason where not, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.case import Case
from conformance.expectations import Expectation, Expectations
from conformance.runner import Options
from conformance.traces import recording
from conformance.traces.recording import record
from tests.agave_wasi.cli.conftest import program
from tests.agave_wasi.guests import ROOT
from tests.conformance.made import add, one, suite
from tests.waiting import HANG, until, within

SAY = "(drop (call $put (i32.const 1) (i32.const 1024) (i32.const 6))) (; with $fd_write ;)"
OPTIONS = Options(jobs=1, timeout=HANG)


def only(case: Case, options: Options = OPTIONS) -> dict[str, Any]:
    """The traces of a case."""
    (told,) = record([case], options).items()
    assert told[0] == case.full_name
    return told[1]


def runtimes(told: dict[str, Any]) -> list[str]:
    return [each["runtime"].partition(" ")[0] for each in told["sides"]]


def test_both_sides_of_a_case(tmp_path: Path) -> None:
    told = only(one(tmp_path, guest="link"))
    assert runtimes(told) == ["agave-wasi", "wasmtime"] and told["reason"] == ""
    first, last = told["rows"]
    assert first["ours"].startswith('path_symlink("nowhere", 3</>, "link") = 0') and first["theirs"] == first["ours"]
    assert last["theirs"] == "proc_exit(0) = ?" and told["marks"] == {"same": 2}


def test_a_world_that_the_reference_cannot_have(tmp_path: Path) -> None:
    told = only(one(tmp_path, guest="link", world={"inodes": 1}))
    assert runtimes(told) == ["agave-wasi"] and told["sides"][0]["ended"].startswith("exited with ")
    assert told["reason"] == "agave-wasi alone: not recorded on wasmtime-py: needs a limit of how many files there are"
    assert "NOSPC" in told["rows"][0]["ours"] and "theirs" not in told["rows"][0]  # so it was in the case's own world


def test_one_that_is_talked_with(tmp_path: Path) -> None:
    talk = [{"type": "run"}, {"type": "read", "id": "stdout", "payload": "hello\n"}]
    more = [{"type": "write", "id": "stdin", "payload": "x"}, {"type": "wait"}]
    told = only(one(tmp_path / "a", operations=[*talk, *more]))
    assert runtimes(told) == ["agave-wasi"] and "talked with" in told["reason"]
    assert told["rows"][0]["ours"].startswith('fd_write(1<stdout>, "hello\\n", 6) = 6')
    guest = program(f"{SAY} (loop $on (br $on))", "hello\\n")
    told = only(one(tmp_path / "b", guest=guest, operations=[*talk, {"type": "kill", "signal": "SIGKILL"}]))
    assert told["reason"].endswith("is missing") and told["sides"][0]["ended"] == "the runtime was ended by SIGKILL"


def test_what_cannot_be_run_and_what_must_not_be(tmp_path: Path) -> None:
    broken = only(one(tmp_path / "a", guest='(module (import "env" "f" (func)) (func (export "_start")))'))
    assert broken["sides"] == [] and broken["reason"].startswith("agave-wasi can't run it: ")
    case = one(tmp_path / "b")
    for runtime, count in (("agave-wasi", 0), ("wasmtime-py", 1)):
        skip = Expectation("made", "case", runtime, False, True, "it breaks", "https://example.org", "known.toml")
        told = only(case, Options(jobs=1, expectations=Expectations([skip])))
        assert len(told["sides"]) == count and "it breaks" in told["reason"]


def test_a_guest_that_never_ends_and_one_that_calls_for_ever(tmp_path: Path) -> None:
    told = only(one(tmp_path / "a", guest="endless"), Options(jobs=1, timeout=1))
    assert [each["ended"].partition(":")[0] for each in told["sides"]] == ["timeout"] * 2
    told = only(one(tmp_path / "b", guest=program(f"(loop $on {SAY} (br $on))")))
    assert [(each["calls"], each["ended"]) for each in told["sides"]] == [(10_000, "went on: more isn't recorded")] * 2
    assert [each["left_out"] for each in told["rows"] if "left_out" in each] == [9_900]
    case = one(tmp_path / "c", guest=program(f"(loop $on {SAY} (br $on))"), world={"inodes": 9})

    def alone(seconds: float) -> dict[str, Any]:
        (side,) = only(case, Options(jobs=1, timeout=seconds))["sides"]
        return dict(side)

    side = within(alone, enough=lambda found: found["calls"] == 10_000)
    assert (side["calls"], side["ended"]) == (10_000, "went on: more isn't recorded")


def test_a_recorder_that_breaks_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "python_command", lambda module: [sys.executable, "-c", "raise SystemExit('no luck')"])
    assert only(one(tmp_path / "a"))["reason"] == "it couldn't be recorded: no luck"
    die = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(recording, "python_command", lambda module: [sys.executable, "-c", die])
    assert only(one(tmp_path / "b"))["reason"] == "it couldn't be recorded: the runtime was ended by SIGKILL"


def test_all_of_them_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "of_case", lambda *_: {"sides": [], "reason": "x" * 100, "rows": []})
    monkeypatch.setattr(recording, "MOST_BYTES", 300)
    suite(tmp_path)
    made = [one(tmp_path, name) for name in ("a", "b", "c")]
    told = record(made, Options(jobs=2))
    assert list(told) == ["made/a", "made/b", "made/c"]
    assert [each["reason"][:3] for each in told.values()] == ["xxx", "xxx", "the"]


RECORDING = """
from pathlib import Path
from conformance.runner import Options
from conformance.suite import read_suite
from conformance.traces.recording import record
record(read_suite(Path("s")).cases, Options(jobs=1, timeout=600))
"""


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    for name in ("one", "two"):
        add(suite(tmp_path / "s"), name, "endless")
    (tmp_path / "temporary").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "temporary")}
    with subprocess.Popen([sys.executable, "-c", RECORDING], cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as process:
        until(lambda: list((tmp_path / "temporary").glob("agave-wasi-case-*/agave-wasi-ours-*")))
        process.send_signal(signal.SIGINT)
        try:
            assert process.communicate(timeout=HANG)[1].strip().endswith(b"KeyboardInterrupt")
        finally:
            process.kill()
    assert list((tmp_path / "temporary").iterdir()) == []
