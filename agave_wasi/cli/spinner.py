"""While a big module compiles: a spinner on stderr if that is a terminal, and Ctrl-C that is heard at once.

The compiler runs for a long time without coming back to Python, which would hear of a signal only then. So a thread sleeps
on a pipe that the signal itself wakes (`set_wakeup_fd`), and ends the process.
"""

from __future__ import annotations

import os
from _signal import SIGINT, set_wakeup_fd
from _thread import start_new_thread
from contextlib import AbstractContextManager, nullcontext

from agave_wasi.result import EXIT_INTERRUPTED
from agave_wasi.terminal import printable

SLOW = 200_000
"""Bytes of a module that compiles so fast that nobody wonders."""
SHOW_CURSOR = b"\x1b[?25h\r\n"


def spinner(name: str, size: int) -> AbstractContextManager[object]:
    """What to be in while a module of `size` bytes compiles."""
    return nullcontext() if size < SLOW else _Compiling(name, size)


class _Compiling(AbstractContextManager[object]):
    def __init__(self, name: str, size: int) -> None:
        terminal = os.isatty(2) and os.environ.get("TERM") != "dumb"
        self.shown = _progress(name, size) if terminal else None

    def __enter__(self) -> None:
        if self.shown is not None:
            self.shown.__enter__()
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.writing, False)
        self.watching = True
        try:
            self.before = set_wakeup_fd(self.writing, warn_on_full_buffer=False)
        except ValueError:  # not the main thread: signals aren't ours
            self.watching = False
            return
        start_new_thread(self._watch, ())

    def __exit__(self, *_: object) -> None:
        if self.watching:
            set_wakeup_fd(self.before)
        os.close(self.writing)  # ends the thread, which closes the other end
        if not self.watching:
            os.close(self.reading)
        if self.shown is not None:
            self.shown.__exit__(None, None, None)

    def _watch(self) -> None:
        while found := os.read(self.reading, 1):
            if found[0] == SIGINT:
                if self.shown is not None:
                    os.write(2, SHOW_CURSOR)
                os._exit(EXIT_INTERRUPTED)
        os.close(self.reading)


def _progress(name: str, size: int) -> AbstractContextManager[object]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    progress = Progress(
        SpinnerColumn(),
        TextColumn("compiling {task.description}, {task.fields[size]}; the result is kept", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.add_task(printable(os.path.basename(name)), total=None, size=f"{size / (1 << 20):.1f} MiB")
    return progress
