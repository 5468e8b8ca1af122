"""A program of the fuzzer's: host calls as data, with descriptors by the step that made them, so that any part of it runs.

A descriptor is `{"of": n}`: what step n opened, or for n below FIRST what a guest begins with. So a program means the same on
hosts that number descriptors differently, and goes on meaning something when steps are taken out of it: what was never
opened, or is closed, stands for a number that is never open.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

FIRST = 4
"""The number of the first step: smaller ones stand for stdin, stdout, stderr and the preopened folder."""
TOP = {"of": 3}
"""The preopened folder."""
NEVER_OPEN = 0x4000_0000
"""A descriptor that no host hands out."""
FORMAT = "agave-wasi fuzz 1"
COMPONENTS = "agave-wasi fuzz components 1"
"""The format of programs of WASI 0.2 (`conformance.components.fuzz`)."""


@dataclass(slots=True)
class Step:
    """One host call: a value for each parameter, as JSON has them; `raw` puts numbers into slots whatever the values say.

    `walk`: a directory is listed from there to its end, in as many calls as it takes.
    """

    number: int
    name: str
    values: dict[str, Any] = field(default_factory=dict)
    raw: dict[int, int] = field(default_factory=dict)
    walk: bool = False

    def plain(self) -> dict[str, Any]:
        """As data that JSON can hold."""
        found: dict[str, Any] = {"step": self.number, "call": self.name, "args": self.values}
        if self.raw:
            found["raw"] = {str(slot): value for slot, value in self.raw.items()}
        if self.walk:
            found["walk"] = True
        return found

    @classmethod
    def restore(cls, plain: dict[str, Any]) -> Step:
        """From what `plain` made."""
        raw = {int(slot): int(value) for slot, value in plain.get("raw", {}).items()}
        return cls(plain["step"], plain["call"], plain["args"], raw, bool(plain.get("walk")))

    def with_value(self, name: str, value: Any) -> Step:
        """The same with another value."""
        return replace(self, values=self.values | {name: value})


class BadProgramFile(Exception):
    """A file holds no program of the fuzzer's; the text says why."""


def save(path: Path, steps: Sequence[Step], about: dict[str, Any], format: str = FORMAT) -> None:
    """Keep a program in a file, with what is told about it."""
    plain = {"format": format, **about, "steps": [each.plain() for each in steps]}
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def load(path: Path, format: str = FORMAT) -> list[Step]:
    """The program in a file; BadProgramFile."""
    plain = _read(path)
    if not isinstance(plain, dict) or plain.get("format") != format:
        raise BadProgramFile(f"{path} is no program of agave-wasi fuzz: it has no \"format\": \"{format}\"")
    try:
        return [Step.restore(each) for each in plain["steps"]]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadProgramFile(f"{path}: a step isn't as agave-wasi fuzz writes them: {error!r}") from None


def is_of_components(path: Path) -> bool:
    """Does a file hold a program of WASI 0.2? BadProgramFile if it can't be read."""
    plain = _read(path)
    return isinstance(plain, dict) and plain.get("format") == COMPONENTS


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadProgramFile(f"{path} can't be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadProgramFile(f"{path} is no JSON: {error}") from None
