"""Both sides alone: what they answer, what they receive, and that a trap costs no more than the instance."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component import types as t
from agave_wasi.engines.capi import to_wasm
from conformance.fuzz.types import ours, reference
from conformance.fuzz.types.batch import CHOSEN, Batch, Echo, RawFunction
from conformance.fuzz.types.ours import Ours
from conformance.fuzz.types.raw import START
from conformance.fuzz.types.reference import Reference
from conformance.fuzz.types.text import component
from conformance.fuzz.types.traps import Refused, Trapped

EITHER = t.Result(t.U8, t.STRING)
CHAR = t.FuncType(CHOSEN.parameters, t.CHAR)
TABLE = bytes(START) + b"A\0\0\0\0\0\0\0" + b"\0\xd8\0\0\0\0\0\0"
BATCH = Batch(
    ("utf16", "utf8"),
    [
        Echo("t0", t.FuncType((("a", t.U8), ("b", t.STRING), ("c", t.BOOL)), EITHER)),
        Echo("t1", t.FuncType((("c", t.CHAR),))),
    ],
    [RawFunction("r0", CHAR, START, 8, ["nothing", "char"])],
    [RawFunction("g1", t.FuncType((("c", t.CHAR),)), START, 8, ["nothing", "char"])],
    TABLE,
    TABLE,
)


@pytest.fixture(params=["wasmtime", "x86", "reference"])
def side(request: pytest.FixtureRequest) -> Any:
    wasm = to_wasm(component(BATCH).encode())
    if request.param == "reference":
        made: Ours | Reference = Reference(reference.make_engine(), wasm, BATCH)
    else:
        made = Ours(ours.make_engine(request.param), wasm)
    yield made
    made.close()


def test_values_go_there_and_back(side: Any) -> None:
    assert side.call("echo", "t0", (7, "é€", True)) == t.Ok(7) and side.received == [(7, "é€", True)]
    assert side.call("echo", "t0", (7, "é€", False)) == t.Err("é€") and side.received == [(7, "é€", False)]
    assert side.call("echo", "t1", ("x",)) is None and side.received == [("x",)]


def test_raw_values(side: Any) -> None:
    assert side.call("raw", "r0", (0,)) == "A" and side.received == []
    assert side.call("give", "g1", (0,)) is None and side.received == [("A",)]


@pytest.mark.parametrize(("instance", "name"), [("raw", "r0"), ("give", "g1")])
def test_a_trap_and_what_is_called_behind_it(side: Any, instance: str, name: str) -> None:
    with pytest.raises(Trapped) as trapped:
        side.call(instance, name, (1,))
    assert trapped.value.reason == "char"
    assert side.call("echo", "t0", (1, "a", True)) == t.Ok(1)


def test_what_is_no_component() -> None:
    with pytest.raises(Refused, match="component"):
        Ours(ours.make_engine(), b"\0asm\1\0\0\0")
    with pytest.raises(Refused, match="component"):
        Reference(reference.make_engine(), b"\0asm\1\0\0\0", BATCH)
