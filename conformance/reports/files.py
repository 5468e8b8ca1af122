"""What makes the text of each report, and where it goes."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

from conformance import outputs
from conformance.reports.document import Document
from conformance.reports.junit import junit
from conformance.reports.markdown import markdown
from conformance.reports.page import page
from conformance.runner import DEFAULT_TIMEOUT


def as_json(told: Document) -> str:
    """The document itself."""
    return json.dumps(told, indent=1) + "\n"


def as_markdown(told: Document) -> str:
    """The page, with the command that makes it again."""
    return markdown(told, command(told))


WRITERS: dict[str, Callable[[Document], str]] = {"junit": junit, "json": as_json, "html": page, "markdown": as_markdown}
"""What makes the text of a report, by the option that asks for it."""


def write(name: str, place: str, told: Document) -> None:
    """Write a report; HarnessError if it can't be. The place - is stdout."""
    text = WRITERS[name](told)
    if place == "-":
        print(text, end="")
    else:
        outputs.write(f"--{name}", place, text)


def command(told: Document) -> str:
    """The command line that makes such a report again."""
    words = ["agave-wasi", "conformance", "run", *told["arguments"]]
    for runtime in told["runtimes"]:
        words += ["--reference" if runtime["reference"] else "--runtime", runtime["name"]]
    for name, values in told["given"].items():
        words += [word for value in values for word in (f"--{name}", value)]
    options = told["options"]
    for name, usual in (("timeout", DEFAULT_TIMEOUT), ("repeat", 1), ("shuffle", None)):
        if options[name] != usual:
            words += [f"--{name}", str(options[name]).removesuffix(".0")]
    if options["lenient"]:
        words.append("--lenient")
    return shlex.join([*words, "--markdown", "FILE.md"])
