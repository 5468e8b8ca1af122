"""The whole Preview 1 suite on this house: in memory, on a folder of the host and on an overlay; twice, with equal traces."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import Mount, Result, World
from tests.agave_wasi.guests import ROOT, SUITE

CASES = sorted(path.stem for path in SUITE.glob("*.json") if path.stem != "manifest")
TOUR = ROOT / "demo" / "apps" / "tour" / "tour.wasm"


def manifest(case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SUITE / f"{case}.json").read_text(encoding="utf-8"))
    return found


def memory_world(case: str, **options: Any) -> World:
    """A world whose `/` is a memory folder with the case's files and nothing else."""
    wanted = manifest(case)
    world = World(env=wanted["env"], mounts=[Mount("/", mode="memory")], **options)
    if wanted["root"]:
        root = SUITE / wanted["root"]
        for path in sorted(root.rglob("*")):
            assert not path.is_symlink()
            if path.is_file():
                world.files["/" + path.relative_to(root).as_posix()] = path.read_bytes()
    return world


def host_world(case: str, folder: Path, mode: str) -> World:
    """A world whose `/` is a folder of the host; one that it writes to has the host's time stamps, so the host's clock."""
    wanted = manifest(case)
    if wanted["root"]:
        shutil.copytree(SUITE / wanted["root"], folder, symlinks=True)
    else:
        folder.mkdir()
    return World(env=wanted["env"], mounts=[Mount("/", str(folder), mode)], realtime=mode == "rw")


def run(world: World, case: str, **options: Any) -> Result:
    with world:
        return world.run(SUITE / f"{case}.wasm", manifest(case)["args"], **options)


def check(case: str, result: Result) -> None:
    wanted = manifest(case)
    assert result.stderr.decode() == wanted["stderr"], result
    assert result.stdout.decode() == wanted["stdout"]
    assert result.exit_code == wanted["exit_code"], result


@pytest.mark.parametrize("case", CASES)
def test_in_memory(case: str) -> None:
    check(case, run(memory_world(case), case))


@pytest.mark.parametrize("mode", ["rw", "overlay"])
@pytest.mark.parametrize("case", CASES)
def test_on_a_folder_of_the_host(case: str, mode: str, tmp_path: Path) -> None:
    folder = tmp_path / "root"
    world = host_world(case, folder, mode)
    before = listing(folder)
    check(case, run(world, case))
    if mode == "overlay":
        assert listing(folder) == before


def listing(folder: Path) -> list[tuple[str, int, bytes]]:
    found = []
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found.append((path.relative_to(folder).as_posix(), status.st_mtime_ns, data))
    return found


def traced(case: str) -> bytes:
    """Everything that a run shows, as bytes."""
    result = run(memory_world(case, fuel=100_000_000), case, trace=True, trace_syscalls=True)
    check(case, result)
    files = {name: hashlib.sha256(data[:1000]).hexdigest() for name, data in small(result.files)}
    shown = [result.exit_code, result.stdout.hex(), result.stderr.hex(), result.fuel, result.trace, files]
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")


def small(files: Any) -> list[tuple[str, bytes]]:
    return [(name, files[name]) for name in sorted(files)]


@pytest.mark.parametrize("case", CASES)
def test_twice_gives_the_same_trace(case: str) -> None:
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
    outputs = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout.splitlines())
    here = [f"{case} {hashlib.sha256(traced(case)).hexdigest()}" for case in CASES]
    here.append(f"tour {hashlib.sha256(tour()).hexdigest()}")
    assert outputs[0] == outputs[1] == here


def test_another_seed_or_start_changes_what_depends_on_it() -> None:
    def shown(**options: int) -> object:
        result = World(**options).run(TOUR, trace=True)  # type: ignore[arg-type]
        return result.stdout, result.trace

    variants = [shown(), shown(seed=1), shown(clock_start=5 * 10**17), shown(clock_step=7)]
    assert all(one != other for at, one in enumerate(variants) for other in variants[:at])
