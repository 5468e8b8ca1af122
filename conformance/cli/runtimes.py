"""`agave-wasi conformance runtimes`: what is found on this machine, and what each can't do."""

from __future__ import annotations

import json
from pathlib import Path

from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.page import Heading, Rows, show
from conformance.adapters.base import Found, Missing, Runtime
from conformance.adapters.registry import runtimes
from conformance.cli.words import RUNTIMES_OPTIONS, at_most, interspersed
from conformance.features import FEATURES

MANUAL = Manual(
    "conformance runtimes [--json] [--runtimes FILE.toml]",
    (
        "List every runtime that there is an adapter for: its version if it is found, else how to get it; what it can't do.",
    ),
    ("agave-wasi conformance runtimes", "agave-wasi conformance runtimes --runtimes runtimes.toml --json"),
    RUNTIMES_OPTIONS,
)


def main(arguments: list[str]) -> int:
    """List."""
    settings, words = interspersed("conformance runtimes", arguments, RUNTIMES_OPTIONS)
    if settings.get("help"):
        show_manual(MANUAL)
        return 0
    at_most(words, 0, "conformance runtimes", "no names")
    file = settings.get("runtimes")
    known = [(each, each.find()) for each in runtimes(Path(file) if file else None).values()]
    if settings.get("json"):
        print(json.dumps([row(runtime, found) for runtime, found in known], indent=2))
        return 0
    here = [(runtime.name, found.version, runtime.about) for runtime, found in known if isinstance(found, Found)]
    gone = [(runtime.name, f"not found: {found.cure}") for runtime, found in known if isinstance(found, Missing)]
    blocks: list[Heading | Rows] = [Heading("Found"), Rows(here)]
    if gone:
        blocks += [Heading("Not found"), Rows(gone)]
    blocks += [
        Heading("What cases can't ask of them"),
        Rows([(runtime.name, lacking(runtime)) for runtime, _ in known], prose=True),
    ]
    show(blocks)
    return 0


def lacking(runtime: Runtime) -> str:
    """What a runtime can't do, by the names of features."""
    return ", ".join(each for each in FEATURES if each not in runtime.provides) or "nothing"


def row(runtime: Runtime, found: Found | Missing) -> dict[str, object]:
    """A runtime for programs."""
    told: dict[str, object] = {"name": runtime.name, "about": runtime.about, "found": isinstance(found, Found)}
    told |= {"version": found.version, "where": found.where} if isinstance(found, Found) else {"install": found.cure}
    return {
        **told,
        "provides": sorted(runtime.provides),
        "lacks": {each: FEATURES[each] for each in FEATURES if each not in runtime.provides},
    }
