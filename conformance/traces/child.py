"""The process that records one case: told on stdin, its answer is a file. What ends it ends nothing else."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agave_wasi import BadProgram, LinkError
from agave_wasi.strace import Lines, ended
from conformance.calls import ours, process
from conformance.calls.compare import compare
from conformance.calls.compare import ended as recorded_end
from conformance.calls.equal import Unequal, of_case
from conformance.calls.known import known
from conformance.calls.process import ReferenceFailed
from conformance.calls.sections import unusable_memory
from conformance.case import Case
from conformance.diff.rows import MORE, Traces, alone, none, traces
from conformance.diff.verdict import judge, lines
from conformance.processes import MOST_OUTPUT
from conformance.suites.worlds import open_world

MOST_CALLS = 10_000
"""So many host calls are recorded: reports show a few hundred."""
HERE = "agave-wasi"


@dataclass(frozen=True)
class Task:
    """A case, an empty folder, a timeout for each side, and why the reference isn't asked, if it isn't."""

    case: Case
    folder: str
    timeout: float
    reason: str = ""

    @property
    def answer(self) -> Path:
        """Where the traces go, as JSON."""
        return Path(self.folder, "traces.json")


def record(task: Task) -> Traces:
    """The traces; the reference's only where it can have the case's world."""
    try:
        return here_alone(task) if task.reason else both(task)
    except (BadProgram, LinkError) as error:
        return none(f"{HERE} can't run it: {error}")


def both(task: Task) -> Traces:
    """Both sides, compared as `agave-wasi diff` does."""
    equal = replace(of_case(task.case), timeout=task.timeout, most_calls=MOST_CALLS)
    wasm = task.case.bytes()
    here = ours.record(equal)
    problem = unusable_memory(wasm)
    try:
        if problem:
            raise Unequal(f"it {problem}, which can't be recorded there")
        there = process.record(equal, wasm, here.calls)
    except (Unequal, ReferenceFailed) as error:
        told = lines(here, list(here.trees))
        return alone(here.runtime, recorded_end(here), told, f"{HERE} alone: not recorded on wasmtime: {error}")
    return traces(judge(task.case.full_name, compare(here, there, known()), False))


def here_alone(task: Task) -> Traces:
    """agave-wasi's side alone, in the world that the case asks for."""
    events: list[Any] = []

    def keep(event: Any) -> None:
        if len(events) < MOST_CALLS:
            events.append(event)

    place = Path(task.folder, "world")
    place.mkdir()
    with open_world(task.case, place, timeout=task.timeout, max_output=MOST_OUTPUT) as world:
        preopens = [guest.decode() for guest, _ in world.preopens]
        result = world.run_case(trace=keep)
    how = ended(result) if len(events) < MOST_CALLS else MORE
    return alone(HERE, how, shown(events, preopens), task.reason)


def shown(events: Iterable[Any], preopens: Sequence[str]) -> list[str]:
    """A line for each event of a trace."""
    found: list[str] = []
    writer = Lines(found.append, preopens)
    for event in events:
        writer.event(event)
    return found


def main() -> int:
    """Record what stdin says."""
    task: Task = pickle.load(sys.stdin.buffer)  # from the process that has started us
    task.answer.write_text(json.dumps(record(task)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
