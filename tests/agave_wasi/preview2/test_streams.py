"""Streams: what is there, what there is room for, when they are over, and what breaks the rules."""

from __future__ import annotations

import pytest

from agave_wasi.preview2.cli import Stdin, Stdout
from agave_wasi.preview2.streams import (
    BLOCKING_MAX,
    PERMIT,
    READ_MAX,
    InputStream,
    OutputStream,
    SharedFd,
    Streams,
)  # fmt: skip
from kernel_sim.errors import KernelError, LimitReached
from tests.agave_wasi.preview2.guest import TRAP, WAITS, outcome, plain
from tests.kernel_sim.scripts import World, world


def reading(k: World, data: bytes, offset: int = 0) -> InputStream:
    """A stream that reads a file."""
    k.put("f", data)
    return InputStream(k.sys, SharedFd(k.open("f")), offset)


def writing(k: World, offset: int | None = 0, append: bool = False, how: str = "creat w") -> OutputStream:
    """A stream that writes a file."""
    return OutputStream(k.sys, SharedFd(k.open("f", how)), offset, append)


def piped(k: World) -> tuple[InputStream, OutputStream]:
    """Two ends of a pipe."""
    source, sink = k.sys.pipe()
    return InputStream(k.sys, SharedFd(source)), OutputStream(k.sys, SharedFd(sink))


# Waiting


def test_there_is_something_to_wait_for_only_where_a_stream_may_not_be_ready() -> None:
    k = world()
    source, sink = piped(k)
    assert source.subscription() is not None and sink.subscription() is None
    assert reading(k, b"x").subscription() is None and writing(k).subscription() is None
    source.closed = True
    assert source.subscription() is None


def test_what_is_kept_stays_when_a_stream_is_over() -> None:
    k = world()
    stream = writing(k)
    stream.pending, stream.closed = b"kept", True
    assert stream.subscription() is None and k.get("f") == b""
    stream.closed, stream.broken = False, "IO"
    assert stream.subscription() is None and k.get("f") == b""
    stream.broken = ""
    assert stream.subscription() is None and k.get("f") == b"kept"


# Reading


def test_a_file_is_read_to_its_end_and_is_over_then() -> None:
    k = world()
    stream = reading(k, b"0123456789", 3)
    assert outcome(stream.read, 4) == b"3456"
    assert outcome(stream.read, 0) == b""
    assert outcome(stream.blocking_read, 99) == b"789"
    assert outcome(stream.read, 1) == "closed"
    k.pwrite(k.open("f", "rw"), b"more", 10)
    assert outcome(stream.read, 1) == outcome(stream.read, 0) == outcome(stream.blocking_read, 0) == "closed"
    assert outcome(stream.skip, 1) == outcome(stream.blocking_skip, 1) == "closed"


def test_skipping() -> None:
    stream = reading(world(), b"0123456789")
    assert outcome(stream.skip, 3) == 3 and outcome(stream.blocking_skip, 2) == 2 and outcome(stream.skip, 0) == 0
    assert outcome(stream.read, 1) == b"5"
    assert outcome(stream.skip, 99) == 4 and outcome(stream.skip, 99) == "closed"


def test_streams_over_one_descriptor_have_offsets_of_their_own() -> None:
    k = world()
    k.put("f", b"0123456789")
    shared = SharedFd(k.open("f", "rw"))
    one, other = InputStream(k.sys, shared, 0), InputStream(k.sys, shared, 5)
    assert [outcome(each.read, 2) for each in (one, other, one, other)] == [b"01", b"56", b"23", b"78"]
    assert k.sys.tell(shared.fd) == 0


def test_any_length_may_be_asked_for() -> None:
    k = world()
    stream = reading(k, b"x" * (READ_MAX + 5))
    assert len(stream.read((1 << 64) - 1)) == READ_MAX
    assert len(stream.blocking_read((1 << 64) - 1)) == 5


