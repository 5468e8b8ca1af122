"""Records the host calls of cases. Guests run in processes of their own, so one that is stuck ends alone."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance.adapters.agave import OF_THE_HOST, CommandSession, InProcess
from conformance.adapters.wasmtime_py import WasmtimePy
from conformance.case import Case
from conformance.diff.rows import Traces, alone, none
from conformance.errors import HarnessError
from conformance.folders import fresh_folder
from conformance.processes import Groups, how_it_broke, python_command, run_group
from conformance.runner import Options
from conformance.traces.child import MOST_CALLS, Task, shown

SLACK = 60.0
"""Seconds beyond both sides' own for starting, compiling and comparing."""
MOST_BYTES = 16 << 20
"""Of all traces of a report; those of later cases are left out."""
HERE = InProcess.name


def record(cases: Sequence[Case], options: Options) -> dict[str, Traces]:
    """The traces of cases by full name. KeyboardInterrupt leaves nothing running."""
    groups = Groups()
    with ThreadPoolExecutor(options.jobs) as pool:
        try:
            found = list(pool.map(lambda case: _guarded(case, options, groups), cases))
        finally:
            groups.end_all()
            pool.shutdown(wait=False, cancel_futures=True)
    told: dict[str, Traces] = {}
    left = MOST_BYTES
    for case, traces in zip(cases, found):
        left -= len(json.dumps(traces))
        told[case.full_name] = traces if left >= 0 else none(f"the report has {MOST_BYTES >> 20} MiB of traces already")
    return told


def _guarded(case: Case, options: Options, groups: Groups) -> Traces:
    try:
        with fresh_folder() as folder:
            return of_case(case, folder, options, groups)
    except (HarnessError, OSError) as error:
        return none(f"it couldn't be recorded: {error}")


def of_case(case: Case, folder: Path, options: Options, groups: Groups) -> Traces:
    """The traces of one case; `folder` is an empty one. HarnessError if the case can't be had."""
    ours = options.expectations.of(case.suite, case.name, HERE)
    refused = ours.told if ours is not None and ours.skips else InProcess().refuses(case)
    if refused:
        return none(f"not run on {HERE}: {refused}")
    reference = WasmtimePy()
    theirs = options.expectations.of(case.suite, case.name, reference.name)
    reason = theirs.told if theirs is not None and theirs.skips else reference.refuses(case)
    if not reason and case.features & OF_THE_HOST:
        reason = "it is talked with while it runs, and the reference is recorded only with all of its input at once"
    reason = reason and f"{HERE} alone: not recorded on {reference.name}: {reason}"
    if case.features & OF_THE_HOST:
        return _talked(case, folder, options.timeout, groups, reason)
    return _alone_in_a_process(Task(case, str(folder), options.timeout, reason), folder, groups)


def _alone_in_a_process(task: Task, folder: Path, groups: Groups) -> Traces:
    """What a child says; what it leaves behind is in the folder."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = python_command("conformance.traces.child")
    done = run_group(command, folder, 2 * task.timeout + SLACK, pickle.dumps(task), environment, groups)
    if done.stopped or done.exit_code:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        how = done.stopped or (how_it_broke(done.exit_code) if done.exit_code < 0 else " ".join(said))
        return none(f"it couldn't be recorded: {how}".replace(str(folder), "(the case's folder)"))
    told: Traces = json.loads(task.answer.read_bytes())
    return told


def _talked(case: Case, folder: Path, timeout: float, groups: Groups, reason: str) -> Traces:
    """The trace of a case that is talked with: of the command, which has streams and sockets of the host."""
    place = folder / "trace.jsonl"
    seen = CommandSession(groups, ("--trace", str(place))).run(case, folder, timeout)
    events = []
    if place.exists():
        with place.open("rb") as file:
            complete = (line for _, line in zip(range(MOST_CALLS), file) if line.endswith(b"\n"))
            events = [json.loads(line) for line in complete]
    how = f"exit code {seen.exit_code}" if seen.ended_by == "exit" else f"{seen.ended_by}: {seen.message}"
    if seen.exit_code is not None and seen.exit_code < 0:
        how = how_it_broke(seen.exit_code)
        reason += "; what the command hadn't written when it was ended is missing"
    return alone(HERE, how, shown(events, [each.guest for each in case.folders]), reason)
