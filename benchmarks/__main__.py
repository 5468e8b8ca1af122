"""`python -m benchmarks [--json FILE] [--only NAME] [--quick]`: measure, print the table; the exit code is always 0."""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from .components import PYTHON_ROWS, SECTION, build_python, measure_component_calls, measure_python, select_component_calls
from .driver import measure_calls, measure_mixed, select_calls, start_sides
from .fuzzing import FUZZ_ROWS, measure_fuzzing
from .guests import CannotBuild, build_calls, build_hello, build_mixed
from .metal import measure_metal, select_metal
from .report import print_report
from .results import Row
from .startup import measure_startup
from .suites import NAME, measure_suites


def wants(only: Sequence[str], *names: str) -> bool:
    """Whether a part that has these rows was asked for."""
    return not only or any(text in name for text in only for name in names)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = ArgumentParser(prog="benchmarks", description="agave-wasi beside wasmtime-py and node:wasi")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="rows whose name contains NAME")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    options = parser.parse_args(arguments)
    rounds, target = (3, 0.005) if options.quick else (9, 0.02)
    rows: list[Row] = []
    notes: list[str] = []
    console = Console(width=None if sys.stdout.isatty() else 130)
    with tempfile.TemporaryDirectory(prefix="agave-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        if wants(options.only, "cached hello", "peak memory"):
            try:
                rows += measure_startup(build_hello(folder), 5 if options.quick else 21)
            except CannotBuild as error:
                notes.append(f"no start-up figures: {error}")
        calls = select_calls(options.only)
        mixed = wants(options.only, "mixed program")
        sides = [stack.enter_context(side) for side in start_sides(traced=True)] if calls or mixed else []
        if mixed:
            try:
                rows.append(measure_mixed(sides, build_mixed(folder), 3 if options.quick else 7, 100))
            except CannotBuild as error:
                notes.append(f"no mixed program: {error}")
        rows += measure_calls(sides, build_calls(folder), calls, rounds, target) if calls else []
        component_calls = select_component_calls(options.only)
        rows += measure_component_calls(folder, component_calls, rounds, target) if component_calls else []
        if wants(options.only, SECTION, *PYTHON_ROWS):
            try:
                rows += measure_python(build_python(), folder, 5 if options.quick else 21)
            except CannotBuild as error:
                notes.append(f"no figures of CPython as a component: {error}")
        if select_metal(options.only):
            try:
                found, more = measure_metal(folder, 3 if options.quick else 9)
                rows += found
                notes += more
            except CannotBuild as error:
                notes.append(f"no figures of the CPU model: {error}")
    if wants(options.only, NAME):
        row, told = measure_suites(1 if options.quick else 3)
        rows.append(row)
        notes.append(told)
    if wants(options.only, *FUZZ_ROWS):
        rows += measure_fuzzing(*((4, 2) if options.quick else ()))
    print_report(rows, notes, console)
    if options.json:
        data = {"quick": options.quick, "rows": [row.as_data() for row in rows], "notes": notes}
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
