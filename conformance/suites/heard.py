"""What the cases of Preview 2 provoke, measured, and whether preview2/COVERAGE.md says just that.

    python -m conformance.suites.heard [--write]

Every case runs on agave-wasi, whose trace tells each call and its answer: `ok`, an error-code, a stream's `closed` or
`last-operation-failed`, and `ends` for what doesn't return. The document is true when every function has a row for its success,
every error-code a row, a row that names cases is right about each of them, and one that names none gives a reason and no case
gets that answer. With --write, names are measured anew as `conformance.suites.provoked` does it for Preview 1.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agave_wasi.witparse import model
from conformance.case import Case
from conformance.components.wasi import interfaces
from conformance.suite import Suite, named_suites, read_suite
from conformance.suites.provoked import MOST, Answer, Row, complaints
from conformance.suites.worlds import open_world
from kernel_sim.trace import SUCCESS

COVERAGE = Path(__file__).parent / "preview2" / "COVERAGE.md"
HEADER = "| function | answer | case, or why none |"
RULE = "|---|---|---|"
OK, ENDS = "ok", "ends"
CODES = "error-code"
"""What stands for a function in the rows about each code, whichever function answers it."""
ABOUT_NUMBERS = ("disk_error_codes",)
"""Cases whose disk fails in every way, also as no disk does: what they hear counts for the codes alone."""
FUEL = 100_000_000


def short(call: str) -> str | None:
    """A function by a name without package and version, `streams#[method]input-stream.read`; None for a drop."""
    interface, separator, function = call.partition("#")
    return f"{interface.rpartition('/')[2].partition('@')[0]}#{function}" if separator else None


def functions() -> dict[str, model.Function]:
    """Every function of the five packages, by its short name."""
    return {f"{each.name}#{name}": function for each in interfaces() for name, function in each.functions.items()}


def codes() -> tuple[str, ...]:
    """Every error-code of wasi:filesystem."""
    (types,) = (each.types for each in interfaces() if each.id.startswith("wasi:filesystem/types"))
    found = types["error-code"]
    assert isinstance(found, model.Enum)
    return found.cases


def hear(case: Case) -> tuple[Counter[Answer], list[str]]:
    """Run a case: every answer that it got, and what was wrong with how it ended."""
    heard: Counter[Answer] = Counter()

    def listen(event: dict[str, Any]) -> None:
        function = short(event["call"])
        if function is not None:
            errno = event["errno"].partition("(")[0]  # without the number of a stream's error
            heard[function, OK if errno == SUCCESS else errno or ENDS] += 1

    with tempfile.TemporaryDirectory() as folder, open_world(case, Path(folder), fuel=FUEL) as world:
        result = world.run_case(trace=listen)
    if case.traps:
        return heard, [] if result.ended_by == "trap" else [f"ended by {result.ended_by}"]
    stdout, stderr = (output.decode(errors="replace") for output in (result.stdout, result.stderr))
    return heard, case.faults(result.exit_code, stdout, stderr)


def measured(cases: Iterable[Case]) -> dict[Answer, list[Case]]:
    """Every answer that a case gets, with those cases: first those for which it is the larger part of what they hear."""
    shares: dict[Answer, list[tuple[float, str, Case]]] = {}
    known = set(codes())
    for case in cases:
        heard, faults = hear(case)
        if faults:  # it says nothing of what it was after
            continue
        for (function, answer), count in heard.items():
            share = -count / heard.total()
            if case.name not in ABOUT_NUMBERS:
                shares.setdefault((function, answer), []).append((share, case.name, case))
            if answer in known and all(each[2] is not case for each in shares.get((CODES, answer), ())):
                shares.setdefault((CODES, answer), []).append((share, case.name, case))
    return {answer: [case for _, _, case in sorted(found, key=lambda each: each[:2])] for answer, found in shares.items()}


def wanted() -> list[Answer]:
    """The rows that there must be: each function's success, a stream's two failures, and each error-code."""
    found: list[Answer] = []
    for name, function in functions().items():
        found.append((name, ENDS if name.startswith("exit#") else OK))
        error = getattr(function.result, "error", None)
        if isinstance(error, model.Variant):
            found += [(name, each.name) for each in error.cases]
    return found + [(CODES, each) for each in codes()]


def read(text: str) -> tuple[str, list[Row], str]:
    """The document: what stands before the rows, the rows, and what stands behind them."""
    before, _, rest = text.partition(f"{HEADER}\n{RULE}\n")
    table, _, behind = rest.partition("\n\n")
    rows: list[Row] = []
    for line in table.splitlines():
        function, answer, cell = (each.strip() for each in line.strip("|").split("|"))
        rows.append(Row(function.strip("`") or rows[-1].function, "", answer, cell))
    return before, rows, behind


def written(before: str, rows: list[Row], behind: str) -> str:
    """The document from its parts."""
    lines = []
    for at, row in enumerate(rows):
        first = at == 0 or rows[at - 1].function != row.function
        lines.append(f"| {f'`{row.function}`' if first else ''} | {row.errno} | {row.cell} |")
    return f"{before}{HEADER}\n{RULE}\n" + "\n".join(lines) + "\n\n" + behind


def named_anew(rows: list[Row], answers: dict[Answer, list[Case]]) -> list[Row]:
    """The rows that there must be and those of further answers, with names measured anew; reasons stay."""
    reasons = {row.answer: row.cell for row in rows if not row.names}
    order = {name: at for at, name in enumerate([*functions(), CODES])}
    first = {answer: at for at, answer in enumerate(wanted())}
    every = sorted({*first, *answers, *reasons}, key=lambda each: (order[each[0]], first.get(each, len(first)), each[1]))
    found = []
    for function, answer in every:
        names = [f"`{case.name}`" for case in answers.get((function, answer), ())[:MOST]]
        found.append(Row(function, "", answer, ", ".join(names) or reasons.get((function, answer), "")))
    return found


def all_complaints(rows: list[Row], answers: dict[Answer, list[Case]]) -> list[str]:
    """What isn't true in the document, a line each."""
    there = {row.answer for row in rows}
    missing = [f"{each[0]} {each[1]}: no row" for each in wanted() if each not in there]
    return missing + complaints(rows, answers, lambda case, answer: True)


def suite() -> Suite:
    """Preview 2's."""
    return read_suite(named_suites()["preview2"], "preview2")


def main(arguments: list[str]) -> int:
    """Check the document, or write it anew; 0 when all of it is true."""
    before, rows, behind = read(COVERAGE.read_text(encoding="utf-8"))
    answers = measured(suite().cases)
    if "--write" in arguments:
        rows = named_anew(rows, answers)
        COVERAGE.write_text(written(before, rows, behind), encoding="utf-8")
    found = all_complaints(rows, answers)
    print(*found, sep="\n", end="\n" if found else "")
    named = sum(bool(row.names) for row in rows)
    print(f"{named} of {len(rows)} rows name cases, {len(rows) - named} give a reason; {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
