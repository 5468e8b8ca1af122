"""Commands in process groups of their own: what they print, how they end, and that nobody is left."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conformance import processes
from conformance.processes import Groups, how_it_broke, python_command, run_group
from tests.waiting import HANG, until, within


def alive(pid: int) -> bool:
    """Is it there, and no zombie?"""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(told) and not told.startswith("Z")


def test_what_a_command_shows(tmp_path: Path) -> None:
    ended = run_group(["sh", "-c", "cat; echo oops >&2; exit 3"], tmp_path, HANG, b"input")
    assert (ended.exit_code, ended.stdout, ended.stderr, ended.stopped) == (3, b"input", b"oops\n", "")


def test_a_timeout_ends_the_whole_group(tmp_path: Path) -> None:
    command = ["sh", "-c", "sleep 3600 & echo $!; wait"]
    ended = within(lambda seconds: run_group(command, tmp_path, seconds), enough=lambda found: found.stdout)
    assert (ended.stopped, ended.exit_code) == ("timeout", -9)
    until(lambda: not alive(int(ended.stdout)))


def test_whoever_is_left_behind_is_ended_too(tmp_path: Path) -> None:
    ended = run_group(["sh", "-c", "sleep 3600 > /dev/null 2>&1 & echo $!"], tmp_path, HANG)
    assert (ended.exit_code, ended.stopped) == (0, "")
    until(lambda: not alive(int(ended.stdout)))


def test_too_much_output_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MOST_OUTPUT", 1 << 20)
    ended = run_group(["sh", "-c", "yes"], tmp_path, HANG)
    assert ended.stopped == "wrote more than 1 MiB"
    assert len(ended.stdout) == 1 << 20


def test_all_groups_can_be_ended_at_once(tmp_path: Path) -> None:
    groups = Groups()
    found = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        thread = threading.Thread(
            target=lambda folder=folder: found.append(run_group(["sleep", "3600"], folder, HANG, groups=groups))
        )
        thread.start()
    until(lambda: len(groups._alive) == 2)
    groups.end_all()
    late = run_group(["sleep", "3600"], tmp_path, HANG, groups=groups)  # nothing is started after the end
    assert late.exit_code == -9
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.startswith("Thread"):
            thread.join(HANG)
    assert [each.exit_code for each in found] == [-9, -9]


def test_a_module_of_ours_runs_whatever_lies_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong one')")
    done = subprocess.run(
        [*python_command("agave_wasi"), "conformance", "--help"], cwd=tmp_path, capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 0 and "conformance COMMAND" in done.stdout, done.stderr
    assert python_command("x")[0] == sys.executable


def test_how_it_broke() -> None:
    assert how_it_broke(-11) == "the runtime was ended by SIGSEGV"
    assert how_it_broke(-200) == "the runtime was ended by signal 200"
