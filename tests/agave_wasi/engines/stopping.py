"""What the tests of stopping share: how soon it happens, and pressing Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from agave_wasi import Result

SOON = 0.15
PATIENCE = 5.0
"""Seconds after which "at once" has failed: the machine may be busy."""


def soon(run: Callable[[], Result]) -> Result:
    begin = time.monotonic()
    result = run()
    assert time.monotonic() - begin < PATIENCE
    assert (result.exit_code, result.ended_by, result.message) == (124, "timeout", "stopped by the timeout")
    return result


def ctrl_c(after: float = SOON) -> threading.Thread:
    """Press Ctrl-C a little later."""

    def press() -> None:
        time.sleep(after)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


def interrupted(run: Callable[[], object]) -> None:
    begin = time.monotonic()
    thread = ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        run()
    thread.join()
    assert time.monotonic() - begin < PATIENCE
