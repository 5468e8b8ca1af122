"""Pointers, enum values and flags: what is bad traps before anything happens, and a result fills its bytes, no others.

The rows of conformance/suites/preview1/traps.toml hold on the reference (tests/test_suite_preview1_build.py); here the
same rows run on this house, which checks everything first: where the reference answers an errno because it looked at
something else before, we may trap instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agave_wasi import GuestTrap
from agave_wasi.preview1.interface import Preview1, Unstable, function_names, signatures
from tests.agave_wasi.guests import FILE, Raw, trap_table

Row = tuple[str, list[Any], list[list[Any]], str, str]
FUNCTIONS = [name for name in trap_table() if name != "setup"]

# Function -> the (address, length) of all that a sound call writes, from the sound arguments of the table. Padding between
# the fields of a struct is left alone.
RESULTS: dict[str, list[tuple[int, int]]] = {
    "args_get": [(0x780, 8), (0x800, 19)],
    "args_sizes_get": [(0x780, 4), (0x800, 4)],
    "environ_get": [(0x780, 4), (0x800, 4)],
    "environ_sizes_get": [(0x780, 4), (0x800, 4)],
    "clock_res_get": [(0x780, 8)],
    "clock_time_get": [(0x780, 8)],
    "fd_fdstat_get": [(0x800, 1), (0x802, 2), (0x808, 16)],
    "fd_filestat_get": [(0x800, 17), (0x818, 40)],
    "path_filestat_get": [(0x800, 17), (0x818, 40)],
    "fd_prestat_get": [(0x780, 1), (0x784, 4)],
    "fd_readdir": [(0x800, 64), (0x780, 4)],
    "fd_prestat_dir_name": [(0x800, 1)],
    "fd_seek": [(0x780, 8)],
    "fd_tell": [(0x780, 8)],
    "fd_read": [(0x840, 4), (0x780, 4)],
    "fd_pread": [(0x840, 4), (0x780, 4)],
    "fd_write": [(0x780, 4)],
    "fd_pwrite": [(0x780, 4)],
    "path_open": [(0x780, 4)],
    "path_readlink": [(0x800, 1), (0x780, 4)],
    "poll_oneoff": [(0x700, 11), (0x710, 10), (0x780, 4)],
    "random_get": [(0x800, 8)],
}


def rows() -> Iterator[Row]:
    """Every call of the table: function, arguments, bytes to put into memory, what is expected, why."""
    for name in FUNCTIONS:
        entry = trap_table()[name]
        yield name, entry["sound"], [], entry["gives"], "sound"
        for index, value, expected, why in entry.get("cases", []):
            arguments = list(entry["sound"])
            arguments[index] = value
            yield name, arguments, [], expected, f"argument {index} = {value:#x}: {why}"
        for at, text, expected, why in entry.get("memory", []):
            yield name, entry["sound"], [[at, text]], expected, f"{text} at {at:#x}: {why}"


def outcome(raw: Raw, name: str, arguments: list[Any]) -> str:
    """An errno's name, "exit N" or "trap"."""
    try:
        return raw.errno(name, *arguments)
    except GuestTrap as trap:
        assert trap.code == "abi", f"{name}: {trap}"
        assert trap.frames
        return "trap"
    except RuntimeError as error:
        return str(error).replace("the program exited with code", "exit")


def test_the_table_is_about_every_function() -> None:
    assert sorted(FUNCTIONS) == function_names(Preview1)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_rows_hold_and_a_trap_changes_nothing(function: str) -> None:
    wrong = []
    for name, arguments, pokes, expected, why in rows():
        if name != function:
            continue
        raw = Raw()
        for at, text in pokes:
            raw.write(at, bytes.fromhex(text))
        before = raw.state()
        got = outcome(raw, name, arguments)
        if got not in expected.split("|") and not (got == "trap" and why != "sound"):
            wrong.append(f"{name}: {why}: {got}, expected {expected}")
        if got == "trap" and raw.state() != before:
            wrong.append(f"{name}: {why}: something changed before the trap")
        raw.close()
    assert not wrong, "\n".join(wrong)


