"""Snapshots in the middle of a run: a guest on the CPU model is stopped at a point, kept in a file, and goes on elsewhere.

    result = run_until(world, "prog.wasm", "call:fd_write:3")
    result.snapshot.save("prog.agave")
    rest = Snapshot.load("prog.agave").resume()                 # exactly what the run would have done from there
    other = Snapshot.load("prog.agave").resume(seed=7)          # the same past, another future

`points` says where a run can stop, `container` what a file is, `snapshot` what is in it; `guest` stops, `running` runs.
"""

from __future__ import annotations

from agave_wasi.snapshots.running import resume, run_until
from agave_wasi.snapshots.snapshot import Snapshot
from kernel_sim.snapshot import SnapshotError

__all__ = ["Snapshot", "SnapshotError", "resume", "run_until"]
