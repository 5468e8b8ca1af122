"""Is a descriptor ready: with poll and with select, for pipes, sockets, closed descriptors and long waits."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from agave_wasi.host import readiness
from agave_wasi.host.readiness import READ, WRITE, available, wait


@pytest.fixture(params=["poll", "select"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of asking the host, whatever this host's is."""
    monkeypatch.setattr(readiness, "_USE_SELECT", request.param == "select")
    return str(request.param)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The ends for reading and writing; a test may close the second."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    try:
        os.close(writing)
    except OSError:
        pass


def test_only_what_is_ready_is_told(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    assert wait({reading: READ}, 0) == {}
    assert wait({reading: READ, writing: WRITE}, 0) == {writing: WRITE}
    os.write(writing, b"x")
    assert wait({reading: READ, writing: WRITE}, None) == {reading: READ, writing: WRITE}


def test_both_directions_of_one_descriptor() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        fd = ours.fileno()
        assert wait({fd: READ | WRITE}, None) == {fd: WRITE}
        theirs.send(b"x")
        assert wait({fd: READ | WRITE}, None) == {fd: READ | WRITE}


def test_a_closed_descriptor_is_ready_so_that_its_use_tells() -> None:
    fd = os.dup(0)
    os.close(fd)
    assert fd in wait({fd: READ}, None)
    assert readiness.readiness(fd, True)[0]


def test_descriptors_beyond_what_select_can_express(way: str, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_FD_SETSIZE", pipe[1])
    monkeypatch.setattr("select.select", None)  # which would write beyond its sets
    assert wait({pipe[1]: WRITE}, None) == {pipe[1]: WRITE}


def test_no_timeout_is_too_long_to_express(pipe: tuple[int, int]) -> None:
    assert wait({pipe[1]: WRITE}, 1 << 80) == {pipe[1]: WRITE}


def test_how_much_is_there(way: str, pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, b"12345")
    assert available(reading) == 5
    assert readiness.readiness(reading, False) == (True, 5, False)
    assert readiness.readiness(writing, True) == (True, 0, False)
    os.close(writing)
    assert readiness.readiness(reading, False) == (True, 5, way == "poll")  # select() doesn't say who hung up
    os.read(reading, 5)
    assert readiness.readiness(reading, False) == (True, 0, way == "poll")


def test_a_host_that_does_not_say_how_much() -> None:
    with open(os.devnull, "rb") as file:
        assert available(file.fileno()) == 0
    assert available(-1 & 0xFFFF) == 0
