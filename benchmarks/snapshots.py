"""The rows of snapshots in memory: of a guest with 40 MB in which no two pages are equal and none is empty, at a host call.

A snapshot is all that going on needs: registers and records of the engine, memory, the kernel with its processes and files.
It is the first one, so nothing is shared with an earlier one, and the host gives it new memory each time. It stands beside
copies of the same 40 MB: to memory that has been written to before, and to new memory. It is allowed to take as long as two
of the first kind, and 10 ms more. All of it is CPU time, the host's for giving memory included. Files aren't part of it.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from agave_wasi import World
from agave_wasi.engines.capi import to_wasm
from agave_wasi.running import load_program
from agave_wasi.saving import with_processes
from agave_wasi.snapshots.guest import SnapshotGuest
from agave_wasi.snapshots.points import Point, Reached
from agave_wasi.streams import standard_streams

from .results import AGAVE, FIRST, Row

PAGES = 640
"""Of WebAssembly: 40 MiB."""
POINT = "random_get"
GUEST = f"""(module
  (import "wasi_snapshot_preview1" "{POINT}" (func ${POINT} (param i32 i32) (result i32)))
  (memory (export "memory") {PAGES})
  (func (export "_start") (drop (call ${POINT} (i32.const 0) (i32.const 4)))))"""
FIRST_ROW, NEXT_ROW = "snapshot of 40 MB", "a second one, 1 MB changed"
WARM, FRESH, ALLOWED = "a memcpy", "a memcpy to new memory", "allowed"
CHANGED = 1 << 20


def standing() -> tuple[World, SnapshotGuest]:
    """A guest that stands before a host call, with its memory filled."""
    world = World(engine="x86", cache=False)
    process = world.new_process(["guest"], *standard_streams(b"", None, None, False))
    guest = SnapshotGuest(world.kernel, process, world.loader, world.limits)
    guest.stop_at(Point(f"call:{POINT}"))
    load_program(guest, world.load(to_wasm(GUEST.encode())), {})
    memory = guest.started().memory()
    memory[:] = random.Random(1).randbytes(len(memory))
    try:
        guest.call("_start")
    except Reached:
        return world, guest
    raise AssertionError("the guest hasn't stopped")


def measure_snapshots(section: str, rounds: int) -> tuple[list[Row], str]:
    """Medians of interleaved rounds, and what the first row stands beside in words."""
    world, guest = standing()
    memory = guest.started().memory()
    warm = memoryview(bytearray(len(memory)))

    def snapshot(before: Any = None) -> Any:
        _, pages = guest.capture(before or {})
        with_processes(world)
        return pages

    def copy() -> None:
        warm[:] = memory

    taken: dict[str, list[float]] = {WARM: [], FRESH: [], FIRST_ROW: [], NEXT_ROW: []}
    for number in range(rounds + 1):
        _time(taken[WARM], copy)
        _time(taken[FRESH], bytes, memory)
        before = _time(taken[FIRST_ROW], snapshot)
        memory[:CHANGED] = random.Random(number).randbytes(CHANGED)
        _time(taken[NEXT_ROW], snapshot, before)
        before.clear()
    median = {name: 1e3 * statistics.median(each[1:]) for name, each in taken.items()}
    first, following = Row(section, FIRST_ROW, "ms", against=ALLOWED), Row(section, NEXT_ROW, "ms", against=FIRST)
    first.figures |= {AGAVE: median[FIRST_ROW], ALLOWED: 2 * median[WARM] + 10, WARM: median[WARM], FRESH: median[FRESH]}
    following.figures |= {AGAVE: median[NEXT_ROW], FIRST: median[FIRST_ROW]}
    note = f"{FIRST_ROW}: {WARM} takes {median[WARM]:.1f} ms, {FRESH} {median[FRESH]:.1f} ms; allowed: two of the first + 10"
    memory.release()
    guest.close()
    return [first, following], note


def _time(taken: list[float], run: Callable[..., Any], *arguments: Any) -> Any:
    begin = time.process_time()
    result = run(*arguments)
    taken.append(time.process_time() - begin)
    return result
