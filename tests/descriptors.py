"""Which descriptors of the host this process has open: what a test has opened must be closed behind it."""

from __future__ import annotations

import gc
import os


def open_descriptors(collect: bool = True) -> dict[str, str]:
    """Every open descriptor, and what it refers to, once those of forgotten guests are collected.

    Collecting takes long in a process that has run many tests: in a loop, `collect` behind it.
    """
    if collect:
        gc.collect()
    found = {}
    for number in os.listdir("/dev/fd"):
        try:
            found[number] = os.readlink(f"/dev/fd/{number}")
        except OSError:  # the listing's own
            continue
    return found
