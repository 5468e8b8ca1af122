"""agave-wasi as a side: `python -m benchmarks.sides.agave [--trace|--kernel]`, with its default world: `/` in memory.

With `--trace` every call is traced, as lines of JSON into the null device: the cost is that of making them. With `--kernel`
every call enters the kernel, also those that the vDSO would answer: what a traced call is to be compared with.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO, cast

from agave_wasi import World
from agave_wasi.program import Guest
from benchmarks.sides.protocol import Exports, serve

ENVIRONMENT = {"LANG": "C", "PATH": "/bin"}


def load_plain(path: str) -> Exports:
    """Instantiate a module in a world without tracing."""
    return cast(Exports, World(env=ENVIRONMENT).instantiate(path).exports)


class KernelWorld(World):
    """A world without a vDSO."""

    def start(self, *arguments: Any, **options: Any) -> Guest:
        """As `World.start`."""
        guest = super().start(*arguments, **options)
        guest.fast = False
        return guest


def load_in_kernel(path: str) -> Exports:
    """Instantiate a module in a world without a vDSO."""
    return cast(Exports, KernelWorld(env=ENVIRONMENT).instantiate(path).exports)


def load_traced(path: str, lines: TextIO) -> Exports:
    """Instantiate a module in a world that writes a line about every call to `lines`."""

    def write_line(event: dict[str, object]) -> None:
        lines.write(json.dumps(event) + "\n")

    return cast(Exports, World(env=ENVIRONMENT).instantiate(path, trace=write_line).exports)


if __name__ == "__main__":
    if "--trace" in sys.argv[1:]:
        with open(os.devnull, "w") as null:
            serve(lambda path: load_traced(path, null))
    else:
        serve(load_in_kernel if "--kernel" in sys.argv[1:] else load_plain)
