"""The benchmark of snapshots: what it takes is one, and all of the guest's memory is in it."""

from __future__ import annotations

from benchmarks.results import AGAVE, FIRST
from benchmarks.snapshots import ALLOWED, FRESH, PAGES, WARM, measure_snapshots, standing
from kernel_sim.cpu.checkpoint import ZEROS

WASM_PAGE = 1 << 16


def test_the_guest_stands_before_its_host_call_with_all_of_its_memory_in_use() -> None:
    _, guest = standing()
    kept, pages = guest.capture({})
    assert kept["calling"] == "_start" and guest.store.depth == 0
    memory = pages["memory 0"]
    assert sum(map(len, memory)) == PAGES * WASM_PAGE and ZEROS not in memory
    assert b"".join(memory) == guest.started().memory()
    guest.close()


def test_the_first_row_has_what_is_allowed_beside_it() -> None:
    (first, following), note = measure_snapshots("section", 1)
    assert first.figures.keys() == {AGAVE, ALLOWED, WARM, FRESH}
    assert first.figures[ALLOWED] == 2 * first.figures[WARM] + 10 and first.wanted == 1
    assert following.figures.keys() == {AGAVE, FIRST} and following.wanted is None
    assert WARM in note and FRESH in note
