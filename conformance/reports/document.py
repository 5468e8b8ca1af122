"""The document: everything that a run showed, as plain data. docs/CONFORMANCE.md says what each key means.

A change of what a key means, or the loss of one, is another VERSION; new keys are not.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from agave_wasi import __version__
from conformance.adapters.base import Found, Runtime
from conformance.case import Case
from conformance.observation import Entry, Observation
from conformance.outcome import Outcome, Verdict
from conformance.runner import Options

FORMAT, VERSION = "agave-wasi-conformance", 1
MOST = 16 << 10
"""Bytes of an output that a report keeps."""

Document = dict[str, Any]


def document(
    outcomes: Sequence[Outcome], chosen: Mapping[str, tuple[Runtime, Found]], options: Options, names: Sequence[str] = (),
    traces: Mapping[str, Document] | None = None, given: Mapping[str, str | Sequence[str]] | None = None,
) -> Document:  # fmt: skip
    """The document of a run; cases stand in the order of the outcomes. `traces` are those of cases by full name.

    `given`: what chose the cases and says what is expected, by the option's name.
    """
    cases: dict[str, Document] = {}
    for outcome in outcomes:
        row = cases.setdefault(outcome.case.full_name, case_row(outcome.case))
        row["outcomes"].append(outcome_row(outcome))
    for name, told in (traces or {}).items():
        cases[name]["traces"] = told
    return {
        "format": FORMAT,
        "version": VERSION,
        "agave_wasi": __version__,
        "arguments": list(names),
        "given": {name: [values] if isinstance(values, str) else list(values) for name, values in (given or {}).items()},
        "options": {
            "timeout": options.timeout, "repeat": options.repeat, "shuffle": options.shuffle, "lenient": options.lenient,
        },
        "runtimes": [runtime_row(runtime, found, outcomes, options.reference) for runtime, found in chosen.values()],
        "unexpected": sum(outcome.unexpected for outcome in outcomes),
        "cases": list(cases.values()),
    }  # fmt: skip


def runtime_row(runtime: Runtime, found: Found, outcomes: Sequence[Outcome], reference: str) -> Document:
    """A runtime, with how many cases came to which verdict."""
    own = [outcome for outcome in outcomes if outcome.runtime == runtime.name]
    counts = Counter(str(outcome.verdict) for outcome in own)
    return {
        "name": runtime.name,
        "about": runtime.about,
        "version": found.version,
        "reference": runtime.name == reference,
        "lacks": runtime.lacks,
        "verdicts": {str(verdict): counts[verdict] for verdict in Verdict if counts[verdict]},
        "unexpected": sum(outcome.unexpected for outcome in own),
    }


def case_row(case: Case) -> Document:
    """A case, with what it is given and must show."""
    expected: Document = {key: case.manifest[key] for key in ("exit_code", "stdout", "stderr")}
    if case.looks_at_files:
        expected["files"] = {path: entry and entry_row(entry) for path, entry in case.after.items()}
        expected["no_other_files"] = bool(case.manifest.get("after_exact"))
    return {
        "suite": case.suite,
        "name": case.name,
        "sha256": hashlib.sha256(case.bytes()).hexdigest(),
        "args": case.args,
        "env": case.env,
        "stdin": case.stdin,
        "needs": case.manifest.get("needs") or ", ".join(sorted(case.features)),
        "expected": expected,
        "outcomes": [],
    }


def outcome_row(outcome: Outcome) -> Document:
    """What came of a case on a runtime. Repetitions that showed the same are told once."""
    different: dict[Any, Observation] = {}
    for each in outcome.seen:
        different.setdefault(each.same, each)
    row: Document = {
        "runtime": outcome.runtime,
        "verdict": str(outcome.verdict),
        "unexpected": outcome.unexpected,
        "reasons": list(outcome.reasons),
        "seconds": round(outcome.seconds, 4),
        "seen": [seen_row(each) for each in different.values()],
    }
    if outcome.expected is not None:
        row["expectation"] = {"reason": outcome.expected.reason, "link": outcome.expected.link, "file": outcome.expected.source}
    return row


def seen_row(seen: Observation) -> Document:
    """An observation."""
    row: Document = {"ended_by": seen.ended_by, "exit_code": seen.exit_code, "message": seen.message}
    for key, data in (("stdout", seen.stdout), ("stderr", seen.stderr)):
        row[key] = text(data)
        if len(data) > MOST:
            row[f"{key}_bytes"] = len(data)
    if seen.files is not None:
        row["files"] = {path: entry_row(entry) for path, entry in sorted(seen.files.items())}
    if seen.leaked:
        row["leaked"] = list(seen.leaked)
    return row


def entry_row(entry: Entry) -> Document:
    """Something in a file system."""
    return {"kind": entry.kind} if entry.kind == "directory" else {"kind": entry.kind, "data": text(entry.data)}


def text(data: bytes) -> str:
    """Output as text: what is no UTF-8 as \\x.., and no more of it than a report keeps."""
    return data[:MOST].decode("utf-8", "backslashreplace")
