"""Numbers, texts and the values of calls that wait: what is written is read, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_sim.snapshot import SnapshotError, save
from kernel_sim.snapshot.codec import Reader, Writer
from kernel_sim.syscalls.polling import Subscription
from tests.kernel_sim.scripts import world
from tests.kernel_sim.snapshot.copies import again


def test_a_call_that_waits() -> None:
    k = world()
    subscription = Subscription(None, False, "monotonic", 5)
    subscription.deadline = 77
    on_pipe = Subscription(4, True)
    k.process.parked = ("poll", (-1, b"x", "y", None, (True, False), [[subscription], on_pipe]), (1, 2))
    parked = again(k).process.parked
    assert parked is not None
    values: Any = parked[1]
    assert values[:5] == (-1, b"x", "y", None, (True, False))
    [[loaded], pipe] = values[5]
    assert [getattr(loaded, name) for name in Subscription.__slots__] == [None, False, "monotonic", 5, False, 77]
    assert (pipe.fd, pipe.write, pipe.deadline) == (4, True, None)


def test_a_guest_in_the_middle_of_a_call() -> None:
    k = world()
    k.process.parked = ("fd_read", (0, [memoryview(bytearray(4))]), (16,))
    with pytest.raises(SnapshotError, match="in the middle of a call"):
        save(k.kernel)


@pytest.mark.parametrize("value", [object(), 1.5, bytearray(b"x"), {}])
def test_values_that_are_no_plain_data(value: object) -> None:
    k = world()
    k.process.parked = ("x", (value,), ())
    with pytest.raises(SnapshotError, match="no plain data"):
        save(k.kernel)


def test_values_without_end() -> None:
    k = world()
    endless: list[object] = []
    endless.append(endless)
    k.process.parked = ("x", (endless,), ())
    with pytest.raises(SnapshotError, match="nested too deep"):
        save(k.kernel)


def test_numbers_that_no_counter_reaches() -> None:
    k = world()
    k.kernel.next_pid = -1
    with pytest.raises(SnapshotError, match="negative"):
        save(k.kernel)
    k.kernel.next_pid = 1 << 200
    with pytest.raises(SnapshotError, match="too big"):
        save(k.kernel)


@given(st.integers(-(1 << 130), 1 << 130))
def test_numbers(number: int) -> None:
    out = Writer()
    out.integer(number)
    assert Reader(out.data).integer() == number


@pytest.mark.parametrize("number", [0, 127, 128, 1 << 64, (1 << 140) - 1])
def test_numbers_have_one_spelling_and_a_limit(number: int) -> None:
    out = Writer()
    out.natural(number)
    assert Reader(out.data).natural(number) == number
    if number:
        with pytest.raises(SnapshotError, match=f"{number} is more than the {number - 1}"):
            Reader(out.data).natural(number - 1)
    longer = bytes(out.data[:-1]) + bytes([out.data[-1] | 0x80, 0])
    with pytest.raises(SnapshotError, match=r"shortest form|too long"):
        Reader(longer).natural()


def test_what_may_be_missing() -> None:
    for kind, value in (("natural", 7), ("integer", -7), ("octets", b"x")):
        out = Writer()
        write = getattr(out, f"maybe_{kind}")
        write(None)
        write(value)
        read = getattr(Reader(out.data), f"maybe_{kind}")
        assert [read(), read()] == [None, value]


def test_a_reader_stops_where_it_is_told() -> None:
    reader = Reader(b"\x03abc" + b"checksum", end=4)
    assert reader.octets() == b"abc"
    with pytest.raises(SnapshotError, match="the snapshot ends too early") as error:
        reader.byte()
    assert error.value.offset == 4
    with pytest.raises(SnapshotError, match="is more than the 3"):  # so many items can't be left
        Reader(b"\x04ab").count()
