"""Commands of other packages, announced through entry points; looked up only when a name isn't one of our own."""

from __future__ import annotations

import os
from importlib.metadata import EntryPoint, entry_points

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.main import COMMANDS, ENTRY_POINTS
from agave_wasi.cli.options import UsageError
from agave_wasi.nearest import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.cli.main import Command


def announced() -> dict[str, EntryPoint]:
    """The entry points of other packages' commands by name."""
    return {each.name: each for each in sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name)}


def find(name: str) -> Command:
    """Another package's command; UsageError if there is none of that name, Failure if it can't be loaded."""
    others = announced()
    if name in others:
        try:
            command: Command = others[name].load()
        except Exception as error:  # another package's code: it may raise anything
            raise Failure(f"the command {name} of {others[name].value} can't be loaded: {error}") from error
        return command
    if name.endswith((".wasm", ".wat")) or os.path.isfile(name):
        raise UsageError(f"{name} is no command; to run a program, write agave-wasi run {name}")
    if name.startswith("-"):
        raise UsageError(f"options come after a command: agave-wasi run {name} ...; agave-wasi --help lists the commands")
    raise UsageError(unknown("there is no command", name, [*COMMANDS, *others], "agave-wasi --help lists them"))
