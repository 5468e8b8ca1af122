"""A piece of work in a child process that is a copy of this one: what it returns, or how it ended instead.

A mutant may run for ever, eat all memory or break the engine: the child has limits, and its whole group is ended.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from conformance.mutants.idleness import Idleness

CPU_SECONDS = 30
"""Time that a child may compute, if nobody has measured what it needs."""
IDLE_SECONDS = 120
"""Time that it may wait, for anything but a processor: so however busy the machine is, none is stopped because of that."""
MEMORY = 3 << 30
"""Bytes that it may really use. No limit of the system's fits: an engine reserves for guests what they never use."""
OPEN = 1000
"""Descriptors of the host that it may have open: two hundred for a case, and one of each module that the engine keeps for all
guests, of which the suites make some two hundred. What isn't given back is missed before long all the same."""
LOOK = 0.5
"""Seconds between two looks at how much that is."""
TIMEOUT = "timeout"
CRASH = "crash"
_starting = Lock()
"""One starts at a time: another one would hold its pipe open."""


@dataclass(frozen=True)
class Broken:
    """A child that returned nothing: `how` is TIMEOUT or CRASH."""

    how: str
    text: str = ""


def in_child(work: Callable[[], Any], cpu: int = CPU_SECONDS, idle: float = IDLE_SECONDS) -> Any:
    """What `work` returns in a child process, or a Broken."""
    with _starting:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _work(work, writing, cpu)
        os.close(writing)
    try:
        data, stopped = _all_of(reading, child, idle)
    finally:
        os.close(reading)
        _end(child)
        _, status = os.waitpid(child, 0)
    if stopped is not None:
        return stopped
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return Broken(TIMEOUT, "computes for ever")
    if not data:
        how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
        return Broken(CRASH, how)
    return pickle.loads(data)  # what our own child has written


def _work(work: Callable[[], Any], writing: int, cpu: int) -> None:
    """The child's whole life."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        os.close(null)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN, OPEN))
        try:
            result = work()
        except BaseException as error:
            result = Broken(CRASH, traceback.format_exception_only(error)[-1].strip())
        with open(writing, "wb") as answer:
            pickle.dump(result, answer)
    finally:
        os._exit(0)


def _all_of(reading: int, child: int, most: float) -> tuple[bytes, Broken | None]:
    """What the child writes until it ends; a Broken if it must be stopped before."""
    found = b""
    idleness = Idleness(child)
    while idleness.seconds < most:
        ready, _, _ = select.select([reading], [], [], LOOK)
        if not ready:
            if _used(child) > MEMORY:
                return found, Broken(CRASH, "takes all memory")
            idleness.look()
            continue
        piece = os.read(reading, 1 << 16)
        if not piece:
            return found, None
        found += piece
    return found, Broken(TIMEOUT, "waits for ever")


def _used(child: int) -> int:
    """Bytes of memory that the child uses, as far as this system tells."""
    try:
        with open(f"/proc/{child}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _end(child: int) -> None:
    """End the child, if it hasn't ended, and what it has started."""
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it has ended; or it is about to, before it had a group of its own
        return
