"""Finds the command among those of the harness, and turns its errors into those that agave-wasi tells."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from agave_wasi.cli.completed import Node
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.help import Manual, show_manual
from agave_wasi.cli.options import HELP, UsageError
from agave_wasi.nearest import unknown
from conformance.errors import HarnessError, WrongUse

COMMANDS = {
    "run": "run suites on runtimes, and compare with what their manifests say",
    "list": "list the cases",
    "show": "show all of a case: what it needs, gets and must show",
    "runtimes": "list the runtimes: found or not, version, what they can't do",
    "coverage": "measure which answers of which functions the suites provoke",
    "numeric": "compare every instruction that computes on the x86 engine with the JIT engine",
}
EXIT_CODES = (
    ("0", "nothing unexpected has happened"),
    ("1", "a case failed, passed unexpectedly, was flaky, or was stopped"),
    ("2", "wrong usage"),
    ("125", "an error of ours: a bad manifest, a runtime that isn't there, a report that can't be written"),
)


def main(arguments: Sequence[str]) -> int:
    """`agave-wasi conformance ...`; the exit code."""
    name = arguments[0] if arguments else "--help"
    if name in ("--help", "-h", "help"):
        if len(arguments) > 1 and arguments[1] in COMMANDS:
            return main([arguments[1], "--help"])
        about = [f"{command}: {text}" for command, text in COMMANDS.items()]
        told = Manual("conformance COMMAND [OPTIONS] ...", about, EXAMPLES, (HELP,))
        show_manual(told, EXIT_CODES)
        return 0
    if name not in COMMANDS:
        raise UsageError(
            unknown("conformance: there is no command", name, COMMANDS, "agave-wasi conformance --help lists them")
        )
    try:
        code: int = import_module(f"conformance.cli.{name}").main(list(arguments[1:]))
    except WrongUse as error:
        raise UsageError(f"conformance {name}: {error}") from None
    except HarnessError as error:
        raise Failure(str(error)) from None
    return code


def completions() -> Node:
    """What shells complete behind `agave-wasi conformance`."""
    from conformance.adapters.registry import EVERY, OTHER_NAMES, runtimes
    from conformance.suite import OURS, find_suites

    known = tuple(name for name in [*runtimes(), *OTHER_NAMES, EVERY] if ":" not in name)  # which parts words for shells
    names = {"run": OURS, "list": OURS, "show": [case.name for suite in find_suites([]) for case in suite.cases]}
    names["numeric"] = import_module("conformance.cli.numeric").KINDS
    below = {}
    for name, about in COMMANDS.items():
        manual = import_module(f"conformance.cli.{name}").MANUAL
        options = [each.choosing(known) if each.name in ("runtime", "reference") else each for each in manual.options]
        below[name] = Node(about, options, names.get(name, ()))
    return Node("run suites on runtimes, and see them", (HELP,), below=below)


EXAMPLES = (
    "agave-wasi conformance run",
    "agave-wasi conformance run --runtime all --reference wasmtime --html report.html",
    "agave-wasi conformance run --help",
)
