"""Temporary folders that are gone afterwards, whatever a guest has put there: nested however deep, or not writable."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary(prefix: str) -> Iterator[Path]:
    """A folder of the host that is removed afterwards."""
    made = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield made
    finally:
        remove(made)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it. What is deep is moved up first, so neither stack nor path grows."""
    number = 0
    while True:
        with os.scandir(folder) as found:
            entries = [(each.path, each.is_dir(follow_symlinks=False)) for each in found]
        if not entries:
            break
        for path, is_directory in entries:
            if not is_directory:
                os.unlink(path)
                continue
            os.chmod(path, 0o700)
            with os.scandir(path) as found:
                below = [(each.path, each.is_dir(follow_symlinks=False)) for each in found]
            for inner, is_folder in below:
                if not is_folder:
                    os.unlink(inner)
                    continue
                os.chmod(inner, 0o700)  # to move a folder is to write to it
                number += 1
                os.rename(inner, folder / f"{os.path.basename(folder)}.{number}")
            os.rmdir(path)
    os.rmdir(folder)
