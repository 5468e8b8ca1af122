"""Runs broken modules in a process of its own, so that a crash is seen: `python -m tests.hostile.worker FIRST COUNT STEP`.

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
from tests.descriptors import open_descriptors
from tests.mutator import mutate


@lru_cache(maxsize=1)
def guests() -> list[bytes]:
    """Real programs: those of the Preview 1 suite."""
    return [path.read_bytes() for path in sorted((ROOT / "conformance/suites/preview1").glob("*.wasm"))]


def turn_one_bit(data: bytes, seed: int) -> bytes:
    """Turn over a single bit in the second half, which is code and data: about a third of the results still load."""
    found = bytearray(data)
    place = Random(seed).randrange(len(data) // 2, len(data))
    found[place] ^= 1 << seed % 7
    return bytes(found)


def run(seed: int) -> str:
    """Break a module and run it; how that ended."""
    programs = guests()
    program = programs[seed % len(programs)]
    data = (mutate if seed % 2 else turn_one_bit)(program, seed)
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
    first, count, step = map(int, sys.argv[1:])
    World(cache=False).run(guests()[0])  # makes what the process keeps: an engine, a thread with its pipe
    for seed in range(first, count, step):
        print(json.dumps({"seed": seed}), flush=True)
        how = run(seed)
        print(json.dumps({"how": how, "fds": list(open_descriptors().items())}), flush=True)


if __name__ == "__main__":
    main()
