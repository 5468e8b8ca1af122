"""agave-wasi's side: an exception that nobody expects is told as a bug of ours, and never as an answer."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.fuzz.ours import Ours
from conformance.fuzz.side import Ended
from kernel_sim.syscalls import Syscalls


def test_an_exception_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(self: Any, fd: int) -> int:
        raise KeyError(fd)

    monkeypatch.setattr(Syscalls, "tell", tell)
    ours = Ours()
    try:
        assert ours.call("fd_tell", [3, 8]) == Ended("bug", "KeyError: 3")
        assert ours.call("sched_yield", []) == 0
    finally:
        ours.close()


def test_a_wait_is_over_at_once() -> None:
    ours = Ours()
    try:
        ours.prepare(0, [(0, b"\0" * 24 + (10**15).to_bytes(8, "little"))])
        assert ours.call("poll_oneoff", [0, 64, 1, 128]) == 0
        assert ours.world.kernel.clock.monotonic() >= 10**15
    finally:
        ours.close()
