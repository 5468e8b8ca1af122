"""What tests wait for, which is the thing itself: a machine may be slow, or busy with something else at any moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

HANG = 300.0
"""Seconds after which something has hung, on however slow a machine."""
SHORT_AND_LONGER = (0.15, 1.5, 15.0, 150.0)
"""Seconds for a limit that a test runs into behind something else: the first is enough where nothing is in the way."""


def until(happened: Callable[[], T]) -> T:
    """Ask until the answer is true, and return it; AssertionError where it never will be."""
    end = time.monotonic() + HANG
    while not (answer := happened()):
        assert time.monotonic() < end, "it never happens"
        time.sleep(0.005)
    return answer


def within(limit: Callable[[float], T], enough: Callable[[T], object]) -> T:
    """What comes of a limit in seconds that is long enough for what must happen before it; of the longest if none is."""
    for seconds in SHORT_AND_LONGER:
        found = limit(seconds)
        if enough(found):
            break
    return found
