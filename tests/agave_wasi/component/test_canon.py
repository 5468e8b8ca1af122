"""Canonical functions as a whole: host functions that guests call."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.abi.memory import Trap
from agave_wasi.component import canon
from agave_wasi.component.canon import core_type, lowered
from agave_wasi.component.types import (
    STRING,
    U8,
    U32,
    U64,
    Borrow,
    Case,
    Enum,
    FuncType,
    List,
    Ok,
    Own,
    Record,
    ResourceType,
    Result,
    Tuple,
    Variant,
    WitError,
)  # fmt: skip
from agave_wasi.engines.base import EngineConfig, GuestTrap, HostFunction, LinkError, StoreLimits
from agave_wasi.engines.capi import to_wasm
from agave_wasi.engines.wasmtime_engine import WasmtimeEngine
from agave_wasi.engines.wasmtime_store import Store
from agave_wasi.hostcall import RETRY
from kernel_sim.errors import Errno, KernelError, ProcessExit, WouldBlock
from kernel_sim.wait import Wait
from tests.agave_wasi.component import reference
from tests.agave_wasi.component.fake import Guest, raising

OUT = 64
"""Where results go."""
CODES = Enum(("access", "would-block", "no-entry"))


def function(result: Any, *types: Any) -> FuncType:
    return FuncType(tuple((f"p{place}", each) for place, each in enumerate(types)), result)


def host(guest: Guest, type: FuncType, call: Callable[..., Any], **others: Any) -> HostFunction:
    return lowered("f", type, guest.options(), guest.state, guest.calls, call, **others)


SIGNATURES: Any = st.lists(reference.TYPED, max_size=6).flatmap(
    lambda given: st.tuples(st.just(given), st.none() | reference.TYPED, st.sampled_from(["utf8", "utf16", "latin1+utf16"]))
)


@given(SIGNATURES)
@settings(max_examples=150, deadline=None)
def test_any_function_of_the_host(signature: Any) -> None:
    arguments, outcome, encoding = signature
    guest, seen = Guest(encoding), []
    types, values = [type for type, _ in arguments], [value for _, value in arguments]
    result, answer = outcome or (None, Ok())
    type = function(result, *types)

    def call(*found: Any) -> Any:
        seen.append(reference.shown(list(found)))
        if result is None:
            return None
        if result.kind != "result":
            return answer
        if isinstance(answer, Ok):
            return answer.value
        raise WitError(answer.value)

    done = host(guest, type, call)
    assert (done.parameters, done.results) == core_type(type, "lower")
    if sum(len(reference.flatten(each)) for each in types) > 16:
        flat = [guest.realloc(0, 0, 8, reference.size(Tuple(tuple(types))))]
        reference.store(guest, flat[0], Tuple(tuple(types)), tuple(values))
    else:
        flat = [core for type, value in zip(types, values) for core in reference.lower(guest, type, value)]
    if result is None:
        guest.call(done, *flat)
    elif len(reference.flatten(result)) == 1:
        found = guest.call(done, *flat)
        assert reference.shown(reference.lift(guest, iter([found]), result)) == reference.shown(answer)
    else:
        at = guest.realloc(0, 0, 8, reference.size(result))
        guest.call(done, *flat, at)
        assert reference.shown(reference.load(guest, at, result)) == reference.shown(answer)
    assert seen == [reference.shown(values)]
    assert guest.state.root.task is None


# What guests call


def test_the_results_place_is_looked_at_before_the_call() -> None:
    guest = Guest()
    seen: list[Any] = []
    done = host(guest, function(U64, STRING), seen.append)
    with pytest.raises(Trap):
        guest.call(done, guest.size, 1)
    done = host(guest, function(Tuple((U64, U64))), lambda: seen.append("called"))
    for at, message in [(guest.size - 8, "out of bounds"), (4, "misaligned"), (0xFFFF_FFF8, "out of bounds")]:
        with pytest.raises(Trap, match=f"f: .*{message}"):
            guest.call(done, at)
    assert seen == []


def test_a_guest_that_may_not_leave() -> None:
    guest = Guest()
    guest.state.may_leave = False
    with pytest.raises(Trap, match="f: cannot leave component instance guest"):
        guest.call(host(guest, function(None), lambda: None))


def test_realloc_cannot_call_the_host() -> None:
    guest = Guest()
    inner = host(guest, function(None), lambda: None)
    options = guest.options(realloc=lambda *_: guest.call(inner))
    outer = lowered("outer", function(STRING), options, guest.state, guest.calls, lambda: "text")
    with pytest.raises(Trap, match="cannot leave component instance"):
        guest.call(outer, OUT)


def test_errors() -> None:
    guest = Guest()
    type = function(Result(U32, CODES))
    guest.call(host(guest, type, raising(WitError("no-entry"))), OUT)
    assert guest.bytes[OUT] == 1 and guest.bytes[OUT + 4] == 2
    names = {Errno.NOENT: "no-entry", Errno.ACCES: "access"}
    guest.call(host(guest, type, raising(KernelError(Errno.ACCES)), failure=lambda error: names[error.errno]), OUT)
    assert guest.bytes[OUT] == 1 and guest.bytes[OUT + 4] == 0
    with pytest.raises(KeyError):
        guest.call(host(guest, type, raising(KernelError(Errno.IO)), failure=lambda error: names[error.errno]), OUT)
    with pytest.raises(TypeError, match="f failed with IO, and its type has no error to say so"):
        guest.call(host(guest, type, raising(KernelError(Errno.IO))), OUT)
    with pytest.raises(TypeError, match="f failed with IO, and its type has no error to say so"):
        guest.call(host(guest, function(U32), raising(KernelError(Errno.IO)), failure=lambda error: 0))
    assert guest.call(host(guest, function(Result(None, None)), raising(KernelError(Errno.IO)))) == 1
    assert guest.call(host(guest, function(Result(None, None)), lambda: None)) == 0
    with pytest.raises(TypeError, match=r"f raised WitError\(5\), and its type has no error"):
        guest.call(host(guest, function(U32), raising(WitError(5))))


def test_wrong_results_are_named() -> None:
    guest = Guest()
    for type, value, message in [
        (function(U8), 256, "f gave a wrong result: 256 doesn't fit the type u8"),
        (function(List(STRING)), [5], "f gave a wrong result: 5 doesn't fit the type string"),
        (function(Result(U8, None)), None, "f gave a wrong result: None doesn't fit the type u8"),
        (function(Result(None, U8)), 5, "f gave a wrong result: 5 doesn't fit the type result<_, u8>"),
        (function(None), 5, "f returned 5, and its type has no result"),
    ]:
        done = host(guest, type, lambda value=value: value)
        with pytest.raises(TypeError, match=message):
            guest.call(done, *[OUT] * len(done.parameters))
    with pytest.raises(TypeError, match="f gave a wrong result: 'x' doesn't fit the type enum"):
        guest.call(host(guest, function(Result(U32, CODES)), raising(WitError("x"))), OUT)


@pytest.mark.parametrize("error", [ProcessExit(3), KeyboardInterrupt(), RecursionError(), ZeroDivisionError()])
def test_whatever_is_raised_is_kept_and_stops_the_guest(error: BaseException) -> None:
    guest = Guest()
    with pytest.raises(type(error)) as caught:
        guest.call(host(guest, function(None), raising(error)))
    assert caught.value is error


def test_what_is_borrowed_is_lent_for_the_time_of_the_call() -> None:
    guest, kind = Guest(), ResourceType("file")
    number = guest.state.handles.add(kind, "object")

    def call(first: Any, others: list[Any]) -> None:
        handle = guest.state.handles.get(number, kind)
        assert (first, others, handle.lends) == ("object", ["object"] * 2, 3)
        assert guest.state.root.task is not None and len(guest.state.root.task.lent or ()) == 3

    done = host(guest, function(None, Borrow(kind), List(Borrow(kind))), call)
    guest.put(struct.pack("<II", number, number), 256)
    for _ in range(2):  # whose record is the same
        guest.call(done, number, 256, 2)
        assert guest.state.handles.get(number, kind).lends == 0
    failing = host(guest, function(Result(None, None), Borrow(kind)), raising(WitError()))
    assert guest.call(failing, number) == 1
    assert guest.state.handles.get(number, kind).lends == 0


def test_what_is_lent_cannot_be_given_away_in_the_same_call() -> None:
    guest, kind = Guest(), ResourceType("file")
    number = guest.state.handles.add(kind, "object")
    done = host(guest, function(None, Borrow(kind), Own(kind)), lambda first, second: None)
    with pytest.raises(Trap, match=r"f: handle 1 \(file\) is lent"):
        guest.call(done, number, number)


def test_calls_lie_one_in_the_other() -> None:
    guest = Guest()
    running: list[Any] = []
    done = host(guest, function(None), lambda: running.append(guest.state.root.task and guest.state.root.task.caller))
    for _ in range(2):
        outer = guest.state.enter(function(None))
        guest.call(done)
        assert running.pop() is outer
        assert guest.state.root.task is outer
        guest.state.leave(outer)


def test_every_call_has_the_same_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canon, "ROOM", 5)
    guest = Guest()
    done = host(guest, function(None, List(U8)), lambda data: None)
    for _ in range(3):
        guest.call(done, 0, 5)
    with pytest.raises(Trap, match="f: lists and strings of one call"):
        guest.call(done, 0, 6)


def test_owned_handles_go_and_come() -> None:
    guest, kind = Guest(), ResourceType("file")
    number = guest.state.handles.add(kind, "object")
    assert guest.call(host(guest, function(Own(kind), Own(kind)), lambda file: file + "!"), number) == number
    assert guest.state.handles.get(number, kind).representation == "object!"
    error = Variant((("failed", Own(kind)), ("closed", None)))
    guest.call(host(guest, function(Result(None, error)), raising(WitError(Case("failed", "why")))), OUT)
    assert struct.unpack_from("<B3xB3xI", guest.bytes, OUT) == (1, 0, 2)


def test_a_call_that_waits_is_parked_and_started_again_at_the_function() -> None:
    guest, kind = Guest(), ResourceType("file")
    number, seen = guest.state.handles.add(kind, "object"), []

    def call(file: str, data: bytes) -> bytes:
        seen.append((file, data))
        if len(seen) < 3:
            raise WouldBlock(Wait(deadline=len(seen)))
        return data * 2

    done = host(guest, function(List(U8), Borrow(kind), List(U8)), call, blocking=True)
    assert (done.parameters, done.results, done.blocking, done.name) == ("iiii", "", True, "f")
    guest.put(b"ab", 256)
    assert guest.call(done, number, 256, 2, OUT) == RETRY
    assert guest.process.parked == ("f", ("object", b"ab"), (OUT,))
    guest.put(b"cd", 256)  # what was lifted stays
    assert guest.state.handles.get(number, kind).lends == 1
    assert guest.resume() == RETRY
    assert guest.resume() == 0
    assert [wait.deadline for wait in guest.waits] == [1, 2]
    assert seen == [("object", b"ab")] * 3
    assert (guest.process.parked, guest.state.handles.get(number, kind).lends, guest.state.root.task) == (None, 0, None)
    at, count = struct.unpack_from("<II", guest.bytes, OUT)
    assert guest.bytes[at : at + count] == b"abab"
    assert guest.call(done, number, 256, 2, OUT) == 0


def test_a_parked_call_may_fail() -> None:
    guest = Guest()
    ready: list[Any] = []

    def call() -> None:
        if ready:
            raise ready[0]
        raise WouldBlock(Wait())

    done = host(guest, function(Result(U32, CODES)), call, blocking=True, failure=lambda error: "access")
    assert guest.call(done, OUT) == RETRY
    ready.append(KernelError(Errno.ACCES))
    assert guest.resume() == 0
    assert guest.bytes[OUT] == 1
    ready[0] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        guest.call(done, OUT)


def test_who_may_wait() -> None:
    guest = Guest()
    with pytest.raises(LinkError, match="f may wait, so its result must lie in memory"):
        host(guest, function(U32), lambda: 5, blocking=True)
    with pytest.raises(TypeError, match="f waits, and isn't marked as one that may"):
        guest.call(host(guest, function(None), raising(WouldBlock(Wait()))))


def test_many_functions_of_one_name() -> None:
    """Several components may import the same; a parked call belongs to one of them."""
    guest = Guest()
    ready: list[Any] = []

    def waits(answer: str) -> Callable[[], str]:
        def call() -> str:
            if not ready:
                raise WouldBlock(Wait())
            return answer

        return call

    first, second = (host(guest, function(STRING), waits(answer), blocking=True) for answer in ("1", "2"))
    for done, answer in [(first, b"1"), (second, b"2")]:
        ready.clear()
        assert guest.call(done, OUT) == RETRY
        ready.append(True)
        assert guest.resume() == 0
        at, count = struct.unpack_from("<II", guest.bytes, OUT)
        assert guest.bytes[at : at + count] == answer


# With an engine

TEXT = b"""(module
 (import "m" "join" (func $join (param i32 i32 i32 i32)))
 (memory (export "memory") 1) (global $top (mut i32) (i32.const 1024))
 (data (i32.const 16) "hello")
 (func (export "realloc") (param i32 i32 i32 i32) (result i32)
  (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 3))))
 (func (export "go") (param i32) (result i32)
  (call $join (i32.const 16) (i32.const 5) (local.get 0) (i32.const 64)) (i32.load (i32.const 64))))"""


def test_a_real_guest() -> None:
    engine = WasmtimeEngine(EngineConfig())
    store = Store(engine, StoreLimits())
    guest = Guest()
    guest.calls.store = store
    instances: list[Any] = []
    options = guest.options(memory=lambda: instances[0].memory(), realloc=lambda *_: 2048)
    type = function(Record((("size", U32), ("text", STRING))), STRING, U32)
    join = lowered("join", type, options, guest.state, guest.calls, lambda text, count: (count, text * count))
    instances.append(store.instantiate(engine.compile(to_wasm(TEXT)), {("m", "join"): join}))

    def go(count: int) -> Any:
        call = instances[0].start_call("go", (count,))
        while call.resume() is not None:
            pass
        return call.results[0]

    assert go(3) == 3
    assert bytes(instances[0].memory()[2048:2063]) == b"hellohellohello"
    with pytest.raises((Trap, GuestTrap), match="realloc returned a bad pointer"):
        go(100_000)


def test_traps_of_the_function_and_of_its_result_name_it() -> None:
    guest = Guest()
    with pytest.raises(Trap, match=r"^f: no such luck$"):
        guest.call(host(guest, function(None), raising(Trap("no such luck"))))
    guest = Guest()
    options = guest.options(realloc=lambda *_: 1 << 20)
    with pytest.raises(Trap, match=r"^f: realloc returned a bad pointer"):
        guest.call(lowered("f", function(STRING), options, guest.state, guest.calls, lambda: "text"), OUT)
