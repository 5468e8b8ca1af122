"""The Preview 1 suites on this house: in memory, on a folder of the host and on an overlay; twice, with equal traces."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import time_ns
from typing import Any

import pytest

from agave_wasi import Result, World
from conformance.case import Case
from conformance.suites.cases import cases
from conformance.suites.worlds import MEMORY_ONLY, open_world
from tests.agave_wasi.guests import ROOT

CASES = cases()
ON_A_HOST = [case for case in CASES if not MEMORY_ONLY & case.world.keys()]
NUMBER = re.compile(r'"([acm]time|inode)": (\d+)')
NEEDY = [case for case in CASES if case.world.keys() - {"signals"}]
COARSE = 60 * 10**9
"""Times of files may lag so far behind the clock, in nanoseconds."""
TOUR = ROOT / "demo" / "apps" / "tour" / "tour.wasm"


def check(case: Case, result: Result) -> None:
    assert case.faults(result.exit_code, result.stdout.decode(), result.stderr.decode()) == [], result


@pytest.mark.parametrize("case", CASES, ids=str)
def test_in_memory(case: Case, tmp_path: Path) -> None:
    with open_world(case, tmp_path) as world:
        check(case, world.run_case())


@pytest.mark.parametrize("mode", ["rw", "overlay"])
@pytest.mark.parametrize("case", ON_A_HOST, ids=str)
def test_on_a_folder_of_the_host(case: Case, mode: str, tmp_path: Path) -> None:
    with open_world(case, tmp_path, mode) as world:
        before = listing(tmp_path / "root")
        check(case, world.run_case())
    if mode == "overlay":
        assert listing(tmp_path / "root") == before


@pytest.mark.parametrize("case", NEEDY, ids=str)
def test_what_a_case_asks_for_it_needs(case: Case, tmp_path: Path) -> None:
    """In the world of every other case it fails."""
    plain = Case(case.path, {**case.manifest, "world": {}})
    with open_world(plain, tmp_path) as world:
        result = world.run_case()
    assert plain.faults(result.exit_code, result.stdout.decode(), result.stderr.decode())


def listing(folder: Path) -> list[tuple[str, int, bytes]]:
    found = []
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found.append((path.relative_to(folder).as_posix(), status.st_mtime_ns, data))
    return found


def traced(case: Case) -> bytes:
    """Everything that a run shows, as bytes; but for what the host gives to files of its own, numbers and times of now."""
    fuel = None if "beside" in case.world else 100_000_000  # who counts fuel waits on the spot, where nobody beside it goes on
    began = time_ns() - COARSE
    with tempfile.TemporaryDirectory() as folder, open_world(case, Path(folder), fuel=fuel, realtime=False) as world:
        result = world.run_case(trace=True, trace_syscalls=True)
        inodes = {path.lstat().st_ino for path in Path(folder).rglob("*")}
    check(case, result)
    files = {name: hashlib.sha256(data[:1000]).hexdigest() for name, data in small(result.files)}
    shown = [result.exit_code, result.stdout.hex(), result.stderr.hex(), result.fuel, result.trace, files]

    def told(found: re.Match[str]) -> str:
        number = int(found[2])
        hosts = number in inodes if found[1] == "inode" else number >= began
        return f'"{found[1]}": "the host\'s"' if hosts else found[0]

    return NUMBER.sub(told, json.dumps(shown, ensure_ascii=False)).encode("utf-8", "surrogatepass")


def small(files: Any) -> list[tuple[str, bytes]]:
    return [(name, files[name]) for name in sorted(files)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_twice_gives_the_same_trace(case: Case) -> None:
    first = traced(case)
    assert traced(case) == first
    assert b'"errno"' in first or not json.loads(first)[4]


def tour() -> bytes:
    result = World({"/in.txt": "text"}, env={"A": "1"}, fuel=100_000_000).run(
        TOUR, ["one", "two"], b"some input\n", trace=True, trace_syscalls=True
    )
    return json.dumps([result.exit_code, result.stdout.hex(), result.trace, result.fuel]).encode()


def test_the_demo_twice() -> None:
    assert tour() == tour()


def test_the_same_in_other_processes() -> None:
    """Whatever the order of sets and the addresses of objects are there."""
    program = """
import hashlib
from tests.agave_wasi import test_suite_preview1 as suite
for case in suite.CASES:
    print(case, hashlib.sha256(suite.traced(case)).hexdigest())
print("tour", hashlib.sha256(suite.tour()).hexdigest())
"""

    def elsewhere(seed: str) -> list[str]:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    with ThreadPoolExecutor() as pool:
        outputs = list(pool.map(elsewhere, ("1", "2")))
    here = [f"{case} {hashlib.sha256(traced(case)).hexdigest()}" for case in CASES]
    here.append(f"tour {hashlib.sha256(tour()).hexdigest()}")
    assert outputs[0] == outputs[1] == here


def test_another_seed_or_start_changes_what_depends_on_it() -> None:
    def shown(**options: int) -> object:
        result = World(**options).run(TOUR, trace=True)  # type: ignore[arg-type]
        return result.stdout, result.trace

    variants = [shown(), shown(seed=1), shown(clock_start=5 * 10**17), shown(clock_step=7)]
    assert all(one != other for at, one in enumerate(variants) for other in variants[:at])
