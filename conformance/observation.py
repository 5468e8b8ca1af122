"""What a run of a guest showed, whichever runtime ran it."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TEXT_FORMS = 'a text, null (nothing there), {"base64": "..."}, {"link": "target"} or {"directory": true}'


@dataclass(frozen=True)
class Entry:
    """Something in a file system: `kind` is "file", "directory" or "link"; `data` a file's content or a link's target."""

    kind: str
    data: bytes = b""

    @classmethod
    def wanted(cls, value: Any) -> Entry | None:
        """What a manifest says of a path: None where nothing may be. ValueError says what it may be."""
        match value:
            case None:
                return None
            case str():
                return cls("file", value.encode())
            case {"base64": str(text), **rest} if not rest:
                return cls("file", base64.b64decode(text, validate=True))
            case {"link": str(target), **rest} if not rest:
                return cls("link", target.encode())
            case {"directory": True, **rest} if not rest:
                return cls("directory")
        raise ValueError(TEXT_FORMS)

    def __str__(self) -> str:
        if self.kind == "directory":
            return "a directory"
        return f"a link to {self.data.decode(errors='backslashreplace')!r}" if self.kind == "link" else shown(self.data)


ENDINGS = ("exit", "trap", "stopped", "timeout", "crash", "refused")
"""The guest ended itself; it trapped; it met a limit or waited for nothing; its time was up; the runtime broke; the runtime
didn't want to run it."""


@dataclass(frozen=True)
class Observation:
    """What a run showed.

    ended_by     one of ENDINGS; `message` says more of all but "exit"
    files        what lay where afterwards, by path from `/` on; None if nobody looked
    leaked       descriptors of the host that the run has left open
    """

    ended_by: str = "exit"
    exit_code: int | None = 0
    stdout: bytes = b""
    stderr: bytes = b""
    message: str = ""
    files: dict[str, Entry] | None = None
    leaked: tuple[str, ...] = field(default=())
    seconds: float = 0.0

    @property
    def same(self) -> tuple[Any, ...]:
        """What must be equal when a run is repeated: everything but how long it took."""
        files = tuple(sorted((self.files or {}).items(), key=lambda each: each[0]))
        return self.ended_by, self.exit_code, self.stdout, self.stderr, files, self.leaked


def shown(data: bytes, most: int = 400) -> str:
    """Bytes for people: as a quoted text, shortened."""
    text = data[:most].decode("utf-8", "backslashreplace")
    return repr(text) if len(data) <= most else f"{text!r}... ({len(data)} bytes)"


def files_below(folder: Path, guest: str = "/") -> dict[str, Entry]:
    """What lies in a folder of the host, by the path that a guest knows it by. Links are not followed."""
    found: dict[str, Entry] = {}
    pending = [(os.fspath(folder), guest.rstrip("/"))]
    while pending:  # no recursion: a guest can nest folders deeper than Python's stack
        here, prefix = pending.pop()
        try:
            entries = list(os.scandir(here))
        except OSError:  # deeper than a path may be long, or closed by its owner: it is shown, and not what is in it
            continue
        for entry in entries:
            path = f"{prefix}/{entry.name}"
            if entry.is_symlink():
                found[path] = Entry("link", os.fsencode(os.readlink(entry.path)))
            elif entry.is_dir(follow_symlinks=False):
                found[path] = Entry("directory")
                pending.append((entry.path, path))
            elif entry.is_file(follow_symlinks=False):
                found[path] = Entry("file", Path(entry.path).read_bytes())
    return found
