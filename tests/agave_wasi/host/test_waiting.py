"""Waiting for host devices: the first that is ready ends it, so does time, so does Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from agave_wasi.host import readiness
from agave_wasi.host.stdio import BufferStream, HostStream
from agave_wasi.host.waiting import HostWait

if TYPE_CHECKING:
    from kernel_sim.devices import WaitDevice

MILLISECOND = 1_000_000


@pytest.fixture(params=["poll", "select"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of asking the host, whatever this host's is."""
    monkeypatch.setattr(readiness, "_USE_SELECT", request.param == "select")
    return str(request.param)


@pytest.fixture
def pipes() -> Iterator[dict[str, int]]:
    """Two pipes: the ends r1, w1, r2, w2."""
    (r1, w1), (r2, w2) = os.pipe(), os.pipe()
    ends = {"r1": r1, "w1": w1, "r2": r2, "w2": w2}
    yield ends
    for fd in ends.values():
        os.close(fd)


def elapsed(call: Callable[[], object]) -> int:
    start = time.monotonic_ns()
    call()
    return time.monotonic_ns() - start


def waiter(fds: dict[str, int]) -> HostWait:
    return HostWait({name: HostStream(fd, False) for name, fd in fds.items()})


def test_timeouts_are_never_short(pipes: dict[str, int]) -> None:
    device: WaitDevice = waiter(pipes)
    for timeout in (0, 1, 999_999, 1_000_001, 20 * MILLISECOND):
        times = [elapsed(partial(device.wait, [("r1", False)], timeout)) for _ in range(5)]
        assert timeout <= min(times) < timeout + 10**9  # a busy host makes some of them longer


def test_no_device_is_a_sleep() -> None:
    assert elapsed(lambda: HostWait({}).wait([], 10 * MILLISECOND)) >= 10 * MILLISECOND


def test_returns_when_something_arrives(pipes: dict[str, int]) -> None:
    writer = threading.Timer(0.05, os.write, [pipes["w2"], b"x"])
    writer.start()
    assert waiter(pipes).wait([("r1", False), ("r2", False)], None)
    writer.join()
    assert os.read(pipes["r2"], 1) == b"x"


def test_returns_at_once_when_writable(pipes: dict[str, int]) -> None:
    assert waiter(pipes).wait([("r1", False), ("w1", True)], None)


def test_one_device_for_reading_and_for_writing() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stream = HostStream(ours.fileno(), False)
        assert HostWait({"s": stream}).wait([("s", False), ("s", True)], None)
        assert readiness.readiness(ours.fileno(), False) == (False, 0, False)
        assert elapsed(lambda: HostWait({"s": stream}).wait([("s", False)], 5 * MILLISECOND)) >= 5 * MILLISECOND


def test_what_cannot_be_polled_is_ready(pipes: dict[str, int], tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    file = os.open(tmp_path / "f", os.O_RDONLY)
    closed = os.dup(file)
    os.close(closed)
    try:
        for ready in (HostStream(file, False), BufferStream(), HostStream(closed, False)):
            device = HostWait({"idle": HostStream(pipes["r1"], False), "ready": ready})
            assert device.wait([("idle", False), ("ready", False)], None)
    finally:
        os.close(file)


def test_devices_may_be_added_later(pipes: dict[str, int]) -> None:
    devices: dict[str, object] = {}
    device = HostWait(devices)
    devices["late"] = HostStream(pipes["r1"], False)
    os.write(pipes["w1"], b"x")
    device.wait([("late", False)], None)


def test_half_closed_connection_does_not_wake_a_writer(way: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        try:
            while ours.send(bytes(1 << 16)):
                continue
        except BlockingIOError:
            pass
        theirs.shutdown(socket.SHUT_WR)
        stream = HostStream(ours.fileno(), False)
        assert elapsed(lambda: HostWait({"s": stream}).wait([("s", True)], 5 * MILLISECOND)) >= 5 * MILLISECOND
        assert stream.readiness(False) == (True, 0, way == "poll")  # select() doesn't say who hung up


@pytest.mark.parametrize("timeout", [None, 1 << 64])
def test_interrupt_comes_out(pipes: dict[str, int], timeout: int | None) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            waiter(pipes).wait([("r1", False)], timeout)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_signal_that_is_handled_does_not_end_a_wait(pipes: dict[str, int]) -> None:
    handled: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: handled.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        assert elapsed(lambda: waiter(pipes).wait([("r1", False)], 50 * MILLISECOND)) >= 50 * MILLISECOND
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert handled
