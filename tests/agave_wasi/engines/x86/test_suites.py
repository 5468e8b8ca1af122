"""The suites on the CPU model: what every case shows, its host calls and system calls are those of the JIT engine.

One run of each case, every second one with fuel; with AGAVE_SLOW=1 both of all.
"""

from __future__ import annotations

import os
import tempfile
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from conformance.case import Case
from conformance.suite import named_suites, read_suite
from conformance.suites.worlds import open_world

PLENTY = 100_000_000
CASES = [case for name, folder in named_suites().items() for case in read_suite(folder, name).cases]
OF_THE_HOST = ("host", "overlay")
SLOW = pytest.mark.skipif(os.environ.get("AGAVE_SLOW") != "1", reason="the other half of the runs; AGAVE_SLOW=1")
TIMES = ("time", "atime", "mtime", "ctime")


def alone(case: Case) -> bool:
    """Who counts fuel waits on the spot on the JIT engine, where nobody beside it goes on."""
    return "beside" not in case.world


def runs() -> list[object]:
    """Each case with and without fuel; one of the two is quick enough for always."""
    found: list[object] = []
    for case, turn in zip(CASES, cycle((None, PLENTY))):
        for fuel in (None, PLENTY) if alone(case) else (None,):
            marks = (SLOW, pytest.mark.slow) if alone(case) and fuel != turn else ()
            found.append(pytest.param(case, fuel, marks=marks, id=f"{case}{'-fuel' if fuel else ''}"))
    return found


def shown(case: Case, engine: str, fuel: int | None) -> dict[str, Any]:
    """Everything that a run shows."""
    with tempfile.TemporaryDirectory() as folder, open_world(case, Path(folder), fuel=fuel, engine=engine) as world:
        result = world.run_case(trace=True, trace_syscalls=True)
    found = {name: getattr(result, name) for name in ("exit_code", "ended_by", "message", "stdout", "stderr", "fuel")}
    found["files"] = {name: bytes(result.files[name])[:1000] for name in sorted(result.files)}
    on_the_host = any(each["mode"] in OF_THE_HOST for each in case.world.get("mounts", ()))
    found["trace"] = repeatable(result.trace, {}) if on_the_host else result.trace
    return found


def repeatable(events: Any, inodes: dict[int, int]) -> Any:
    """A trace without the host's clock, and with `inodes`, which are the host's, numbered as they are met."""
    if isinstance(events, list):
        return [repeatable(each, inodes) for each in events]
    if not isinstance(events, dict):
        return events
    kept = {name: repeatable(value, inodes) for name, value in events.items() if name not in TIMES}
    if "inode" in kept:
        kept["inode"] = inodes.setdefault(kept["inode"], len(inodes))
    return kept


@pytest.mark.parametrize(("case", "fuel"), runs())
def test_the_same_as_on_the_jit_engine(case: Case, fuel: int | None) -> None:
    ours, theirs = shown(case, "x86", fuel), shown(case, "wasmtime", fuel)
    for name in theirs:
        assert ours[name] == theirs[name], name


def test_most_cases_make_calls_that_can_be_compared() -> None:
    sample = CASES[::40]
    assert sum(bool(shown(case, "x86", None)["trace"]) for case in sample) > len(sample) * 0.8
