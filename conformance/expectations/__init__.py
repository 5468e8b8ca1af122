"""Expectations: which cases a runtime is known to fail, or must not be given, with reason and link.

The files are TOML, in the official suite's format with two keys more:

    version = 1
    [[suite]]
    name = "preview1"
    runtime = "node"            # ours: only on this runtime; without it, on all
    [[suite.test]]
    name = "fd_renumber"
    expected = "fail"           # or "pass"; action = "skip" doesn't run it
    reason = "renumbering onto a preopened folder closes the wrong one"
    link = "https://..."

A reason is required in the project's own files (in the folder `suites`, one a runtime); files of others may do without.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import HarnessError
from conformance.toml import read_toml

HOME = Path(__file__).parent / "suites"
"""Where the project's own are. Beside it lie known divergences of single calls, in the format of `conformance.calls`."""
KEYS = {"name", "action", "expected", "reason", "link"}


@dataclass(frozen=True)
class Expectation:
    """What is expected of one case; `fails` and `skips` are never both true."""

    suite: str
    case: str
    runtime: str | None
    fails: bool
    skips: bool
    reason: str
    link: str
    source: str

    @property
    def told(self) -> str:
        """The reason with its link."""
        reason = self.reason or f"{self.source} gives no reason"
        return f"{reason} ({self.link})" if self.link else reason


class Expectations:
    """All that is expected; what was read last wins."""

    def __init__(self, found: Iterable[Expectation] = ()) -> None:
        self._found = {(each.suite, each.case, each.runtime): each for each in found}

    def of(self, suite: str, case: str, runtime: str) -> Expectation | None:
        """What is expected of a case on a runtime; None if nothing is."""
        return self._found.get((suite, case, runtime)) or self._found.get((suite, case, None))

    def unused(self, suites: Iterable[tuple[str, Iterable[str]]], runtimes: Iterable[str]) -> list[str]:
        """Expectations of cases that there aren't, though their suite was run: they are out of date. A line each."""
        names, known = set(runtimes), {suite: set(cases) for suite, cases in suites}
        return [
            f"{each.source} expects something of {each.suite}/{each.case}, and there is no such case"
            for each in self._found.values()
            if each.suite in known and each.case not in known[each.suite] and (each.runtime is None or each.runtime in names)
        ]


def load(paths: Iterable[Path], reasons: bool = False) -> Expectations:
    """What the files say; with `reasons`, each must give one. HarnessError."""
    return Expectations(each for path in paths for each in read(path, reasons))


def ours() -> Expectations:
    """What the project itself expects."""
    return load(sorted(HOME.glob("*.toml")), True)


def read(path: Path, reasons: bool = False) -> list[Expectation]:
    """One file's expectations; HarnessError names the entry that is wrong."""
    document = read_toml(path)
    if document.get("version") != 1:
        raise HarnessError(f"{path}: version must be 1, which is the format known here")
    found: list[Expectation] = []
    for suite in _tables(document.get("suite"), path, "suite"):
        name, runtime = suite.get("name"), suite.get("runtime")
        if not isinstance(name, str) or not isinstance(runtime, str | None):
            raise HarnessError(f'{path}: a [[suite]] needs a name, as in name = "preview1"; its runtime is a text')
        for test in _tables(suite.get("test"), path, "suite.test"):
            found.append(_expectation(test, name, runtime, path, reasons))
    return found


def _tables(value: Any, path: Path, name: str) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise HarnessError(f"{path}: {name} must be written as [[{name}]]")
    return value


def _expectation(test: dict[str, Any], suite: str, runtime: str | None, path: Path, reasons: bool) -> Expectation:
    name = test.get("name")
    if not isinstance(name, str):
        raise HarnessError(f"{path}: a [[suite.test]] of {suite} has no name")
    where = f"{path}: {suite}/{name}"
    unknown = sorted(test.keys() - KEYS)
    if unknown:
        raise HarnessError(f"{where}: there is no key {unknown[0]}; known are {', '.join(sorted(KEYS))}")
    if test.get("action", "skip") not in ("skip", "run"):
        raise HarnessError(f'{where}: action is "skip" or "run", not {test["action"]!r}')
    if test.get("expected", "pass") not in ("pass", "fail"):
        raise HarnessError(f'{where}: expected is "pass" or "fail", not {test["expected"]!r}')
    if any(not isinstance(test.get(key, ""), str) for key in ("reason", "link")):
        raise HarnessError(f"{where}: reason and link are texts")
    if reasons and not (test.get("reason") and test.get("link")):
        raise HarnessError(f"{where}: a reason and a link are required here")
    skips = test.get("action") == "skip"
    fails = test.get("expected") == "fail" and not skips
    return Expectation(suite, name, runtime, fails, skips, test.get("reason", ""), test.get("link", ""), path.name)
