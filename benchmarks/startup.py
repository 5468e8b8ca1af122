"""Whole processes: what a person waits for who starts a program again, and the memory that this takes at most."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import wasmtime

from .driver import SIDES, Side, SideFailed
from .results import AGAVE, NODE, WASMTIME, Row

GREETING = "hello\n"
SECTION = "whole processes"


def agave() -> list[str]:
    """The command agave-wasi."""
    script = Path(sys.executable).with_name("agave-wasi")
    return [str(script)] if script.exists() else [sys.executable, "-m", "agave_wasi"]


def commands(hello: Path) -> dict[str, list[str]]:
    """How each runtime is started; wasmtime-py gets its compiled code as a file beside the program."""
    engine = wasmtime.Engine()
    compiled = hello.with_suffix(".cwasm")
    compiled.write_bytes(wasmtime.Module.from_file(engine, str(hello)).serialize())
    started = {WASMTIME: [sys.executable, str(SIDES / "hello_wasmtime.py"), str(compiled)]}
    node = shutil.which("node")
    if node:
        started[NODE] = [node, "--no-warnings", str(SIDES / "hello_node.mjs"), str(hello)]
    started[AGAVE] = [*agave(), "run", str(hello)]
    return started


def measure_startup(hello: Path, rounds: int) -> list[Row]:
    """Time in ms and peak memory in MiB of a cached hello."""
    return measure_processes("cached hello", "peak memory", commands(hello), rounds)


def measure_processes(name: str, memory_name: str, started: Mapping[str, Sequence[str]], rounds: int) -> list[Row]:
    """Time in ms and peak memory in MiB of commands that greet, medians of interleaved rounds."""
    time_row, memory_row = Row(SECTION, name, "ms"), Row(SECTION, memory_name, "MiB")
    seconds: dict[str, list[float]] = {}
    peaks: dict[str, list[float]] = {}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    with Side("launcher", [sys.executable, "-I", "-S", str(SIDES / "launcher.py")]) as launcher:
        for number in range(rounds + 1):
            for side, argv in started.items():
                if side in time_row.errors:
                    continue
                try:
                    ended = launcher.request(argv=argv)
                    if (ended["exit_code"], ended["stdout"]) != (0, GREETING):
                        raise SideFailed(f"exit code {ended['exit_code']}, stdout {ended['stdout'][:60]!r}")
                except SideFailed as error:
                    time_row.errors[side] = memory_row.errors[side] = str(error)
                    continue
                if number:  # the first start fills the caches
                    seconds.setdefault(side, []).append(ended["seconds"] * 1e3)
                    peaks.setdefault(side, []).append(ended["peak_kib"] / 1024)
    time_row.figures = {side: statistics.median(taken) for side, taken in seconds.items()}
    memory_row.figures = {side: statistics.median(taken) for side, taken in peaks.items()}
    return [time_row, memory_row]
