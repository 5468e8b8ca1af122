"""Survivors that are explained: explained.toml says why nothing could notice them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from conformance.mutants.places import Mutant

FILE = Path(__file__).with_name("explained.toml")
KEYS = {"module", "function", "before", "after", "number", "reason"}


@dataclass(frozen=True)
class Explanation:
    """Why a mutant survives: there is a `reason` for which no program could tell."""

    module: str
    function: str
    before: str
    after: str
    reason: str
    number: int = 0

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """As of the mutant."""
        return self.module, self.function, self.before, self.after, self.number


def explanations(path: Path = FILE) -> dict[tuple[str, str, str, str, int], Explanation]:
    """All of them, by the mutants' keys; ValueError if one is told twice or has no reason."""
    found: dict[tuple[str, str, str, str, int], Explanation] = {}
    for each in tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", []):
        if each.keys() - KEYS or not each.get("reason"):
            raise ValueError(f"{path.name}: a survivor has {', '.join(sorted(KEYS))}, and a reason above all: {each}")
        explanation = Explanation(**each)
        if explanation.key in found:
            raise ValueError(f"{path.name}: explained twice: {explanation.key}")
        found[explanation.key] = explanation
    return found


def stale(found: list[Mutant], path: Path = FILE) -> list[Explanation]:
    """Explanations of mutants that can't be made any more: the code has changed."""
    known = {mutant.key for mutant in found}
    return [each for key, each in explanations(path).items() if key not in known]
