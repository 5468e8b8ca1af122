"""--config: the options of `run` from a TOML file, by the same names; the command line wins.

    seed = 42
    dir = ["data::/data:ro"]
    realtime = false

    [env]
    LANG = "C"

A repeatable option is a list, those of NAME=VALUE may be tables. Relative paths are relative to where the command runs.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import Any

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import RUN_OPTIONS, Option, UsageError, enter, read
from agave_wasi.nearest import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.cli.options import Settings

_NOT_IN_FILES = ("config", "help")
VIRTUAL = ("seed", "clock-start", "clock-step", "clock-ips")
"""What --realtime makes meaningless: said where it is not, it gives way."""


def with_file(settings: Settings) -> Settings:
    """The settings of the file that `settings` names, and over them those of the command line."""
    path = settings["config"]
    found = load(path)
    if settings.get("realtime"):
        for name in VIRTUAL:
            found.pop(name, None)
    elif any(name in settings for name in VIRTUAL):
        found.pop("realtime", None)
    for option in RUN_OPTIONS:
        if option.name not in settings or option.name == "config":
            continue
        for value in settings[option.name] if option.key else (settings[option.name],):
            enter(found, option, value)
    return found


def load(path: str) -> Settings:
    """The options in a file; Failure if it can't be read, UsageError for what isn't an option or its value."""
    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise Failure(f"--config {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"--config {path}: it is no TOML: {error}") from None
    options = {option.name: option for option in RUN_OPTIONS if option.name not in _NOT_IN_FILES}
    settings: Settings = {}
    for name, value in table.items():
        if name not in options:
            listed = "agave-wasi run --help lists the options"
            raise UsageError(f"--config {path}: {unknown('there is no option', name, options, listed)}")
        _enter(settings, options[name], value, f"{path}: ")
    return settings


def _enter(settings: Settings, option: Option, value: Any, where: str) -> None:
    if option.read is None:
        if not isinstance(value, bool):
            raise UsageError(f"{where}{option.name} is true or false, not {value!r}")
        settings[option.name] = value
        return
    several = [value]
    if option.key is not None:
        if isinstance(value, dict) and "=" in option.value:
            several = [f"{name}={_text(option, each, where)}" for name, each in value.items()]
        elif isinstance(value, list):
            several = value
    for each in several:
        enter(settings, option, read(option, _text(option, each, where), where))


def _text(option: Option, value: Any, where: str) -> str:
    """A value of the file as the command line would have it."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise UsageError(f"{where}{option.name} can't be {value!r}; it takes {option.value}, for example {option.example}")
