"""What the tests of stopping share: how soon it happens, and pressing Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from agave_wasi import Result
from agave_wasi.engines import interrupt
from tests.waiting import HANG, until

SOON = 0.15
PATIENCE = HANG
"""Seconds after which it hasn't stopped at all: nothing here ends so early by itself."""
LONG = 3600 * 10**9
"""Nanoseconds that nobody waits for to the end."""


def soon(run: Callable[[], Result]) -> Result:
    begin = time.monotonic()
    result = run()
    assert time.monotonic() - begin < PATIENCE
    assert (result.exit_code, result.ended_by, result.message) == (124, "timeout", "stopped by the timeout")
    return result


def ctrl_c(after: float = SOON) -> threading.Thread:
    """Press Ctrl-C a little after the main thread has begun to run a guest, which doesn't end by itself."""

    def press() -> None:
        until(lambda: interrupt._watches)
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
