"""Types of components: equality by structure, text, and the Python values that belong to them."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component import types
from agave_wasi.component.types import (
    BOOL,
    PRIMITIVES,
    STRING,
    U8,
    U64,
    Borrow,
    Case,
    Enum,
    Err,
    Flags,
    FuncType,
    Future,
    List,
    Map,
    Ok,
    Option,
    Own,
    Record,
    ResourceType,
    Result,
    Some,
    Stream,
    Tuple,
    Variant,
    WitError,
    python_name,
)  # fmt: skip

FILE = ResourceType("file")
SAMPLES: list[tuple[Any, str, list[Any]]] = [
    (lambda: List(U8), "list<u8>", [U8]),
    (lambda: List(U8, 4), "list<u8, 4>", [U8]),
    (lambda: Map(STRING, U8), "map<string, u8>", [STRING, U8]),
    (lambda: Record((("a-b", U8), ("c", STRING))), "record {a-b: u8, c: string}", [U8, STRING]),
    (lambda: Tuple((U8, STRING)), "tuple<u8, string>", [U8, STRING]),
    (lambda: Variant((("a", U8), ("b", None))), "variant {a(u8), b}", [U8]),
    (lambda: Enum(("a", "b")), "enum {a, b}", []),
    (lambda: Flags(("a", "b")), "flags {a, b}", []),
    (lambda: Option(U8), "option<u8>", [U8]),
    (lambda: Result(U8, STRING), "result<u8, string>", [U8, STRING]),
    (lambda: Result(None, STRING), "result<_, string>", [STRING]),
    (lambda: Result(U8, None), "result<u8>", [U8]),
    (lambda: Result(None, None), "result", []),
    (lambda: Own(FILE), "own<file>", []),
    (lambda: Borrow(FILE), "borrow<file>", []),
    (lambda: Stream(U8), "stream<u8>", [U8]),
    (lambda: Stream(None), "stream", []),
    (lambda: Future(U8), "future<u8>", [U8]),
]


@pytest.mark.parametrize(("make", "text", "parts"), SAMPLES)
def test_text_parts_and_equality(make: Any, text: str, parts: list[Any]) -> None:
    assert (str(make()), repr(make()), list(make().parts())) == (text, text, parts)
    assert make() == make()
    assert hash(make()) == hash(make())
    assert [str(other()) for other, _, _ in SAMPLES if other() == make()] == [text]


def test_primitives() -> None:
    assert [str(each) for each in PRIMITIVES.values()] == list(PRIMITIVES)
    assert len(set(PRIMITIVES.values())) == len(PRIMITIVES)
    assert list(U8.parts()) == []
    assert types.U8 is PRIMITIVES["u8"] and types.ERROR_CONTEXT is PRIMITIVES["error-context"]


def test_every_resource_is_a_type_of_its_own() -> None:
    assert Own(ResourceType("file")) != Own(ResourceType("file"))
    assert Own(FILE) != Borrow(FILE)
    assert (repr(FILE), str(Own(ResourceType("")))) == ("file", "own<resource>")


def test_who_has_handles() -> None:
    plain = Tuple((U8, List(Option(Result(None, STRING)))))
    for holder in (Own(FILE), Borrow(FILE), Tuple((plain, List(Own(FILE)))), Result(Borrow(FILE), None)):
        assert holder.has_handles() and holder.has_handles()
        assert FuncType((("a", plain), ("b", holder))).has_handles()
        assert FuncType((), holder).has_handles()
    assert not plain.has_handles()
    assert not FuncType((("a", plain),), U8).has_handles()


def test_functions() -> None:
    first = FuncType((("a", U8), ("b", STRING)), Result(None, BOOL))
    assert str(first) == repr(first) == "func(a: u8, b: string) -> result<_, bool>"
    assert str(FuncType((), None, True)) == "async func()"
    assert first == FuncType((("a", U8), ("b", STRING)), Result(None, BOOL))
    assert hash(first) == hash(FuncType((("a", U8), ("b", STRING)), Result(None, BOOL)))
    for other in (FuncType((("a", U8), ("c", STRING)), first.result), FuncType(first.parameters), FuncType(
        first.parameters, first.result, True
    ), 5):  # fmt: skip
        assert first != other


def test_records_make_named_tuples() -> None:
    found: Any = Record((("a-b", U8), ("class", U64), ("c1", U8))).make(1, 2, 3)
    assert (found, found.a_b, found.class_, found.c1) == ((1, 2, 3), 1, 2, 3)
    assert Record((("a-b", U8),)).make is Record((("a-b", STRING),)).make


def test_named_tuples_are_not_kept_for_ever() -> None:
    for place in range(types.MANY + 50):
        Record(((f"f{place}", U8),))
    assert len(types._made) <= types.MANY + 1


def test_values() -> None:
    assert (Case("a"), Ok(), Err(), Some(None)) == (("a", None), (None,), (None,), (None,))
    assert [str(each) for each in (Ok(1), Err(2), Some(3))] == ["Ok(value=1)", "Err(value=2)", "Some(value=3)"]
    assert str(Case("a", 4)) == "Case(name='a', value=4)"
    assert WitError(5).value == 5
    assert WitError().value is None


def test_python_names() -> None:
    assert [python_name(name) for name in ("a-b", "class", "read", "is-a")] == ["a_b", "class_", "read", "is_a"]


def test_kinds() -> None:
    types = [Record((("a", U8),)), Tuple((U8,)), Variant((("a", None),)), Enum(("a",)), Flags(("a",)), Option(U8), Result(U8)]
    assert [each.kind for each in types] == ["record", "tuple", "variant", "enum", "flags", "option", "result"]
    assert [each.kind for each in (List(U8), Map(STRING, U8), Own(FILE), Borrow(FILE), Stream(), Future())] == [
        "list", "map", "own", "borrow", "stream", "future",
    ]  # fmt: skip
