"""agave-wasi as a side: `python -m benchmarks.sides.agave [--trace]`, with its default world: `/` in memory.

With `--trace` every call is traced, into a file on the null device: the cost is that of making the lines.
"""

from __future__ import annotations

import sys

from agave_wasi import World

from .protocol import Exports, serve

ENVIRONMENT = {"LANG": "C", "PATH": "/bin"}


def load_plain(path: str) -> Exports:
    """Instantiate a module in a world without tracing."""
    exports: Exports = World(env=ENVIRONMENT).instantiate(path).exports
    return exports


def load_traced(path: str) -> Exports:
    """Instantiate a module in a world that traces every call."""
    exports: Exports = World(env=ENVIRONMENT, trace="/dev/null").instantiate(path).exports
    return exports


if __name__ == "__main__":
    serve(load_traced if "--trace" in sys.argv[1:] else load_plain)