def test_what_is_not_there_yet() -> None:
    k = world(stdin=[None])
    stdin = Stdin(k.sys).get_stdin()
    assert outcome(stdin.read, 4) == b"" and outcome(stdin.skip, 4) == 0
    assert outcome(stdin.blocking_read, 4) == outcome(stdin.blocking_skip, 4) == WAITS
    k.stdin.incoming[:] = [b"abcdef"]
    assert outcome(stdin.blocking_read, 4) == b"abcd" and outcome(stdin.read, 4) == b"ef"
    assert outcome(stdin.read, 4) == "closed"


def test_a_read_that_fails_is_the_last() -> None:
    k = world(stdin=[b"x"])
    stdin = Stdin(k.sys).get_stdin()
    k.stdin.failure = "IO"
    assert outcome(stdin.read, 1) == "last-operation-failed: IO"
    k.stdin.failure = ""
    assert outcome(stdin.read, 1) == "closed" and stdin.subscribe().ready()


def test_files_are_always_ready_and_others_when_there_is_something() -> None:
    k = world(stdin=[None])
    assert reading(k, b"").subscribe().ready()
    pollable = Stdin(k.sys).get_stdin().subscribe()
    assert not pollable.ready()
    k.stdin.incoming.clear()
    assert pollable.ready()


# Writing


def test_a_write_needs_a_permit_and_uses_it_up() -> None:
    k = world()
    stdout = Stdout(k.sys).get_stdout()
    assert outcome(stdout.write, b"x") == TRAP
    assert outcome(stdout.check_write) == PERMIT
    assert outcome(stdout.write, b"x") is None
    assert outcome(stdout.write, b"y") == TRAP and outcome(stdout.write_zeroes, 1) == TRAP
    assert outcome(stdout.write, b"") is None and outcome(stdout.write_zeroes, 0) is None
    assert k.stdout.written == b"x"


@pytest.mark.parametrize("more", [0, 1])
def test_a_permit_has_a_size(more: int) -> None:
    k = world(max_output=PERMIT)
    for size in (bytes(PERMIT + more), PERMIT + more):
        stdout = Stdout(k.sys).get_stdout()
        assert outcome(stdout.check_write) == PERMIT
        if more:
            assert outcome(stdout.write, size) if isinstance(size, bytes) else outcome(stdout.write_zeroes, size) == TRAP
    if not more:
        assert outcome(stdout.write_zeroes, PERMIT) is None and k.stdout.written == bytes(PERMIT)


def test_what_finds_no_room_is_kept_and_nothing_more_is_permitted() -> None:
    k = world()
    stdout = Stdout(k.sys).get_stdout()
    k.stdout.room = 3
    assert outcome(stdout.check_write) == PERMIT and outcome(stdout.write, b"abcdef") is None
    assert k.stdout.written == b"abc" and stdout.pending == b"def"
    pollable = stdout.subscribe()
    assert outcome(stdout.check_write) == 0 and outcome(stdout.write, b"g") == TRAP
    assert outcome(stdout.flush) is None and outcome(stdout.blocking_flush) == WAITS
    assert outcome(stdout.blocking_write_and_flush, b"g") == WAITS
    assert not pollable.ready() and outcome(pollable.block) == WAITS
    k.stdout.room = 2
    assert outcome(stdout.blocking_flush) == WAITS and k.stdout.written == b"abcde"
    k.stdout.room = 99
    assert pollable.ready() and k.stdout.written == b"abcdef"
    assert outcome(stdout.check_write) == PERMIT and outcome(stdout.blocking_flush) is None


def test_a_flush_takes_the_permit_back_while_something_is_kept() -> None:
    k = world()
    stdout = Stdout(k.sys).get_stdout()
    outcome(stdout.check_write)
    outcome(stdout.flush)
    assert outcome(stdout.write, b"x") is None
    k.stdout.room = 0
    outcome(stdout.check_write)
    outcome(stdout.write, b"y")
    stdout.permit = 1
    outcome(stdout.flush)
    assert stdout.permit == 0


