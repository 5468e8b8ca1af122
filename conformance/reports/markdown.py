"""A Markdown page for a repository: runtimes by verdicts, what isn't a pass with its reasons, and what each can't do."""

from __future__ import annotations

from collections import Counter

from agave_wasi.terminal import one_line
from conformance.outcome import MEANINGS, Verdict
from conformance.reports.document import Document

SIGNS = {
    "PASS": "✓", "FAIL": "✗ FAIL", "SKIP": "\u2013 skip", "XFAIL": "✗ xfail", "XPASS": "! XPASS", "FLAKY": "~ FLAKY",
    "ERROR": "⚠ ERROR",
}  # fmt: skip
LONGEST = 160


def markdown(told: Document, command: str) -> str:
    """The report as a page; `command` is what makes it again."""
    runtimes = told["runtimes"]
    verdicts = [str(each) for each in Verdict if any(str(each) in runtime["verdicts"] for runtime in runtimes)]
    lines = ["# Scoreboard", ""]
    suites = Counter(case["suite"] for case in told["cases"])
    listed = ", ".join(f"{cell(suite)} ({count})" for suite, count in suites.items())
    how = "each in a fresh copy of its files, with exact output, and files compared."
    lines.append(f"The {len(told['cases'])} cases of {listed}, {how}")
    lines += ["This page is made by the following command; docs/CONFORMANCE.md says where runtimes are looked for.", ""]
    lines += ["```", command, "```", ""]
    lines += [row(["runtime", "version", *verdicts, "of those it was given"]), rule(len(verdicts) + 3, 2)]
    for runtime in runtimes:
        counts = runtime["verdicts"]
        given = sum(counts.values()) - counts.get("SKIP", 0)
        passed = counts.get("PASS", 0) + counts.get("XPASS", 0)
        share = f"{100 * passed / given:.1f} %" if given else "none"
        name = cell(runtime["name"]) + (" (reference)" if runtime["reference"] else "")
        lines.append(row([name, cell(runtime["version"]), *(str(counts.get(each, 0)) for each in verdicts), share]))
    lines += ["", *(f"- {each}: {MEANINGS[Verdict(each)]}." for each in verdicts)]
    lines += ["", "## Cases that don't pass everywhere", ""]
    lines += [row(["case", *(cell(runtime["name"]) for runtime in runtimes)]), rule(len(runtimes) + 1)]
    open_cases = [case for case in told["cases"] if any(each["verdict"] != "PASS" for each in case["outcomes"])]
    for case in open_cases:
        lines.append(row([f"`{cell(case['name'])}`", *(SIGNS[each["verdict"]] for each in case["outcomes"])]))
    lines += ["", "## Reasons", ""]
    for runtime in runtimes:
        found = [line for case in open_cases for line in reasons(case, runtime["name"])]
        if found:
            lines += [f"### {cell(runtime['name'])}", "", *found, ""]
    lines += ["## What was not asked", ""]
    for runtime in runtimes:
        lacks = "; ".join(cell(each) for each in runtime["lacks"])
        lines.append(f"- {cell(runtime['name'])} can't be given: {lacks or 'nothing'}.")
    return "\n".join(lines) + "\n"


def reasons(case: Document, runtime: str) -> list[str]:
    """Why a case didn't pass on a runtime; skips are told by what the runtime can't do."""
    return [
        f"- `{cell(case['name'])}` {outcome['verdict']}: {'; '.join(code(each) for each in outcome['reasons'])}"
        for outcome in case["outcomes"]
        if outcome["runtime"] == runtime and outcome["verdict"] not in ("PASS", "SKIP")
    ]


def code(reason: str) -> str:
    """A reason as code, so that nothing in it means anything; shortened."""
    text = one_line(reason).replace("`", "'")
    return f"`{text if len(text) <= LONGEST else text[: LONGEST - 3] + '...'}`"


def cell(text: str) -> str:
    """A text that can't break a table."""
    return one_line(text).replace("|", "\\|").replace("<", "&lt;")


def row(cells: list[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def rule(columns: int, texts: int = 0) -> str:
    """The line below a table's head; columns behind the first `texts` ones are numbers, if there are any such."""
    return f"|{'|'.join('---' if not texts or at < texts else '---:' for at in range(columns))}|"
