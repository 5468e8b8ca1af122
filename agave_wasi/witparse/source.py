"""Texts, names that know where they stand, and errors that point there."""

from __future__ import annotations

LONGEST_REASON = 600
LONGEST_SHOWN = 160
"""Characters of a reason, and of a line, that an error shows."""


class Source:
    """A text with the name under which errors speak of it, and the doc comments found in it by the offset behind them."""

    __slots__ = ("name", "text", "docs")

    def __init__(self, text: str, name: str = "<text>") -> None:
        self.name = name
        self.text = text
        self.docs: dict[int, str] = {}

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from one; a column is a character."""
        before = self.text.rfind("\n", 0, offset)
        return self.text.count("\n", 0, offset) + 1, offset - before


class Name(str):
    """A word of a text. It compares as the string that it is; `type` is its terminal in the grammar."""

    __slots__ = ("type", "source", "offset", "end")
    type: str
    source: Source | None
    offset: int
    end: int
    start_pos = line = column = end_line = end_column = end_pos = None
    """What lark would copy from its own tokens to the one that ends a text."""

    def __new__(cls, text: str, type: str = "ID", source: Source | None = None, offset: int = 0, end: int = 0) -> Name:
        """`text` without the % of an escaped identifier; `offset` to `end` is what stands in the source."""
        self = super().__new__(cls, text)
        self.type = type
        self.source = source
        self.offset = offset
        self.end = end
        return self


class WitError(Exception):
    """A text that isn't WIT, or means nothing.

    `file`, `line` and `column` (from one; zero if it isn't about a place) say where, `reason` what is wrong and what to do;
    `excerpt` is the line with a mark below the place. As text it is one line.
    """

    def __init__(self, reason: str, source: Source | None = None, offset: int = 0, end: int = 0) -> None:
        self.reason = reason = reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}..."
        self.file = source.name if source else ""
        self.line, self.column = source.position(offset) if source else (0, 0)
        self.excerpt = _excerpt(source, offset, end) if source else ""
        super().__init__(f"{self.file}:{self.line}:{self.column}: {reason}" if source else reason)


def wrong(name: str, reason: str) -> WitError:
    """An error about a name of a text; one that stands in no text has no place."""
    if isinstance(name, Name) and name.source is not None:
        return WitError(reason, name.source, name.offset, name.end)
    return WitError(reason)


def shown(text: str) -> str:
    """A piece of somebody's text as one may print it: short, in backquotes, without control characters."""
    plain = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[: LONGEST_SHOWN // 2])
    return f"`{plain}...`" if len(text) > LONGEST_SHOWN // 2 else f"`{plain}`"


def _excerpt(source: Source, offset: int, end: int) -> str:
    start = source.text.rfind("\n", 0, offset) + 1
    stop = source.text.find("\n", offset)
    stop = len(source.text) if stop < 0 else stop
    if offset - start > LONGEST_SHOWN // 2:
        start = offset - LONGEST_SHOWN // 2
    line = source.text[start : min(stop, start + LONGEST_SHOWN)]
    line = "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in line)
    blank = "".join("\t" if char == "\t" else " " for char in line[: offset - start])
    return f"{line}\n{blank}{'^' * max(min(end, start + len(line)) - offset, 1)}"
