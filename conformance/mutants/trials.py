"""What a mutant is tried with: every case of the suites in memory, and on folders of the host, written to and under an overlay;
and the suite's table of traps.

Only a child imports this, when the mutant is in place: it imports what is mutated.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from conformance import expectations
from conformance.adapters.worker import observe
from conformance.case import Case
from conformance.mutants.traps import tables
from conformance.outcome import weighed
from conformance.suites.cases import cases
from conformance.suites.worlds import MEMORY_ONLY

SECONDS = 3600.0
"""A guest's own time, which none needs: what goes on for ever meets the child's limits first, as busy as the machine may be."""
RUNTIME = "agave-wasi"
KNOWN = expectations.ours()
MODES = ("memory", "rw", "overlay")

Trial = Callable[[Path], str]
"""Says why it didn't go as it should, "" if it did; it may use an empty folder of the host's."""


def trials() -> dict[str, Trial]:
    """All of them by name, those in memory first."""
    chosen = cases()
    found: dict[str, Trial] = {}
    for mode in MODES:
        for case in chosen:
            if mode == "memory" or not MEMORY_ONLY & case.world.keys():
                found[case.name if mode == "memory" else f"{case.name} ({mode})"] = partial(complaint, case, mode)
    for table in tables():
        found[table.name] = lambda folder, table=table: table.complaint()  # type: ignore[misc]
    return found


def complaint(case: Case, mode: str, folder: Path) -> str:
    """Why a case didn't go as its manifest says, or as is expected of us instead: what is known to fail must fail."""
    expected = KNOWN.of(case.suite, case.name, RUNTIME)
    outcome = weighed(case, RUNTIME, [observe(case, folder, SECONDS, mode)], expected)
    return "; ".join(outcome.reasons) if outcome.unexpected else ""
