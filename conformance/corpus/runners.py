"""How a program is started on a runtime.

Each runtime is a subprocess, and takes the same options: the commands differ only in their first words.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .jobs import Job, Step
from .packages import corpus_folder

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 900
"""Seconds for one step; the largest programs take half a minute to compile when nothing is cached."""


@dataclass(frozen=True)
class Runner:
    """A runtime's command line."""

    name: str
    command: tuple[str, ...]

    @property
    def compiled(self) -> Path:
        """The folder where this runtime keeps compiled code."""
        return corpus_folder() / "compiled" / self.name

    def argv(self, program: Path, step: Step, directories: Sequence[str]) -> list[str]:
        """The whole command for one step; `directories` are the values of `--dir`."""
        argv = [sys.executable, *self.command]
        for directory in directories:
            argv += ["--dir", directory]
        for setting in step.environment:
            argv += ["--env", setting]
        return [*argv, "--arg0", step.arg0, str(program), *step.arguments]


AGAVE = Runner("agave-wasi", ("-m", "agave_wasi", "run"))
WASMTIME = Runner("wasmtime-py", ("-m", "conformance.corpus.reference_runner"))
MODEL = Runner("agave-wasi-x86", ("-m", "agave_wasi", "run", "--engine", "x86"))
"""The CPU model, which takes many times as long: it runs what it is asked for."""
RUNNERS = (AGAVE, WASMTIME, MODEL)


@dataclass(frozen=True)
class Ended:
    """What one process showed."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    compiled: bool
    """Whether the runtime added to its compiled code: it was a cold start."""


def run_step(runner: Runner, job: Job, step: Step, package: Path, work: Path) -> Ended:
    """Run one step to its end and return what it showed; errors: subprocess.TimeoutExpired."""
    program = work / step.program if step.program else package / job.package.program
    directories = [f"{work}::/", *(f"{package / host}::{guest}:ro" for host, guest in job.shares)]
    environment = dict(os.environ)
    environment["AGAVE_CORPUS_COMPILED"] = environment["XDG_CACHE_HOME"] = str(runner.compiled)
    runner.compiled.mkdir(parents=True, exist_ok=True)
    before = count_files(runner.compiled)
    start = time.perf_counter()
    done = subprocess.run(
        runner.argv(program, step, directories),
        input=step.stdin,
        capture_output=True,
        cwd=ROOT,
        env=environment,
        timeout=TIMEOUT,
        check=False,
    )
    seconds = time.perf_counter() - start
    compiled = count_files(runner.compiled) > before
    return Ended(done.returncode, done.stdout, done.stderr, seconds, compiled)


def count_files(folder: Path) -> int:
    """How many files are below `folder`."""
    return sum(1 for path in folder.rglob("*") if path.is_file())
