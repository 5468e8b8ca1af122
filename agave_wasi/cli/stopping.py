"""Ctrl-C in a run that is to tell something at its end: how many instructions there were, where they went, what ran.

The first ends the program, as a timeout would, and what was collected so far is told. The second ends everything at once.
"""

from __future__ import annotations

from _signal import SIGINT, default_int_handler, getsignal, signal
from contextlib import contextmanager

from agave_wasi.engines.base import UserStop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def stoppable() -> Iterator[None]:
    """Have Ctrl-C raise UserStop, and KeyboardInterrupt from the second time on; where it isn't ours nothing changes."""
    pressed = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True
        raise UserStop

    if getsignal(SIGINT) is not default_int_handler:  # it is ignored, or somebody else's
        yield
        return
    try:
        signal(SIGINT, stop)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal(SIGINT, default_int_handler)
