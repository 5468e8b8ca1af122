"""How a program is started on a runtime.

Each runtime is a subprocess, and takes the same options: the commands differ only in their first words.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .jobs import Job, Step
from .packages import corpus_folder

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 900
"""Seconds for one step; the largest programs take half a minute to compile when nothing is cached."""
SLOW_TIMEOUT = 7200
"""Seconds for one step on the CPU model."""
LAST_LINES = 12
"""Lines of stderr that a message shows."""


@dataclass(frozen=True)
class Runner:
    """A runtime's command line."""

    name: str
    command: tuple[str, ...]
    rounds: int = 2
    """How often it does a job in folders of the host: the first time may be cold, the second is warm."""
    timeout: int = TIMEOUT
    """Seconds for one step."""
    sealed: bool = False
    """Whether it can do jobs in a world without the host, and trace them."""

    @property
    def compiled(self) -> Path:
        """The folder where this runtime keeps compiled code."""
        return corpus_folder() / "compiled" / self.name

    def argv(self, program: Path, step: Step, options: Sequence[str]) -> list[str]:
        """The whole command for one step; `options` say which files it has."""
        argv = [sys.executable, *self.command, *options]
        for setting in step.environment:
            argv += ["--env", setting]
        return [*argv, "--arg0", step.arg0, str(program), *step.arguments]


AGAVE = Runner("agave-wasi", ("-m", "agave_wasi", "run"), sealed=True)
WASMTIME = Runner("wasmtime-py", ("-m", "conformance.corpus.reference_runner"))
MODEL = Runner("agave-wasi-x86", ("-m", "agave_wasi", "run", "--engine", "x86"), 1, SLOW_TIMEOUT, sealed=True)
"""The CPU model, which takes many times as long: it is asked for by its name, and runs the jobs that say nothing against it."""
RUNNERS = (AGAVE, WASMTIME, MODEL)


@dataclass(frozen=True)
class Ended:
    """What one process showed."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    """Of CPU, by the process and those that it started: what others do on the machine counts little."""
    compiled: bool
    """Whether the runtime added to its compiled code: it was a cold start."""

    @property
    def last_words(self) -> str:
        """The end of its stderr, for a message."""
        lines = self.stderr.decode(errors="replace").splitlines()[-LAST_LINES:]
        return "".join(f"\n    | {line}" for line in lines)


def run_step(runner: Runner, job: Job, step: Step, package: Path, work: Path) -> Ended:
    """Run one step in folders of the host, to its end; errors: subprocess.TimeoutExpired."""
    program = work / step.program if step.program else package / job.package.program
    options = ["--dir", f"{work}::/"]
    for host, guest in job.shares:
        options += ["--dir", f"{package / host}::{guest}:ro"]
    return launch(runner, program, step, options)


def launch(runner: Runner, program: Path, step: Step, options: Sequence[str]) -> Ended:
    """Run one step with these options, to its end; errors: subprocess.TimeoutExpired."""
    environment = dict(os.environ)
    environment["AGAVE_CORPUS_COMPILED"] = environment["XDG_CACHE_HOME"] = str(runner.compiled)
    runner.compiled.mkdir(parents=True, exist_ok=True)
    before = count_compiled(runner.compiled)
    start = sum(os.times()[2:4])
    done = subprocess.run(
        runner.argv(program, step, options),
        input=step.stdin,
        capture_output=True,
        cwd=ROOT,
        env=environment,
        timeout=runner.timeout,
        check=False,
    )
    seconds = sum(os.times()[2:4]) - start
    compiled = count_compiled(runner.compiled) > before
    return Ended(done.returncode, done.stdout, done.stderr, seconds, compiled)


def count_compiled(folder: Path) -> int:
    """How many programs have compiled code below `folder`."""
    return sum(1 for _ in folder.rglob("*.cwasm"))
