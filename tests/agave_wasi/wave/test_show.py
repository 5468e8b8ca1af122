"""Values as WAVE text: what is written can be read back, whatever the type."""

from __future__ import annotations

from math import isnan
from struct import pack, unpack
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from agave_wasi.component.types import (
    CHAR,
    F32,
    F64,
    PRIMITIVES,
    STRING,
    U8,
    Borrow,
    Case,
    Enum,
    Err,
    Flags,
    List,
    Ok,
    Option,
    Own,
    Primitive,
    Record,
    ResourceType,
    Result,
    Some,
    Tuple,
    ValType,
    Variant,
)
from agave_wasi.wave.parse import INTEGERS, parse
from agave_wasi.wave.show import show

NAMES = ("a", "ok", "none", "two-words", "true", "x1")
PLAIN = st.sampled_from([each for name, each in PRIMITIVES.items() if name != "error-context"])


def composed(types: st.SearchStrategy[ValType]) -> st.SearchStrategy[ValType]:
    return st.one_of(
        types.map(List),
        st.lists(types, min_size=1, max_size=3).map(lambda each: Tuple(tuple(each))),
        st.lists(types, min_size=1, max_size=4).map(lambda each: Record(tuple(zip(NAMES, each)))),
        st.lists(st.none() | types, min_size=1, max_size=4).map(lambda each: Variant(tuple(zip(NAMES, each)))),
        st.integers(1, 6).map(lambda count: Enum(NAMES[:count])),
        st.integers(1, 6).map(lambda count: Flags(NAMES[:count])),
        types.map(Option),
        st.builds(Result, st.none() | types, st.none() | types),
    )


TYPES = st.recursive(PLAIN, composed, max_leaves=6)


def values(type: ValType) -> st.SearchStrategy[Any]:
    match type:
        case Primitive():
            if type.kind in INTEGERS:
                low, high = INTEGERS[type.kind]
                return st.integers(low, high - 1)
            return {
                "bool": st.booleans(), "char": st.characters(exclude_categories=["Cs"]),
                "string": st.text(st.characters(exclude_categories=["Cs"])), "f64": st.floats(allow_nan=False),
                "f32": st.floats(allow_nan=False, width=32),
            }[type.kind]  # fmt: skip
        case List():
            found = st.lists(values(type.element), max_size=3)
            return found.map(bytes) if type.element == U8 else found
        case Tuple():
            return st.tuples(*map(values, type.types))
        case Record():
            return st.tuples(*[values(each) for _, each in type.fields]).map(lambda each: type.make(*each))
        case Variant():
            return st.one_of(
                [st.builds(Case, st.just(name), st.none() if each is None else values(each)) for name, each in type.cases]
            )
        case Enum():
            return st.sampled_from(type.names)
        case Flags():
            return st.frozensets(st.sampled_from(type.names))
        case Option():
            some = values(type.some)
            return st.none() | (some.map(Some) if isinstance(type.some, Option) else some)
        case Result():
            return st.one_of(
                [make_of(make, each) for make, each in ((Ok, type.ok), (Err, type.err))]
            )
    raise AssertionError(type)


def make_of(make: Any, type: ValType | None) -> st.SearchStrategy[Any]:
    return st.builds(make, st.none() if type is None else values(type))


@given(st.data())
def test_what_is_written_can_be_read_back(data: st.DataObject) -> None:
    type = data.draw(TYPES)
    value = data.draw(values(type))
    text = show(value, type)
    assert parse(text, type) == value
    assert "\n" not in text


def test_the_text_is_what_people_would_write() -> None:
    type = Record((("name", STRING), ("sizes", List(U8)), ("left", Option(U8)), ("kind", Enum(("ok", "b")))))
    assert show(type.make("a\n\"'", b"\1\2", None, "ok"), type) == '{name: "a\\n\\"\'", sizes: [1, 2], kind: %ok}'
    assert show("'", CHAR) == r"'\''" and show("\x7f", CHAR) == r"'\u{7f}'"
    assert show(float("nan"), F64) == "nan" and show(float("-inf"), F32) == "-inf" and show(2.0, F64) == "2"
    assert show(None, Record((("a", Option(U8)),)).fields[0][1]) == "none"
    assert show((None,), Record((("a", Option(U8)),))) == "{:}"


@given(st.floats(width=32))
@example(3.4028234663852886e38)
@example(3.4025001647762064e38)
def test_a_short_float_is_written_short(value: float) -> None:
    text = show(value, F32)
    assert isnan(value) or unpack("<f", pack("<f", float(text)))[0] == value
    assert isnan(value) or len(text) <= 17


def test_a_resource_is_named() -> None:
    resource = ResourceType("descriptor")
    assert show(object(), Own(resource)) == show(object(), Borrow(resource)) == "<descriptor>"
