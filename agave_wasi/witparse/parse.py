"""From text to tree: `parse`. The parser is made once a process, when the first text is parsed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lark import Lark
from lark.exceptions import UnexpectedToken

from agave_wasi.witparse import tree
from agave_wasi.witparse.build import Builder
from agave_wasi.witparse.lexer import WitLexer
from agave_wasi.witparse.source import Name, Source, WitError, shown

KINDS = {"ID": "a name", "VERSION": "a version such as 1.2.3", "INTEGER": "a number", "STRING": "a text in quotes",
         "PRIMITIVE": "a type"}  # fmt: skip
MOST_NAMED = 8
"""So many of the things that could follow are named in an error."""


@cache
def parser() -> Lark:
    """The parser of the grammar in grammar.lark."""
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=WitLexer, start="file", transformer=Builder(), maybe_placeholders=True)


def parse(text: str, name: str = "<text>") -> tree.File:
    """The tree of one WIT text; `name` is what errors call it. WitError says where it isn't WIT, and what could stand there."""
    source = Source(text, name)
    try:
        return parser().parse(source)  # type: ignore[return-value]  # its lexer and builder are ours
    except UnexpectedToken as error:
        raise _unexpected(source, error.token, set(error.expected)) from None


def _unexpected(source: Source, found: object, expected: set[str]) -> WitError:
    """What to say of a word or sign that can't stand where it does."""
    if not isinstance(found, Name):
        return WitError(f"the text ends where there should be {_named(expected)}", source, len(source.text.rstrip()))
    reason = f"{shown(source.text[found.offset : found.end])} can't stand here, but {_named(expected)}"
    is_keyword = found[0].isalpha() and found.type not in ("ID", "VERSION", "STRING")
    if is_keyword and "ID" in expected:
        reason += f"; as a name this keyword is written %{found}"
    elif found.type == "ID":
        meant = lexer().close_to(found, expected)
        if meant:
            reason += f"; did you mean {meant}?"
    elif expected == {"COLON", "SLASH"}:
        reason += "; an interface of another package is named as in wasi:io/streams"
    return WitError(reason, source, found.offset, found.end)


@cache
def lexer() -> WitLexer:
    """The lexer of the same grammar; `words` are the keywords."""
    return WitLexer(parser().parser.lexer_conf)


def _named(expected: set[str]) -> str:
    fixed = {name: text for text, name in (*lexer().words.items(), *lexer().signs.items())} | {"NAMES": ":"}
    names = sorted({KINDS[each] for each in expected & KINDS.keys()})
    names += sorted({f"`{fixed[each]}`" for each in expected - KINDS.keys() - {"$END"}})
    if "$END" in expected:
        names.append("the end")
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], "..."]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
