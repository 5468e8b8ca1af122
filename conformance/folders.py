"""Folders of the host that guests have had: removed whatever a guest has made of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """An empty folder, gone afterwards with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix="agave-wasi-case-"))
    try:
        yield folder
    finally:
        remove_tree(folder)


def remove_tree(top: Path) -> None:
    """Remove a folder. Links are removed and never followed, and permissions that are missing are given.

    A guest can nest folders deeper than Python's stack, and than a path may be long. So a folder's folders are moved up before
    it is removed, and none is ever more than two below `top`.
    """
    os.chmod(top, 0o700)
    pending = list(top.iterdir())
    names = (top / f".moved {number}" for number in count())
    while pending:
        path = pending.pop()
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            continue
        path.chmod(0o700)
        for entry in list(os.scandir(path)):
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)
                place = next(name for name in names if not os.path.lexists(name))
                os.rename(entry.path, place)
                pending.append(place)
            else:
                os.unlink(entry.path)
        path.rmdir()
    top.rmdir()
