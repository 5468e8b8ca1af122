"""Whole processes: what a person waits for who starts a small program again, and the memory that this takes at most."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from pathlib import Path

import wasmtime

from .driver import SIDES, Side, SideFailed
from .results import AGAVE, NODE, WASMTIME, Row

GREETING = "hello\n"


def commands(hello: Path) -> dict[str, list[str]]:
    """How each runtime is started; wasmtime-py gets its compiled code as a file beside the program."""
    engine = wasmtime.Engine()
    compiled = hello.with_suffix(".cwasm")
    compiled.write_bytes(wasmtime.Module.from_file(engine, str(hello)).serialize())
    started = {WASMTIME: [sys.executable, str(SIDES / "hello_wasmtime.py"), str(compiled)]}
    node = shutil.which("node")
    if node:
        started[NODE] = [node, "--no-warnings", str(SIDES / "hello_node.mjs"), str(hello)]
    script = Path(sys.executable).with_name("agave-wasi")
    agave = [str(script)] if script.exists() else [sys.executable, "-m", "agave_wasi"]
    started[AGAVE] = [*agave, "run", str(hello)]
    return started


def measure_startup(hello: Path, rounds: int) -> list[Row]:
    """Time in ms and peak memory in MiB of a cached hello, medians of interleaved rounds."""
    time_row, memory_row = Row("whole processes", "cached hello", "ms"), Row("whole processes", "peak memory", "MiB")
    seconds: dict[str, list[float]] = {}
    peaks: dict[str, list[float]] = {}
    started = commands(hello)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    with Side("launcher", [sys.executable, "-I", "-S", str(SIDES / "launcher.py")]) as launcher:
        for number in range(rounds + 1):
            for name, argv in started.items():
                if name in time_row.errors:
                    continue
                try:
                    ended = launcher.request(argv=argv)
                    if (ended["exit_code"], ended["stdout"]) != (0, GREETING):
                        raise SideFailed(f"exit code {ended['exit_code']}, stdout {ended['stdout'][:60]!r}")
                except SideFailed as error:
                    time_row.errors[name] = memory_row.errors[name] = str(error)
                    continue
                if number:  # the first start fills the caches
                    seconds.setdefault(name, []).append(ended["seconds"] * 1e3)
                    peaks.setdefault(name, []).append(ended["peak_kib"] / 1024)
    time_row.figures = {name: statistics.median(taken) for name, taken in seconds.items()}
    memory_row.figures = {name: statistics.median(taken) for name, taken in peaks.items()}
    return [time_row, memory_row]
