"""Structs as they lie in memory, byte for byte, and what a trace shows of values."""

from __future__ import annotations

import json
from struct import unpack

import pytest

from agave_wasi.preview1 import layout
from kernel_sim.errors import KernelError
from kernel_sim.fs.inode import Entry, FileType, Stat
from kernel_sim.syscalls.polling import Ready
from tests.agave_wasi.guests import FILE, Raw


def buffer(size: int) -> tuple[bytearray, memoryview]:
    data = bytearray(b"\xaa" * size)
    return data, memoryview(data)


def test_filestat() -> None:
    data, view = buffer(80)
    layout.lower_filestat(view, 8, Stat(1, 2, FileType.DIRECTORY, 3, 4, 5, 6, 7))
    assert data[:8] == data[72:] == b"\xaa" * 8
    assert unpack("<QQB7sQQQQQ", data[8:72]) == (1, 2, 3, b"\xaa" * 7, 3, 4, 5, 6, 7)


def test_the_older_filestat_has_a_short_link_count() -> None:
    data, view = buffer(72)
    layout.lower_unstable_filestat(view, 8, Stat(1, 2, FileType.REGULAR_FILE, 1 << 40, 4, 5, 6, 7))
    assert data[:8] == data[64:] == b"\xaa" * 8
    assert unpack("<QQB3sIQQQQ", data[8:64]) == (1, 2, 4, b"\xaa" * 3, 0xFFFF_FFFF, 4, 5, 6, 7)


@pytest.mark.parametrize(("time", "stored"), [(-1, 0), (1 << 64, (1 << 64) - 1), (5, 5)])
def test_times_that_do_not_fit_become_the_nearest(time: int, stored: int) -> None:
    data, view = buffer(64)
    layout.lower_filestat(view, 0, Stat(0, 0, FileType.UNKNOWN, 0, 0, time, time, time))
    assert unpack("<QQQ", data[40:]) == (stored,) * 3


def test_every_file_type_has_a_number() -> None:
    kinds = {value for name, value in vars(FileType).items() if not name.startswith("_")}
    assert kinds == set(layout.FILETYPES)


def test_directory_entries_follow_each_other() -> None:
    encoded = layout.dirents([Entry(1, 2, b"ab", FileType.DIRECTORY), Entry(2, 9, b"", FileType.SYMBOLIC_LINK)])
    assert encoded == (
        (1).to_bytes(8, "little") + (2).to_bytes(8, "little") + (2).to_bytes(4, "little") + b"\3\0\0\0ab"
        + (2).to_bytes(8, "little") + (9).to_bytes(8, "little") + bytes(4) + b"\7\0\0\0"
    )  # fmt: skip


def lifted(data: bytes, count: int) -> layout.PollBuffer:
    memory = memoryview(bytearray(data.ljust(4096, b"\xaa")))
    return layout.lift_poll(lambda at, length, align: memory[at : at + length], 0, 2048, count)


def subscription(user: int, tag: int, first: int, timeout: int = 0, flags: int = 0) -> bytes:
    return (
        user.to_bytes(8, "little") + bytes([tag]) + bytes(7) + first.to_bytes(4, "little") + b"\xee" * 4
        + timeout.to_bytes(8, "little") + b"\xee" * 8 + flags.to_bytes(2, "little") + b"\xee" * 6
    )  # fmt: skip


def test_subscriptions() -> None:
    poll = lifted(subscription(7, 0, 1, 99, 1) + subscription(8, 1, 3) + subscription(9, 2, 4), 3)
    clock, read, write = poll.subscriptions
    assert (clock.clock, clock.timeout, clock.absolute, clock.fd) == ("monotonic", 99, True, None)
    assert (read.fd, read.write, write.fd, write.write) == (3, False, 4, True)
    assert poll.store([Ready(2, 5, True), Ready(0)]) == 2
    first, second = bytes(poll.events[:32]), bytes(poll.events[32:64])
    gap = b"\xaa" * 5
    assert first == (9).to_bytes(8, "little") + b"\0\0\2" + gap + (5).to_bytes(8, "little") + b"\1\0" + gap + b"\xaa"
    assert second == (7).to_bytes(8, "little") + bytes(3) + gap + bytes(10) + gap + b"\xaa"


@pytest.mark.parametrize("bad", [subscription(0, 3, 0), subscription(0, 0, 4), subscription(0, 0, 0, 0, 2)])
def test_unknown_values_in_a_subscription_are_invalid(bad: bytes) -> None:
    with pytest.raises(KernelError, match="INVAL"):
        lifted(bad, 1)


def test_more_subscriptions_than_any_guest_needs_are_invalid() -> None:
    with pytest.raises(KernelError, match="INVAL"):
        layout.lift_poll(lambda at, length, align: memoryview(b""), 0, 0, layout.POLL_MAX + 1)


def test_what_a_trace_shows_can_be_written_as_json() -> None:
    raw = Raw(trace=True, max_fds=50)
    raw.write(0x900, b"\xff\x00weird")
    calls = (
        ("fd_fdstat_get", FILE, 0x780), ("fd_filestat_get", FILE, 0x780), ("fd_prestat_get", 3, 0x780),
        ("poll_oneoff", 0x600, 0x1800, 1, 0x780), ("args_get", 0x780, 0x1800), ("path_unlink_file", 3, 0x900, 7),
        ("fd_write", FILE, 0x400, 1, 0x780), ("path_open", 3, 1, 0x500, 1, 5, 1, 1, 4, 0x780),
    )  # fmt: skip
    for name, *arguments in calls:
        raw.call(name, *arguments)
    raw.close()
    shown = json.loads(json.dumps(raw.live.trace))
    assert [event["call"] for event in shown[1:]] == [name for name, *_ in calls]
    opened = shown[-1]["args"]
    assert (opened["oflags"], opened["fdflags"], opened["path"]) == (["creat", "excl"], ["nonblock"], "f")
    assert shown[-1]["errno"] == "EXIST"
    assert shown[4]["args"]["poll"] == [{"clock": "realtime", "timeout": 0, "absolute": False}]


def test_a_trace_shows_the_names_of_a_listing_and_where_it_was_cut() -> None:
    listing = layout.dirents([Entry(1, 7, b"one", "directory"), Entry(2, 8, "zwölf".encode(), "regular-file")])
    for count, shown in (
        (len(listing), ["one", "zwölf"]),
        (len(listing) - 1, ["one", "zwöl..."]),
        (len(listing) - 3, ["one", "zw\\xc3..."]),
        (len(listing) - 6, ["one", "..."]),
        (len(listing) - 7, ["one"]),
        (26, ["on..."]),
        (23, []),
        (0, []),
    ):
        assert layout.shown_dirents(memoryview(listing + b"old"), count) == shown
