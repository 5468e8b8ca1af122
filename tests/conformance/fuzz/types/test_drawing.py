"""Types and values from a seed: the same each time, of every kind, and values fit their types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from agave_wasi.component import types as t
from agave_wasi.component.layout import core_type
from conformance.fuzz.types.drawing import INTEGERS, Drawing, answer


def functions(count: int) -> Iterator[tuple[t.FuncType, tuple[Any, ...]]]:
    drawing = Drawing(Random(8))
    for _ in range(count):
        type = drawing.function()
        yield type, tuple([drawing.value(each) for _, each in type.parameters])


def kinds(type: t.ValType) -> Iterator[str]:
    yield type.kind
    for part in type.parts():
        yield from kinds(part)


def test_a_seed_draws_the_same() -> None:
    assert repr(list(functions(20))) == repr(list(functions(20)))


def test_every_kind_is_drawn_and_every_way_to_pass_values() -> None:
    seen: Counter[str] = Counter()
    ways: Counter[tuple[bool, bool]] = Counter()
    for type, _ in functions(600):
        for _, each in type.parameters:
            seen.update(kinds(each))
        inner, outer = core_type(type, "lift"), core_type(type, "lower")
        spilled = sum(len(core_type(t.FuncType((each,)), "lift")[0]) for each in type.parameters) > 16
        ways[spilled, len(outer[0]) > len(inner[0])] += 1
    expected = {*INTEGERS, "bool", "f32", "f64", "char", "string", "list", "map", "record", "tuple", "variant", "enum",
                "flags", "option", "result"}  # fmt: skip
    assert seen.keys() == expected and min(seen.values()) > 10
    assert len(ways) == 4 and min(ways.values()) > 3


def test_values_fit() -> None:
    for type, values in functions(300):
        for (_, each), value in zip(type.parameters, values):
            assert fits(each, value), (str(each), value)


def fits(type: t.ValType, value: Any) -> bool:
    match type:
        case t.List():
            return isinstance(value, bytes) if type.element is t.U8 else all(fits(type.element, each) for each in value)
        case t.Map():
            return all(fits(type.name, name) and fits(type.value, each) for name, each in value.items())
        case t.Record():
            return len(value) == len(type.fields) and all(fits(kind, each) for (_, kind), each in zip(type.fields, value))
        case t.Tuple():
            return len(value) == len(type.types) and all(map(fits, type.types, value))
        case t.Variant():
            payload = dict(type.cases)[value.name]
            return value.value is None if payload is None else fits(payload, value.value)
        case t.Enum():
            return bool(value in type.names)
        case t.Flags():
            return bool(value <= set(type.names))
        case t.Option():
            nested = type.some.kind == "option"
            return value is None or (isinstance(value, t.Some) == nested and fits(type.some, value.value if nested else value))
        case t.Result():
            part = type.ok if isinstance(value, t.Ok) else type.err
            return value.value is None if part is None else fits(part, value.value)
    if type.kind in INTEGERS:
        bits = INTEGERS[type.kind]
        low = -(1 << bits - 1) if type.kind[0] == "s" else 0
        return bool(low <= value < low + (1 << bits))
    return isinstance(value, {"bool": bool, "char": str, "string": str, "f32": float, "f64": float}[type.kind])


def test_what_the_host_answers() -> None:
    number, text, choose = ("n", t.U8), ("s", t.STRING), ("c", t.BOOL)
    assert answer(t.FuncType((number,)), (1,)) is None
    assert answer(t.FuncType((number, text), t.STRING), (1, "a")) == "a"
    assert answer(t.FuncType((number, text), t.Tuple((t.U8, t.STRING))), (1, "a")) == (1, "a")
    either = t.FuncType((number, text, choose), t.Result(t.U8, t.STRING))
    assert answer(either, (1, "a", True)) == t.Ok(1) and answer(either, (1, "a", False)) == t.Err("a")
