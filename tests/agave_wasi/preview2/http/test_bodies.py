"""Bodies: pipes with one end at the guest, and futures that can be had once."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component.types import Err, Ok, WitError
from agave_wasi.preview2.http.bodies import FutureIncomingResponse, IncomingBody, OutgoingBody
from agave_wasi.preview2.http.fields import Fields
from agave_wasi.preview2.http.types import HttpTypes
from agave_wasi.preview2.streams import SharedFd
from kernel_sim.errors import KernelError
from tests.agave_wasi.preview2.guest import outcome
from tests.kernel_sim.scripts import world


def refused(call: Any, *values: Any) -> bool:
    """Does it end in an err without a payload?"""
    with pytest.raises(WitError) as error:
        call(*values)
    return error.value.value is None


def test_what_is_written_can_be_read_at_the_other_end() -> None:
    k = world()
    before = set(k.process.fds)
    body = OutgoingBody(k.sys)
    stream = body.write()
    assert refused(body.write)
    stream.blocking_write_and_flush(b"content")
    assert k.read(body.source.fd, 99) == b"content"
    trailers = Fields(k.sys, [("a", b"1")])
    OutgoingBody.finish(HttpTypes(k.sys), body, trailers)
    assert k.process.held == 0
    assert outcome(stream.blocking_write_and_flush, b"x") == "last-operation-failed: PIPE"
    stream.drop()
    assert set(k.process.fds) == before


def test_a_body_that_nobody_wrote() -> None:
    k = world()
    before = set(k.process.fds)
    body = OutgoingBody(k.sys)
    body.drop()
    body.drop()
    assert set(k.process.fds) == before and refused(body.write)


def test_without_descriptors_there_is_no_body() -> None:
    k = world(max_fds=5)
    with pytest.raises(KernelError, match="MFILE"):
        OutgoingBody(k.sys)


def test_what_comes_is_read_once() -> None:
    k = world()
    source, sink = k.sys.pipe()
    k.write(sink, b"content")
    body = IncomingBody(k.sys, SharedFd(source))
    stream = body.stream()
    assert refused(body.stream)
    future = IncomingBody.finish(HttpTypes(k.sys), body)
    assert outcome(stream.read, 99) == b"content"
    stream.drop()
    assert source not in k.process.fds
    assert future.subscribe().ready() and future.get() == Ok(Ok(None)) and future.get() == future.get() == Err(None)


def test_a_body_that_nobody_reads() -> None:
    k = world()
    source, _ = k.sys.pipe()
    body = IncomingBody(k.sys, SharedFd(source))
    body.drop()
    body.drop()
    assert source not in k.process.fds and refused(body.stream)


def test_a_future_can_hold_an_error() -> None:
    future = FutureIncomingResponse(world().sys, Err("what"))
    assert future.get() == Ok(Err("what")) and future.get() == Err(None)
