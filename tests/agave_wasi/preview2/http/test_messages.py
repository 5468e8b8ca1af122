"""Requests and responses: what they hold, what they refuse, and that a body is asked for once."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component.types import Case, Err, Ok, WitError
from agave_wasi.preview2.http.bodies import IncomingBody
from agave_wasi.preview2.http.fields import Fields
from agave_wasi.preview2.http.messages import (
    IncomingRequest,
    IncomingResponse,
    OutgoingRequest,
    OutgoingResponse,
    RequestOptions,
    ResponseOutparam,
)  # fmt: skip
from agave_wasi.preview2.http.types import HttpTypes
from agave_wasi.preview2.streams import SharedFd
from tests.agave_wasi.preview2.guest import outcome
from tests.kernel_sim.scripts import World, world


def refused(call: Any, *values: Any) -> bool:
    """Does it end in an err without a payload?"""
    with pytest.raises(WitError) as error:
        call(*values)
    return error.value.value is None


def headers(k: World) -> Fields:
    return Fields(k.sys, [("a", b"1")])


def request(k: World) -> OutgoingRequest:
    return OutgoingRequest.constructor(HttpTypes(k.sys), headers(k))


def test_a_new_request() -> None:
    made = request(world())
    assert (made.method(), made.path_with_query(), made.scheme(), made.authority()) == (Case("get"), None, None, None)
    shown = made.headers()
    assert shown.entries() == [("a", b"1")] and outcome(shown.append, "b", b"2") == "immutable"
    assert made.body().write() is not None and refused(made.body)


@pytest.mark.parametrize(
    ("part", "good", "bad"),
    [
        ("method", [Case("post"), Case("other", "QUERY")], [Case("other", ""), Case("other", "A B")]),
        ("path_with_query", ["/a?b=c%20", "", None], ["/a b", "/a#b", "/\n", "/é"]),
        ("scheme", [Case("HTTP"), Case("other", "x+1"), None], [Case("other", ""), Case("other", "1x"), Case("other", "a:")]),
        ("authority", ["example.com:80", "[::1]", None], ["", "a/b", "a b", "a?b"]),
    ],
)
def test_parts_of_a_request(part: str, good: list[Any], bad: list[Any]) -> None:
    made = request(world())
    for value in good:
        getattr(made, f"set_{part}")(value)
        assert getattr(made, part)() == value
        for wrong in bad:
            assert refused(getattr(made, f"set_{part}"), wrong)
        assert getattr(made, part)() == value


def test_a_response() -> None:
    k = world()
    made = OutgoingResponse.constructor(HttpTypes(k.sys), headers(k))
    assert made.status_code() == 200 and made.headers().get("A") == [b"1"]
    for code in (100, 999):
        made.set_status_code(code)
        assert made.status_code() == code
    for code in (0, 99, 1000, 65535):
        assert refused(made.set_status_code, code)
    assert made.status_code() == 999 and made.body() is not None and refused(made.body)


def test_what_comes_in() -> None:
    k = world()
    source, _ = k.sys.pipe()
    line = (Case("get"), "/", Case("HTTP"), "here")
    came = IncomingRequest(k.sys, line, headers(k), IncomingBody(k.sys, SharedFd(source)))
    assert (came.method(), came.path_with_query(), came.scheme(), came.authority()) == line
    assert came.headers().entries() == [("a", b"1")] and outcome(came.headers().delete, "a") == "immutable"
    assert came.consume() is not None and refused(came.consume)
    answer = IncomingResponse(k.sys, 404, headers(k), None)
    assert answer.status() == 404 and refused(answer.consume)


def test_a_message_gives_its_body_back() -> None:
    k = world()
    source, _ = k.sys.pipe()
    IncomingResponse(k.sys, 200, headers(k), IncomingBody(k.sys, SharedFd(source))).drop()
    assert source not in k.process.fds
    IncomingResponse(k.sys, 200, headers(k), None).drop()


def test_where_the_answer_is_put() -> None:
    k = world()
    param = ResponseOutparam(k.sys)
    assert outcome(param.send_informational, 103, headers(k)) is None
    assert outcome(param.send_informational, 200, headers(k)) == "HTTP-protocol-error"
    assert param.response is None
    for answer in (Ok("response"), Err(Case("internal-error"))):
        ResponseOutparam.set(HttpTypes(k.sys), param, answer)
        assert param.response == answer


@pytest.mark.parametrize("name", ["connect_timeout", "first_byte_timeout", "between_bytes_timeout"])
def test_options(name: str) -> None:
    options = RequestOptions.constructor(HttpTypes(world().sys))
    for value in (5, None):
        getattr(options, f"set_{name}")(value)
        assert getattr(options, name)() == value
        others = {"connect_timeout", "first_byte_timeout", "between_bytes_timeout"} - {name}
        assert all(getattr(options, each)() is None for each in others)
