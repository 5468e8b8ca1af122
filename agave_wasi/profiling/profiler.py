"""A profile: instructions by function, host call and path of calls; exact, so that the same run has the same."""

from __future__ import annotations

from agave_wasi.profiling.calls import CallTree
from kernel_sim.cpu.recorder import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.profiling.calls import Node
    from agave_wasi.profiling.places import Map, Place


class Row:
    """A place with all its calls: its `own` instructions, and those `total` that it led to, itself included."""

    __slots__ = ("place", "calls", "own", "total")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.calls = 0
        self.own = 0
        self.total = 0


class Profiler:
    """Profiles the machine of `places`, to be made before anything of it has run; `finish` when it is over."""

    __slots__ = ("places", "tree", "recorder")

    def __init__(self, places: Map) -> None:
        self.places = places
        self.tree = CallTree(places.at)
        self.recorder = Recorder(places.machine, self.tree.take, places.within, places.entries)
        places.machine.on_nested = self._on_nested

    def _on_nested(self, begins: bool) -> None:
        self.finish()
        self.tree.nest(begins)

    def finish(self) -> None:
        """Account for everything so far."""
        self.recorder.drain()
        self.tree.settle(self.recorder.total)

    @property
    def total(self) -> int:
        """All instructions of the run."""
        return self.recorder.total

    def rows(self) -> list[Row]:
        """Every place that was called, those with the most instructions of their own first."""
        rows: dict[Place, Row] = {}
        totals = self.totals()
        open_places: list[tuple[int, Place]] = []
        active: dict[Place, int] = {}
        for node in self.tree.walk():
            while open_places and open_places[-1][0] >= node.depth:
                active[open_places.pop()[1]] -= 1
            if node.place is None:
                continue
            row = rows.get(node.place)
            if row is None:
                row = rows[node.place] = Row(node.place)
            row.calls += node.calls
            row.own += node.own
            if not active.get(node.place):  # else it is within what is counted already
                row.total += totals[node]
            active[node.place] = active.get(node.place, 0) + 1
            open_places.append((node.depth, node.place))
        return sorted(rows.values(), key=lambda row: (-row.own, -row.total, row.place.module, row.place.kind, row.place.index))

    def totals(self) -> dict[Node, int]:
        """The instructions of each node and of all below it."""
        found: dict[Node, int] = {}
        for node in reversed(list(self.tree.walk())):
            found[node] = node.own + sum(found[child] for child in node.children.values())
        return found
