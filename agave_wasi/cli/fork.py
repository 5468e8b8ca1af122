"""`agave-wasi fork`: a program that was stopped goes on with another future: other random numbers, variables or files."""

from __future__ import annotations

from agave_wasi.cli import values
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import CHANCE, FILES, HELP, PROGRAM, RUN_OPTIONS, Option, UsageError, parse
from agave_wasi.cli.resume import RESUME_OPTIONS, Resumed, file_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _first(value: Any) -> object:
    return value[0]


FORK_OPTIONS = (
    Option("seed", "N", values.natural, "Let random numbers be others from here on.", "--seed 7", None, CHANCE),
    Option("env", "NAME[=VALUE]", values.variable,
           "Set a variable. Only a program that asks for its variables later sees it: most ask at their start.",
           "--env LANG=C", _first, PROGRAM),
    next(option for option in RUN_OPTIONS if option.name == "env-file"),
    Option("file", "GUEST=HOST", values.contents,
           "Give a file of the guest's the content of one of the host's, or make it. Who has it open reads the new one.",
           "--file /in.txt=other.txt", _first, FILES),
    *(option for option in RESUME_OPTIONS if option is not HELP),
    HELP,
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Go on, otherwise; the program's exit code, or one of ours."""
    settings, rest = parse("fork", arguments, FORK_OPTIONS)
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("fork")
    path = file_of("fork", rest)
    if not any(name in settings for name in ("seed", "env", "env-file", "file")):
        raise UsageError(f"fork: what shall be other? Say --seed, --env or --file, or write agave-wasi resume {path}")
    from agave_wasi.cli.building import environment

    changes: dict[str, Any] = {"env": environment(settings), "files": _contents(settings.get("file", ()))}
    if "seed" in settings:
        changes["seed"] = settings["seed"]
    return Resumed(settings, path, changes).to_its_end()


def _contents(files: list[tuple[str, str]]) -> dict[str, bytes]:
    found = {}
    for guest, host in files:
        try:
            with open(host, "rb") as file:
                found[guest] = file.read()
        except OSError as error:
            raise Failure(f"--file {guest}={host}: {error.strerror}") from None
    return found
