"""Values into records, and results out of what is told."""

from __future__ import annotations

from struct import pack, unpack_from
from typing import Any

import pytest

from conformance.components.fuzz.functions import callees
from conformance.components.fuzz.interpreter import SKIPPED
from conformance.components.fuzz.values import HANDLE, BadValue, Told, program, record, told
from conformance.fuzz.steps import Step
from tests.conformance.components.fuzz.programs import call, of, opening, writing


def test_a_record() -> None:
    made = record(writing(5, 4, "hey", 9))
    size, number, place, _ = unpack_from("<IIII", made)
    handle, pointer, length, offset = unpack_from("<4Q", made, 16)
    assert (size, number, place) == (len(made), callees()["descriptor.write"].number, 5)
    assert (handle, length, offset) == (4, 3, 9) and made[pointer : pointer + length] == b"hey" and len(made) % 8 == 0


def test_flags_enums_variants_and_lists_of_handles() -> None:
    assert unpack_from("<6Q", record(opening(5, "é", "create", "truncate")), 16)[4:] == (0b1001, 0b11)
    advise = record(call(5, "descriptor.advise", self=of(4), offset=1, length=2, advice="will-need"))
    assert unpack_from("<4Q", advise, 16) == (4, 1, 2, 3)
    moment = {"timestamp": {"seconds": 7, "nanoseconds": 8}}
    times = call(5, "descriptor.set-times", self=of(4), data_access_timestamp="now", data_modification_timestamp=moment)
    assert unpack_from("<7Q", record(times), 16) == (4, 1, 0, 0, 2, 7, 8)
    poll = record(call(5, "poll.poll", in_=[of(8), of(9)]))
    at, count = unpack_from("<2Q", poll, 16)
    assert unpack_from("<2I", poll, at) == (8, 9) and (at % 4, count) == (0, 2)
    assert unpack_from("<Q", record(call(5, "exit.exit", status="err")), 16) == (1,)


@pytest.mark.parametrize("values", [
    {}, {"self": 4, "length": 1, "offset": 0}, {"self": {"of": "x"}, "length": 1, "offset": 0},
    {"self": of(4), "length": "many", "offset": 0}, {"self": of(4), "length": 1},
])  # fmt: skip
def test_what_does_not_fit(values: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match=r"descriptor\.read"):
        program([Step(5, "descriptor.read", values)])


def area(*parts: bytes) -> bytes:
    return b"".join(parts)


def test_results() -> None:
    some = area(bytes([0, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0]), pack("<II", 4096, 2))
    entry = Told(20, some, "é".encode(), 4096)
    assert entry.value("directory-entry-stream.read-directory-entry") == {"ok": [{"type": "regular-file", "name": "é"}]}
    refused = Told(8, bytes([1, 0, 0, 0, 20]) + bytes(3), b"", 4096)
    assert refused.value("descriptor.open-at") == {"err": "no-entry"}
    made = Told(8, bytes(4) + pack("<I", 77), b"", 4096)
    assert made.value("descriptor.open-at") == {"ok": HANDLE}
    failed = Told(12, pack("<III", 1, 0, 5), b"", 4096)
    assert failed.value("input-stream.read") == {"err": {"last-operation-failed": HANDLE}}
    closed = Told(12, pack("<III", 1, 1, 0), b"", 4096)
    assert closed.value("input-stream.read") == {"err": "closed"}
    assert Told(8, pack("<II", 4096, 2), pack("<II", 3, 4), 4096).value("poll.poll") == [3, 4]
    assert Told(8, bytes(8), b"", 4096).value("terminal-stdin.get-terminal-stdin") is None
    assert Told(8, pack("<II", 1, 5), b"", 4096).value("terminal-stdin.get-terminal-stdin") == [HANDLE]


def test_a_result_that_points_elsewhere() -> None:
    with pytest.raises(BadValue, match="where nothing was put"):
        Told(8, pack("<II", 4096, 3), b"x", 4096).value("poll.poll")
    with pytest.raises(BadValue, match="case 9 of 2"):
        Told(8, bytes([9]) + bytes(7), b"", 4096).value("descriptor.open-at")


def test_what_is_told() -> None:
    text = area(pack("<III", 2, 1, 64), b"ab", b"c", pack("<III", SKIPPED, 0, 64)).hex()
    first, second = told(text)
    assert (first.area, first.data, first.base, first.skipped) == (b"ab", b"c", 64, False)
    assert second.skipped and second.value("poll.poll") is None
