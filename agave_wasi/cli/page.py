"""What a command shows: blocks of text and rows, laid out by rich on a terminal and as plain lines everywhere else."""

from __future__ import annotations

import sys

from agave_wasi.terminal import colours, one_line, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PLAIN_WIDTH = 100
"""Columns of a paragraph where there is no terminal to ask."""
LONGEST_NAME = 26
"""Columns of the longest name that has running text beside it, not below."""


class Heading:
    """The title of what follows."""

    def __init__(self, text: str) -> None:
        self.text = one_line(text)


class Paragraph:
    """Running text."""

    def __init__(self, text: str) -> None:
        self.text = text


class Rows:
    """A table without lines. Columns in `right` are numbers; `prose` says that the last of two columns is running text."""

    def __init__(
        self, rows: Iterable[Sequence[str]], heads: Sequence[str] = (), right: Sequence[int] = (), prose: bool = False
    ) -> None:
        self.rows = [tuple(map(one_line, row)) for row in rows]
        self.heads = tuple(heads)
        self.right = right
        self.prose = prose


class Sample:
    """Lines that stay as they are: commands to type."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)


def show(blocks: Sequence[Heading | Paragraph | Rows | Sample], error: bool = False) -> None:
    """Print a page on stdout, or on stderr."""
    stream = sys.stderr if error else sys.stdout
    if stream is not None and stream.isatty():
        _show_rich(blocks, error)
    elif stream is not None or not error:
        for line in plain(blocks):
            print(line, file=stream)


def plain(blocks: Sequence[Heading | Paragraph | Rows | Sample]) -> list[str]:
    """A page as lines of plain text; cells are never broken, so that lines can be searched, unless they are prose."""
    from textwrap import wrap

    lines: list[str] = []
    for block in blocks:
        match block:
            case Heading():
                lines += ["", block.text] if lines and block.text else [block.text]
            case Paragraph():
                lines += wrap(printable(block.text), PLAIN_WIDTH, break_on_hyphens=False) or [""]
            case Sample():
                lines += [f"  {line}" for line in block.lines]
            case Rows():
                if block.prose:
                    lines += [f"{name}{text}".rstrip() for name, text in _prose(block, PLAIN_WIDTH)]
                else:
                    lines += _plain_rows(block)
    return lines


def _plain_rows(block: Rows) -> list[str]:
    rows = [block.heads, *block.rows] if block.heads else block.rows
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = (
            cell.rjust(width) if column in block.right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        )
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def _prose(block: Rows, width: int) -> Iterator[tuple[str, str]]:
    """Lines in two parts: names, and beside them what they mean; a name that is too long has a line of its own."""
    from textwrap import wrap

    indent = max((len(name) for name, _ in block.rows if len(name) <= LONGEST_NAME), default=0) + 4
    for name, text in block.rows:
        lines = wrap(text, max(width - indent, 30), break_on_hyphens=False) or [""]
        if len(name) > LONGEST_NAME:
            yield f"  {name}", ""
            name = ""
        for line in lines:
            yield f"  {name}".ljust(indent), line
            name = ""


def _show_rich(blocks: Sequence[Heading | Paragraph | Rows | Sample], error: bool) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    coloured = colours(2 if error else 1)
    console = Console(no_color=not coloured, highlight=False, stderr=error)
    bold, first, dim = ("bold", "cyan", "dim") if coloured else ("", "", "")
    for number, block in enumerate(blocks):
        match block:
            case Heading():
                if number and block.text:
                    console.print()
                console.print(Text(block.text, style=bold))
            case Paragraph():
                console.print(Text(printable(block.text)))
            case Sample():
                for line in block.lines:
                    console.print(Padding(Text(line, style=first), (0, 0, 0, 2)), soft_wrap=True)
            case Rows(prose=True):
                for name, text in _prose(block, console.width):
                    console.print(Text.assemble((name, first), text), soft_wrap=True)
            case Rows():
                table = Table.grid(padding=(0, 2))
                for column in range(len(block.rows[0]) if block.rows else 0):
                    last = column == len(block.rows[0]) - 1
                    table.add_column(
                        style=first if column == 0 else "",
                        justify="right" if column in block.right else "left",
                        overflow="fold",
                        no_wrap=column in block.right if block.right else column == 0 and not last,
                    )
                if block.heads:
                    table.add_row(*(Text(head, style=dim) for head in block.heads))
                for row in block.rows:
                    table.add_row(*map(Text, row))
                console.print(Padding(table, (0, 0, 0, 2)))
