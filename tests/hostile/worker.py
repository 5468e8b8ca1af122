"""Runs broken programs in a process of its own, so that a crash is seen: `python -m tests.hostile.worker SUITE FIRST LAST STEP`

SUITE is the suite whose guests are broken: preview1, which are modules, or preview2, which are components.

Each mutant is loaded and, if it loads, run with small limits. For each a line of JSON is printed before ("seed") and after
("how" it ended, "fds": which host descriptors are open). What isn't a clear error of ours ends the worker with a traceback.
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from random import Random

from agave_wasi import BadProgram, LinkError, Result, World
from tests.agave_wasi.guests import ROOT
from tests.component_mutator import mutate as mutate_component
from tests.descriptors import open_descriptors
from tests.mutator import mutate


@lru_cache(maxsize=2)
def guests(suite: str) -> list[bytes]:
    """Real programs: those of a suite."""
    return [path.read_bytes() for path in sorted((ROOT / "conformance/suites" / suite).glob("*.wasm"))]


def turn_one_bit(data: bytes, seed: int) -> bytes:
    """Turn over a single bit in the second half, which is code and data: about a third of the results still load."""
    found = bytearray(data)
    place = Random(seed).randrange(len(data) // 2, len(data))
    found[place] ^= 1 << seed % 7
    return bytes(found)


def broken(suite: str, seed: int) -> bytes:
    """A program of the suite, broken."""
    programs = guests(suite)
    program = programs[seed % len(programs)]
    if suite == "preview2" and seed % 4:
        return mutate_component(program, seed)
    return (mutate if seed % 2 else turn_one_bit)(program, seed)


def run(suite: str, seed: int) -> str:
    """Break a program and run it; how that ended."""
    data = broken(suite, seed)
    world = World(
        {"/f": b"abc"}, env={"A": "1"}, fuel=300_000, max_memory=32 << 20, max_output=1 << 16, fs_quota=4 << 20, max_fds=64,
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


def main() -> None:
    """The mutants FIRST, FIRST + STEP, ... of COUNT in all."""
    suite = sys.argv[1]
    first, count, step = map(int, sys.argv[2:])
    World(cache=False).run(guests(suite)[0])  # makes what the process keeps: an engine, a thread with its pipe
    for seed in range(first, count, step):
        print(json.dumps({"seed": seed}), flush=True)
        how = run(suite, seed)
        print(json.dumps({"how": how, "fds": list(open_descriptors().items())}), flush=True)


if __name__ == "__main__":
    main()
