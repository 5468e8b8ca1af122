"""What is done with a program that was kept: replayed on both sides or on any runtime, made a case of a suite."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import JSON, LINKING, MORE, Option, UsageError, parse
from agave_wasi.cli.values import engine, seconds, text
from agave_wasi.terminal import colours
from conformance.adapters.agave import OnModel
from conformance.adapters.base import Missing
from conformance.adapters.registry import choose, runtimes
from conformance.calls.known import REFERENCE
from conformance.case import Case
from conformance.diff.table import plural
from conformance.diff.text import Page
from conformance.folders import fresh_folder
from conformance.fuzz.case import write
from conformance.fuzz.chain import Finding, replay
from conformance.fuzz.layout import fits, shown
from conformance.fuzz.lockstep import REFERENCES, Lockstep
from conformance.fuzz.steps import Step, is_of_components, load
from conformance.fuzz.text import finding, finding_data
from conformance.runner import DEFAULT_TIMEOUT, Options, run_cases

EXIT_FOUND = 1
MEMORY_FOLDER = "/dev/shm"
"""Where the reference's files lie, if TMPDIR doesn't say otherwise and there is such a folder: it has no disk to wait for."""
AGAINST = Option("against", "RUNTIME", text, "The runtime to compare with: wasmtime, or node for Node's own WASI.",
                 "--against node", None, LINKING, "", tuple(REFERENCES))  # fmt: skip
ENGINE = Option("engine", "wasmtime|x86", engine,
                "Who executes agave-wasi's guests: wasmtime (the default), or the CPU model (docs/METAL.md).",
                "--engine x86", None, LINKING, "", ("wasmtime", "x86"))  # fmt: skip
REPLAY_OPTIONS = (
    AGAINST,
    ENGINE,
    Option("runtime", "NAME", text, "Run it as a case on this runtime (agave-wasi conformance runtimes), or on all.",
           "--runtime node", None, LINKING),
    Option("runtimes", "FILE", text, "A file that describes more runtimes, as for conformance run.", "--runtimes r.toml", None,
           LINKING),
    Option("timeout", "S", seconds, "Stop a runtime after so many seconds.", "--timeout 5", None, MORE),
    JSON,
)  # fmt: skip
CASE_OPTIONS = (
    Option("name", "NAME", text, "What the case is called; as the file, unless it is said.", "--name rename_twice", None, MORE),
    Option("into", "DIR", text, "The suite's folder, this one unless it is said.", "--into my-suite", None, MORE),
)  # fmt: skip


def memory_folder() -> str | None:
    """The folder for the reference's files; None for the usual one."""
    usable = "TMPDIR" not in os.environ and os.access(MEMORY_FOLDER, os.W_OK)
    return MEMORY_FOLDER if usable else None


def chosen(settings: dict[str, Any]) -> str:
    """The runtime to compare with."""
    name: str = settings.get("against", REFERENCE)
    if name not in REFERENCES:
        raise UsageError(f"fuzz: --against {name}: there are {' and '.join(REFERENCES)}; fuzz replay --runtime takes any")
    return name


def executes(settings: dict[str, Any]) -> str:
    """The engine of our side; Failure where the CPU model is asked for and isn't installed."""
    name: str = settings.get("engine", "wasmtime")
    if name == "x86" and isinstance(missing := OnModel().find(), Missing):
        raise Failure(f"--engine x86: {missing.cure}")
    return name


def _program(what: str, rest: list[str]) -> tuple[Path, list[Step]]:
    """The one file that a command names, and its program."""
    if len(rest) != 1:
        raise UsageError(f"fuzz {what}: it takes one file: agave-wasi fuzz {what} found/1.json")
    path = Path(rest[0])
    steps = load(path)
    for each in steps:
        if not fits(each):
            raise Failure(f"{path}: the arguments of step {each.number} aren't as agave-wasi fuzz writes them")
    return path, steps


def replay_program(arguments: list[str]) -> int:
    """`fuzz replay`: run a program on both sides, or as a case on other runtimes."""
    settings, rest = parse("fuzz", arguments, REPLAY_OPTIONS)
    if len(rest) == 1 and is_of_components(Path(rest[0])):
        from conformance.components.fuzz.command import replay as replay_components

        if wrong := settings.keys() & {"runtime", "against"}:
            raise UsageError(f"fuzz replay: a program of WASI 0.2 runs here and on wasmtime; leave --{min(wrong)} out")
        return replay_components(Path(rest[0]), memory_folder(), bool(settings.get("json")), executes(settings))
    path, steps = _program("replay", rest)
    if "runtime" in settings and "engine" in settings:
        raise UsageError("fuzz replay: the CPU model as a runtime is --runtime agave-wasi-x86; leave --engine out")
    if "runtime" in settings:
        file = settings.get("runtimes")
        timeout = settings.get("timeout", DEFAULT_TIMEOUT)
        return _elsewhere(path, steps, settings["runtime"], file, timeout, bool(settings.get("json")))
    against = chosen(settings)
    run = replay(steps, partial(Lockstep, memory_folder(), against, engine=executes(settings)))
    if settings.get("json"):
        found = finding_data(run.finding) if run.finding is not None else None
        print(json.dumps({"calls": run.calls, "known": dict(run.known), "found": found}, indent=2))
    else:
        _tell(run.calls, sorted(run.known), run.finding, against)
    return EXIT_FOUND if run.finding is not None else 0


def _elsewhere(path: Path, steps: list[Step], name: str, file: str | None, timeout: float, as_json: bool) -> int:
    """Run a program as a case: does the runtime show what agave-wasi shows?"""
    chosen = choose([name], runtimes(Path(file) if file else None))
    with fresh_folder() as folder:
        write(folder, path.stem, steps)
        case = Case.read(folder / f"{path.stem}.json", "fuzz")
        outcomes = run_cases([case], [runtime for runtime, _ in chosen.values()], Options(timeout=timeout))
    if as_json:
        told = [{"runtime": each.runtime, "verdict": each.verdict, "reasons": each.reasons} for each in outcomes]
        print(json.dumps(told, indent=2))
    else:
        page = Page(colours(1))
        for each in outcomes:
            page.add(f"{each.verdict:5} {each.runtime} {chosen[each.runtime][1].version}")
            for reason in each.reasons:
                page.add(f"      {reason}")
        print("\n".join(page.lines))
    return EXIT_FOUND if any(each.verdict.unexpected for each in outcomes) else 0


def _tell(calls: int, known: list[str], found: Finding | None, against: str) -> None:
    page = Page(colours(1))
    if found is not None:
        finding(page, found, REFERENCES[against].title)
    else:
        page.add(f"{plural(calls, 'call')}: {'the same but for ' + ', '.join(known) if known else 'the same'}")
    print("\n".join(page.lines))


def make_case(arguments: list[str]) -> int:
    """`fuzz case`: put a program into a suite."""
    settings, rest = parse("fuzz", arguments, CASE_OPTIONS)
    path, steps = _program("case", rest)
    name = settings.get("name", path.stem)
    if not name or "/" in name or name.startswith("."):
        raise UsageError(f"fuzz case: --name {name}: it can't have a slash or begin with a dot, for files are named so")
    about = [f"  {shown(each)}".encode("ascii", "backslashreplace").decode() for each in steps[-20:]]
    about.insert(0, "A program that agave-wasi fuzz has found, as agave-wasi answers it:")
    try:
        made = write(Path(settings.get("into", ".")), name, steps, about)
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    print("\n".join(map(str, made)))
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {"replay": replay_program, "case": make_case}
