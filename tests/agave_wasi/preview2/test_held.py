"""What the host keeps for a guest is counted, given back, and limited."""

from __future__ import annotations

import pytest

from agave_wasi.preview2 import held
from agave_wasi.preview2.cli import Stdout
from agave_wasi.preview2.held import HELD_MAX, hold
from agave_wasi.preview2.http.fields import FIELDS_MAX, ROW, Fields
from agave_wasi.preview2.http.handler import OutgoingHandler
from agave_wasi.preview2.http.messages import IncomingResponse, OutgoingRequest, OutgoingResponse
from tests.agave_wasi.preview2.guest import TRAP, outcome
from tests.kernel_sim.scripts import world


def test_counting() -> None:
    process = world().process
    assert hold(process, HELD_MAX) and not hold(process, 1) and process.held == HELD_MAX
    assert hold(process, -1) and hold(process, 1) and hold(process, 0)


def test_what_a_stream_keeps() -> None:
    k = world()
    k.stdout.room = 0
    streams = [Stdout(k.sys).get_stdout() for _ in range(3)]
    for each in streams:
        outcome(each.check_write)
        outcome(each.write, b"12345")
    assert k.process.held == 15
    streams[0].drop()
    assert k.process.held == 10
    k.stdout.room = 5
    assert outcome(streams[1].blocking_flush) is None and k.process.held == 5
    k.stdout.failure = "IO"
    assert outcome(streams[2].flush) == "last-operation-failed: IO" and k.process.held == 0


def test_a_stream_that_would_keep_too_much_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "HELD_MAX", 7)
    k = world()
    k.stdout.room = 0
    one, other = Stdout(k.sys).get_stdout(), Stdout(k.sys).get_stdout()
    for each in (one, other):
        outcome(each.check_write)
    assert outcome(one.write, b"12345") is None
    assert outcome(other.write, b"123") == "last-operation-failed: NOBUFS" and k.process.held == 5
    assert outcome(other.check_write) == "closed"
    k.stdout.room = 9
    assert outcome(one.blocking_flush) is None and k.stdout.written == b"12345"


def test_headers_have_a_limit() -> None:
    k = world()
    fields = Fields(k.sys)
    fields.append("a", b"x" * (FIELDS_MAX - ROW - 1))
    assert k.process.held == FIELDS_MAX
    assert outcome(fields.append, "b", b"") == TRAP and fields.get("b") == [] and k.process.held == FIELDS_MAX
    fields.set("a", [b""])
    assert k.process.held == ROW + 1
    fields.delete("a")
    assert k.process.held == 0


def test_all_headers_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "HELD_MAX", 3 * ROW + 4)
    k = world()
    one = Fields(k.sys, [("a", b"1")])
    copy = one.clone()
    assert outcome(one.append, "b", b"1") == TRAP == outcome(copy.append, "b", b"1")
    copy.drop()
    assert outcome(one.append, "b", b"") is None


def test_messages_give_their_headers_back() -> None:
    k = world()
    for make in (OutgoingRequest, OutgoingResponse):
        message = make(k.sys, Fields(k.sys, [("a", b"1")]))
        shown = message.headers()
        assert k.process.held == 2 * (ROW + 2)
        shown.drop()
        message.drop()
        assert k.process.held == 0
    IncomingResponse(k.sys, 200, Fields(k.sys, [("a", b"1")]), None).drop()
    outcome(OutgoingHandler(k.sys).handle, OutgoingRequest(k.sys, Fields(k.sys, [("a", b"1")])), None)
    assert k.process.held == 0


def test_long_texts_are_refused() -> None:
    request = OutgoingRequest(world().sys, Fields(world().sys))
    assert outcome(request.set_path_with_query, "/" * (1 << 16)) is None
    assert outcome(request.set_path_with_query, "/" * ((1 << 16) + 1)) is None and len(request.path or "") == 1 << 16
