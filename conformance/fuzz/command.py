"""`agave-wasi fuzz`: drive agave-wasi and the reference in step with random calls, and tell what isn't explained."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from agave_wasi.cli.completed import Node
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.options import CHANCE, HELP, JSON, LIMITS, MORE, Option, UsageError, parse
from agave_wasi.cli.values import natural, positive, seconds, text
from agave_wasi.terminal import colours
from conformance.errors import HarnessError
from conformance.fleet.option import scheduler
from conformance.fuzz import campaign as campaigns
from conformance.fuzz.campaign import Campaign
from conformance.fuzz.expected import NoCase
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.node import NoNode
from conformance.fuzz.programs import AGAINST, CASE_OPTIONS, ENGINE, REPLAY_OPTIONS, chosen, executes, memory_folder
from conformance.fuzz.programs import COMMANDS as PROGRAM_COMMANDS
from conformance.fuzz.steps import COMPONENTS, FORMAT, BadProgramFile, save
from conformance.fuzz.text import data, finding_data
from conformance.fuzz.text import text as lines

EXIT_FOUND = 1
CALLS = 100_000

def _minutes(given: str) -> float:
    """A time span in minutes."""
    try:
        return seconds(given)
    except ValueError:
        raise ValueError("it is not a number of minutes, more than none") from None


OPTIONS = (
    Option("calls", "N", positive, f"Make so many calls; {CALLS:,} unless it is said, or no end with --minutes.",
           "--calls 1000000", None, LIMITS),
    Option("minutes", "M", _minutes, "Stop behind the chain in which so many minutes are over.", "--minutes 5", None, LIMITS),
    Option("seed", "N", natural, "Where the random numbers begin; 0 unless it is said. The same seed makes the same calls.",
           "--seed 42", None, CHANCE),
    Option("short", "N", positive, "Make N short programs instead, which Hypothesis draws and shrinks: pip install hypothesis.",
           "--short 1000", None, LIMITS),
    Option("types", "N", positive, "Send values of N arbitrary function types through components that echo them instead.",
           "--types 50000", None, LIMITS),
    Option("components", "", None, "Call the functions of WASI 0.2 instead, through a component.", "--components", None,
           LIMITS),
    AGAINST,
    ENGINE,
    Option("save", "DIR", text, "Keep each small program in this folder, as JSON that `fuzz replay` takes.",
           "--save found", None, MORE),
    scheduler(MORE),
    JSON,
    HELP,
)  # fmt: skip
MANUAL = Manual(
    "fuzz [OPTIONS]  |  fuzz replay [--json | --runtime NAME] FILE  |  fuzz case [--name NAME] [--into DIR] FILE",
    (
        "Make random calls of Preview 1's functions on agave-wasi and on wasmtime's own WASI, one by one on both, and compare "
        "errno, results and the whole memory behind each, and all files now and then. Calls come in chains, each in a fresh "
        "world; some chains have hostile calls in them: pointers, lengths and flags that no compiler would have put there.",
        "Divergences that are known (docs/DIVERGENCES.md) are counted. One that isn't ends its chain, is made as small as it "
        "can be, and told with both answers and the rule that decides.",
        "With --types, values of arbitrary types go through components that echo them, and raw memory that is spoiled in one "
        "place must be trapped on both sides; --save then keeps the component's text.",
        "replay runs a program that was kept, once more on both sides; with --runtime NAME as a case on that runtime, or on "
        "all that are found. case makes a case of a suite of it: a guest that asserts inside what agave-wasi shows.",
    ),
    (
        "agave-wasi fuzz",
        "agave-wasi fuzz --seed 7 --calls 1000000 --save found",
        "agave-wasi fuzz --minutes 10 --json | jq .found",
        "agave-wasi fuzz --short 2000",
        "agave-wasi fuzz --against node --calls 5000",
        "agave-wasi fuzz --engine x86",
        "agave-wasi fuzz --types 50000 --seed 3",
        "agave-wasi fuzz --components --calls 100000",
        "agave-wasi fuzz --components --engine x86 --calls 5000",
        "agave-wasi fuzz replay found/1.json",
        "agave-wasi fuzz replay --runtime node found/1.json",
        "agave-wasi fuzz case --name rename_over_itself --into my-suite found/1.json",
    ),
    OPTIONS,
)
EXIT_CODES = (
    ("0", "nothing but what is known"),
    ("1", "something isn't explained"),
    ("2", "wrong usage"),
    ("125", "an error of ours: a file can't be had"),
    ("130", "Ctrl-C"),
)


def main(arguments: Sequence[str]) -> int:
    """Fuzz, or replay; the exit code."""
    try:
        word, rest = (list(arguments[:1]) or [""])[0], list(arguments[1:])
        if word in PROGRAM_COMMANDS:
            if "--help" in rest or "-h" in rest:
                return show_manual(MANUAL, EXIT_CODES)
            return PROGRAM_COMMANDS[word](rest)
        return _fuzz(list(arguments))
    except (BadProgramFile, HarnessError, NoCase, NoNode) as error:
        raise Failure(str(error)) from None


def _fuzz(arguments: list[str]) -> int:
    settings, rest = parse("fuzz", arguments, OPTIONS)
    if settings.get("help"):
        return show_manual(MANUAL, EXIT_CODES)
    if rest:
        raise UsageError(f"fuzz: {rest[0]} is no option; agave-wasi fuzz replay FILE runs a program that was kept")
    against = chosen(settings)
    folder = _folder(settings["save"]) if "save" in settings else None
    minutes = settings.get("minutes")
    calls = settings.get("calls", CALLS if minutes is None else sys.maxsize)
    if "types" in settings:
        return _types(settings, folder)
    if settings.get("components"):
        return _components(settings, calls, minutes, folder)
    engine = executes(settings)
    if engine == "x86" and "scheduler" in settings:
        raise UsageError("fuzz: --engine x86 runs here; leave --scheduler out")
    if "short" in settings and "scheduler" in settings:
        raise UsageError("fuzz: --short programs are drawn here, one after the other; leave --scheduler out")
    if "short" in settings:
        done = _short(settings.get("seed", 0), settings["short"], against, engine)
        return _told(done, folder, bool(settings.get("json")))
    with _one_cpu(), _progress(calls, minutes) as progress:
        done = _campaign(settings, calls, minutes, against, progress, engine)
    return _told(done, folder, bool(settings.get("json")))


def _short(seed: int, programs: int, against: str, engine: str) -> Campaign:
    """Short programs by Hypothesis."""
    try:
        from conformance.fuzz.machine import explore
    except ImportError as error:
        raise Failure(f"--short needs Hypothesis, which isn't installed ({error}): pip install hypothesis") from None
    with _one_cpu():
        return explore(seed, programs, partial(Lockstep, memory_folder(), against, engine=engine), against)


def _types(settings: dict[str, Any], folder: Path | None) -> int:
    """Values of arbitrary types."""
    if wrong := settings.keys() & {"short", "scheduler", "against", "calls", "components"}:
        raise UsageError(f"fuzz: --types compares with wasmtime, here; leave --{min(wrong)} out")
    from conformance.fuzz.types import campaign, report

    with _progress(0, 1.0) as progress:
        done = campaign.run(settings.get("seed", 0), settings["types"], settings.get("minutes"), progress, executes(settings))
    try:
        saved = report.save(folder, done) if folder is not None else []
    except OSError as error:
        raise Failure(f"--save {folder}: {error.strerror}") from None
    if settings.get("json"):
        print(json.dumps(report.data(done, saved), indent=2))
    else:
        print("\n".join(report.lines(done, saved, colours(1))))
    return EXIT_FOUND if done.found else 0


def _components(settings: dict[str, Any], calls: int, minutes: float | None, folder: Path | None) -> int:
    """The functions of WASI 0.2."""
    if wrong := settings.keys() & {"short", "scheduler", "against"}:
        raise UsageError(f"fuzz: --components draws long programs here, against wasmtime; leave --{min(wrong)} out")
    from conformance.components.fuzz import campaign, command

    engine = executes(settings)
    with _one_cpu(), _progress(calls, minutes) as progress:
        done = campaign.run(settings.get("seed", 0), calls, minutes, memory_folder(), progress, engine=engine)
    saved = _save(folder, done, COMPONENTS) if folder is not None else []
    print(command.told(done, saved, bool(settings.get("json"))))
    return EXIT_FOUND if done.found else 0


def _told(done: Campaign, folder: Path | None, as_json: bool) -> int:
    saved = _save(folder, done) if folder is not None else []
    if as_json:
        print(json.dumps(data(done, saved), indent=2))
    else:
        print("\n".join(lines(done, saved, colours(1))))
    return EXIT_FOUND if done.found else 0


def _campaign(
    settings: dict[str, Any],
    calls: int,
    minutes: float | None,
    against: str,
    progress: Callable[[Campaign], object],
    engine: str,
) -> Campaign:
    """The campaign, here or on a cluster."""
    seed = settings.get("seed", 0)
    if "scheduler" in settings:
        from conformance.fleet import fuzzing

        return fuzzing.run(settings["scheduler"], seed, calls, minutes, progress, against=against)
    return campaigns.run(seed, calls, minutes, memory_folder(), progress, against=against, engine=engine)


def completions() -> Node:
    """What shells complete behind `agave-wasi fuzz`."""
    below = {"replay": Node("run a program that was kept", REPLAY_OPTIONS), "case": Node("make a case of it", CASE_OPTIONS)}
    return Node("drive agave-wasi and a reference in step with random calls", OPTIONS, below=below)


def _folder(name: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"--save {name}: {error.strerror}") from None
    return folder


def _save(folder: Path, done: Campaign, format: str = FORMAT) -> list[str]:
    found = []
    for number, each in enumerate(done.found, 1):
        path = folder / f"{number}.json"
        about = finding_data(each.small)
        about.pop("steps")
        try:
            save(path, each.small.steps, {"seed": done.seed, "against": done.against, "chain": each.chain, **about}, format)
        except OSError as error:
            raise Failure(f"--save {path}: {error.strerror}") from None
        found.append(str(path))
    return found


@contextmanager
def _one_cpu() -> Iterator[None]:
    """Stay on one CPU: the reference hands file calls to threads of its own, and waking them on another one takes longer."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    try:
        if allowed:
            os.sched_setaffinity(0, {max(allowed)})
        yield
    finally:
        if allowed:
            os.sched_setaffinity(0, allowed)


@contextmanager
def _progress(calls: int, minutes: float | None) -> Iterator[Callable[[Any], object]]:
    """A line on stderr while it runs, if that is a terminal."""
    if not os.isatty(2) or os.environ.get("TERM") == "dumb":
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns: tuple[Any, ...] = (TextColumn("fuzzing"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True, no_color=not colours(2))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=calls if minutes is None else None)

        def show(done: Any) -> None:
            shown = f"{done.calls:,} calls, {done.rate:,.0f} a second, {len(done.found)} not explained"
            progress.update(task, completed=done.calls, description=shown)

        yield show
