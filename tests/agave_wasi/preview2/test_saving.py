"""The resources that a guest holds as plain data, and back: what they are made of, what they share, and what can't be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agave_wasi.component.host import resources_of
from agave_wasi.component.types import Case, Ok
from agave_wasi.preview2 import INTERFACES
from agave_wasi.preview2.cli import Stdout
from agave_wasi.preview2.http.bodies import FutureTrailers, IncomingBody
from agave_wasi.preview2.http.fields import Fields
from agave_wasi.preview2.http.messages import (
    IncomingRequest,
    IncomingResponse,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
)
from agave_wasi.preview2.io import Error, Pollable
from agave_wasi.preview2.saving import KINDS, METHODS, SCHEMES, Resources
from agave_wasi.preview2.streams import SharedFd
from agave_wasi.witparse import wasi
from tests.agave_wasi.preview2.guest import TRAP, Files, files, outcome
from tests.agave_wasi.preview2.test_plain import everything

FOLLOWS = {"children", "fd", "directory", "size", "kernel"}
"""Slots that follow from others."""
CLASSES = [kind for name in INTERFACES for kind in resources_of(INTERFACES[name]).values()]


def slots(kind: type) -> set[str]:
    return {slot for each in kind.__mro__ for slot in getattr(each, "__slots__", ())}


def data_of(f: Files, *values: Any) -> Any:
    """What JSON has of them."""
    resources = Resources(f.k.sys)
    assert [resources.write(each) for each in values] == [resources.write(each) for each in values]
    return json.loads(json.dumps(resources.data()))


def back(f: Files, *values: Any) -> list[Any]:
    """The same again, made of data."""
    writing, reading = Resources(f.k.sys), Resources(f.k.sys)
    numbers = [writing.write(each) for each in values]
    reading.load(json.loads(json.dumps(writing.data())))
    return [reading.read(each) for each in numbers]


def same(one: Any, other: Any) -> bool:
    """Are both made of the same?"""
    if isinstance(one, Ok):
        return isinstance(other, Ok) and same(one.value, other.value)
    if not hasattr(type(one), "state") and not isinstance(one, SharedFd):
        return bool(one == other)
    names = slots(type(one)) - {"kernel"}
    return type(one) is type(other) and all(same(getattr(one, name), getattr(other, name)) for name in names)


def more(f: Files) -> list[Any]:
    """Messages of every kind."""
    sys = f.k.sys
    request, answer = OutgoingRequest(sys, Fields(sys, [("b", b"\xff")])), OutgoingResponse(sys, Fields(sys))
    request.set_method(Case("other", "PURGE"))
    request.set_scheme(Case("HTTP"))
    request.set_authority("host")
    line: Any = (Case("get"), "/", Case("other", "x"), None)
    body = IncomingBody(sys, SharedFd(sys.pipe()[0]))
    return [
        request, answer, IncomingRequest(sys, line, Fields(sys), body), IncomingResponse(sys, 204, Fields(sys), None),
        FutureTrailers(sys, Ok()), FutureTrailers(sys, None), ResponseOutparam(sys),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.resource)
def test_every_slot_has_a_kind_or_follows_from_others(kind: Any) -> None:
    assert slots(kind) - FOLLOWS == set(kind.state)
    assert set(kind.state.values()) <= set(KINDS)


def test_every_resource_comes_back_as_it_was() -> None:
    f = files()
    given = [*everything(f), *more(f)]
    found = back(f, *given)
    assert [type(each) for each in found] == [type(each) for each in given]
    for one, other in zip(given, found):
        assert one is not other and same(one, other), type(one)
    assert found[0].shared is found[1].shared and found[7].source is found[6]
    assert outcome(found[1].read, 3) == b"ell"


def test_who_shares_a_descriptor_closes_it_last() -> None:
    f = files()
    file = f.open("f", "read")
    stream = file.read_via_stream(0)
    first, second = back(f, file, stream)
    first.drop()
    assert file.fd in f.k.sys.process.fds
    second.drop()
    assert file.fd not in f.k.sys.process.fds
    root, out = back(f, f.root, Stdout(f.k.sys).get_stdout())
    root.drop()
    out.drop()
    assert f.root.fd in f.k.sys.process.fds and 1 in f.k.sys.process.fds


def test_children_and_what_is_held_are_counted_again() -> None:
    f = files()
    stdout = Stdout(f.k.sys).get_stdout()
    f.k.stdout.room = 0
    stdout.check_write()
    stdout.write(b"later")
    pollable = stdout.subscribe()
    process = f.k.sys.process
    assert process.held == 5
    process.held = 0
    stream, waits = back(f, stdout, pollable)
    assert process.held == 5 and stream.pending == b"later" and isinstance(waits, Pollable)
    assert outcome(stream.drop) == TRAP
    waits.drop()
    stream.drop()
    assert process.held == 0


def test_what_can_not_be_kept_is_named() -> None:
    f = files()

    class Mine:
        pass

    param = ResponseOutparam(f.k.sys)
    param.response = Ok(5)
    for value, text in (
        (Mine(), "a handle of Mine, a resource of the embedder's"),
        (Error(f.k.sys, "IO", 5), "a value that the host has"),
        (param, "a value that the host has"),
        (FutureTrailers(f.k.sys, Ok(5)), "what a future has"),
    ):
        with pytest.raises(ValueError, match=text):
            Resources(f.k.sys).write(value)


def test_methods_and_schemes_are_those_of_wit() -> None:
    types = wasi.interface("wasi:http/types@0.2")
    assert types is not None
    for name, known in (("method", METHODS), ("scheme", SCHEMES)):
        variant: Any = types.types[name]
        assert [case.name for case in variant.cases] == [*known, "other"]


WRONG: tuple[Any, ...] = (None, -1, 0, 1, 1 << 70, 0.5, "", "x", [], {}, [1, 2], ["x", 1], [[]], True, [None, None])


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    for key, each in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        found += places(each, (*path, key))
    return found


def test_anything_else_in_its_place_is_refused_or_could_have_been() -> None:
    f = files()
    text = json.dumps(data_of(f, *everything(f), *more(f)))
    refused = 0
    paths = places(json.loads(text))
    for path in paths:
        for value in WRONG:
            data = json.loads(text)
            inner = data
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
            try:
                Resources(f.k.sys).load(data)
            except ValueError as error:
                refused += 1
                assert str(error).startswith("resources: "), (path, value)
    assert refused > 8 * len(paths)


@pytest.mark.parametrize("data", [None, 5, {}, {"objects": [], "descriptors": 1}, {"objects": [], "descriptors": [[0, False]]}])
def test_what_is_no_data(data: Any) -> None:
    with pytest.raises(ValueError, match=r"^resources: "):
        Resources(files().k.sys).load(data)


def test_a_descriptor_is_closed_once_only() -> None:
    f = files()
    data = data_of(f, f.open("f", "read"))
    data["descriptors"] *= 2
    data["objects"] *= 2
    data["objects"][1] = [*data["objects"][0][:2], data["objects"][0][2] | {"shared": 1}]
    with pytest.raises(ValueError, match="closed by two"):
        Resources(f.k.sys).load(data)
