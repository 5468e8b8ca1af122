"""Commands in process groups of their own: what they print, how they end, and that nobody is left."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conformance import processes
from conformance.processes import Groups, how_it_broke, python_command, run_group


def alive(pid: int) -> bool:
    """Is it there, and no zombie?"""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(told) and not told.startswith("Z")


def test_what_a_command_shows(tmp_path: Path) -> None:
    ended = run_group(["sh", "-c", "cat; echo oops >&2; exit 3"], tmp_path, 30, b"input")
    assert (ended.exit_code, ended.stdout, ended.stderr, ended.stopped) == (3, b"input", b"oops\n", "")


def test_a_timeout_ends_the_whole_group(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    ended = run_group(["sh", "-c", f"sleep 60 & echo $! > {pid}; wait"], tmp_path, 0.5)
    assert (ended.stopped, ended.exit_code) == ("timeout", -9)
    assert not alive(int(pid.read_text()))


def test_whoever_is_left_behind_is_ended_too(tmp_path: Path) -> None:
    ended = run_group(["sh", "-c", "sleep 60 > /dev/null 2>&1 & echo $!"], tmp_path, 30)
    assert (ended.exit_code, ended.stopped) == (0, "")
    for _ in range(100):
        if not alive(int(ended.stdout)):
            break
        time.sleep(0.02)
    assert not alive(int(ended.stdout))


def test_too_much_output_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MOST_OUTPUT", 1 << 20)
    ended = run_group(["sh", "-c", "yes"], tmp_path, 30)
    assert ended.stopped == "wrote more than 1 MiB"
    assert len(ended.stdout) == 1 << 20


def test_all_groups_can_be_ended_at_once(tmp_path: Path) -> None:
    groups = Groups()
    found = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        thread = threading.Thread(
            target=lambda folder=folder: found.append(run_group(["sleep", "60"], folder, 60, groups=groups))
        )
        thread.start()
    while len(groups._alive) < 2:
        time.sleep(0.01)
    groups.end_all()
    late = run_group(["sleep", "60"], tmp_path, 60, groups=groups)  # nothing is started after the end
    assert late.exit_code == -9
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.startswith("Thread"):
            thread.join(30)
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
