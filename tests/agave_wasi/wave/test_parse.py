"""From WAVE text to values: every type's forms, what isn't one, and text that nobody meant well."""

from __future__ import annotations

from math import inf, isnan
from typing import Any

import pytest

from agave_wasi.component.types import (
    BOOL,
    CHAR,
    F32,
    F64,
    S8,
    STRING,
    U8,
    U64,
    Case,
    Enum,
    Err,
    Flags,
    FuncType,
    List,
    Map,
    Ok,
    Option,
    Record,
    Result,
    Some,
    Tuple,
    ValType,
    Variant,
)
from agave_wasi.wave.parse import WaveError, arguments, function_name, parse

POINT = Record((("x", U8), ("label", Option(STRING))))
SHAPE = Variant((("dot", None), ("line", U8), ("err", STRING)))


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [
        ("true", BOOL, True),
        ("-128", S8, -128),
        ("18446744073709551615", U64, (1 << 64) - 1),
        ("0.1", F32, 0.10000000149011612),
        ("6.022e+23", F64, 6.022e23),
        ("-inf", F64, -inf),
        ("7", F64, 7.0),
        ("'x'", CHAR, "x"),
        (r"'\''", CHAR, "'"),
        (r"'\u{1F600}'", CHAR, "\U0001f600"),
        (r'"a\tb\\\"\u{0}"', STRING, 'a\tb\\"\0'),
        ('""', STRING, ""),
        ('"""\n   one\n  two\n  """', STRING, " one\ntwo"),
        ('"""\n"""', STRING, ""),
        ("[1, 2,]", List(U8), b"\x01\x02"),
        ("[]", List(STRING), []),
        ('["a", "b"]', List(STRING, 2), ["a", "b"]),
        ('[("a", 1)]', Map(STRING, U8), {"a": 1}),
        ("(1, 'x')", Tuple((U8, CHAR)), (1, "x")),
        ('{label: "a", x: 1}', POINT, (1, "a")),
        ("{x: 1 /* */}".replace("/* */", "// the rest\n"), POINT, (1, None)),
        ("{:}", Record((("a", Option(U8)),)), (None,)),
        ("{b, %a}", Flags(("a", "b", "c")), frozenset("ab")),
        ("{}", Flags(("a",)), frozenset()),
        ("%ok", Enum(("ok", "on")), "ok"),
        ("dot", SHAPE, Case("dot")),
        ("line(3)", SHAPE, Case("line", 3)),
        ('%err("no")', SHAPE, Case("err", "no")),
        ("none", Option(U8), None),
        ("5", Option(U8), 5),
        ("some(some(5))", Option(Option(U8)), Some(5)),
        ("some(none)", Option(Option(U8)), Some(None)),
        ("none", Option(Option(U8)), None),
        ("ok", Result(), Ok()),
        ("5", Result(U8, STRING), Ok(5)),
        ('err("x")', Result(U8, STRING), Err("x")),
        ("ok(err)", Result(Result()), Ok(Err())),
    ],
)
def test_values(text: str, type: ValType, value: Any) -> None:
    found = parse(text, type)
    assert found == value and (isinstance(type, Record) or found.__class__ is value.__class__)


def test_not_a_number() -> None:
    assert isnan(parse("nan", F32))


@pytest.mark.parametrize(
    ("text", "type", "complaint"),
    [
        ("256", U8, "256 is out of range for u8: 0 to 255"),
        ("9" * 5000, U64, "out of range"),
        ("1e39", F32, "1e39 is out of range for f32"),
        ("1e400", F64, "1e400 is out of range for f64"),
        ("01", U8, "isn't WAVE"),
        ("1.", F64, "isn't WAVE"),
        ("", U8, "at the end"),
        ("1 2", U8, "isn't WAVE"),
        ("'ab'", CHAR, "isn't WAVE"),
        (r'"\q"', STRING, "isn't WAVE"),
        (r"'\u{d800}'", CHAR, "no Unicode scalar value"),
        (r"'\u{110000}'", CHAR, "no Unicode scalar value"),
        ('"\ud800"', STRING, "lone surrogate"),
        ('"""\n a\n  """', STRING, "begins before its end"),
        ("5", STRING, "an integer 5 stands where a string is wanted"),
        ("[1]", List(U8, 2), "has 2 elements, not 1"),
        ("(1)", Tuple((U8, U8)), "a tuple stands where"),
        ("{y: 1}", POINT, "y isn't in record"),
        ("{x: 1, x: 2}", POINT, "x is there twice"),
        ("{:}", POINT, "the field x of"),
        ("{a, a}", Flags(("a",)), "a flag is there twice"),
        ("lime(3)", SHAPE, "is it line?"),
        ("err(3)", SHAPE, "err is a keyword; the case of that name is written %err"),
        ("dot(3)", SHAPE, "the case dot has no value"),
        ("line", SHAPE, "the case line has a value, a u8"),
        ("5", Option(Option(U8)), "stands where a option<option<u8>> is wanted"),
        ("ok(1)", Result(), "ok of result has no value"),
        ("[" * 100_000, U8, "isn't WAVE"),
        ("[" * 50_000 + "]" * 50_000, List(U8), "stands where a u8 is wanted"),
    ],
)
def test_what_is_no_value(text: str, type: ValType, complaint: str) -> None:
    with pytest.raises(WaveError, match=None) as error:
        parse(text, type)
    assert complaint in str(error.value) and len(str(error.value)) < 500


ADD = FuncType((("a", U8), ("p", POINT), ("more", Option(U8))))


def test_calls() -> None:
    assert function_name('local:calc/ops#add(1, {x: 2, label: "("})') == "local:calc/ops#add"
    assert arguments("add(1, {x: 2}, 3)", ADD) == [1, (2, None), 3]
    assert arguments("add( 1, {x: 2},)", ADD) == [1, (2, None), None]
    assert arguments("now()", FuncType(())) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("add(1)", "add takes 3 arguments (a: u8, p: record {x: u8, label: option<string>}, more: option<u8>), not 1"),
        ("add(1, {x: 2}, 3, 4)", "not 4"),
        ("add(1, {x: 300}, 3)", "add, argument p: 300 is out of range"),
        ("add", "at the end; a call is written name(arguments)"),
        ("add(1", "isn't WAVE"),
    ],
)
def test_wrong_calls(text: str, complaint: str) -> None:
    with pytest.raises(WaveError) as error:
        arguments(text, ADD)
    assert complaint in str(error.value)
