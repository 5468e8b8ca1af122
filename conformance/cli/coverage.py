"""`agave-wasi conformance coverage`: function by errno, measured; fails where less is provoked than a COVERAGE.md records."""

from __future__ import annotations

import json
from collections.abc import Collection

from agave_wasi.cli.failures import complain
from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.page import Heading, Rows, show
from agave_wasi.nearest import unknown
from conformance.cli.words import COVERAGE_OPTIONS, at_most, interspersed
from conformance.errors import WrongUse
from conformance.suites import heard, provoked
from conformance.suites.cases import cases
from conformance.suites.provoked import Row

KNOWN = ("preview1", "preview2")
MANUAL = Manual(
    "conformance coverage [--json] [preview1|preview2]",
    (
        "Run our suites of Preview 1, or that of Preview 2, while every answer to every call is listened to, and print which "
        "cases provoke which errno of which function, or why none can. Each case of Preview 1 that is named must also notice "
        "when it is given another errno. Exit code 1 if any of what COVERAGE.md records isn't so.",
    ),
    ("agave-wasi conformance coverage", "agave-wasi conformance coverage --json | jq '.rows[] | select(.cases == [])'"),
    COVERAGE_OPTIONS,
)


def main(arguments: list[str]) -> int:
    """Measure, print, compare."""
    settings, words = interspersed("conformance coverage", arguments, COVERAGE_OPTIONS)
    if settings.get("help"):
        show_manual(MANUAL)
        return 0
    at_most(words, 1, "conformance coverage", "one name")
    wrong, rows, answers = _judged(words[0] if words else "preview1")
    found = sum(row.answer in answers for row in rows)
    recorded = sum(bool(row.names) for row in rows)
    if settings.get("json"):
        told = [{"function": row.function, "errno": row.errno, "cases": row.names, "reason": reason(row)} for row in rows]
        print(json.dumps({"provoked": found, "recorded": recorded, "rows": told, "complaints": wrong}, indent=2))
    else:
        table = [(row.function, row.errno, ", ".join(row.names) or reason(row)) for row in rows]
        total = f"{found} of {len(rows)} answers are provoked, {recorded} are recorded"
        show([Rows(table, ("function", "errno", "cases, or why none")), Heading(""), Heading(total)])
    for line in wrong:
        complain(line)
    return 1 if wrong or found < recorded else 0


def _judged(name: str) -> tuple[list[str], list[Row], Collection[provoked.Answer]]:
    """What isn't true in a suite's document, its rows, and the answers that were heard."""
    if name == "preview2":
        _, rows, _ = heard.read(heard.COVERAGE.read_text(encoding="utf-8"))
        told = heard.measured(heard.suite().cases)
        return heard.all_complaints(rows, told), rows, told
    if name != "preview1":
        raise WrongUse(unknown("there is no coverage of", name, KNOWN, f"there is that of {' and '.join(KNOWN)}"))
    _, rows, _ = provoked.read(provoked.COVERAGE.read_text(encoding="utf-8"))
    told = provoked.measured(cases())
    return provoked.complaints(rows, told), rows, told


def reason(row: Row) -> str:
    """Why no case provokes an answer; empty where one does."""
    return "" if row.names else row.cell
