"""Files that commands write: complained of before anything is run, and written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from conformance.errors import HarnessError


def check(option: str, place: str) -> None:
    """HarnessError if a file can't be written there, as far as can be told beforehand."""
    path = Path(place)
    folder = path.absolute().parent
    if path.is_dir():
        raise HarnessError(f"{option} {place} is a folder; name a file in it")
    if not folder.is_dir():
        raise HarnessError(f"{option} {place} can't be written: there is no folder {path.parent}; make it first")
    if not os.access(path if path.exists() and not path.is_file() else folder, os.W_OK):
        raise HarnessError(f"{option} {place} can't be written: it isn't permitted there; name another place")


def write(option: str, place: str, text: str) -> None:
    """Write a file; HarnessError if it can't be."""
    try:
        _write_whole(Path(place).resolve(), text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise HarnessError(f"{option} {place} can't be written: {error.strerror}") from None


def _write_whole(path: Path, data: bytes) -> None:
    """Replace a file in one step; a device or pipe is written to, for nothing may take its place."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