def test_a_blocking_write_goes_on_where_it_waited() -> None:
    k = world()
    stdout = Stdout(k.sys).get_stdout()
    k.stdout.room = 3
    assert outcome(stdout.blocking_write_and_flush, b"abcdef") == WAITS
    k.stdout.room = 2
    assert outcome(stdout.blocking_write_and_flush, b"abcdef") == WAITS
    k.stdout.room = 99
    assert outcome(stdout.blocking_write_and_flush, b"abcdef") is None
    assert outcome(stdout.blocking_write_and_flush, b"ghi") is None
    assert k.stdout.written == b"abcdefghi"


def test_a_blocking_write_that_waited_and_failed_leaves_nothing() -> None:
    k = world()
    stdout = Stdout(k.sys).get_stdout()
    k.stdout.room = 3
    assert outcome(stdout.blocking_write_and_flush, b"abcdef") == WAITS
    k.stdout.failure = "PIPE"
    assert outcome(stdout.blocking_write_and_flush, b"abcdef") == "last-operation-failed: PIPE" and stdout.done == 0


def test_blocking_writes_have_a_limit() -> None:
    k = world()
    stdout = Stdout(k.sys).get_stdout()
    assert outcome(stdout.blocking_write_and_flush, bytes(BLOCKING_MAX + 1)) == TRAP
    assert outcome(stdout.blocking_write_zeroes_and_flush, BLOCKING_MAX + 1) == TRAP
    assert outcome(stdout.blocking_write_zeroes_and_flush, (1 << 64) - 1) == TRAP
    assert not k.stdout.written
    assert outcome(stdout.blocking_write_and_flush, b"x" * BLOCKING_MAX) is None
    assert outcome(stdout.blocking_write_zeroes_and_flush, BLOCKING_MAX) is None
    assert k.stdout.written == b"x" * BLOCKING_MAX + bytes(BLOCKING_MAX)


def test_a_blocking_write_uses_the_permit_up() -> None:
    stdout = Stdout(world().sys).get_stdout()
    outcome(stdout.check_write)
    assert outcome(stdout.blocking_write_and_flush, b"x") is None and outcome(stdout.write, b"y") == TRAP


def test_files_are_written_at_an_offset_or_at_their_end() -> None:
    k = world()
    stream = writing(k, 2)
    assert outcome(stream.check_write) == PERMIT and outcome(stream.write, b"abc") is None
    assert outcome(stream.blocking_write_and_flush, b"de") is None
    assert k.get("f") == b"\0\0abcde"
    end = writing(k, None, True)
    k.pwrite(k.open("f", "rw"), b"X", 9)
    assert outcome(end.blocking_write_and_flush, b"!") is None
    k.pwrite(k.open("f", "rw"), b"Y", 12)
    assert outcome(end.blocking_write_zeroes_and_flush, 1) is None
    assert k.get("f") == b"\0\0abcde\0\0X!\0Y\0"
    assert stream.subscribe().ready() and end.subscribe().ready()


def test_a_write_that_fails_is_the_last() -> None:
    k = world(max_bytes=6)
    stream = writing(k)
    outcome(stream.check_write)
    assert outcome(stream.write, b"0123456789") == "last-operation-failed: NOSPC"
    assert k.get("f") == b"012345"
    for call, *values in (
        (stream.check_write,), (stream.write, b""), (stream.flush,), (stream.blocking_flush,), (stream.write_zeroes, 0),
        (stream.blocking_write_and_flush, b""), (stream.blocking_write_zeroes_and_flush, 0),
    ):  # fmt: skip
        assert outcome(call, *values) == "closed"
    assert stream.subscribe().ready()


def test_an_error_behind_ones_back_is_told_once() -> None:
    k = world()
    stdout = Stdout(k.sys).get_stdout()
    k.stdout.room = 0
    outcome(stdout.check_write)
    outcome(stdout.write, b"abc")
    k.stdout.failure = "IO"
    assert stdout.subscribe().ready() and stdout.subscribe().ready()
    k.stdout.failure = ""
    assert outcome(stdout.check_write) == "last-operation-failed: IO"
    assert outcome(stdout.check_write) == outcome(stdout.flush) == "closed" and not k.stdout.written


