"""Whole calls through generated adapters, compared with the slow and plain meaning of the canonical ABI."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.component import types as t
from tests.agave_wasi.component.adapters.pair import HEAP, Pair
from tests.agave_wasi.component.adapters.reference import Memory, align, flat, size
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
