"""What has been judged so far: lines of JSON, so that a run that was stopped goes on where it was.

A mutant that was caught counts as long as the code stays as it is; one that survived only as long as the cases do, too, for a
new one may catch it.
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

    def __init__(self, path: Path, seed: int, calls: int, top: Path = PROJECT) -> None:
        self.path = path
        self.now = {"seed": seed, "calls": calls, "code": digest(CODE, top), "cases": digest(CASES, top)}
        self.verdicts: dict[Key, Verdict] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            self._read(line)

    def _read(self, line: str) -> None:
        try:
            given = json.loads(line)
            verdict = Verdict(**given["verdict"])
            counting = ("code",) if verdict.caught else ("code", "cases", "seed", "calls")
            if all(given[name] == self.now[name] for name in counting):
                self.verdicts[tuple(given["mutant"])] = verdict
        except (ValueError, TypeError, KeyError):  # the last line of a run that was killed
            return

    def of(self, mutant: Mutant) -> Verdict | None:
        """What is known of a mutant."""
        return self.verdicts.get(mutant.key)

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        """Keep a verdict."""
        self.verdicts[mutant.key] = verdict
        with open(self.path, "a", encoding="utf-8") as file:
            print(json.dumps({"mutant": mutant.key, "verdict": asdict(verdict), **self.now}), file=file)
