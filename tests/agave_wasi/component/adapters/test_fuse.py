"""Whole calls through generated adapters, compared with the slow and plain meaning of the canonical ABI."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.component import types as t
from agave_wasi.component.adapters import Side, fuse
from agave_wasi.engines.base import LinkError
from tests.agave_wasi.component.adapters.composed import library
from tests.agave_wasi.component.adapters.pair import HEAP, Pair
from tests.agave_wasi.component.adapters.reference import Memory, align, flat, size
from tests.agave_wasi.component.adapters.test_crossing import Guests, caller
from tests.agave_wasi.component.adapters.values import ENCODINGS, FUNCTIONS, Sloppy


def lift_all(memory: Memory, types: list[t.ValType], values: list[int], most: int) -> list[Any]:
    """All values of a call, in core values or in memory."""
    letters = "".join(map(flat, types))
    whole = t.Tuple(tuple(types))
    if len(letters) > most:
        return list(memory.load(whole, values[0]))
    return list(memory.lift(whole, values, letters)) if types else []


def lower_all(memory: Memory, types: list[t.ValType], values: list[Any], most: int, out: int | None = None) -> list[int]:
    """The same the other way round."""
    letters = "".join(map(flat, types))
    whole = t.Tuple(tuple(types))
    if len(letters) <= most:
        return memory.lower(whole, values) if types else []
    at = memory.allocate(0, 0, align(whole), size(whole)) if out is None else out
    memory.store(whole, values, at)
    return [at] if out is None else []


def given_raw(sloppy: Sloppy, types: list[t.ValType], most: int) -> list[int]:
    """Raw core values for a call."""
    if len("".join(map(flat, types))) <= most:
        return [value for each in types for value in sloppy.core(each)]
    whole = t.Tuple(tuple(types))
    at = sloppy.memory.allocate(0, 0, align(whole), size(whole))
    sloppy.store(whole, at)
    return [at]


@given(st.data(), FUNCTIONS, ENCODINGS, ENCODINGS, st.booleans())
@settings(deadline=None, max_examples=300)
def test_any_call(data: st.DataObject, type: t.FuncType, here: str, there: str, post: bool) -> None:
    parameters = [each for _, each in type.parameters]
    results = [type.result] if type.result is not None else []
    expected: dict[str, Any] = {}

    def callee(*values: int) -> int | None:
        assert list(values) == expected["flat"]
        assert bytes(pair.data["callee"]) == bytes(expected["callee"].data)
        assert pair.reallocs["callee"].log == expected["callee"].realloc.log
        raw = given_raw(Sloppy(data.draw, pair.side("callee", there)), results, 1)
        expected["raw"] = tuple(raw)
        after = pair.copy("caller", here)
        lifted = lift_all(pair.copy("callee", there), results, raw, 1)
        expected["result"] = lower_all(after, results, lifted, 1, HEAP - 0x1000)
        expected["caller"] = after
        pair.reallocs["caller"].log.clear()
        return raw[0] if raw else None

    with Pair(type, (here, there), callee, post) as pair:
        values = given_raw(Sloppy(data.draw, pair.side("caller", here)), parameters, 16)
        lifted = lift_all(pair.copy("caller", here), parameters, values, 16)
        expected["callee"] = pair.copy("callee", there)
        expected["flat"] = lower_all(expected["callee"], parameters, lifted, 16)
        if len("".join(map(flat, results))) > 1:
            values.append(HEAP - 0x1000)
        result = pair.call(values)
        assert ([] if result is None else [result]) == expected["result"]
        assert bytes(pair.data["caller"]) == bytes(expected["caller"].data)
        assert pair.reallocs["caller"].log == expected["caller"].realloc.log
        assert pair.posted == ([expected["raw"]] if post else [])
        assert pair.crossing.events[0] == "enter"
        assert pair.crossing.events[-1] == "leave"


POINT = t.Record((("x", t.U32), ("names", t.List(t.STRING))))


def test_the_same_types_and_sides_give_the_same_module() -> None:
    other = t.Record((("a", t.U32), ("b", t.List(t.STRING))))
    one = fuse(t.FuncType((("x", POINT), ("y", t.Own(t.ResourceType("r")))), POINT), Side(), Side("utf16"))
    two = fuse(t.FuncType((("z", other), ("w", t.Own(t.ResourceType("q")))), other), Side(), Side("utf16"))
    assert one.text == two.text
    assert one.text != fuse(two.type, Side("utf16"), Side()).text


@pytest.mark.parametrize(
    ("type", "caller", "callee", "why"),
    [
        (t.FuncType((("x", t.STRING),)), Side(has_memory=False), Side(), "needs memory, which .* the caller lack"),
        (t.FuncType((("x", t.STRING),)), Side(), Side(has_memory=False), "needs memory, which .* the callee lack"),
        (t.FuncType((("x", t.STRING),)), Side(), Side(has_realloc=False), "needs realloc, which .* the callee lack"),
        (t.FuncType((), t.STRING), Side(has_realloc=False), Side(), "needs realloc, which .* the caller lack"),
        (t.FuncType((("x", t.List(t.U64, 17)),)), Side(), Side(has_realloc=False), "needs realloc, which .* the callee lack"),
        (t.FuncType((), None, True), Side(), Side(), "async"),
    ],
)  # fmt: skip
def test_sides_that_lack_what_is_needed(type: t.FuncType, caller: Side, callee: Side, why: str) -> None:
    with pytest.raises(LinkError, match=why):
        fuse(type, caller, callee)


def test_only_what_is_needed_is_imported() -> None:
    bare = Side(has_memory=False, has_realloc=False)
    assert fuse(t.FuncType((("x", t.U32),), t.F64), bare, bare).imports == (
        ("host", "enter"), ("callee", "function"), ("host", "leave"), ("host", "trap"),
    )  # fmt: skip
    assert set(fuse(t.FuncType((("x", t.STRING),), t.List(t.U8)), Side(), Side(has_post_return=True)).imports) == {
        ("host", "enter"), ("host", "begin"), ("host", "returned"), ("host", "post"), ("host", "leave"), ("host", "trap"),
        ("caller", "memory"), ("callee", "memory"), ("caller", "realloc"), ("callee", "realloc"), ("callee", "function"),
        ("callee", "post-return"),
    }  # fmt: skip


def test_core_types_of_both_sides() -> None:
    adapter = fuse(t.FuncType((("x", t.STRING), ("y", t.F32)), POINT), Side(), Side())
    assert (adapter.core, adapter.callee) == (("iifi", ""), ("iif", "i"))
    adapter = fuse(t.FuncType((("x", t.List(t.U64, 17)),), t.F64), Side(), Side())
    assert (adapter.core, adapter.callee) == (("i", "F"), ("i", "F"))


def test_both_sides_may_share_a_memory() -> None:
    seen = []

    def callee(at: int, length: int) -> None:
        seen.append(bytes(pair.data["caller"][at : at + length]))

    with Pair(t.FuncType((("x", t.STRING),)), ("utf8", "utf8"), callee, shared=True) as pair:
        pair.put("caller", 0, "é".encode())
        pair.call([0, 2])
    assert seen == ["é".encode()]


def test_realloc_may_make_memory_grow() -> None:
    """What is beyond the old end counts as soon as it is there."""
    with Guests() as guests:
        side = guests.instantiate("""(module (memory (export "memory") 1) (global $seen (mut i32) (i32.const 0))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
          (func (export "f") (param i32 i32) (global.set $seen (i32.load (local.get 0))))
          (func (export "run") (result i32) (global.get $seen)))""")
        mine = guests.instantiate(library(b"abcd", 1024))
        type = t.FuncType((("x", t.List(t.U8)),))
        function = guests.link(
            type, "a", "b", callee_function=side.export("f"), callee_memory=side.export("memory"),
            callee_realloc=side.export("realloc"), caller_memory=mine.export("memory"),
        )  # fmt: skip
        guests.run(guests.instantiate(caller("i32 i32"), {("m", "f"): function}), 0, 4)
        assert guests.run(side) == (int.from_bytes(b"abcd", "little"),)
