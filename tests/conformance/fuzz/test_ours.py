"""agave-wasi's side: an exception that nobody expects is told as a bug of ours, and never as an answer."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.engines.wasmtime_store import Store as OnJit
from agave_wasi.engines.x86.store import Store as OnCpu
from conformance.fuzz.ours import ENGINES
from conformance.fuzz.side import Ended
from kernel_sim.syscalls import Syscalls


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_guest_is_on_the_engine_that_is_asked_for(engine: str) -> None:
    ours = ENGINES[engine]()
    assert type(ours.store).__module__ == {"x86": OnCpu, "wasmtime": OnJit}[engine].__module__
    ours.close()


def test_an_exception_is_a_bug(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(self: Any, fd: int) -> int:
        raise KeyError(fd)

    monkeypatch.setattr(Syscalls, "tell", tell)
    ours = ENGINES[engine]()
    try:
        assert ours.call("fd_tell", [3, 8]) == Ended("bug", "KeyError: 3")
        assert ours.call("sched_yield", []) == 0
    finally:
        ours.close()


def test_how_calls_end(engine: str) -> None:
    ours = ENGINES[engine]()
    try:
        trap = "pointer out of bounds: 8 bytes at 0x80000000, memory has 0x10000"
        assert ours.call("fd_tell", [3, 1 << 31]) == Ended("trap", trap)
        assert ours.call("fd_tell", [99, 8]) == 8
        assert ours.call("proc_exit", [7]) == Ended("exit", code=7)
    finally:
        ours.close()


def test_a_wait_is_over_at_once(engine: str) -> None:
    ours = ENGINES[engine]()
    try:
        ours.prepare(0, [(0, b"\0" * 24 + (10**15).to_bytes(8, "little"))])
        assert ours.call("poll_oneoff", [0, 64, 1, 128]) == 0
        assert ours.world.kernel.clock.monotonic() >= 10**15
    finally:
        ours.close()
