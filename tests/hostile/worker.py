"""Runs broken modules in a process of its own, so that a crash is seen: `python -m tests.hostile.worker FIRST COUNT STEP`.

Each mutant is loaded and, if it loads, run with small limits. For each a line of JSON is printed before ("seed") and after
("how" it ended, "fds": which host descriptors are open). What isn't a clear error of ours ends the worker with a traceback.
"""

from __future__ import annotations

import json
import os
import sys
from functools import lru_cache
from pathlib import Path

from agave_wasi import BadProgram, LinkError, Result, World
from tests.mutator import mutate

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 24_000
"""Bytes of a guest to break: compiling takes most of the time."""


@lru_cache(maxsize=1)
def guests() -> list[bytes]:
    """Real programs: those of the Preview 1 suite that are small."""
    found = [path.read_bytes() for path in sorted((ROOT / "conformance/suites/preview1").glob("*.wasm"))]
    return [data for data in found if len(data) <= LARGEST]


def run(seed: int) -> str:
    """Break a module and run it; how that ended."""
    programs = guests()
    data = mutate(programs[seed % len(programs)], seed)
    world = World(
        {"/f": b"abc"}, env={"A": "1"}, fuel=300_000, max_memory=8 << 20, max_output=1 << 16, fs_quota=4 << 20, max_fds=64,
        timeout=5, cache=False,
    )  # fmt: skip
    try:
        with world:
            result = world.run(data, ["arg"], b"input")
    except (BadProgram, LinkError) as error:
        text = str(error)
        assert text.startswith("the module"), text
        assert len(text) < 20_000, len(text)
        return type(error).__name__
    assert isinstance(result, Result)
    assert result.ended_by in ("exit", "trap", "limit", "timeout", "deadlock"), result
    assert (result.message == "") == (result.ended_by == "exit"), result
    repr(result)
    return result.ended_by


def descriptors() -> list[str]:
    """What is open."""
    return sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else []


def main() -> None:
    """The mutants FIRST, FIRST + STEP, ... of COUNT in all."""
    first, count, step = map(int, sys.argv[1:])
    for seed in range(first, count, step):
        print(json.dumps({"seed": seed}), flush=True)
        how = run(seed)
        print(json.dumps({"how": how, "fds": descriptors()}), flush=True)


if __name__ == "__main__":
    main()
