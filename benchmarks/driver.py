"""The runtimes' processes, and the rounds in which they take turns.

All of them are pinned to the same CPU: wasmtime hands its file calls to another thread, which costs twice as much
when that one sits elsewhere. Only one works at a time, the others wait for their next line.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from .guest import CALLS, Call
from .results import AGAVE, KERNEL, NODE, TRACED, WASMTIME, Row

ROOT = Path(__file__).resolve().parents[1]
SIDES = Path(__file__).parent / "sides"
PATIENCE = 120
"""Seconds that one request may take."""


class Measured(Protocol):
    """A measured call: an export that is called with at most so many turns."""

    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def export(self) -> str: ...
    @property
    def most(self) -> int: ...


class SideFailed(Exception):
    """A runtime answered with an error, died or fell silent."""


def pin() -> None:
    """Keep the calling process on one CPU, the last that it may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def world_folder() -> Path:
    """A folder for the runtimes that know only host files: in memory where the machine has such a place."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    return Path(tempfile.mkdtemp(prefix="agave-bench-", dir=memory if usable else None))


class Side:
    """One runtime's process; a context manager that ends it."""

    def __init__(self, name: str, command: Sequence[str], folder: Path | None = None) -> None:
        self.name = name
        self.folder = folder
        self.log = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115  it lives as long as the process
        self.process = subprocess.Popen(
            [*command, *([str(folder)] if folder else [])],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            preexec_fn=pin,
        )

    def __enter__(self) -> Side:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it is gone already
            self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, **what: object) -> dict[str, Any]:
        """Send a request and wait for its answer; errors: SideFailed."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise SideFailed(self.last_words()) from None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        if not ready:
            self.process.kill()
            raise SideFailed(f"no answer within {PATIENCE} s")
        line = self.process.stdout.readline()
        if not line:
            raise SideFailed(self.last_words())
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise SideFailed(str(answer["error"]))
        return answer

    def call(self, export: str, count: int) -> tuple[float, int]:
        """Seconds and answer of one export; errors: SideFailed."""
        answer = self.request(do="call", export=export, count=count)
        return answer["seconds"], answer["answer"]

    def last_words(self) -> str:
        """The last line of its stderr."""
        self.process.wait(timeout=10)
        self.log.seek(0)
        lines = [line.strip() for line in self.log if line.strip()]
        return lines[-1] if lines else f"ended with code {self.process.returncode}"


def start_sides(traced: bool) -> list[Side]:
    """A process for every runtime that there is, loaded with nothing yet."""
    python = [sys.executable, "-m"]
    sides = [Side(WASMTIME, [*python, "benchmarks.sides.wasmtime_py"], world_folder())]
    node = shutil.which("node")
    if node:
        sides.append(Side(NODE, [node, "--no-warnings", str(SIDES / "node.mjs")], world_folder()))
    sides.append(Side(AGAVE, [*python, "benchmarks.sides.agave"]))
    if traced:
        sides.append(Side(KERNEL, [*python, "benchmarks.sides.agave", "--kernel"]))
        sides.append(Side(TRACED, [*python, "benchmarks.sides.agave", "--trace"]))
    return sides


def load_all(sides: Iterable[Side], module: Path) -> dict[str, str]:
    """Load a module everywhere; returns the errors by runtime."""
    errors = {}
    for side in sides:
        try:
            side.request(do="load", module=str(module))
        except SideFailed as error:
            errors[side.name] = str(error)
    return errors


def calibrate(side: Side, export: str, most: int, target: float) -> int:
    """How many turns fill `target` seconds or so; errors: SideFailed, also when a call answered an errno."""
    count = 1
    while True:
        seconds, errno = side.call(export, count)
        if errno:
            raise SideFailed(f"errno {errno}")
        if seconds > target / 2 or count >= most:
            return count
        count = min(most, int(count * min(20.0, max(2.0, target / max(seconds, 1e-7)))))


def measure_calls(sides: Sequence[Side], module: Path, calls: Sequence[Measured], rounds: int, target: float) -> list[Row]:
    """The measured calls: every round asks each runtime once, the figures are medians in µs a call."""
    failed = load_all(sides, module)
    rows = []
    for measured in calls:
        row = Row(measured.group, measured.name, "µs", errors=dict(failed))
        counts: dict[str, int] = {}
        for side in sides:
            if side.name in failed:
                continue
            try:
                counts[side.name] = calibrate(side, measured.export, measured.most, target)
            except SideFailed as error:
                row.errors[side.name] = str(error)
        times: dict[str, list[float]] = {name: [] for name in counts}
        for _ in range(rounds):
            for side in sides:
                if side.name in counts and side.name not in row.errors:
                    try:
                        seconds, _ = side.call(measured.export, counts[side.name])
                    except SideFailed as error:
                        row.errors[side.name] = str(error)
                        continue
                    times[side.name].append(seconds / counts[side.name] * 1e6)
        row.figures = {name: statistics.median(taken) for name, taken in times.items() if taken}
        rows.append(row)
    return rows


def measure_mixed(sides: Sequence[Side], module: Path, rounds: int, turns: int) -> Row:
    """The program that mixes calls, in ms; a runtime whose checksum differs from wasmtime-py's gets an error."""
    row = Row("programs", "mixed program", "ms", errors=load_all(sides, module))
    times: dict[str, list[float]] = {}
    sums: dict[str, int] = {}
    for number in range(rounds + 1):
        for side in sides:
            if side.name in row.errors:
                continue
            try:
                seconds, sums[side.name] = side.call("mix", turns)
            except SideFailed as error:
                row.errors[side.name] = str(error)
                continue
            if number:  # the first round fills caches
                times.setdefault(side.name, []).append(seconds * 1e3)
    row.figures = {name: statistics.median(taken) for name, taken in times.items()}
    for name, checksum in sums.items():
        if checksum != sums.get(WASMTIME, checksum):
            row.errors[name] = f"checksum {checksum:08x}, wasmtime-py's is {sums[WASMTIME]:08x}"
    return row


def select_calls(only: Sequence[str]) -> list[Call]:
    """The calls whose name contains one of these texts; all of them when there is none."""
    return [measured for measured in CALLS if not only or any(text in measured.name for text in only)]
