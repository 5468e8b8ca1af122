"""What runs to a point, and from one, have in common, whatever executes them: a process, its streams, a trace, a result."""

from __future__ import annotations

from agave_wasi.files import KeptFiles
from agave_wasi.result import Result
from agave_wasi.saving import with_processes
from agave_wasi.snapshots.points import Reached
from agave_wasi.snapshots.snapshot import MOST, Snapshot
from kernel_sim.clock import InstructionClock
from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from agave_wasi.snapshots.points import Point
    from agave_wasi.snapshots.snapshot import Image, Kept
    from agave_wasi.world import World
    from kernel_sim.cpu.checkpoint import Piece
    from kernel_sim.devices import StreamDevice
    from kernel_sim.process import Process
    from kernel_sim.trace import Event

    Pages = dict[str, list[Piece]]
    Trace = bool | Callable[[Event], None]
    Streams = tuple[StreamDevice, StreamDevice, StreamDevice]

SNAPSHOT = "snapshot"
"""What has ended a run that was stopped at its point."""


class Run:
    """One process, to the point `at` if there is one."""

    def __init__(
        self, world: World, process: Process, devices: Streams, trace: Trace, trace_syscalls: bool, at: Point | None
    ) -> None:
        self.world = world
        self.process = process
        self.devices = devices
        self.events: list[Event] = []
        self.sink = self.events.append if trace is True else trace or None
        self.trace_syscalls = trace_syscalls
        self.at = at

    def counts(self, snapshot: Snapshot | None) -> bool:
        """Does the machine have to count instructions?"""
        counted = snapshot is not None and bool(snapshot.state.get("counting"))
        return counted or self.world.settings.counts or (self.at is not None and self.at.counts)

    def told(self, run: Callable[[], Result], take: Callable[[], Snapshot]) -> Result:
        """The result of a run that ends, or is stopped at its point, where `take` gives its snapshot."""
        try:
            result = run()
        except Reached:
            assert self.at is not None
            result = Result(0, SNAPSHOT, f"stopped at {self.at.text}")
            result.snapshot = take()
        result.stdout, result.stderr = (getattr(device, "data", b"") for device in self.devices[1:])
        result.trace = self.events
        result.files = KeptFiles(self.world._top())
        return result

    def require_alone(self) -> None:
        """SnapshotError if other programs run in the world."""
        if list(self.world.kernel.processes.values()) != [self.process]:
            raise SnapshotError("other programs run in this world: a snapshot has one alone")

    def snapshot(
        self, state: Mapping[str, Any], pages: Pages, counting: bool, programs: Sequence[Kept], images: Sequence[Image] = ()
    ) -> Snapshot:
        """The snapshot of a guest with that state, in this world."""
        world = self.world
        whole = {
            **state,
            "point": self.at.text if self.at is not None else "",
            "retired": getattr(world.kernel.clock, "retired", None),
            "counting": counting,
        }
        rest = getattr(self.devices[0], "rest", None)
        stdin = rest(MOST) if rest is not None else None
        return Snapshot(whole, with_processes(world), stdin, list(programs), pages, list(images))

    def set_clock(self, retired: object) -> None:
        """A clock that goes by instructions counts the machine's own, and those of machines that were gone already."""
        clock = self.world.kernel.clock
        if isinstance(clock, InstructionClock):
            if type(retired) is not int or not 0 <= retired < 1 << 63:
                raise SnapshotError("state: it doesn't say how many instructions have moved the clock")
            clock.retired = retired
