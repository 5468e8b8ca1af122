"""`agave-wasi conformance numeric`: every instruction that computes, with edge values, on the x86 engine and on the JIT engine.

A difference is told with the step's operands, as bytes, and what each engine said.
"""

from __future__ import annotations

import json
import sys

from agave_wasi.cli.failures import complain
from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.page import Heading, Rows, show
from agave_wasi.nearest import unknown
from conformance.cli.words import NUMERIC_OPTIONS, interspersed
from conformance.errors import WrongUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from conformance.numeric.differential import Outcome
    from conformance.numeric.modules import Plan

KINDS = ("arithmetic", "memories", "tables", "calls", "globals", "hosts", "links")
DEFAULT_CASES = 400
MOST_TOLD = 50
"""More mismatches than these are only counted."""
MANUAL = Manual(
    "conformance numeric [--cases N] [--seed N] [--json] [KIND ...]",
    (
        "Run every numeric, SIMD, conversion, memory and table instruction on edge values (NaNs, denormals, overflows, ends of "
        "pages and of memories) on the x86 engine and on the JIT engine, and compare every result, trap, memory and table; "
        "calls as well, of functions with up to 20 parameters and results, tail calls and exceptions among them; globals; "
        "host functions of any core type, which may call back; and what instances share: memories, tables, exceptions. "
        "Kinds are arithmetic, memories, tables, calls, globals, hosts, links. "
        "The same seed makes the same cases. Exit code 1 if any differs.",
    ),
    ("agave-wasi conformance numeric", "agave-wasi conformance numeric --cases 5000 --seed 7 arithmetic"),
    NUMERIC_OPTIONS,
)


def main(arguments: list[str]) -> int:
    """Compare, print."""
    settings, words = interspersed("conformance numeric", arguments, NUMERIC_OPTIONS)
    if settings.get("help"):
        show_manual(MANUAL)
        return 0
    for word in words:
        if word not in KINDS:
            raise WrongUse(unknown("there are no instructions called", word, KINDS, f"there are {', '.join(KINDS)}"))
    from conformance.numeric.differential import run

    shown = sys.stderr is not None and sys.stderr.isatty()
    found: dict[str, Outcome] = {}
    count, seed = settings.get("cases", DEFAULT_CASES), settings.get("seed", 0)
    for kind in dict.fromkeys(words or KINDS):
        found[kind] = run("x86", count, seed, (kind,), _tell if shown else None)
    if shown:
        print("\r\033[K", end="", file=sys.stderr)
    mismatches = [each for outcome in found.values() for each in outcome.mismatches]
    if settings.get("json"):
        told = {
            kind: {"cases": each.cases, "traps": each.traps, "mismatches": [mismatch._asdict() for mismatch in each.mismatches]}
            for kind, each in found.items()
        }
        print(json.dumps(told, indent=2))
    else:
        rows = [(kind, f"{each.cases:,}", f"{each.traps:,}", f"{len(each.mismatches):,}") for kind, each in found.items()]
        total = f"{sum(outcome.cases for outcome in found.values()):,} cases, {len(mismatches):,} mismatches"
        heads = "instructions", "cases", "of them trap", "mismatches"
        show([Rows(rows, heads, right=(1, 2, 3)), Heading(""), Heading(total)])
    for mismatch in mismatches[:MOST_TOLD]:
        complain(str(mismatch))
    if len(mismatches) > MOST_TOLD:
        complain(f"and {len(mismatches) - MOST_TOLD} more; --json tells them all")
    return 1 if mismatches else 0


def _tell(plan: Plan, outcome: Outcome) -> None:
    text = f"{plan.name}: {outcome.cases:,} cases, {len(outcome.mismatches):,} mismatches"
    print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
