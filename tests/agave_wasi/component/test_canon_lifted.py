"""Canonical functions as a whole: guests' functions that Python calls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from agave_wasi.abi.memory import Trap
from agave_wasi.component.canon import core_type, lifted, returned
from agave_wasi.component.handles import Resource
from agave_wasi.component.types import (
    BOOL,
    CHAR,
    F32,
    STRING,
    U8,
    U32,
    U64,
    Borrow,
    Enum,
    FuncType,
    Ok,
    Own,
    ResourceType,
    Result,
    Tuple,
    WitError,
)  # fmt: skip
from agave_wasi.engines.base import BadCall, GuestTrap
from tests.agave_wasi.component import reference
from tests.agave_wasi.component.fake import Guest, raising
from tests.agave_wasi.component.test_canon import SIGNATURES, function, host


@given(SIGNATURES)
@settings(max_examples=150, deadline=None)
def test_any_function_of_a_guest(signature: Any) -> None:
    arguments, outcome, encoding = signature
    guest, seen, cleaned = Guest(encoding), [], []
    types, values = [type for type, _ in arguments], [value for _, value in arguments]
    result, answer = outcome or (None, Ok())
    type = function(result, *types)

    def core(*flat: Any) -> Any:
        assert len(flat) == len(core_type(type, "lift")[0])
        if sum(len(reference.flatten(each)) for each in types) > 16:
            found = list(reference.load(guest, flat[0], Tuple(tuple(types))))
        else:
            cores = iter(flat)
            found = [reference.lift(guest, cores, each) for each in types]
        seen.append(reference.shown(found))
        if result is None:
            return None
        if len(reference.flatten(result)) == 1:
            return reference.lower(guest, result, answer)[0]
        at = guest.realloc(0, 0, 8, reference.size(result))
        reference.store(guest, at, result, answer)
        return at

    options = guest.options(post_return=lambda *flat: cleaned.append((flat, guest.state.may_leave)))
    call = lifted("f", type, options, guest.state, core)
    for _ in range(2):
        if result is not None and result.kind == "result" and not isinstance(answer, Ok):
            with pytest.raises(WitError) as caught:
                call(*values)
            assert reference.shown(caught.value.value) == reference.shown(answer.value)
        else:
            expected = answer.value if result is None or result.kind == "result" else answer
            assert reference.shown(call(*values)) == reference.shown(expected)
    assert seen == [reference.shown(values)] * 2
    assert [len(flat) for flat, _ in cleaned] == [len(core_type(type, "lift")[1])] * 2
    assert not any(may_leave for _, may_leave in cleaned)
    assert guest.state.may_leave


def test_arguments_that_do_not_fit_are_named_and_the_guest_stays_usable() -> None:
    guest, kind = Guest(), ResourceType("file")
    type = FuncType((("file", Borrow(kind)), ("size", U8)))
    call = lifted("f", type, guest.options(), guest.state, lambda *_: guest.state.handles.drop(1, kind) and None)
    for values, message in [
        (("x", 256), "f: size: 256 doesn't fit the type u8"),
        (("x",), r"f takes 2 arguments \(file, size\), not 1"),
        (("x", 1, 2), r"f takes 2 arguments \(file, size\), not 3"),
    ]:
        with pytest.raises(BadCall, match=message):
            call(*values)
        assert (len(guest.state.handles), guest.state.root.task, guest.state.may_enter) == (0, None, True)
    assert call("x", 1) is None
    spilled = lifted("g", FuncType(tuple((f"p{at}", U64) for at in range(17))), guest.options(), guest.state, lambda at: None)
    with pytest.raises(BadCall, match="g: p16: -1 doesn't fit the type u64"):
        spilled(*range(16), -1)
    spilled(*range(17))
    assert guest.asked[-1] == (0, 0, 8, 136)


@pytest.mark.parametrize(
    ("result", "answer", "message"),
    [
        (STRING, 0xFFFF_FFFC, "f: pointer out of bounds"),
        (STRING, 2, "f: misaligned"),
        (CHAR, 0xD800, "f: 0xd800 is no Unicode scalar value"),
        (Enum(("a", "b")), 2, "f: 2 is no case of enum {a, b}"),
    ],
)
def test_what_a_guest_may_not_answer(result: Any, answer: int, message: str) -> None:
    guest = Guest()
    call = lifted("f", function(result), guest.options(), guest.state, lambda: answer)
    with pytest.raises(Trap, match=message):
        call()
    with pytest.raises(Trap, match="f: cannot enter component instance guest"):
        call()


def test_a_guest_that_trapped_is_not_entered_again() -> None:
    guest = Guest()
    call = lifted("f", function(None), guest.options(), guest.state, raising(GuestTrap("unreachable", [])))
    with pytest.raises(GuestTrap, match="unreachable"):
        call()
    with pytest.raises(Trap, match="cannot enter component instance guest"):
        call()


def test_no_reentrance_by_way_of_the_host() -> None:
    guest = Guest()
    call = lifted("f", function(None), guest.options(), guest.state, lambda: guest.call(inner))
    inner = host(guest, function(None), lambda: call())
    with pytest.raises(Trap, match="f: cannot enter component instance guest"):
        call()


def test_borrowed_handles_must_be_given_back() -> None:
    guest, kind = Guest(), ResourceType("file")
    type = function(None, Borrow(kind), Borrow(kind))
    drop = guest.state.handles.drop
    seen: list[int] = []
    lifted("f", type, guest.options(), guest.state, lambda *numbers: [drop(each, kind) for each in numbers])(1, 2)
    keeps = lifted("f", type, guest.options(), guest.state, lambda first, second: drop(first, kind))
    with pytest.raises(Trap, match="f: borrow handles still remain at the end of the call: 1 in guest"):
        keeps(1, 2)
    other = Guest()
    options = other.options(post_return=seen.append)
    keeps = lifted("f", function(CHAR, Borrow(kind)), options, other.state, lambda number: 0xD800)
    with pytest.raises(Trap, match="borrow handles still remain"):  # before the result is looked at
        keeps(1)
    assert seen == []


def test_a_guests_resources_in_pythons_hands() -> None:
    guest = Guest()
    dropped: list[int] = []
    kind = ResourceType("thing", guest.state, dropped.append)
    options, state = guest.options(), guest.state
    make = lifted("make", function(Own(kind), U32), options, state, lambda rep: state.handles.add(kind, rep))
    look = lifted("look", function(U32, Borrow(kind)), options, state, lambda rep: rep)
    take = lifted("take", function(U32, Own(kind)), options, state, lambda number: state.handles.take(number, kind))
    thing = make(0x77)
    assert isinstance(thing, Resource) and len(guest.state.handles) == 0
    assert look(thing) == 0x77
    assert take(thing) == 0x77
    with pytest.raises(BadCall, match="take: p0: <thing that is gone> doesn't fit the type own<thing>"):
        take(thing)
    other = make(0x78)
    other.drop()
    assert dropped == [0x78]


def test_floats_and_bools_come_as_they_are() -> None:
    guest = Guest()
    call = lifted("f", function(F32, BOOL, F32), guest.options(), guest.state, lambda flag, number: number if flag else 0.0)
    assert (call(True, 0.5), call(False, 0.5)) == (0.5, 0.0)


def test_options_that_lack_what_a_type_needs() -> None:
    guest = Guest()
    call = lifted("f", function(None, STRING), guest.options(realloc=None), guest.state, lambda *_: None)
    with pytest.raises(Trap, match="f: a value needs memory in the guest, whose canonical options have no realloc"):
        call("text")


def test_the_rest_of_a_call_whose_core_function_has_returned() -> None:
    guest, cleaned = Guest(), []
    type = function(Result(CHAR, U8))
    options = guest.options(post_return=lambda *flat: cleaned.append(flat))
    for status, value in ((0, "A"), (1, None)):
        task = guest.state.enter(type)
        at = guest.realloc(0, 0, 4, 8)
        guest.memory()[at : at + 8] = bytes([status, 0, 0, 0, 65, 0, 0, 0])
        rest = returned("f", type, options, guest.state)
        if value is None:
            with pytest.raises(WitError) as caught:
                rest(task, at)
            assert caught.value.value == 65
        else:
            assert rest(task, at) == value
        assert guest.state.may_enter and guest.state.root.task is None
    assert len(cleaned) == 2
    task = guest.state.enter(type)
    with pytest.raises(Trap, match="f: pointer out of bounds"):
        returned("f", type, options, guest.state)(task, 0xFFFF_FFF0)
