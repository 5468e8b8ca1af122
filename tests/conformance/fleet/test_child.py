"""The process of a job: it ends when nobody holds its stdin any more, with all that it has started."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path

import pytest

from conformance.adapters.base import Found
from conformance.adapters.configured import read_runtimes
from conformance.fleet.cases import pack, run_shard
from conformance.fleet.work import job
from conformance.processes import python_command
from conformance.runner import Options
from tests.conformance.fleet.clusters import alive
from tests.conformance.made import one
from tests.waiting import HANG, until


def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        python_command("conformance.fleet.child"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )


def test_it_answers_and_ends_though_its_stdin_is_open() -> None:
    with child() as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(job(pow, 2, 3))
        process.stdin.flush()
        assert pickle.load(process.stdout) == (True, 8)
        assert process.wait(HANG) == 0


@pytest.mark.parametrize("waits", ["import signal; signal.pause()", "while True: pass"], ids=["waiting", "computing"])
def test_it_is_interrupted_when_its_stdin_ends(waits: str) -> None:
    with child() as process:
        assert process.stdin is not None
        process.stdin.write(job(exec, waits, {}))
        process.stdin.close()
        assert process.wait(HANG) == 1


def test_what_it_has_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids, folders = tmp_path / "pids", tmp_path / "folders"
    folders.mkdir()
    monkeypatch.setenv("TMPDIR", str(folders))
    script = tmp_path / "runtime"
    script.write_text(f"#!/bin/sh\necho $$ > {pids}\nexec sleep 3600 # $1\n")
    script.chmod(0o755)
    (tmp_path / "r.toml").write_text(f'[[runtime]]\nname = "slow"\ncommand = ["{script}", "{{wasm}}"]\n')
    (slow,) = read_runtimes(tmp_path / "r.toml")
    found = slow.find()
    assert isinstance(found, Found)
    shard = pack([(0, one(tmp_path / "s"), slow)], [(slow, found)], Options(timeout=3000))
    with child() as process:
        assert process.stdin is not None
        process.stdin.write(job(run_shard, shard))
        process.stdin.flush()
        until(lambda: pids.exists() and pids.read_text().endswith("\n"))
        assert alive(int(pids.read_text()))
        process.stdin.close()
        assert process.wait(HANG) == 1
    assert not alive(int(pids.read_text()))
    assert list(folders.iterdir()) == []