def test_where_we_trap_and_the_reference_does_not_is_known() -> None:
    """With a bad descriptor *and* a bad pointer the reference answers BADF; unused buffers it doesn't look at."""
    differing = set()
    for name, arguments, pokes, expected, _ in rows():
        raw = Raw()
        for at, text in pokes:
            raw.write(at, bytes.fromhex(text))
        got = outcome(raw, name, arguments)
        if got not in expected.split("|"):
            differing.add((name, expected, got))
        raw.close()
    assert differing <= {(name, expected, "trap") for name, expected, _ in differing}
    assert {name for name, _, _ in differing} <= {
        "sock_accept", "sock_recv", "sock_send", "fd_read", "fd_pread", "fd_write", "fd_pwrite",
    }, differing  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_results_fill_their_bytes_and_no_others(function: str) -> None:
    if function in ("proc_exit", "proc_raise"):
        return
    entry = trap_table()[function]
    after = []
    for poison in (0xAA, 0x55):
        raw = Raw(poison)
        raw.write(0x840, bytes([poison]) * 4)
        assert raw.errno(function, *entry["sound"]) in entry["gives"].split("|")
        after.append(raw.read(0, raw.size))
        raw.close()
    sound = {at + place for at, text in trap_table()["setup"]["memory"] for place in range(len(text) // 2)}
    sound |= set(range(0x600, 0x630))
    written = {at for at, (one, other) in enumerate(zip(*after)) if one == other} - sound
    assert written == {at + place for at, length in RESULTS.get(function, []) for place in range(length)}


def test_a_number_in_an_i32_slot_is_read_without_its_upper_half() -> None:
    raw = Raw()
    assert raw.errno("fd_tell", FILE, 0x780) == "SUCCESS"
    assert raw.errno("fd_tell", -1, 0x780) == "BADF"
    with pytest.raises(GuestTrap, match="out of bounds"):
        raw.call("fd_tell", FILE, -8)


@pytest.mark.parametrize("pointer", [0x1FFFC, 0x20000, 0xFFFF_FFF8, 0xFFFF_FFFF, 0x8000_0000])
def test_a_region_never_wraps_around(pointer: int) -> None:
    raw = Raw()
    for name, arguments in (("random_get", (pointer, 0xFFFF_FFF0)), ("fd_readdir", (3, pointer, 0xFFFF_FFFF, 0, 0x780))):
        with pytest.raises(GuestTrap, match="out of bounds"):
            raw.call(name, *arguments)


def test_a_trapped_guest_can_be_called_again() -> None:
    raw = Raw()
    for _ in range(3):
        with pytest.raises(GuestTrap, match="misaligned pointer: 0x781 must be a multiple of 8"):
            raw.call("fd_tell", FILE, 0x781)
        assert raw.errno("fd_tell", FILE, 0x780) == "SUCCESS"


def test_vectors() -> None:
    raw = Raw()
    raw.write(0x1000, b"".join((0x2000).to_bytes(4, "little") + bytes(4) for _ in range(3000)))
    assert raw.errno("fd_write", FILE, 0x1000, 3000, 0x780) == "SUCCESS"  # many empty buffers
    assert raw.number(0x780) == 0
    raw.write(0x1000, b"".join((0x2000).to_bytes(4, "little") + b"\1\0\0\0" for _ in range(3000)))
    assert raw.errno("fd_write", FILE, 0x1000, 3000, 0x780) == "SUCCESS"
    assert raw.number(0x780) == 1024  # a short count, as the limit of a vector is
    raw.write(0x1000 + 8 * 2999, b"\0\0\2\0\1\0\0\0")
    with pytest.raises(GuestTrap, match="out of bounds"):  # the last buffer isn't used, but bad
        raw.call("fd_write", FILE, 0x1000, 3000, 0x780)
    with pytest.raises(GuestTrap, match="out of bounds"):
        raw.call("fd_write", FILE, 0x1000, 0x2000_0000, 0x780)
    with pytest.raises(GuestTrap, match="out of bounds"):
        raw.call("fd_write", FILE, 0x1000, 0xFFFF_FFFF, 0x780)


def test_overlapping_buffers() -> None:
    raw = Raw()
    raw.write(0x1000, bytes.fromhex("0020000004000000 0220000004000000".replace(" ", "")))
    assert raw.errno("fd_read", FILE, 0x1000, 2, 0x780) == "SUCCESS"
    assert raw.read(0x2000, 6) == b"heol\0\0"
    raw.write(0x1000, bytes.fromhex("0010000010000000"))  # the vector itself is the buffer
    assert raw.errno("fd_pread", FILE, 0x1000, 1, 0, 0x1000) == "SUCCESS"
    assert raw.number(0x1000) == 5  # the count is stored last
    assert raw.read(0x1004, 1) == b"o"


def test_a_polled_subscription_may_lie_where_events_go() -> None:
    raw = Raw()
    raw.write(0x600, (7).to_bytes(8, "little"))
    assert raw.errno("poll_oneoff", 0x600, 0x600, 1, 0x600) == "SUCCESS"
    assert raw.number(0x600) == 1


def test_a_traced_call_that_can_not_be_lifted_shows_its_raw_arguments() -> None:
    raw = Raw(trace=True)
    raw.write(0x1000, b"\xff\xfe")
    assert raw.errno("path_unlink_file", 3, 0x1000, 2) == "ILSEQ"
    event = raw.live.trace[-1]
    assert (event["call"], event["errno"]) == ("path_unlink_file", "ILSEQ")
    assert event["args"] == {"fd": 3, "path_pointer": 0x1000, "path_length": 2}
    with pytest.raises(GuestTrap):
        raw.call("fd_seek", FILE, 0, 9, 0x780)
    raw.close()
    event = raw.live.trace[-1]
    assert (event["call"], event["errno"], event["args"]["whence"]) == ("fd_seek", "", 9)


def test_no_slot_has_the_name_of_what_pointers_are_checked_with() -> None:
    taken = {"memory", "memory_size", "memory_16", "memory_32", "memory_64", "last_4", "last_8", "check", "vectors", "slots"}
    for interface in (Preview1, Unstable):
        for each in signatures(interface):
            assert not taken & {slot.name for slot in each.slots()}, each.name


def test_a_bad_result_pointer_hides_no_bad_vector() -> None:
    raw = Raw()
    assert raw.errno("sock_recv", 77, 0x100, 1, 0, 0xAE64, 0x780) == "BADF"  # the first call, when memory isn't known yet
    for size in (0x300, 0xFFFF_FFFC):
        with pytest.raises(GuestTrap, match="out of bounds"):
            raw.call("sock_recv", 77, 0xFFFF_FFF8, 1, 0, size, 0x780)
