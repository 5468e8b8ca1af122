"""The rows of components: calls of the benchmark's component, and CPython as a component, first and again.

The calls stand beside wasmtime-py's component API, whose host functions are Python as well, and beside wasmtime's own WASI 0.2.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import wasmtime
from wasmtime.component import Component

from conformance.corpus.built import PYTHON, ToolMissing, obtain
from conformance.corpus.packages import FetchFailed

from .component_guest import component_bytes
from .driver import PATIENCE, ROOT, SIDES, Side, measure_calls, pin, world_folder
from .guests import CannotBuild
from .results import AGAVE, FIRST, WASMTIME, Row
from .startup import SECTION as PROCESSES
from .startup import agave, measure_processes

SECTION = "components"
PYTHON_ROWS = ("cached CPython component", "its peak memory", "a second instance of it")


@dataclass(frozen=True)
class ComponentCall:
    """A measured export; `most` turns in one call of it."""

    name: str
    export: str
    group: str = SECTION
    most: int = 1 << 16


CALLS = (
    ComponentCall("list<u8> 64 KiB to the host", "consume"),
    ComponentCall("list<u8> 64 KiB from the host", "produce"),
    ComponentCall("output-stream.write 4 KiB", "write"),
    ComponentCall("write-and-flush 4 KiB", "write-and-flush"),
    ComponentCall("descriptor.read 4 KiB", "read"),
    ComponentCall("record to an export", "swap"),
    ComponentCall("record forwarded to the host", "forward"),
)


def select_component_calls(only: Sequence[str]) -> list[ComponentCall]:
    """The calls whose name contains one of these texts, or whose section does; all of them when there is none."""
    return [each for each in CALLS if not only or any(text in each.name or text in each.group for text in only)]


def measure_component_calls(folder: Path, chosen: Sequence[ComponentCall], rounds: int, target: float) -> list[Row]:
    """Their rows, in µs a call."""
    component = folder / "component.wasm"
    component.write_bytes(component_bytes())
    python = [sys.executable, "-m"]
    with ExitStack() as stack:
        sides = [
            stack.enter_context(Side(WASMTIME, [*python, "benchmarks.sides.component_wasmtime"], world_folder())),
            stack.enter_context(Side(AGAVE, [*python, "benchmarks.sides.component_agave"])),
        ]
        return measure_calls(sides, component, chosen, rounds, target)


def build_python() -> Path:
    """CPython as a component, whose first argument is a script; errors: CannotBuild."""
    try:
        return obtain(PYTHON) / PYTHON.program
    except (ToolMissing, FetchFailed) as error:
        raise CannotBuild(str(error)) from None


def measure_python(python: Path, folder: Path, rounds: int) -> list[Row]:
    """What it takes to start and end it, as a whole process and a second time in the same one."""
    root = folder / "root"
    root.mkdir(exist_ok=True)
    (root / "hello.py").write_text("print('hello')\n", encoding="utf-8")
    compiled = folder / "python.cwasm"
    compiled.write_bytes(Component.from_file(wasmtime.Engine(), str(python)).serialize())
    started = {
        WASMTIME: [sys.executable, str(SIDES / "python_wasmtime.py"), str(compiled), str(root), "/hello.py"],
        AGAVE: [*agave(), "run", "--dir", f"{root}::/", str(python), "/hello.py"],
    }
    time_name, memory_name, second = PYTHON_ROWS
    rows = measure_processes(time_name, memory_name, started, rounds)
    twice = [run_twice(python) for _ in range(rounds)]
    figures = {side: statistics.median([each[key] for each in twice]) for side, key in ((AGAVE, "second"), (FIRST, "first"))}
    return [*rows, Row(PROCESSES, second, "ms", figures, against=FIRST)]


def run_twice(python: Path) -> dict[str, float]:
    """The ms of both runs in one process."""
    command = [sys.executable, "-m", "benchmarks.sides.python_twice", str(python)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=PATIENCE, preexec_fn=pin)
    found: dict[str, float] = json.loads(done.stdout)
    return found
