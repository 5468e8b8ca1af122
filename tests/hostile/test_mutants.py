"""Thousands of broken modules and components, loaded and run: a clear error or a result, no crash, no descriptor left open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.agave_wasi.guests import slow

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2


def run_mutants(suite: str, first: int, last: int, folder: Path) -> Counter[str]:
    """How the mutants FIRST to LAST ended, each worker in an empty folder of its own."""
    workers = []
    for number in range(WORKERS):
        inside = folder / str(number)
        inside.mkdir()
        command = [sys.executable, "-X", "faulthandler", "-m", "tests.hostile.worker", suite]
        arguments = [str(first + number), str(last), str(WORKERS)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(inside), "AGAVE_WASI_CACHE": "off"}
        pipe = subprocess.PIPE
        worker = subprocess.Popen(
            [*command, *arguments], cwd=inside, env=environment, text=True, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
        workers.append(worker)
    endings: Counter[str] = Counter()
    for number, worker in enumerate(workers):
        out, err = worker.communicate(timeout=1800)
        lines = [json.loads(line) for line in out.splitlines()]
        seeds = [line["seed"] for line in lines if "seed" in line]
        assert worker.returncode == 0, f"seed {seeds[-1] if seeds else None} ended the worker:\n{err[-4000:]}"
        assert seeds == list(range(first + number, last, WORKERS))
        done = [line for line in lines if "how" in line]
        endings.update(line["how"] for line in done)
        assert err == ""
        assert all(line["fds"] == done[0]["fds"] for line in done), "descriptors were left open"
        assert os.listdir(folder / str(number)) == []
    return endings


def test_a_thousand_mutants(tmp_path: Path) -> None:
    endings = run_mutants("preview1", 0, 1000, tmp_path)
    assert sum(endings.values()) == 1000
    assert endings["exit"] > 100 and endings["BadProgram"] > 100, endings  # neither all noise nor all harmless
    assert endings["limit"] and endings["trap"] and endings["LinkError"], endings


@slow
def test_the_other_nine_thousand(tmp_path: Path) -> None:
    assert sum(run_mutants("preview1", 1000, 10_000, tmp_path).values()) == 9000


def test_broken_components(tmp_path: Path) -> None:
    endings = run_mutants("preview2", 0, 600, tmp_path)
    assert sum(endings.values()) == 600
    assert endings["exit"] > 30 and endings["BadProgram"] > 200, endings


@slow
def test_ten_thousand_broken_components(tmp_path: Path) -> None:
    assert sum(run_mutants("preview2", 600, 10_600, tmp_path).values()) == 10_000


def test_the_worker_notices_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.hostile import worker

    def broken(self: object, *_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("agave_wasi.world.World.run", broken)
    with pytest.raises(RuntimeError, match="a bug of ours"):
        worker.run("preview1", 0)
