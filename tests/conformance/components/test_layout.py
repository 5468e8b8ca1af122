"""How values lie in memory and which core values stand for them, by examples whose numbers the specification gives."""

from __future__ import annotations

import pytest

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components.layout import Signature, flat, measure, needs_memory

P = t.PRIMITIVES
PAIR = model.Record("pair", "a:b/c", (model.Case("a", P["u8"]), model.Case("b", P["u64"])))
CHOICE = model.Variant("choice", "a:b/c", (model.Case("x", P["f32"]), model.Case("y", P["u64"]), model.Case("z", None)))
MANY = model.Enum("many", "a:b/c", tuple(f"c{number}" for number in range(257)))
FLAGS = model.Flags("flags", "a:b/c", tuple(f"f{number}" for number in range(9)))
FILE = model.Resource("file", "a:b/c")


@pytest.mark.parametrize(
    ("type", "size", "align", "core"),
    [
        (P["bool"], 1, 1, "i32"),
        (P["char"], 4, 4, "i32"),
        (P["s64"], 8, 8, "i64"),
        (P["string"], 8, 4, "i32 i32"),
        (t.List(P["u64"]), 8, 4, "i32 i32"),
        (t.List(P["u16"], 3), 6, 2, "i32 i32 i32"),
        (PAIR, 16, 8, "i32 i64"),
        (t.Tuple((P["u8"], P["u16"], P["u8"])), 6, 2, "i32 i32 i32"),
        (CHOICE, 16, 8, "i32 i64"),
        (MANY, 2, 2, "i32"),
        (FLAGS, 2, 2, "i32"),
        (t.Option(P["u8"]), 2, 1, "i32 i32"),
        (t.Option(t.Option(P["u32"])), 12, 4, "i32 i32 i32"),
        (t.Result(P["f32"], P["u32"]), 8, 4, "i32 i32"),
        (t.Result(P["f64"], P["f32"]), 16, 8, "i32 i64"),
        (t.Result(P["f32"], None), 8, 4, "i32 f32"),
        (t.Own(FILE), 4, 4, "i32"),
        (t.Borrow(FILE), 4, 4, "i32"),
    ],
    ids=str,
)
def test_sizes_and_core_types(type: t.Type, size: int, align: int, core: str) -> None:
    assert measure(type) == (size, align)
    assert flat(type) == core.split()


def signature(result: t.Type | None, *params: t.Type) -> Signature:
    cases = tuple(model.Case(f"p{number}", each) for number, each in enumerate(params))
    return Signature(model.Function("f", "function", cases, result))


def test_a_result_of_several_core_values_is_put_into_memory() -> None:
    one, two = signature(P["u64"], P["u8"]), signature(P["string"], P["u8"])
    assert (one.params, one.results, one.through) == (["i32"], ["i64"], False)
    assert (two.params, two.results, two.through) == (["i32", "i32"], [], True)


def test_more_than_sixteen_parameters_are_taken_from_memory() -> None:
    assert signature(None, *[P["u8"]] * 16).params == ["i32"] * 16
    spilled = signature(P["string"], *[P["u64"]] * 17)
    assert (spilled.params, spilled.spilled) == (["i32", "i32"], True)


def test_what_has_parts_elsewhere() -> None:
    assert needs_memory(t.Option(t.Tuple((P["u8"], P["string"])))) and needs_memory(t.List(P["u8"]))
    assert not needs_memory(CHOICE) and not needs_memory(t.List(P["u8"], 4)) and not needs_memory(None)
