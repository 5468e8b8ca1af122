"""`python -m conformance.corpus [--only NAME] [--json FILE]`: run the corpus, print the differences and a table.

Exit code 0 when every job agrees, 1 when one differs or a package is broken; a package whose registry is out of reach, or whose
tool isn't here, is skipped with the reason and changes nothing, and so is a job that isn't for a runtime.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from .built import COMPONENTS, Built, ToolMissing, obtain
from .compare import Verdict, judge
from .jobs import JOBS, Job
from .packages import PACKAGES, FetchFailed, Package, RegistryUnreachable, corpus_folder, fetch, select
from .runners import AGAVE, RUNNERS, WASMTIME, Runner


def time_cell(verdict: Verdict, runner: Runner, number: int) -> str:
    """The seconds of one round; cold ones say so."""
    done = verdict.round_of(runner, number)
    if done is None:
        return "-"
    return f"{done.seconds:.2f}{' cold' if done.cold else ''}"


def sealed_cell(verdict: Verdict, runner: Runner) -> str:
    """The seconds that it took in a sealed world."""
    done = verdict.sealed_on(runner)
    return "-" if done is None else f"{done.seconds:.2f}"


def make_table(verdicts: Sequence[Verdict], runners: Sequence[Runner]) -> Table:
    """One row a job: the CPU time of each round on every runtime, the host calls of a sealed world, and whether they agree."""
    names = ("first", "second")
    several = any(verdict.sealed for verdict in verdicts)
    table = Table(title="corpus: seconds of CPU")
    table.add_column("program")
    table.add_column("job")
    table.add_column("steps", justify="right")
    for runner in runners:
        labels = [*names[: runner.rounds], *(["sealed"] if several and runner.sealed else [])]
        for place, label in enumerate(labels):
            table.add_column(f"{'' if place else runner.name}\n{label}", justify="right")
    if several:
        table.add_column("host\ncalls", justify="right")
    table.add_column("")
    for verdict in verdicts:
        cells = []
        for runner in runners:
            cells += [time_cell(verdict, runner, number) for number in range(runner.rounds)]
            if several and runner.sealed:
                cells.append(sealed_cell(verdict, runner))
        if several:
            cells.append(str(verdict.sealed[0].calls) if verdict.sealed else "-")
        answer = "[red]differs[/]" if verdict.differences else "[green]same[/]" if verdict.ran else "not here"
        table.add_row(verdict.job.package.name, verdict.job.name, str(len(verdict.job.steps)), *cells, answer)
    return table


def as_data(verdict: Verdict) -> dict[str, Any]:
    """A verdict for `--json`."""
    return {
        "program": verdict.job.package.name,
        "package": verdict.job.package.requirement,
        "job": verdict.job.name,
        "same": not verdict.differences,
        "differences": verdict.differences,
        "runs": [
            {
                "runner": done.runner.name,
                "round": done.number + 1,
                "cold": done.cold,
                "seconds": round(done.seconds, 4),
                "exit_codes": [step.exit_code for step in done.steps],
            }
            for done in verdict.rounds
        ],
        "sealed": [
            {"runner": done.runner.name, "seconds": round(done.seconds, 4), "calls": done.calls} for done in verdict.sealed
        ],
        "beyond": verdict.beyond,
    }


def run_package(package: Package, runners: Sequence[Runner], console: Console) -> list[Verdict]:
    """All jobs of one package; errors: RegistryUnreachable, ToolMissing, FetchFailed."""
    folder = obtain(package) if isinstance(package, Built) else fetch(package)
    return [run_job(job, folder, runners, console) for job in JOBS if job.package is package]


def run_job(job: Job, folder: Path, runners: Sequence[Runner], console: Console) -> Verdict:
    """One job, and a line or more about it."""
    label = f"{job.package.name}: {job.name}"
    with console.status(label) as status:
        verdict = judge(job, folder, runners, lambda what: status.update(f"{label}: {what}"))
    if verdict.ran:
        console.print(f"{label}: {'DIFFERS' if verdict.differences else 'same'}", markup=False)
    for name, reason in verdict.beyond.items():
        console.print(f"{label}: not on {name}: {reason}", markup=False, soft_wrap=True)
    for difference in verdict.differences:
        console.print(f"  {difference}", markup=False, highlight=False, soft_wrap=True)
    return verdict


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    names = [package.name for package in (*PACKAGES, *COMPONENTS)]
    parser = ArgumentParser(prog="conformance.corpus", description="real programs on agave-wasi and on wasmtime-py")
    parser.add_argument("--only", action="append", default=[], choices=names, help="this program (repeatable)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to FILE")
    parser.add_argument(
        "--runner",
        action="append",
        default=[],
        choices=[runner.name for runner in RUNNERS],
        help=f"run on this runtime, against the jobs' own expectations (repeatable); else {AGAVE.name} and {WASMTIME.name}",
    )
    options = parser.parse_args(arguments)
    wanted = options.runner or (AGAVE.name, WASMTIME.name)
    runners = [runner for runner in RUNNERS if runner.name in wanted]
    console = Console(width=None if sys.stdout.isatty() else 130)
    console.print(f"corpus folder: {corpus_folder()}", markup=False, highlight=False, soft_wrap=True)
    verdicts: list[Verdict] = []
    skipped: dict[str, str] = {}
    broken: dict[str, str] = {}
    for package in select(options.only, (*PACKAGES, *COMPONENTS)):
        try:
            verdicts += run_package(package, runners, console)
        except (RegistryUnreachable, ToolMissing) as reason:
            skipped[package.name] = str(reason)
        except FetchFailed as reason:
            broken[package.name] = str(reason)
    console.print(make_table(verdicts, runners))
    for name, why in skipped.items():
        console.print(f"skipped: {name}: {why}", markup=False, soft_wrap=True)
    for name, why in broken.items():
        console.print(f"failed: {name}: {why}", markup=False, soft_wrap=True)
    passed = sum(verdict.ran and not verdict.differences for verdict in verdicts)
    failed = sum(bool(verdict.differences) for verdict in verdicts) + len(broken)
    left_out = len(skipped) + sum(not verdict.ran for verdict in verdicts)
    console.print(f"{passed} passed, {failed} failed, {left_out} skipped", highlight=False)
    if options.json:
        data = {"jobs": [as_data(verdict) for verdict in verdicts], "skipped": skipped, "failed": broken}
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
