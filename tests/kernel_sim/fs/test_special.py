"""Devices of /dev, streams, and the byte queue behind pipes and connections."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernel_sim.fs.special import PIPE_BUF, PIPE_CAPACITY, PipeBuffer
from tests.kernel_sim.scripts import MemoryStream, errno, pieces, views, world

SIZES = st.lists(st.integers(0, 60), max_size=3)
ACTIONS = st.lists(st.tuples(st.sampled_from(["read", "peek", "write"]), SIZES), max_size=30)


def queue(capacity: int = PIPE_CAPACITY) -> PipeBuffer:
    buffer = PipeBuffer(capacity)
    buffer.readers = buffer.writers = 1
    return buffer


@given(st.integers(1, 100), ACTIONS)
def test_against_a_model(capacity: int, actions: list[tuple[str, list[int]]]) -> None:
    """The model is a byte string; every byte that is written differs from its neighbours."""
    buffer, model, counter = queue(capacity), b"", 0
    for what, sizes in actions:
        if what == "write":
            data = [bytes((counter + index + offset) % 251 for offset in range(size)) for index, size in enumerate(sizes)]
            counter += 1
            whole = b"".join(data)
            room = capacity - len(model)
            count = buffer.write(pieces(*data))
            if len(whole) <= room or room == capacity:
                assert count == min(len(whole), room)
            else:
                assert count is None  # all writes here are small, so they are atomic
            model += whole[: count or 0]
        else:
            buffers = views(*sizes)
            count = buffer.read(buffers, keep=what == "peek")
            assert count == (min(sum(sizes), len(model)) if model or not sum(sizes) else None)
            assert b"".join(buffers)[: count or 0] == model[: count or 0]
            if what == "read":
                model = model[count or 0 :]
        assert bytes(buffer.data) == model
        assert buffer.readable() == (bool(model), len(model), False)
        assert buffer.writable() == (capacity - len(model) >= min(PIPE_BUF, capacity), capacity - len(model), False)


def test_writes_up_to_pipe_buf_are_atomic_and_bigger_ones_are_cut() -> None:
    buffer = queue()
    assert buffer.write(pieces(bytes(PIPE_CAPACITY - PIPE_BUF + 1))) == PIPE_CAPACITY - PIPE_BUF + 1
    assert buffer.write(pieces(bytes(PIPE_BUF))) is None
    assert buffer.write(pieces(bytes(PIPE_BUF // 2), bytes(PIPE_BUF // 2))) is None
    assert buffer.write(pieces(bytes(PIPE_BUF - 1))) == PIPE_BUF - 1
    assert buffer.write(pieces(b"")) == 0
    buffer.read(views(PIPE_BUF))
    assert buffer.write(pieces(bytes(PIPE_BUF - 1), bytes(PIPE_CAPACITY))) == PIPE_BUF


def test_the_ends() -> None:
    buffer = queue()
    buffer.write(pieces(b"last"))
    buffer.writers = 0
    assert buffer.readable() == (True, 4, True)
    assert (buffer.read(views(9)), buffer.read(views(9))) == (4, 0)
    buffer.readers = 0
    assert errno(buffer.write, pieces(b"x")) == "PIPE"
    assert buffer.writable() == (True, PIPE_CAPACITY, True)


def test_pipes_are_no_storage() -> None:
    pipe = world().kernel.new_pipe()
    assert (pipe.type, pipe.size, pipe.seekable, pipe.is_live(), pipe.device_name()) == ("fifo", 0, False, False, "")
    assert (errno(pipe.truncate, 0), errno(pipe.readlink), errno(pipe.lookup, b"x")) == ("INVAL", "INVAL", "NOTDIR")


def test_devices() -> None:
    k = world()
    dev = k.kernel.root.make_directory(b"dev")
    k.kernel.make_dev(dev)
    null, zero, full, random = (dev.lookup(name) for name in (b"null", b"zero", b"full", b"random"))
    assert {each.type for each in (null, zero, full, random)} == {"character-device"}
    for each in (zero, full):
        buffers = views(2, 0, 3)
        assert each.read_at(99, buffers) == 5 and b"".join(buffers) == bytes(5)
    buffers = views(3, 4)
    assert random.read_at(0, buffers) == 7
    assert null.read_at(0, buffers) == 0
    for each in (null, zero, random):
        assert each.write_at(0, pieces(b"ab", b"c")) == each.append(pieces(b"abc")) == 3
        assert errno(each.truncate, 0) == "INVAL"
    assert errno(full.write_at, 0, pieces(b"x")) == "NOSPC"


def test_a_stream_shows_its_device() -> None:
    k = world()
    device = MemoryStream(b"ab", b"cd", live=True)
    k.kernel.attach("s", device)
    stream = k.kernel.new_stream("s")
    assert (stream.is_live(), stream.device_name(), stream.readiness(False)) == (True, "s", (True, 2, False))
    buffers = views(2, 3)
    assert stream.read_at(0, buffers) == 4  # more has arrived when the first buffer is full
    assert b"".join(buffers) == b"abcd\xaa"
    assert stream.write_at(0, pieces(b"1", b"2")) == 2
    assert stream.write_at(0, []) == 0
    device.incoming[:] = [b"xy", None]
    assert stream.read_at(0, views(2, 2)) == 2

    class Sudden(MemoryStream):
        def readiness(self, write: bool) -> tuple[bool, int, bool]:
            return True, 1, False

    k.kernel.attach("s", Sudden(b"xy", None))
    assert stream.read_at(0, views(2, 2)) == 2  # said that there was more, but there wasn't
    assert stream.read_at(0, views(2)) is None
