"""`agave-wasi conformance list`: the cases, with what each needs of a runtime."""

from __future__ import annotations

import json

from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.page import Heading, Rows, show
from conformance.case import Case
from conformance.cli.words import LIST_OPTIONS, interspersed
from conformance.suite import find_suites, select

MANUAL = Manual(
    "conformance list [--json] [SUITE or FOLDER ...]",
    ("List the cases of our suites, or of folders, and what each needs that only some runtimes have.",),
    ("agave-wasi conformance list", "agave-wasi conformance list preview1 --filter 'fd_*' --json"),
    LIST_OPTIONS,
)


def main(arguments: list[str]) -> int:
    """List."""
    settings, names = interspersed("conformance list", arguments, LIST_OPTIONS)
    if settings.get("help"):
        show_manual(MANUAL)
        return 0
    suites = find_suites(names)
    chosen = select(suites, settings.get("filter", []))
    if settings.get("json"):
        print(json.dumps([row(case) for case in chosen], indent=2))
        return 0
    blocks: list[Heading | Rows] = []
    for suite in suites:
        own = [case for case in suite.cases if case in chosen]
        if own:
            count = "1 case" if len(own) == 1 else f"{len(own)} cases"
            blocks += [Heading(f"{suite.name}: {count}"), Rows([(case.name, needs(case)) for case in own])]
    show(blocks)
    return 0


def needs(case: Case) -> str:
    """What only some runtimes have, in words; empty for most cases."""
    if "unsupported" in case.manifest:
        return str(case.manifest["unsupported"])
    words = case.manifest.get("needs") or ", ".join(sorted(case.features))
    return f"needs {words}" if words else ""


def row(case: Case) -> dict[str, object]:
    """A case for programs."""
    return {"suite": case.suite, "name": case.name, "program": str(case.program), "features": sorted(case.features)}
