"""Which trials run which lines: recorded once on the code as it is, so that a mutant meets those first that run its line."""

from __future__ import annotations

import ast
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from conformance.mutants.judge import by_fuzzing
from conformance.mutants.places import Mutant
from conformance.mutants.scope import sources, unreachable

Line = tuple[str, int]
"""A module and a line of it."""


@dataclass
class Reach:
    """For each line the trials that run it, in the order in which they are worth trying; and what else runs it."""

    trials: dict[Line, list[str]] = field(default_factory=dict)
    fuzzed: set[Line] = field(default_factory=set)
    imported: set[Line] = field(default_factory=set)
    complaints: dict[str, str] = field(default_factory=dict)

    def order(self, mutant: Mutant) -> list[str]:
        """The trials that run a mutant's lines."""
        found: dict[str, None] = {}
        for line in mutant.lines:
            found |= dict.fromkeys(self.trials.get((mutant.module, line), ()))
        return list(found)

    def runs(self, mutant: Mutant) -> bool:
        """Does anything run the mutant's lines?"""
        lines = {(mutant.module, line) for line in mutant.lines}
        return bool(self.order(mutant) or lines & self.fuzzed or lines & self.imported)


def record(seed: int, calls: int) -> Reach:
    """Run everything on the code as it is; `complaints` are about what fails without any mutant."""
    with _lines() as imported:
        import conformance.fuzz.lockstep  # noqa: F401
        from conformance.mutants.trials import trials
    reach = Reach(imported=imported)
    found: dict[Line, list[tuple[int, str]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        for number, (name, trial) in enumerate(trials().items()):
            folder = Path(scratch, str(number))
            folder.mkdir()
            with _lines() as lines:
                why = trial(folder)
            if why:
                reach.complaints[name] = why
            for line in lines:
                found[line].append((len(lines), name))
    reach.trials = {line: [name for _, name in sorted(each)] for line, each in found.items()}  # those that do least first
    with _lines() as reach.fuzzed:
        verdict = by_fuzzing(seed, calls)
    if verdict is not None:
        reach.complaints[f"fuzz: {verdict.by}"] = verdict.why
    return reach


def surprises(reach: Reach) -> list[str]:
    """Functions that are left out, alone or with their class, because nothing leads there, and something does."""
    found = []
    for module, path in sources().items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, body in _functions(tree, ""):
            lines = {(module, line) for each in body for line in range(each.lineno, (each.end_lineno or each.lineno) + 1)}
            left_out = any(unreachable(f"{module}:{each}") for each in (name, name.rpartition(".")[0]))
            if left_out and lines & (reach.fuzzed | reach.trials.keys()):
                found.append(f"{module}:{name}")
    return found


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, list[ast.stmt]]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield f"{prefix}{child.name}", child.body
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")


@contextmanager
def _lines() -> Iterator[set[Line]]:
    """Collects the lines that run meanwhile."""
    names = {str(path): module for module, path in sources().items()}
    seen: set[Line] = set()

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        module = names.get(frame.f_code.co_filename)
        if module is None:
            return None

        def within(frame: FrameType, event: str, argument: object) -> Any:
            if event == "line":
                seen.add((module, frame.f_lineno))
            return within

        return within

    sys.settrace(trace)
    try:
        yield seen
    finally:
        sys.settrace(None)
