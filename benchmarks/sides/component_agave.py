"""agave-wasi as a side for the benchmark's component: `python -m benchmarks.sides.component_agave`, with `/` in memory."""

from __future__ import annotations

from agave_wasi import World
from benchmarks.component_guest import CALLS, LARGE, LOOPS, WIT
from benchmarks.sides.protocol import Exports, repeated, serve


class Calls:
    """The host's functions."""

    data = bytes(LARGE)

    def consume(self, data: bytes) -> None:
        """Take a list."""

    def produce(self) -> bytes:
        """Give a list."""
        return self.data

    def swap(self, point: tuple[int, int]) -> tuple[int, int]:
        """Give a record for a record."""
        return point[1], point[0]


def load(path: str) -> Exports:
    """Instantiate the component in a world of its own."""
    world = World()
    world.interface(CALLS, wit=WIT)(Calls)
    exports = world.instantiate(path).exports
    exports["setup"](0)
    loops: dict[str, object] = {name: exports[name] for name in LOOPS}
    return {name: lambda count, _, call=call: call(count) for name, call in loops.items()} | {
        name: repeated(exports[name], (1, 2)) for name in ("swap", "forward")
    }


if __name__ == "__main__":
    serve(load)
