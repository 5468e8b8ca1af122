"""What was measured: one row a thing, one figure a runtime."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .wanted import WANTED

WASMTIME, NODE, AGAVE = "wasmtime-py", "node:wasi", "agave-wasi"
KERNEL, TRACED = "agave-wasi kernel", "agave-wasi traced"
"""agave-wasi without its vDSO, and traced (which has none)."""
FIRST = "the first"
"""agave-wasi, the first time in a process."""


@dataclass
class Row:
    """One line of the table; figures are medians in `unit`, less is better."""

    section: str
    name: str
    unit: str
    figures: dict[str, float] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """By runtime, why it has no figure, or why its figure is not to be trusted."""
    against: str = WASMTIME
    """Whose figure agave-wasi's is compared with."""

    @property
    def speed_up(self) -> float | None:
        """How many times as fast agave-wasi is as what it stands against; None when either is missing."""
        if AGAVE not in self.figures or self.against not in self.figures:
            return None
        return self.figures[self.against] / self.figures[AGAVE]

    @property
    def wanted(self) -> float | None:
        """The speed-up that the project promises, if it promises any."""
        return WANTED.get(self.name)

    @property
    def met(self) -> bool | None:
        """Whether the promise is met; None without a promise or a figure."""
        if self.wanted is None or self.speed_up is None:
            return None
        return self.speed_up >= self.wanted

    def as_data(self) -> dict[str, Any]:
        """The row for `--json`."""
        return {
            "section": self.section,
            "name": self.name,
            "unit": self.unit,
            "figures": self.figures,
            "errors": self.errors,
            "speed_up": self.speed_up,
            "wanted": self.wanted,
            "met": self.met,
        }
