"""`agave-wasi conformance coverage`: function by errno, measured; fails where less is provoked than COVERAGE.md records."""

from __future__ import annotations

import json

from agave_wasi.cli.failures import complain
from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.page import Heading, Rows, show
from conformance.cli.words import COVERAGE_OPTIONS, at_most, interspersed
from conformance.suites.cases import cases
from conformance.suites.provoked import COVERAGE, Row, complaints, measured, read

MANUAL = Manual(
    "conformance coverage [--json]",
    (
        "Run our suites while every answer to every call is listened to, and print which cases provoke which errno of which "
        "function, or why none can. Each case that is named must also notice when it is given another errno. Exit code 1 if "
        "any of what COVERAGE.md records isn't so.",
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
    at_most(words, 0, "conformance coverage", "no names")
    _, rows, _ = read(COVERAGE.read_text(encoding="utf-8"))
    answers = measured(cases())
    wrong = complaints(rows, answers)
    provoked = sum(row.answer in answers for row in rows)
    recorded = sum(bool(row.names) for row in rows)
    if settings.get("json"):
        told = [{"function": row.function, "errno": row.errno, "cases": row.names, "reason": reason(row)} for row in rows]
        print(json.dumps({"provoked": provoked, "recorded": recorded, "rows": told, "complaints": wrong}, indent=2))
    else:
        table = [(row.function, row.errno, ", ".join(row.names) or reason(row)) for row in rows]
        total = f"{provoked} of {len(rows)} answers are provoked, {recorded} are recorded"
        show([Rows(table, ("function", "errno", "cases, or why none")), Heading(""), Heading(total)])
    for line in wrong:
        complain(line)
    return 1 if wrong or provoked < recorded else 0


def reason(row: Row) -> str:
    """Why no case provokes an answer; empty where one does."""
    return "" if row.names else row.cell
