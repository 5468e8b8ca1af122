"""What a trace is told of a component's host calls."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component import tracing
from agave_wasi.component.canon import lowered
from agave_wasi.component.context import NumberedHandle
from agave_wasi.component.types import (
    BOOL,
    CHAR,
    U8,
    U32,
    Borrow,
    Err,
    FuncType,
    List,
    Ok,
    Own,
    ResourceType,
    Result,
    Tuple,
    WitError,
)
from agave_wasi.hostcall import RETRY
from kernel_sim.errors import WouldBlock
from kernel_sim.wait import Wait
from tests.agave_wasi.component.fake import Guest, raising

FILE = ResourceType("descriptor")
READ = FuncType((("self", Borrow(FILE)), ("length", U32)), Result(Tuple((List(U8), BOOL)), Own(FILE)))
NAME = "wasi:filesystem/types@0.2.12#[method]descriptor.read"


def read(guest: Guest, function: Any, blocking: bool = False) -> Any:
    guest.state.handles.add(FILE, "other")
    guest.state.handles.add(FILE, "file")
    return lowered(NAME, READ, guest.options(), guest.state, guest.calls, function, blocking=blocking)


def test_handles_are_shown_by_number_and_results_as_the_guest_gets_them() -> None:
    guest = Guest(traced=True)
    guest.call(read(guest, lambda file, length: (file.encode(), True)), 2, 5, 64)
    assert guest.events == [
        ("enter", NAME, {"self": NumberedHandle("descriptor", 2), "length": 5}),
        ("leave", {"result": Ok((b"file", True))}),
    ]


def test_errors_are_results() -> None:
    guest = Guest(traced=True)
    guest.call(read(guest, raising(WitError("new one"))), 2, 5, 64)
    assert guest.events[1] == ("leave", {"result": Err(NumberedHandle("descriptor", 3))})


def test_results_in_core_values_and_none() -> None:
    guest = Guest(traced=True)
    for result, value in [(U8, 200), (None, None)]:
        guest.events.clear()
        guest.call(lowered("f", FuncType((), result), guest.options(), guest.state, guest.calls, lambda value=value: value))
        assert guest.events == [("enter", "f", {}), ("leave", {} if result is None else {"result": 200})]


def test_arguments_that_cannot_be_lifted_are_shown_as_they_are() -> None:
    guest = Guest(traced=True)
    function = lowered("f", FuncType((("char", CHAR),)), guest.options(), guest.state, guest.calls, lambda char: None)
    with pytest.raises(Trap):
        guest.call(function, 0x110000)
    assert guest.events == [("enter", "f", {"flat": [0x110000]})]


def test_a_handle_that_there_is_not_is_shown_all_the_same() -> None:
    guest = Guest(traced=True)
    with pytest.raises(Trap, match="unknown handle 77"):
        guest.call(read(guest, lambda file, length: (b"", True)), 77, 5, 64)
    assert guest.events == [("enter", NAME, {"self": NumberedHandle("descriptor", 77), "length": 5})]


def test_a_parked_call_is_entered_and_left_once() -> None:
    guest = Guest(traced=True)
    ready: list[bool] = []

    def function(file: str, length: int) -> tuple[bytes, bool]:
        if not ready:
            raise WouldBlock(Wait(deadline=5))
        return b"now", False

    assert guest.call(read(guest, function, blocking=True), 2, 5, 64) == RETRY
    assert guest.resume() == RETRY
    ready.append(True)
    assert guest.resume() == 0
    assert [event[0] for event in guest.events] == ["enter", "leave"]
    assert guest.events[1] == ("leave", {"result": Ok((b"now", False))})


def test_a_result_that_is_too_large_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "ROOM", 4)
    guest = Guest(traced=True)
    for size, shown in [(4, {"result": b"...."}), (5, {})]:
        guest.events.clear()
        done = lowered("f", FuncType((), List(U8)), guest.options(), guest.state, guest.calls, lambda size=size: b"." * size)
        guest.call(done, 64)
        assert guest.events == [("enter", "f", {}), ("leave", shown)]


def test_nothing_is_told_where_nobody_listens() -> None:
    guest = Guest()
    guest.call(read(guest, lambda file, length: (b"", True)), 2, 5, 64)
    assert guest.events == []
