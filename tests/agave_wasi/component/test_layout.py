"""Layouts against the slow reference, and the types that have none."""

from __future__ import annotations

from gc import collect
from typing import Any
from weakref import ref

import pytest
from hypothesis import given, settings

from agave_wasi.component.layout import MAX_FLAT_PARAMS, MAX_NODES, brief, core_type, join, layout
from agave_wasi.component.plan import plan
from agave_wasi.component.state import InstanceState
from agave_wasi.component.types import (
    BOOL,
    ERROR_CONTEXT,
    F32,
    F64,
    STRING,
    U8,
    U16,
    U32,
    U64,
    Borrow,
    Enum,
    Flags,
    FuncType,
    Future,
    List,
    Map,
    Option,
    Own,
    Record,
    ResourceType,
    Result,
    Stream,
    Tuple,
    Variant,
)  # fmt: skip
from agave_wasi.engines.base import LinkError
from tests.agave_wasi.component import reference


@given(reference.TYPES)
@settings(max_examples=300, deadline=None)
def test_layouts_are_those_of_the_specification(type: Any) -> None:
    found = layout(type)
    assert (found.size, found.align) == (reference.size(type), reference.alignment(type))
    assert found.flat == "".join(reference.flatten(type))[: MAX_FLAT_PARAMS + 1]


@pytest.mark.parametrize(
    ("type", "size", "align", "flat"),
    [
        (Record((("a", U8), ("b", U64), ("c", U16))), 24, 8, "iIi"),
        (Tuple((U8, U16, U8)), 6, 2, "iii"),
        (Option(U64), 16, 8, "iI"),
        (Result(None, None), 1, 1, "i"),
        (Result(F32, U32), 8, 4, "ii"),
        (Result(F64, F32), 16, 8, "iI"),
        (Variant((("a", F32), ("b", None))), 8, 4, "if"),
        (Enum(tuple(f"n{place}" for place in range(256))), 1, 1, "i"),
        (Enum(tuple(f"n{place}" for place in range(257))), 2, 2, "i"),
        (Enum(tuple(f"n{place}" for place in range((1 << 16) + 1))), 4, 4, "i"),
        (Flags(("a",) * 8), 1, 1, "i"),
        (Flags(("a",) * 9), 2, 2, "i"),
        (Flags(("a",) * 17), 4, 4, "i"),
        (List(U16, 3), 6, 2, "iii"),
        (Map(STRING, U8), 8, 4, "ii"),
    ],
)  # fmt: skip
def test_examples(type: Any, size: int, align: int, flat: str) -> None:
    found = layout(type)
    assert (found.size, found.align, found.flat) == (size, align, flat)


def test_joined_core_types() -> None:
    assert join("iIfF", "iIfF") == "iIfF"
    assert join("if", "fi") == "ii"
    assert join("fFi", "FIF") == "III"
    assert join("i", "fff") == "iff"


def function(result: Any, *types: Any, is_async: bool = False) -> FuncType:
    return FuncType(tuple((f"p{place}", each) for place, each in enumerate(types)), result, is_async)


def test_core_types_of_functions() -> None:
    assert core_type(function(None), "lift") == core_type(function(None), "lower") == ("", "")
    assert core_type(function(U64, U8, F32), "lift") == core_type(function(U64, U8, F32), "lower") == ("if", "I")
    assert core_type(function(STRING, STRING), "lift") == ("ii", "i")
    assert core_type(function(STRING, STRING), "lower") == ("iii", "")
    assert core_type(function(None, *[U64] * 16), "lower") == ("I" * 16, "")
    assert core_type(function(None, *[U64] * 17), "lower") == ("i", "")
    assert core_type(function(STRING, *[STRING] * 9), "lift") == ("i", "i")
    assert core_type(function(STRING, *[STRING] * 9), "lower") == ("ii", "")
    assert core_type(function(Result(None, None)), "lower") == ("", "i")


@pytest.mark.parametrize("type", [ERROR_CONTEXT, Stream(U8), Future(None), List(Stream(U8)), Option(Future(U8))])
def test_what_belongs_to_preview_3_is_a_clear_error(type: Any) -> None:
    for _ in range(2):
        with pytest.raises(LinkError, match="needs Preview 3"):
            layout(type)
    with pytest.raises(LinkError, match="needs Preview 3"):
        core_type(function(None, type), "lower")


def test_async_functions_are_a_clear_error() -> None:
    with pytest.raises(LinkError, match="needs Preview 3"):
        core_type(function(None, U8, is_async=True), "lift")


@pytest.mark.parametrize(
    "type", [Record(()), Tuple(()), Variant(()), Enum(()), Flags(()), Flags(("a",) * 33), List(U8, 0)]
)  # fmt: skip
def test_types_that_no_valid_component_has(type: Any) -> None:
    with pytest.raises(LinkError, match=r"no fields|no cases|flags|no elements"):
        layout(type)


def nested(depth: int, around: Any) -> Any:
    type: Any = U8
    for _ in range(depth):
        type = around(type)
    return type


def test_deep_types_are_refused() -> None:
    assert layout(nested(99, Option)).size == 100
    for depth in (100, 3000):
        with pytest.raises(LinkError, match="nested more than 100 deep"):
            layout(nested(depth, Option))


def test_large_types_are_refused_before_they_are_compared() -> None:
    for _ in range(3):  # the same structure, other objects: to compare them would take 2**60 steps
        with pytest.raises(LinkError, match=f"more than {MAX_NODES} types"):
            layout(nested(60, lambda type: Tuple((type, type))))


def test_a_list_of_fixed_length_may_be_long() -> None:
    found = layout(List(List(U64, 1 << 20), 1 << 20))
    assert (found.size, found.flat) == (1 << 43, "I" * (MAX_FLAT_PARAMS + 1))


def test_nothing_of_a_guest_is_kept_with_what_is_made_of_its_types() -> None:
    class File:
        pass

    file = File()
    state = InstanceState("guest")
    kind = ResourceType("file", state)
    state.handles.add(kind, file)
    plan(function(List(Own(kind)), Option(Borrow(kind))))
    gone = ref(file)
    del file, state, kind
    collect()
    assert gone() is None


def test_what_is_made_of_a_structure_is_made_once() -> None:
    assert layout(Tuple((U8, STRING))) is layout(Tuple((U8, STRING)))
    kind = ResourceType("file")
    types = Own(kind), Own(kind)
    assert layout(Tuple(types)) is not layout(Tuple(types))
    whole = Tuple(types)
    assert layout(whole) is layout(whole)


def test_types_are_named_briefly() -> None:
    assert brief(List(U8)) == "list<u8>"
    assert brief(nested(40, lambda type: Tuple((type, type)))) == "tuple"
    assert len(brief(Record((("x" * 1000, BOOL),)))) < 250
    assert brief(Tuple(())) == "tuple"
