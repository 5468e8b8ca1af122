"""One job on the runtimes, once or twice on each, and the differences.

The first round may be cold (the runtime compiles the program), the second is warm; a runtime also has to agree with
itself, so the two rounds are compared like two runtimes. What counts: exit codes, stdout to the byte, and the working
folder: names, kinds, contents, link targets, which names are one file, permission bits. stderr is shown beside a
difference. Engines of agave-wasi are compared in sealed worlds as well, call by call (`sealed`).
"""

from __future__ import annotations

import difflib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .jobs import Job
from .runners import Ended, Runner, run_step
from .sealed import Sealed, disagreements, run_sealed

SHOWN_LINES = 12


@dataclass
class Round:
    """A job done once on one runtime."""

    runner: Runner
    number: int
    steps: list[Ended] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """Every path below the working folder with what can be compared of it."""
    failure: str | None = None

    @property
    def title(self) -> str:
        """Its name in a message."""
        return f"{self.runner.name}, {('first', 'second')[self.number]} run"

    @property
    def seconds(self) -> float:
        """The CPU time of all steps together."""
        return sum(step.seconds for step in self.steps)

    @property
    def cold(self) -> bool:
        """Whether any step had to compile its program."""
        return any(step.compiled for step in self.steps)


@dataclass
class Verdict:
    """A job's rounds and every difference, in words. `beyond` are the runners that it isn't for, with the reasons."""

    job: Job
    rounds: list[Round]
    sealed: list[Sealed]
    differences: list[str]
    beyond: dict[str, str]

    @property
    def ran(self) -> bool:
        """Whether it was done at all."""
        return bool(self.rounds)

    def round_of(self, runner: Runner, number: int) -> Round | None:
        """The round that this runner did first (0) or second (1)."""
        return next((one for one in self.rounds if one.runner is runner and one.number == number), None)

    def sealed_on(self, runner: Runner) -> Sealed | None:
        """What this runner did in a sealed world."""
        return next((one for one in self.sealed if one.runner is runner), None)


def read_tree(work: Path) -> dict[str, bytes]:
    """The paths below `work`, each with its kind, permissions, contents, link target and its other names."""
    files: dict[str, bytes] = {}
    first_names: dict[int, str] = {}
    for path in sorted(work.rglob("*"), key=os.fspath):
        name = str(path.relative_to(work))
        seen = path.lstat()
        mode = stat.filemode(seen.st_mode).encode()
        if path.is_symlink():
            files[name] = b"symbolic link to " + os.fsencode(os.readlink(path))
        elif path.is_dir():
            files[name] = mode
        elif (first := first_names.setdefault(seen.st_ino, name)) != name:
            files[name] = b"another name of " + first.encode()
        else:
            files[name] = mode + b"\n" + path.read_bytes()
    return files


def run_round(job: Job, package: Path, runner: Runner, number: int) -> Round:
    """Do the job once on one runtime, in a fresh working folder."""
    done = Round(runner, number)
    with tempfile.TemporaryDirectory(prefix="agave-corpus-") as folder:
        # Every round works in a folder of the same name and length: programs may print or store paths.
        work = Path(folder, "work")
        shutil.copytree(job.inputs, work)
        for name in job.folders:
            (work / name).mkdir()
        for step in job.steps:
            if step.program and not (work / step.program).is_file():
                done.failure = f"an earlier step did not make {step.program}"
                break
            try:
                done.steps.append(run_step(runner, job, step, package, work))
            except subprocess.TimeoutExpired as error:
                done.failure = f"step {len(done.steps) + 1} did not end within {error.timeout:.0f} s"
                break
        done.files = read_tree(work)
    return done


def describe(label: str, left: Round, right: Round, one: bytes, other: bytes) -> str:
    """A difference between two byte strings: a diff of lines if both are text, else where they part."""
    head = f"{label} differs between {left.title} and {right.title}"
    try:
        texts = one.decode().splitlines(), other.decode().splitlines()
    except UnicodeDecodeError:
        parting = next(
            (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
        )
        return f"{head}: {len(one)} and {len(other)} bytes, from byte {parting} on"
    lines = list(difflib.unified_diff(*texts, left.title, right.title, n=1, lineterm=""))
    shown = lines[:SHOWN_LINES]
    if len(lines) > len(shown):
        shown.append(f"... {len(lines) - len(shown)} more lines")
    return "\n    ".join([head, *shown])


def unmet_expectations(job: Job, done: Round) -> Iterator[str]:
    """What one round should have shown by the job's own words, whatever the other runtime did."""
    if done.failure:
        yield f"{done.title}: {done.failure}"
    for number, (step, ended) in enumerate(zip(job.steps, done.steps, strict=False), 1):
        if ended.exit_code != step.exit_code:
            wanted = f"exit code {ended.exit_code} instead of {step.exit_code}"
            yield f"{done.title}: step {number} ({step.arg0}): {wanted}{ended.last_words}"
    for name in job.makes:
        if name not in done.files:
            yield f"{done.title}: {name} was not made"


def differences(job: Job, left: Round, right: Round) -> Iterator[str]:
    """Everything that two rounds of one job don't have in common."""
    for number, (step, one, other) in enumerate(zip(job.steps, left.steps, right.steps, strict=False), 1):
        label = f"step {number} ({step.arg0})"
        if one.exit_code != other.exit_code:
            yield f"{label}: exit code {one.exit_code} on {left.title}, {other.exit_code} on {right.title}"
        if one.stdout != other.stdout:
            yield describe(f"{label}: stdout", left, right, one.stdout, other.stdout)
    for name in sorted(left.files.keys() | right.files.keys()):
        if name not in right.files:
            yield f"{name} exists only after {left.title}"
        elif name not in left.files:
            yield f"{name} exists only after {right.title}"
        elif left.files[name] != right.files[name]:
            yield describe(name, left, right, left.files[name], right.files[name])


def judge(job: Job, package: Path, runners: Sequence[Runner], tell: Callable[[str], None] = lambda _: None) -> Verdict:
    """Do the job on each runtime that it is for, and compare every round with the first one of the last of them.

    If there are several that can, they do it in a sealed world, too. `tell` is told what comes next.
    """
    beyond = {runner.name: reason for runner in runners if (reason := job.reason_against(runner.name))}
    runners = [runner for runner in runners if runner.name not in beyond]
    rounds: list[Round] = []
    sealed: list[Sealed] = []
    found: list[str] = []
    for number in range(max((runner.rounds for runner in runners), default=0)):
        for runner in runners:
            if number < runner.rounds:
                tell(f"{runner.name}, run {number + 1}")
                rounds.append(run_round(job, package, runner, number))
    for done in rounds:
        found += unmet_expectations(job, done)
    reference = next((done for done in rounds if done.runner is runners[-1]), None)
    for done in rounds:
        if reference is not None and done is not reference:
            found += differences(job, done, reference)
    able = [runner for runner in runners if runner.sealed]
    if len(able) > 1:
        for runner in able:
            tell(f"{runner.name}, sealed")
            sealed.append(run_sealed(job, package, runner))
        for other in sealed[1:]:
            found += disagreements(job, sealed[0], other)
    return Verdict(job, rounds, sealed, found, beyond)