@pytest.mark.parametrize("name", ["check_write", "flush", "blocking_flush"])
def test_an_error_while_what_is_kept_is_written(name: str) -> None:
    k = world()
    stdout = Stdout(k.sys).get_stdout()
    k.stdout.room = 0
    outcome(stdout.check_write)
    outcome(stdout.write, b"abc")
    k.stdout.failure = "PIPE"
    assert outcome(getattr(stdout, name)) == "last-operation-failed: PIPE"
    assert outcome(getattr(stdout, name)) == "closed"


def test_the_budget_of_output_ends_the_guest() -> None:
    k = world(max_output=4)
    stdout = Stdout(k.sys).get_stdout()
    with pytest.raises(LimitReached):
        stdout.blocking_write_and_flush(b"abcdef")
    assert k.stdout.written == b"abcd"


# Both


def test_a_pipe() -> None:
    k = world()
    source, sink = piped(k)
    assert outcome(source.read, 9) == b"" and outcome(source.blocking_read, 9) == WAITS
    outcome(sink.check_write)
    assert outcome(sink.write, bytes(PERMIT)) is None and len(sink.pending) == PERMIT - (1 << 16)
    assert outcome(sink.check_write) == 0
    assert outcome(source.read, PERMIT) == bytes(1 << 16)
    assert sink.subscribe().ready() is False and len(sink.pending) == PERMIT - (2 << 16)
    assert outcome(source.read, 7) == bytes(7)


def test_splice() -> None:
    k = world(stdin=[b"abc", None])
    stdin, stdout = Stdin(k.sys).get_stdin(), Stdout(k.sys).get_stdout()
    assert outcome(stdout.splice, stdin, 2) == 2 and outcome(stdout.splice, stdin, (1 << 64) - 1) == 1
    assert outcome(stdout.splice, stdin, 9) == 0 and outcome(stdout.blocking_splice, stdin, 9) == WAITS
    assert k.stdout.written == b"abc" and outcome(stdout.write, b"x") == TRAP
    k.stdin.incoming[:] = [b"def"]
    assert outcome(stdout.blocking_splice, stdin, 9) == 3 and k.stdout.written == b"abcdef"
    assert outcome(stdout.write, b"x") == TRAP
    assert outcome(stdout.splice, stdin, 0) == 0
    assert outcome(stdout.splice, stdin, 9) == outcome(stdout.blocking_splice, stdin, 9) == "closed"
    assert outcome(stdout.check_write) == PERMIT  # it was the source that is over


def test_splice_into_what_has_no_room() -> None:
    k = world(stdin=[b"abc"])
    stdin, stdout = Stdin(k.sys).get_stdin(), Stdout(k.sys).get_stdout()
    k.stdout.room = 0
    outcome(stdout.check_write)
    outcome(stdout.write, b"x")
    assert outcome(stdout.splice, stdin, 9) == 0 and outcome(stdout.blocking_splice, stdin, 9) == WAITS
    k.stdout.failure = "IO"
    assert outcome(stdout.splice, stdin, 9) == "last-operation-failed: IO"
    assert outcome(stdout.blocking_splice, stdin, 9) == "closed"
    assert outcome(stdin.read, 9) == b"abc"


def test_the_last_of_several_streams_closes_the_descriptor() -> None:
    k = world()
    k.put("f", b"x")
    shared = SharedFd(k.open("f"), 1)
    one, other = InputStream(k.sys, shared, 0), InputStream(k.sys, shared, 0)
    shared.leave(k.sys)  # as a descriptor does that is dropped before its streams
    one.drop()
    assert outcome(other.read, 1) == b"x"
    other.drop()
    assert shared.fd not in k.process.fds


def test_pollables_are_dropped_first() -> None:
    k = world()
    for stream in (Stdin(k.sys).get_stdin(), Stdout(k.sys).get_stdout()):
        pollable = stream.subscribe()
        assert outcome(stream.drop) == TRAP
        pollable.drop()
        assert outcome(stream.drop) is None


def test_what_an_error_of_the_kernel_means() -> None:
    assert plain(Streams(world().sys).failure(KernelError("NOSPC"))) == "last-operation-failed: NOSPC"
