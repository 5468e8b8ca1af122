"""Our suites as `agave-wasi conformance run` runs them: in process here, and in a process each on the reference."""

from __future__ import annotations

import os
import statistics
import time

from conformance.adapters.agave import InProcess
from conformance.adapters.base import Runtime
from conformance.adapters.wasmtime_py import WasmtimePy
from conformance.case import Case
from conformance.expectations import ours
from conformance.runner import Options, run_cases
from conformance.suites.cases import cases

from .results import AGAVE, WASMTIME, Row

NAME = "our suites, all cores"


def shared_cases() -> list[Case]:
    """The cases that both can run, in the order of suites."""
    runtimes: list[Runtime] = [InProcess(), WasmtimePy()]
    return [case for case in cases() if not any(runtime.refuses(case) for runtime in runtimes)]


def measure_suites(rounds: int, chosen: list[Case] | None = None) -> tuple[Row, str]:
    """Seconds for all shared cases with as many jobs as there are cores, medians of interleaved rounds; and what was run."""
    chosen = shared_cases() if chosen is None else chosen
    jobs = os.cpu_count() or 1
    row = Row("conformance", NAME, "s")
    seconds: dict[str, list[float]] = {AGAVE: [], WASMTIME: []}
    for number in range(rounds + 1):
        for name, runtime in ((AGAVE, InProcess()), (WASMTIME, WasmtimePy())):
            start = time.perf_counter()
            outcomes = run_cases(chosen, [runtime], Options(jobs=jobs, expectations=ours()))
            taken = time.perf_counter() - start
            wrong = [outcome.case.full_name for outcome in outcomes if outcome.unexpected]
            if wrong:
                row.errors[name] = f"not as expected: {', '.join(wrong)}"
            if number:  # the first round fills the caches of compiled code
                seconds[name].append(taken)
    row.figures = {name: statistics.median(taken) for name, taken in seconds.items()}
    ratio = row.figures[WASMTIME] / row.figures[AGAVE]
    told = f"{NAME}: {len(chosen)} cases, {jobs} jobs, {row.figures[AGAVE]:.2f} s in process here"
    return row, f"{told}, {row.figures[WASMTIME]:.2f} s in a process each on wasmtime-py: 1/{ratio:.1f} of its time"
