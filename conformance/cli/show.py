"""`agave-wasi conformance show`: all of a case."""

from __future__ import annotations

import json

from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.options import UsageError
from agave_wasi.cli.page import Heading, Paragraph, Rows, show
from conformance.case import Case
from conformance.cli.list import needs
from conformance.cli.words import SHOW_OPTIONS, at_most, interspersed
from conformance.suite import find_suites, select

MANUAL = Manual(
    "conformance show [--json] CASE [SUITE or FOLDER]",
    ("Show how a case is run, what it needs of a runtime, and what it must show.",),
    ("agave-wasi conformance show path_open_create", "agave-wasi conformance show 'fs-*' wasi-testsuite/tests --json"),
    SHOW_OPTIONS,
)


def main(arguments: list[str]) -> int:
    """Show the cases that a pattern names."""
    settings, words = interspersed("conformance show", arguments, SHOW_OPTIONS)
    if settings.get("help"):
        show_manual(MANUAL)
        return 0
    if not words:
        raise UsageError("conformance show: which case? agave-wasi conformance list names them")
    at_most(words, 2, "conformance show", "a case, and the suite or folder that has it")
    found = select(find_suites(words[1:]), words[:1])
    if settings.get("json"):
        print(json.dumps([told(case) for case in found], indent=2))
        return 0
    blocks: list[Heading | Paragraph | Rows] = []
    for case in found:
        blocks += [Heading(case.full_name), Rows([(key, text) for key, text in rows(case) if text])]
    show(blocks)
    return 0


def told(case: Case) -> dict[str, object]:
    """A case for programs: its manifest in the plain form, and what was derived from it."""
    manifest = {key: value for key, value in case.manifest.items() if key not in ("bare", "unstated")}
    return {"suite": case.suite, "name": case.name, "program": str(case.program), "features": sorted(case.features), **manifest}


def rows(case: Case) -> list[tuple[str, str]]:
    """A case for people."""
    folders = [f"{each.guest}: {each.source.name if each.source else 'empty'} ({each.mode})" for each in case.folders]
    world = {key: value for key, value in case.world.items() if key != "mounts"}
    after = {path: str(entry or "nothing") for path, entry in case.after.items()}
    return [
        ("program", str(case.program)),
        ("source", ", ".join(path.name for path in sorted(case.path.parent.glob(f"{case.name}.*")) if path.suffix in SOURCES)),
        ("arguments", json.dumps(case.args) if case.args else ""),
        ("environment", json.dumps(case.env) if case.env else ""),
        ("folders", ", ".join(folders) or "none"),
        ("stdin", repr(case.stdin) if case.stdin else ""),
        ("operations", ", ".join(each["type"] for each in case.steps)),
        ("needs", needs(case).removeprefix("needs ")),
        ("world", json.dumps(world) if world else ""),
        ("exit code", "any" if case.manifest["exit_code"] is None else str(case.manifest["exit_code"])),
        ("stdout", repr(case.manifest["stdout"])),
        ("stderr", repr(case.manifest["stderr"])),
        ("files afterwards", ", ".join(f"{path}: {text}" for path, text in after.items())),
        ("and no others", "true" if case.manifest.get("after_exact") else ""),
    ]


SOURCES = (".c", ".wat", ".rs", ".ts", ".go", ".zig", ".cpp")
