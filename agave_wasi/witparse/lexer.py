"""Words, signs and comments of a WIT text, for the parser of lark. Which there are, the grammar says.

Written here because of what lark's own lexers can't do: comments nest, documentation belongs to the item behind it, and the
colon of `import a: b` is another one than that of `import a:b/c`. Specification: WIT.md, "Lexical structure".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark.common import LexerConf
from lark.lexer import Lexer, PatternStr

from agave_wasi.nearest import nearest
from agave_wasi.witparse.source import Name, Source, WitError, shown
from agave_wasi.witparse.types import PRIMITIVES

RESERVED = ("from",)
"""Keywords that no rule has a use for."""
DEEPEST = 100
"""How deep types may nest; tools and validators refuse more than that, too."""

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u0149\u0673\u0f77\u0f79\u17a3\u17a4"
                     "\u17b4\u17b5\u206a-\u206f\u2329\u232a\U000e0001\ud800-\udfff]")  # fmt: skip
"""Controls but tab and line ends, what turns the direction of writing round, and what Unicode deprecates or discourages."""
LABEL = re.compile("([a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(-([0-9a-z]+|[0-9A-Z]+))*")
"""Explainer.md, "Import and Export Definitions": words with hyphens between them, each of small or of capital letters."""
BLANK = re.compile("[ \t\r\n]*")
COMMENT = re.compile(r"/\*|\*/")


class WitLexer(Lexer):
    """Yields a `Name` for each word and sign of a `Source`, and enters documentation in it."""

    __future_interface__ = 2

    def __init__(self, conf: LexerConf) -> None:
        fixed = {each.pattern.value: each.name for each in conf.terminals if isinstance(each.pattern, PatternStr)}
        free = {each.name: each.pattern.to_regexp() for each in conf.terminals if not isinstance(each.pattern, PatternStr)}
        self.words = {text: name for text, name in fixed.items() if text[0].isalpha() or text == "_"}
        self.words |= dict.fromkeys(PRIMITIVES, "PRIMITIVE") | dict.fromkeys(RESERVED, "RESERVED")
        self.signs = {text: name for text, name in fixed.items() if text not in self.words}
        signs = "|".join(map(re.escape, sorted(self.signs, key=len, reverse=True)))
        self.token = re.compile(
            f"(?P<comment>//|/\\*)|(?P<VERSION>{free['VERSION']})|(?P<INTEGER>{free['INTEGER']}(?![-0-9A-Za-z_]))"
            f"|(?P<ID>{free['ID']})|(?P<sign>{signs})|(?P<STRING>{free['STRING']})"
        )

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
        """Names in the order of the text; WitError."""
        return self.names(lexer_state.text)

    def names(self, source: Source) -> Iterator[Name]:
        """The same of a source."""
        text, words, match_at = source.text, self.words, self.token.match
        illegal = ILLEGAL.search(text)
        if illegal:
            raise _illegal(source, illegal.start())
        at, depth, docs = 0, 0, ""
        before = last = ""
        while True:
            at = BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
            found = match_at(text, at)
            if found is None:
                if at == len(text):
                    return
                raise _illegal(source, at)
            kind = found.lastgroup
            if kind == "comment":
                at, told = _comment(source, at)
                docs = f"{docs}\n{told}" if docs and told is not None else told or docs
                continue
            end = found.end()
            word = found.group()
            if kind == "ID":
                kind = words.get(word)
                if kind is None:
                    kind, word = "ID", self._label(source, word, at, end)
            elif kind == "sign":
                kind = self.signs[word]
                if word == ":" and last == "ID" and before in ("IMPORT", "EXPORT"):
                    kind = "COLON" if self._is_path(text, at, end) else "NAMES"
                elif word == "<":
                    depth += 1
                    if depth > DEEPEST:
                        raise WitError(f"types nest deeper than {DEEPEST} here; name some of them", source, at, end)
                elif word == ">":
                    depth -= 1
            if docs:
                source.docs[at] = docs
                docs = ""
            yield Name(word, kind or "", source, at, end)
            before, last = last, kind or ""
            at = end

    def _is_path(self, text: str, at: int, end: int) -> bool:
        """Does a colon with nothing round it stand between a namespace and a package?"""
        behind = self.token.match(text, end)
        glued = not text[at - 1].isspace() and not text.endswith("*/", 0, at)
        return glued and behind is not None and behind.lastgroup == "ID" and behind.group() not in self.words

    def _label(self, source: Source, word: str, at: int, end: int) -> str:
        """An identifier without the % that makes it one."""
        label = word.removeprefix("%")
        if LABEL.fullmatch(label):
            return label
        if label[0].isdigit():
            cure = "it has to begin with a letter"
        elif "_" in label:
            cure = f"use hyphens: {label.strip('_').replace('_', '-').lower()}"
        else:
            cure = f"write {re.sub('(?<=[a-z0-9])(?=[A-Z])', '-', label).lower()}: words of one case, with hyphens between them"
        raise WitError(f"{shown(word)} is no identifier; {cure}", source, at, end)

    def close_to(self, word: str, kinds: set[str]) -> str | None:
        """The keyword that somebody may have meant, among those of some kinds."""
        return nearest(word, [each for each, kind in self.words.items() if kind in kinds], 0.75)


def _comment(source: Source, at: int) -> tuple[int, str | None]:
    """Where a comment ends, and the text of it if it is documentation."""
    text = source.text
    if text.startswith("//", at):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].rstrip()
        if not line.startswith("///") or line.startswith("////"):
            return end, None
        return end, line[3:].removeprefix(" ")
    open_comments, end = 1, at + 2
    while open_comments:
        found = COMMENT.search(text, end)
        if found is None:
            raise WitError("this comment isn't closed: each /* needs a */, also within comments", source, at, at + 2)
        open_comments += 1 if found.group() == "/*" else -1
        end = found.end()
    if not text.startswith("/**", at) or text[at + 3] in "*/":
        return end, None
    lines = [re.sub(r"^\s*\* ?", "", line).rstrip() for line in text[at + 3 : end - 2].splitlines()]
    return end, "\n".join(line.strip() if len(lines) == 1 else line for line in lines).strip("\n")


def _illegal(source: Source, at: int) -> WitError:
    """What to say of a character that no text may have, or that can't stand where it does."""
    char = source.text[at]
    if char == '"':
        return WitError('this text in quotes is not closed on its line, or has a control character: "..."', source, at, at + 1)
    written = f"U+{ord(char):04X}" if not char.isprintable() or not char.isascii() else f"`{char}`"
    if ILLEGAL.match(char):
        return WitError(f"the character {written} may not stand in a WIT text, comments included", source, at, at + 1)
    return WitError(f"the character {written} means nothing in WIT", source, at, at + 1)
