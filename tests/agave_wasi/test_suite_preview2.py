"""The Preview 2 suite on this house: in memory, on a folder of the host and on an overlay; twice, with equal traces."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from agave_wasi import Result
from conformance.case import Case
from conformance.suites.heard import suite
from conformance.suites.worlds import MEMORY_ONLY, open_world
from tests.agave_wasi.guests import ROOT

CASES = list(suite().cases)
ON_A_HOST = [case for case in CASES if not MEMORY_ONLY & case.world.keys()]
LENIENT = ("readonly_descriptor", "readonly_open")
"""What holds only with strict rights (conformance/expectations/suites/agave-wasi.toml)."""


def check(case: Case, result: Result) -> None:
    faults = case.faults(result.exit_code, result.stdout.decode(), result.stderr.decode())
    if result.ended_by == "trap" and case.traps:
        faults = []
    assert bool(faults) == (case.name in LENIENT), (faults, result)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_in_memory(case: Case, tmp_path: Path) -> None:
    with open_world(case, tmp_path) as world:
        check(case, world.run_case())


@pytest.mark.parametrize("mode", ["rw", "overlay"])
@pytest.mark.parametrize("case", ON_A_HOST, ids=str)
def test_on_a_folder_of_the_host(case: Case, mode: str, tmp_path: Path) -> None:
    with open_world(case, tmp_path, mode) as world:
        check(case, world.run_case())


def traced(case: Case) -> bytes:
    """Everything that a run shows, as bytes."""
    with tempfile.TemporaryDirectory() as folder, open_world(case, Path(folder)) as world:
        result = world.run_case(trace=True, trace_syscalls=True)
    check(case, result)
    shown = [result.exit_code, result.stdout.hex(), result.stderr.hex(), result.trace, sorted(result.files)]
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")


def test_every_case_makes_calls_that_are_seen() -> None:
    silent = [case.name for case in CASES if not json.loads(traced(case))[3]]
    assert all(name.startswith("run_") for name in silent) and len(silent) < 5, silent


def test_the_same_in_other_processes() -> None:
    """Twice the same trace, whatever the order of sets and the addresses of objects are there."""
    program = """
import hashlib
from tests.agave_wasi import test_suite_preview2 as suite
for case in suite.CASES:
    print(case, hashlib.sha256(suite.traced(case)).hexdigest())
"""
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{case} {hashlib.sha256(traced(case)).hexdigest()}" for case in CASES]
