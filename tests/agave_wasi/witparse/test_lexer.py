"""Words, signs, comments and documentation; what may not stand in a text."""

from __future__ import annotations

import pytest

from agave_wasi.witparse.parse import lexer
from agave_wasi.witparse.source import Source, WitError


def kinds(text: str) -> list[str]:
    return [each.type for each in lexer().names(Source(text))]


def test_words_signs_numbers() -> None:
    text = 'interface %interface a-B1-2c f32 error-context 12 1.2.3-rc.1+b "q\\"" -> < > { } @ _'
    assert kinds(text) == [
        "INTERFACE", "ID", "ID", "PRIMITIVE", "PRIMITIVE", "INTEGER", "VERSION", "STRING", lexer().signs["->"], "LESSTHAN",
        "MORETHAN", "LBRACE", "RBRACE", "AT", lexer().words["_"],
    ]  # fmt: skip
    assert [str(each) for each in lexer().names(Source("%type b"))] == ["type", "b"]
    assert kinds("a@1.2.3.{b}") == ["ID", "AT", "VERSION", "DOT", "LBRACE", "ID", "RBRACE"]


def test_keywords_are_those_of_the_specification() -> None:
    told = {
        "as", "async", "bool", "borrow", "char", "constructor", "enum", "export", "f32", "f64", "flags", "from",
        "func", "future", "import", "include", "interface", "list", "map", "option", "own", "package", "record",
        "resource", "result", "s16", "s32", "s64", "s8", "static", "stream", "string", "tuple", "type", "u16", "u32",
        "u64", "u8", "use", "variant", "with", "world",
    }  # fmt: skip
    assert set(lexer().words) == told | {"error-context", "_"}


def test_the_colon_of_an_import_tells_names_from_packages() -> None:
    assert "NAMES" in kinds("import a: b") and "NAMES" in kinds("export a:func()") and "NAMES" in kinds("import a :b")
    assert "NAMES" in kinds("import a/**/:b") and "NAMES" in kinds("import a:/**/b")
    assert "NAMES" not in kinds("import a:b/c") and "NAMES" not in kinds("a: b")
    assert kinds("import a: b:c/d").count("NAMES") == 1


@pytest.mark.parametrize(
    ("text", "docs"),
    [
        ("/// one\n///  two\n// no\nx", "one\n two"),
        ("/** one */ x", "one"),
        ("/**\n * one\n *\n *  two\n */ x", "one\n\n two"),
        ("//// no\nx", ""),
        ("/*** no */ x", ""),
        ("/**/ x", ""),
        ("///\nx", ""),
        ("/// one\r\nx", "one"),
        ("/// a /* b\nx", "a /* b"),
    ],
)
def test_documentation_belongs_to_what_stands_behind_it(text: str, docs: str) -> None:
    source = Source(text)
    (name,) = lexer().names(source)
    assert name == "x" and source.docs.get(name.offset, "") == docs


def test_comments_nest() -> None:
    assert kinds("a /* b /* c */ d // */ e") == ["ID", "ID"]
    assert kinds("/*" * 20_000 + "*/" * 20_000 + "a") == ["ID"]


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("a /* /* */", 3, "this comment isn't closed"),
        ("a \x00", 3, "U+0000 may not stand"),
        ("// \u202e", 4, "U+202E may not stand"),
        ("a \ud800", 3, "U+D800 may not stand"),
        ("a \u0149", 3, "U+0149 may not stand"),
        ("é", 1, "U+00E9 means nothing"),
        ("a $", 3, "`$` means nothing"),
        ('a "b', 3, "not closed on its line"),
        ('"a\nb"', 1, "not closed on its line"),
        ("fooBar", 1, "write foo-bar"),
        ("foo_bar", 1, "use hyphens: foo-bar"),
        ("1a", 1, "begin with a letter"),
        ("a--b", 2, "`-` means nothing"),
        ("a-", 2, "`-` means nothing"),
        ("%1", 1, "begin with a letter"),
        ("list<" * 101, 505, "nest deeper than 100"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, column: int, said: str) -> None:
    with pytest.raises(WitError) as caught:
        kinds(text)
    assert said in caught.value.reason and caught.value.line == 1 and caught.value.column == column


@pytest.mark.parametrize("word", ["a", "A", "a-b", "a-B", "A1-b2", "a-1", "XML-2-rpc"])
def test_identifiers(word: str) -> None:
    assert kinds(word) == ["ID"]


def test_the_nearest_keyword() -> None:
    assert lexer().close_to("interfce", {"INTERFACE", "WORLD"}) == "interface"
    assert lexer().close_to("interfce", {"WORLD"}) is None
