"""What a mutant is tried with: every case of the suites in memory, and on folders of the host, written to and under an overlay.

Only a child imports this, when the mutant is in place: it imports what is mutated.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformance.adapters.worker import observe
from conformance.case import Case
from conformance.outcome import Verdict, judge_one
from conformance.suites.cases import cases
from conformance.suites.worlds import MEMORY_ONLY

SECONDS = 10.0
"""A guest's own time; all of ours need less than one."""
MODES = ("memory", "rw", "overlay")


@dataclass(frozen=True)
class Trial:
    """A case, and on what its `/` lies."""

    case: Case
    mode: str

    @property
    def name(self) -> str:
        """What it is called."""
        return self.case.name if self.mode == "memory" else f"{self.case.name} ({self.mode})"


def trials() -> list[Trial]:
    """All of them, those in memory first."""
    chosen = cases()
    return [
        Trial(case, mode) for mode in MODES for case in chosen if mode == "memory" or not MEMORY_ONLY & case.world.keys()
    ]


def complaint(trial: Trial, folder: Path) -> str:
    """Why a trial didn't go as the case's manifest says; "" if it did. `folder` is an empty one of the host's."""
    verdict, reasons = judge_one(trial.case, observe(trial.case, folder, SECONDS, trial.mode))
    return "" if verdict is Verdict.PASS else "; ".join(reasons)
