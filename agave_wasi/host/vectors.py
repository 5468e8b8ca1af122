"""Vectored I/O on host files, complete: until every buffer has moved, however little the host moves in one call."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

IOV_MAX = 1024
"""Buffers in one call, on Linux and macOS (<limits.h>)."""
RWF_APPEND = getattr(os, "RWF_APPEND", 0)
"""The flag of pwritev2(2) that appends; 0 where there is none."""


def append_once(fd: int, buffers: Sequence[memoryview], offset: int) -> int:
    return os.pwritev(fd, buffers, 0, RWF_APPEND)


def write_once(fd: int, buffers: Sequence[memoryview], offset: int) -> int:
    return os.writev(fd, buffers)


def move(
    call: Callable[[int, Sequence[memoryview], int], int],
    fd: int,
    offset: int,
    buffers: Sequence[memoryview],
    done: int,
) -> int:
    """Call until all of `buffers` has moved or nothing moves any more; `done` bytes have moved already.

    An error after the first byte shows as a smaller count: the next call meets it again.
    """
    rest = _after(buffers, done)
    while True:
        try:
            count = call(fd, rest[:IOV_MAX], offset + done)
        except OSError:
            if done:
                return done
            raise
        done += count
        rest = _after(rest, count)
        if not rest or not count:
            return done


def _after(buffers: Sequence[memoryview], count: int) -> list[memoryview]:
    """What is left of `buffers` behind the first `count` bytes, without empty ones."""
    rest = []
    for view in buffers:
        if count < len(view):
            rest.append(view[count:] if count else view)
            count = 0
        else:
            count -= len(view)
    return rest
