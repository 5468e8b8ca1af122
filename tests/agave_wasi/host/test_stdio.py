"""Streams over pipes, pseudo-terminals, files and memory: a read never waits, a write loses nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agave_wasi.host.stdio import BufferStream, HostStream, SinkStream
from kernel_sim.errors import Errno
from tests.kernel_sim.fs.trees import refusal
from tests.waiting import HANG

if TYPE_CHECKING:
    from kernel_sim.devices import StreamDevice

Pair = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pair]:
    """(read end, write end), closed afterwards if a test hasn't."""
    ends = os.pipe()
    yield ends
    for fd in ends:
        try:
            os.close(fd)
        except OSError:
            continue


@pytest.fixture
def terminal() -> Iterator[Pair]:
    """(controlling end, terminal) in raw mode."""
    ends = pty.openpty()
    tty.setraw(ends[1])
    yield ends
    for fd in ends:
        os.close(fd)


def eventually(stream: HostStream, limit: int) -> bytes:
    deadline = time.monotonic() + HANG
    while (data := stream.read(limit)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return data


def test_all_are_stream_devices() -> None:
    devices: list[StreamDevice] = [HostStream(1, False), BufferStream(), SinkStream()]
    assert [device.terminal for device in devices] == [False] * 3


def test_reading_a_pipe_is_none_then_data_then_the_end(pipe: Pair) -> None:
    stream = HostStream(pipe[0], False)
    assert stream.live
    assert stream.read(10) is None
    assert stream.readiness(False) == (False, 0, False)
    os.write(pipe[1], b"hello")
    assert stream.readiness(False) == (True, 5, False)
    assert stream.read(3) == b"hel"
    assert stream.readiness(False) == (True, 2, False)
    assert stream.read(1 << 40) == b"lo"
    assert stream.read(10) is None
    os.write(pipe[1], b"!")
    os.close(pipe[1])
    assert stream.readiness(False) == (True, 1, True)
    assert stream.read(10) == b"!"
    assert stream.readiness(False) == (True, 0, True)
    assert stream.read(10) == b""
    assert stream.read(10) == b""


def test_reading_a_non_blocking_pipe(pipe: Pair) -> None:
    os.set_blocking(pipe[0], False)
    stream = HostStream(pipe[0], False)
    assert stream.read(10) is None
    os.write(pipe[1], b"x")
    assert stream.read(10) == b"x"


def test_terminal(terminal: Pair) -> None:
    control, fd = terminal
    stream = HostStream(fd, True)
    assert stream.terminal and stream.live
    assert stream.read(10) is None
    os.write(control, b"ls\n")
    assert eventually(stream, 10) == b"ls\n"
    assert stream.readiness(False) == (False, 0, False)
    assert stream.readiness(True) == (True, 0, False)
    assert stream.write(memoryview(b"out")) == 3
    assert os.read(control, 10) == b"out"


def test_regular_file_is_always_ready(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    fd = os.open(tmp_path / "f", os.O_RDWR)
    stream = HostStream(fd, False, owned=True)
    assert not stream.live
    assert stream.readiness(False) == (True, 10, False)
    assert stream.read(4) == b"0123"
    assert stream.readiness(False) == (True, 6, False)
    assert stream.read(100) == b"456789"
    assert stream.read(100) == b""
    assert stream.readiness(True) == (True, 0, False)
    assert stream.write(memoryview(b"ab")) == 2
    stream.close()
    assert (tmp_path / "f").read_bytes() == b"0123456789ab"


def test_dev_null() -> None:
    stream = HostStream(os.open(os.devnull, os.O_RDWR), False, owned=True)
    assert stream.read(10) == b""
    assert stream.write(memoryview(bytes(1000))) == 1000
    stream.close()


def test_directory_as_input_is_an_error_of_the_guest(tmp_path: Path) -> None:
    stream = HostStream(os.open(tmp_path, os.O_RDONLY), False, owned=True)
    assert refusal(stream.read, 10) == Errno.ISDIR
    stream.close()


@pytest.mark.parametrize("blocking", [True, False])
def test_writing_more_than_the_pipe_holds_waits_for_the_reader(pipe: Pair, blocking: bool) -> None:
    os.set_blocking(pipe[1], blocking)
    data = bytes(range(256)) * 2000
    received = bytearray()

    def drain() -> None:
        while piece := os.read(pipe[0], 30_000):
            received.extend(piece)

    reader = threading.Thread(target=drain)
    reader.start()
    assert HostStream(pipe[1], False).write(memoryview(data)) == len(data)
    os.close(pipe[1])
    reader.join()
    assert received == data


def test_a_full_pipe_is_not_ready(pipe: Pair) -> None:
    os.set_blocking(pipe[1], False)
    stream = HostStream(pipe[1], False)
    assert stream.readiness(True) == (True, 0, False)
    try:
        while os.write(pipe[1], bytes(4096)):
            continue
    except BlockingIOError:
        pass
    assert stream.readiness(True) == (False, 0, False)
    os.close(pipe[0])
    assert stream.readiness(True) == (True, 0, True)


def test_writing_without_reader_is_pipe(pipe: Pair) -> None:
    os.close(pipe[0])
    assert refusal(HostStream(pipe[1], False).write, memoryview(b"x")) == Errno.PIPE


def test_reader_that_leaves_in_the_middle_shows_as_a_partial_count(pipe: Pair) -> None:
    os.set_blocking(pipe[1], False)
    stream = HostStream(pipe[1], False)

    def leave() -> None:
        os.read(pipe[0], 1)  # there is something: it is in the middle
        os.close(pipe[0])

    leaving = threading.Thread(target=leave)
    leaving.start()
    count = stream.write(memoryview(bytes(1 << 20)))
    leaving.join()
    assert 0 < count < 1 << 20
    assert refusal(stream.write, memoryview(b"x")) == Errno.PIPE


def test_empty_write(pipe: Pair) -> None:
    assert HostStream(pipe[1], False).write(memoryview(b"")) == 0


def test_full_device() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this host has no /dev/full")
    stream = HostStream(os.open("/dev/full", os.O_WRONLY), False, owned=True)
    assert refusal(stream.write, memoryview(b"x")) == Errno.NOSPC
    stream.close()


def test_close_closes_only_what_is_owned(pipe: Pair) -> None:
    HostStream(pipe[0], False).close()
    os.fstat(pipe[0])
    stream = HostStream(pipe[0], False, owned=True)
    stream.close()
    stream.close()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(pipe[0])
    assert stream.readiness(False)[0]
    assert refusal(stream.read, 1) == Errno.BADF
    assert refusal(stream.write, memoryview(b"x")) == Errno.BADF


def test_buffer_stream() -> None:
    stream = BufferStream(b"abcdef")
    assert (stream.live, stream.terminal) == (False, False)
    assert stream.readiness(False) == (True, 6, False)
    assert [stream.read(4), stream.read(0), stream.read(4), stream.read(4)] == [b"abcd", b"", b"ef", b""]
    assert stream.readiness(False) == (True, 0, False)
    assert refusal(stream.write, memoryview(b"x")) == Errno.BADF
    stream.close()
    assert BufferStream(terminal=True).terminal


def test_sink_stream_collects_and_calls_back() -> None:
    seen: list[bytes] = []
    stream = SinkStream(seen.append)
    memory = bytearray(b"one")
    assert stream.write(memoryview(memory)) == 3
    memory[:] = b"two"
    assert stream.write(memoryview(memory)[:2]) == 2
    assert (stream.data, seen) == (b"onetw", [b"one", b"tw"])
    assert stream.readiness(True) == (True, 0, False)
    assert refusal(stream.read, 1) == Errno.BADF
    stream.close()
    assert stream.data == b"onetw"


def test_sink_stream_that_keeps_nothing() -> None:
    seen: list[bytes] = []
    stream = SinkStream(seen.append, collect=False)
    stream.write(memoryview(b"one"))
    assert (stream.data, seen) == (b"", [b"one"])


def test_what_the_callback_raises_comes_out() -> None:
    def refuse(data: bytes) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        SinkStream(refuse).write(memoryview(b"x"))


def test_importing_costs_a_plain_run_nothing_it_does_not_need() -> None:
    program = (
        "import sys; import agave_wasi.host.stdio as s; s.HostStream(1, False).write(memoryview(b'hi '));"
        "print(*sorted({'select', 'socket', 'selectors', 'threading', 'typing', 'functools', 'fcntl', 'errno',"
        "'agave_wasi.host.errno'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; " + program],
                         capture_output=True, text=True, check=True)  # fmt: skip
    assert set(run.stdout.split()) <= {"hi", "errno"}


def test_what_is_left_is_told_without_reading_on(tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(b"abcdef")
    with open(path, "rb") as file:
        for stream in (HostStream(file.fileno(), False), BufferStream(b"abcdef")):
            assert stream.read(2) == b"ab"
            assert stream.rest(4) == b"cdef" and stream.rest(3) is None
            assert stream.read(9) == b"cdef" and stream.rest(0) == b""
    reader, writer = os.pipe()
    try:
        assert HostStream(reader, False).rest(9) is None
    finally:
        os.close(reader)
        os.close(writer)
