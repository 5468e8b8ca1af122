"""Parsing: complaints about texts that aren't WIT, and nothing but complaints whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agave_wasi.witparse.parse import lexer, parse
from agave_wasi.witparse.resolve import resolve
from agave_wasi.witparse.source import WitError
from tests.agave_wasi.witparse.texts import HEAD


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("interfce a {}", (1, 1), "did you mean interface?"),
        ("interface a {\n  stream: func();\n}", (2, 3), "as a name this keyword is written %stream"),
        ("interface a {\n  f: fnuc();\n}", (2, 6), "did you mean func?"),
        ("interface a {", (1, 14), "the text ends where there should be"),
        ("interface a { f: func() }", (1, 25), "`}` can't stand here, but `->` or `;`"),
        ("interface a { f: func(x u8); }", (1, 25), "`u8` can't stand here, but `:`"),
        ("world w { import a:b; }", (1, 21), "but `/` or `:`; an interface of another package is named as in wasi:io/streams"),
        ("package a:b; package c:d;", (1, 25), "`;` can't stand here, but `{`"),
        ("record a {}", (1, 1), "`record` can't stand here"),
        ("interface a { type t = option; }", (1, 30), "`;` can't stand here, but `<`"),
        ("package a;", (1, 10), "`;` can't stand here, but `:`"),
        ("interface a {} }", (1, 16), "or the end"),
        ("interface a { type t = list<u8, x>; }", (1, 33), "but a number"),
        ("package a:b@1;", (1, 13), "but a version such as 1.2.3"),
    ],
)
def test_complaints_name_the_place_the_word_and_what_could_stand_there(text: str, place: tuple[int, int], said: str) -> None:
    with pytest.raises(WitError) as caught:
        parse(text, "x.wit")
    error = caught.value
    assert (error.file, error.line, error.column) == ("x.wit", *place) and said in error.reason
    assert error.excerpt.split("\n")[1].index("^") == place[1] - 1


def test_an_empty_text_is_an_empty_file() -> None:
    assert parse("").items == parse(" // nothing\n").items == () and parse("").name is None


WORDS = [
    "interface", "world", "a", "b", "%type", "f: func();", "{", "}", "(", ")", "<", ">", ";", ":", ",", "->", "@", "/", ".",
    "=", "use", "include", "import", "export", "package", "a:b", "1.2.3", "4", '"x"', "_", "list", "borrow", "resource", "type",
    "record", "as", "with", "@since(version = 1.0.0)", "/// d\n", "/* c */", "u8", "constructor", "static",
]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), st.text(max_size=40)))
def test_any_text_is_wit_or_a_complaint(text: str) -> None:
    for each in (text, HEAD + text, f"{HEAD}interface i {{ {text} }}", f"{HEAD}world w {{ {text} }}"):
        try:
            resolve([[parse(each)]])
        except WitError as error:
            assert error.line >= 1 or not each.strip() or "declares no package" in error.reason


@pytest.mark.parametrize("text", ["(" * 100_000, "{" * 100_000, "package a:b {" * 5_000, "a:" * 100_000, "@" * 1000, "/" * 5])
def test_much_of_one_thing_is_a_complaint_too(text: str) -> None:
    try:
        parse(text)
    except WitError as error:
        assert len(str(error)) < 1000


def test_the_lexer_is_made_once() -> None:
    assert lexer() is lexer()
