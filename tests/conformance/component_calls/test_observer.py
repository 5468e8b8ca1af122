"""What shims show becomes calls: memory is asked for as it is needed, limits end a run, and nonsense is shown as it is."""

from __future__ import annotations

from struct import pack, unpack
from typing import Any

import pytest

from agave_wasi.component import model
from agave_wasi.component.plan import plan
from agave_wasi.component.types import STRING, U8, FuncType, List, Result, Tuple
from conformance.calls.call import NEVER, Call
from conformance.calls.recorder import RecordingFull, Stop
from conformance.component_calls.lowered import Lowered
from conformance.component_calls.observer import Observer
from conformance.component_calls.shims import GO, HEAD, READ, RESULT, SLOTS

NAMES = FuncType((("names", List(STRING)),), Result(Tuple((List(U8), STRING)), STRING))
TEXT = "local:a/b#text"


def function(type: FuncType, name: str = TEXT) -> Lowered:
    known = plan(type)
    return Lowered(0, name, *known.lowered, model.Options("utf8", 0), known, type)


class Guest:
    """A shim's side: memory, and what it says before a call and behind it."""

    def __init__(self, *functions: Lowered, **options: Any) -> None:
        self.calls: list[Call] = []
        self.observer = Observer(functions, self.calls.append, lambda: 5, **options)
        self.memory = bytearray(1 << 16)
        self.asked: list[tuple[int, int]] = []

    def put(self, at: int, data: bytes) -> None:
        self.memory[at : at + len(data)] = data

    def show(self, phase: int, slots: bytes = b"", number: int = 0, result: int = 0) -> None:
        data = b""
        for _ in range(100):
            head = pack("<4I", number, phase, 1, len(data)) + slots.ljust(8 * RESULT, b"\0") + pack("<Q", result)
            assert len(head) == SLOTS + 8 * RESULT + 8
            answer = self.observer.step((head.ljust(HEAD, b"\0") + data).decode("latin-1")).encode("latin-1")
            if answer[0] == GO:
                return
            assert answer[0] == READ
            at, size = unpack("<II", answer[1:])
            self.asked.append((at, size))
            data = bytes(self.memory[at : at + size])
        raise AssertionError("it asks for ever")


def test_strings_in_lists_are_followed() -> None:
    guest = Guest(function(NAMES))
    guest.put(100, pack("<4I", 200, 2, 300, 3))
    guest.put(200, b"ab")
    guest.put(300, "é!".encode())
    guest.show(0, pack("<QQQ", 100, 2, 400))
    assert guest.asked == [(100, 16), (200, 2), (300, 3)]
    guest.put(400, pack("<5I", 0, 500, 3, 600, 1))
    guest.put(500, b"\0\xff\x80")
    guest.put(600, b"x")
    guest.show(1, pack("<QQQ", 100, 2, 400))
    (call,) = guest.calls
    assert call.args == {"names": ["ab", "é!"]} and call.slots == (100, 2, 400) and call.time == 5
    assert call.errno == "SUCCESS" and call.result == {"result": [{"bytes": 3, "data": "\0\xff\x80"}, "x"]}
    assert [(each.name, each.address, each.size) for each in call.written] == [
        ("result", 400, 20), ("memory", 500, 3), ("memory", 600, 1),
    ]  # fmt: skip
    assert [each.data for each in call.given][1:] == [b"ab", "é!".encode()]


def test_what_was_known_before_the_call_is_asked_for_again_behind_it() -> None:
    guest = Guest(function(NAMES))
    guest.show(0, pack("<QQQ", 0, 0, 400))
    guest.put(400, pack("<5I", 1, 600, 1, 0, 0))
    guest.put(600, b"e")
    guest.show(1, pack("<QQQ", 0, 0, 400))
    guest.put(600, b"f")
    guest.show(0, pack("<QQQ", 0, 0, 400))
    guest.show(1, pack("<QQQ", 0, 0, 400))
    assert [call.errno for call in guest.calls] == ["e", "f"]


def test_what_cannot_be_lifted_is_shown_as_it_is() -> None:
    guest = Guest(function(NAMES))
    guest.show(0, pack("<QQQ", 0xFFFF_FFF0, 5, 400))
    guest.observer.finish()
    (call,) = guest.calls
    assert call.args == {"flat": [0xFFFF_FFF0, 5, 400]} and call.errno == NEVER


def test_a_result_at_a_bad_place_ends_nothing_here() -> None:
    guest = Guest(function(NAMES))
    guest.show(0, pack("<QQQ", 0, 0, 0xFFFF_FFF1))
    guest.show(1, pack("<QQQ", 0, 0, 0xFFFF_FFF1))
    assert guest.calls[0].result == {} and guest.calls[0].written == []


def test_handles_that_are_dropped() -> None:
    guest = Guest(Lowered(0, "resource.drop thing", "i", "", model.Options(), None, None, "thing"))
    guest.show(0, pack("<Q", 3))
    guest.show(1, pack("<Q", 3))
    assert guest.calls[0].args == {"self": {"resource": "thing", "handle": 3}} and guest.calls[0].errno == "SUCCESS"


def test_limits() -> None:
    guest = Guest(function(FuncType((), U8)), most_calls=1)
    guest.show(0)
    guest.show(1, result=7)
    assert guest.calls[0].result == {"result": 7} and guest.calls[0].slots == (7,)
    with pytest.raises(RecordingFull, match="more than 1 host calls"):
        guest.show(0)
    guest = Guest(function(FuncType((), U8)), stop_after=0)
    guest.show(0)
    with pytest.raises(Stop):
        guest.show(1)
    assert len(guest.calls) == 1
