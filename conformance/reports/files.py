"""Writing reports to files, whole or not at all."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from conformance.errors import HarnessError
from conformance.reports.document import Document
from conformance.reports.junit import junit
from conformance.reports.markdown import markdown
from conformance.reports.page import page


def as_json(told: Document) -> str:
    """The document itself."""
    return json.dumps(told, indent=1) + "\n"


def as_markdown(told: Document) -> str:
    """The page, with the command that makes it again."""
    return markdown(told, command(told))


WRITERS: dict[str, Callable[[Document], str]] = {"junit": junit, "json": as_json, "html": page, "markdown": as_markdown}
"""What makes the text of a report, by the option that asks for it."""


def write(name: str, place: str, told: Document) -> None:
    """Write a report; HarnessError if it can't be."""
    text = WRITERS[name](told)
    if place == "-":
        sys.stdout.write(text)
        return
    try:
        _write_whole(Path(place).resolve(), text)
    except OSError as error:
        raise HarnessError(f"--{name} {place} can't be written: {error.strerror}") from None


def _write_whole(path: Path, text: str) -> None:
    """Replace a file in one step; a device or pipe is written to, for nothing may take its place."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        try:
            file.write(text)
            file.flush()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def command(told: Document) -> str:
    """The command line that makes such a report again."""
    words = ["agave-wasi", "conformance", "run", *told["arguments"]]
    for runtime in told["runtimes"]:
        words += ["--reference" if runtime["reference"] else "--runtime", runtime["name"]]
    if told["options"]["repeat"] > 1:
        words += ["--repeat", str(told["options"]["repeat"])]
    return shlex.join([*words, "--markdown", "docs/SCOREBOARD.md"])
