"""A spinner on stderr while a big module compiles; nothing at all unless stderr is a terminal."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

SLOW = 200_000
"""Bytes of a module that compiles so fast that nobody wonders."""


def spinner(name: str, size: int) -> AbstractContextManager[object]:
    """A context that shows "compiling NAME" with the time since it was entered."""
    if size < SLOW or not os.isatty(2) or os.environ.get("TERM") == "dumb":
        return nullcontext()
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from agave_wasi.terminal import printable

    shown = escape(printable(os.path.basename(name)))
    progress = Progress(
        SpinnerColumn(),
        TextColumn("compiling [bold]{task.description}[/bold] ({task.fields[size]})"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.add_task(shown, total=None, size=f"{size / (1 << 20):.1f} MiB; only once, the result is kept")
    return progress
