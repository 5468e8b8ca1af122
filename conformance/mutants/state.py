"""What has been judged so far: lines of JSON, so that a run that was stopped goes on where it was.

A verdict counts as long as the code stays as it is. A mutant that survived is judged again when the cases change, for a new one
may catch it; until then it goes on counting as a survivor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from conformance.mutants.judge import Verdict
from conformance.mutants.places import Mutant
from conformance.mutants.scope import PROJECT

Key = tuple[object, ...]
CODE = ("kernel_sim/**/*.py", "agave_wasi/**/*.py")
CASES = ("conformance/suites/*/*.wasm", "conformance/suites/*/*.json", "conformance/**/*.py")


def digest(patterns: Iterable[str], top: Path = PROJECT) -> str:
    """A number for the content of all files that fit the patterns."""
    found = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(top.glob(pattern)):
            data = path.read_bytes()
            found.update(f"{path.relative_to(top).as_posix()} {len(data)}\n".encode() + data)
    return found.hexdigest()[:16]


class State:
    """The verdicts in a file that still count."""

    def __init__(self, path: Path, seed: int, calls: int, top: Path = PROJECT, cases: Iterable[str] = CASES) -> None:
        self.path = path
        self.now = {"seed": seed, "calls": calls, "code": digest(CODE, top), "cases": digest(cases, top)}
        self.verdicts: dict[Key, Verdict] = {}
        self.final: set[Key] = set()
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            self._read(line)

    def _read(self, line: str) -> None:
        try:
            given = json.loads(line)
            verdict = Verdict(**given["verdict"])
            if given["code"] == self.now["code"]:
                self._note(tuple(given["mutant"]), verdict, all(given[name] == now for name, now in self.now.items()))
        except (ValueError, TypeError, KeyError):  # the last line of a run that was killed
            return

    def _note(self, key: Key, verdict: Verdict, same: bool) -> None:
        self.verdicts[key] = verdict
        if verdict.caught or same:
            self.final.add(key)

    def stands(self, mutant: Mutant) -> bool:
        """Is there nothing to be judged again?"""
        return mutant.key in self.final

    def of(self, mutant: Mutant) -> Verdict | None:
        """What is known of a mutant."""
        return self.verdicts.get(mutant.key)

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        """Keep a verdict."""
        self._note(mutant.key, verdict, True)
        with open(self.path, "a", encoding="utf-8") as file:
            print(json.dumps({"mutant": mutant.key, "verdict": asdict(verdict), **self.now}), file=file)
