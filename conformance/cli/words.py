"""The options of each of the harness's commands, in the form of `agave_wasi.cli.options`, and the parser over them.

Here options may stand anywhere, for there is no guest whose words come last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agave_wasi.cli import values
from agave_wasi.cli.options import HELP, JSON, Option, UsageError, parse
from conformance.fleet.option import scheduler

WHAT, HOW, RESULTS = "What is run", "How it is run", "What comes of it"


def itself(value: Any) -> object:
    """The key of an option that may be given several times."""
    return value


FILTER = Option("filter", "PATTERN", values.text, "Only cases whose name, or suite/name, fits a pattern; may be repeated.",
                "--filter 'readdir_*'", itself, WHAT)  # fmt: skip
RUNTIMES = Option("runtimes", "FILE.toml", values.text, "Know the runtimes that a file describes by their command lines.",
                  "--runtimes runtimes.toml", None, WHAT)  # fmt: skip

ENGINE = Option("engine", "wasmtime|x86", values.engine,
                "Who executes agave-wasi's guests: wasmtime (the default), or the CPU model: the runtime agave-wasi-x86.",
                "--engine x86", None, WHAT, "", ("wasmtime", "x86"))  # fmt: skip

RUN_OPTIONS = (
    Option("runtime", "NAME", values.text, "Run on this runtime, or on all that are found; may be repeated. Else agave-wasi.",
           "--runtime node", itself, WHAT),
    Option("reference", "NAME", values.text, "Run on this one as well, say where others differ, and don't count what it does.",
           "--reference wasmtime", None, WHAT),
    ENGINE,
    FILTER,
    RUNTIMES,
    Option("jobs", "N", values.positive, "Run so many cases at once; as many as there are cores unless it is said.",
           "--jobs 4", None, HOW, "j"),
    scheduler(HOW),
    Option("timeout", "S", values.seconds, "Stop a case after so many seconds; 30 unless it is said.",
           "--timeout 5", None, HOW),
    Option("repeat", "N", values.positive, "Run each case so often; one that isn't the same every time is FLAKY.",
           "--repeat 10", None, HOW),
    Option("shuffle", "SEED", values.natural, "Run cases in another order; the same seed gives the same one.",
           "--shuffle 7", None, HOW),
    Option("lenient", "", None, "Don't compare output of which a manifest says nothing.", "--lenient", None, HOW),
    Option("expectations", "FILE.toml", values.text, "Know which cases fail or are skipped, and why; may be repeated.",
           "--expectations known.toml", itself, HOW),
    Option("junit", "FILE", values.text, "Write JUnit XML.", "--junit junit.xml", None, RESULTS),
    Option("json", "FILE", values.text, "Write JSON; - writes it to stdout, and nothing else.",
           "--json results.json", None, RESULTS),
    Option("html", "FILE", values.text, "Write a page: cases by runtimes, with what was expected and what came.",
           "--html report.html", None, RESULTS),
    Option("traces", "PATTERN", values.text,
           "Show the host calls of these cases in the page, and in JSON: here and on wasmtime, side by side; may be repeated, "
           "and none is for none. Else of those that don't pass, at most 50, or of all where there are no more than 8.",
           "--html report.html --traces 'fd_*'", itself, RESULTS),
    Option("markdown", "FILE", values.text, "Write a table for a repository.", "--markdown scoreboard.md", None, RESULTS),
    HELP,
)  # fmt: skip
LIST_OPTIONS = (FILTER, JSON, HELP)
SHOW_OPTIONS = (JSON, HELP)
RUNTIMES_OPTIONS = (RUNTIMES, JSON, HELP)
COVERAGE_OPTIONS = (JSON, HELP)
NUMERIC_OPTIONS = (
    Option("cases", "N", values.positive, "About so many cases for each instruction; 400 unless it is said.",
           "--cases 5000", None, HOW),
    Option("seed", "N", values.natural, "Draw other cases; 0 unless it is said.", "--seed 7", None, HOW),
    JSON,
    HELP,
)  # fmt: skip


def interspersed(command: str, arguments: Sequence[str], options: Sequence[Option]) -> tuple[dict[str, Any], list[str]]:
    """(values by option name, the words that are no options); UsageError. Behind -- nothing is an option."""
    settings: dict[str, Any] = {}
    words: list[str] = []
    rest = list(arguments)
    while rest:
        if rest[0] == "--":
            words += rest[1:]
            break
        if not rest[0].startswith("-") or rest[0] == "-":
            words.append(rest.pop(0))
            continue
        end = next((at for at, word in enumerate(rest) if word == "--"), len(rest))
        found, left = parse(command, rest[:end], options)
        for name, value in found.items():
            if isinstance(value, list):
                known = settings.setdefault(name, [])
                known += [each for each in value if each not in known]
            else:
                settings[name] = value
        rest = left + rest[end:]
    return settings, words


def at_most(words: list[str], most: int, command: str, wanted: str) -> None:
    """UsageError if there are more words than the command takes."""
    if len(words) > most:
        raise UsageError(f"{command}: {words[most]!r} is one word too many; it takes {wanted}")
