"""`agave-wasi conformance run`: suites on runtimes, progress, a summary, reports, and an exit code that says it all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from agave_wasi.cli.failures import complain, note
from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.options import UsageError
from conformance import expectations, outputs
from conformance.adapters.agave import OnModel
from conformance.adapters.base import Found, Runtime
from conformance.adapters.registry import OTHER_NAMES, choose, runtimes
from conformance.case import Case
from conformance.cli.main import EXIT_CODES
from conformance.cli.summary import show_summary
from conformance.cli.words import RUN_OPTIONS, interspersed
from conformance.errors import HarnessError
from conformance.outcome import Outcome
from conformance.reports.document import Document, document
from conformance.reports.files import WRITERS, write
from conformance.runner import DEFAULT_TIMEOUT, Options, run_cases
from conformance.suite import find_suites, select

DEFAULT_RUNTIME = "agave-wasi"
MANUAL = Manual(
    "conformance run [OPTIONS] [SUITE or FOLDER ...]",
    (
        "Run the cases of our suites, or of folders of .wasm files with manifests beside them, each on files of its own and in "
        "a world or process of its own. Exit code, stdout and stderr must be exactly as the manifest says, and so must the "
        "files afterwards where it speaks of them.",
    ),
    (
        "agave-wasi conformance run",
        "agave-wasi conformance run preview1 --runtime node --filter 'path_*' --timeout 5",
        "agave-wasi conformance run wasi-testsuite/tests --runtime all --reference wasmtime --html report.html",
        "agave-wasi conformance run --junit junit.xml --json results.json --markdown scoreboard.md",
        "agave-wasi conformance run --repeat 10 --shuffle 7 --jobs 4",
        "agave-wasi conformance run preview1 preview2 --engine x86",
        "agave-wasi conformance run preview1 --html report.html --traces 'fd_readdir*'",
    ),
    RUN_OPTIONS,
)


def main(arguments: list[str]) -> int:
    """Run; 0 if nothing unexpected has happened, else 1."""
    settings, names = interspersed("conformance run", arguments, RUN_OPTIONS)
    if settings.get("help"):
        show_manual(MANUAL, EXIT_CODES)
        return 0
    if "scheduler" in settings and "jobs" in settings:
        raise UsageError("conformance run: --jobs is for this machine, and --scheduler for others; leave one of them out")
    suites = find_suites(names)
    cases = select(suites, settings.get("filter", []))
    chosen = choose_runtimes(settings)
    reference = OTHER_NAMES.get(settings.get("reference", ""), settings.get("reference", ""))
    known = expected(settings)
    for line in known.unused([(suite.name, [case.name for case in suite.cases]) for suite in suites], chosen):
        note(line)
    writable(settings)
    options = Options(
        jobs=settings.get("jobs") or os.cpu_count() or 1,
        timeout=settings.get("timeout", DEFAULT_TIMEOUT),
        repeat=settings.get("repeat", 1),
        shuffle=settings.get("shuffle"),
        lenient=settings.get("lenient", False),
        expectations=known,
        reference=reference,
    )
    outcomes = run_watched(cases, list(chosen.values()), options, settings.get("scheduler"))
    given: dict[str, Any] = {name: settings[name] for name in ("filter", "runtimes", "expectations") if name in settings}
    told = document(outcomes, chosen, options, names, traces(outcomes, options, settings), given)
    failed = written(settings, told)
    if settings.get("json") != "-":
        show_summary(outcomes, {name: found for name, (_, found) in chosen.items()}, reference)
    if failed:
        raise failed[0]
    return 1 if any(outcome.unexpected for outcome in outcomes) else 0


def traces(outcomes: Sequence[Outcome], options: Options, settings: dict[str, Any]) -> dict[str, Document]:
    """The host calls of cases, for a page that is asked for, or of those that are."""
    if not ("html" in settings or ("traces" in settings and "json" in settings)):
        return {}
    from conformance.traces.choice import chosen
    from conformance.traces.recording import record

    return record(chosen(outcomes, settings.get("traces", ())), options)


def choose_runtimes(settings: dict[str, Any]) -> dict[str, tuple[Runtime, Found]]:
    """The runtimes to run on, the reference last unless it was named before; with --engine x86 ours is on the CPU model."""
    file = settings.get("runtimes")
    names = settings.get("runtime", [DEFAULT_RUNTIME])
    if settings.get("engine") == "x86":
        known = [OTHER_NAMES.get(each, each) for each in names]
        if DEFAULT_RUNTIME not in known:
            raise UsageError(f"conformance run: --engine is {DEFAULT_RUNTIME}'s, which isn't among the runtimes")
        names = [OnModel.name if each == DEFAULT_RUNTIME else each for each in known]
    return choose(
        [*names, *([settings["reference"]] if "reference" in settings else [])], runtimes(Path(file) if file else None)
    )


def expected(settings: dict[str, Any]) -> expectations.Expectations:
    """What is expected: by the project of its own suites, and by the files that are given."""
    own = sorted(expectations.HOME.glob("*.toml"))
    return expectations.Expectations(
        [each for path in own for each in expectations.read(path, True)]
        + [each for name in settings.get("expectations", []) for each in expectations.read(Path(name))]
    )


def writable(settings: dict[str, Any]) -> None:
    """Complain of a report's place before everything is run, not after."""
    for name in WRITERS:
        place = settings.get(name)
        if place == "-" and name != "json":
            raise UsageError(f"conformance run: only --json writes to stdout; --{name} needs the name of a file")
        if place is not None and place != "-":
            outputs.check(f"--{name}", place)


def written(settings: dict[str, Any], told: Document) -> list[HarnessError]:
    """Write the reports that are asked for; what became of those that couldn't be. One that fails takes no other with it."""
    failed = []
    for name in WRITERS:
        if name in settings:
            try:
                write(name, settings[name], told)
            except HarnessError as error:
                failed.append(error)
    for each in failed[1:]:
        complain(str(each))
    return failed


def run_watched(
    cases: Sequence[Case], chosen: Sequence[tuple[Runtime, Found]], options: Options, scheduler: str | None
) -> list[Outcome]:
    """Run, here or on a cluster, with progress on stderr if that is a terminal."""
    with progress(len(cases) * len(chosen)) as tell:
        if scheduler is None:
            return run_cases(cases, [runtime for runtime, _ in chosen], options, tell)
        from conformance.fleet.cases import run_cases as run_there

        return run_there(scheduler, cases, chosen, options, tell)


def progress(total: int) -> AbstractContextManager[Callable[[Outcome], None]]:
    """What to be in while cases run, and to be told of each."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return nullcontext(lambda outcome: None)
    from conformance.cli.progress import Shown

    return Shown(total)
