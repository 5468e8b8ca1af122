"""Pages: plain lines that can be searched, and the same words on a terminal."""

from __future__ import annotations

import io
import re
import sys

import pytest

from agave_wasi.cli.page import PLAIN_WIDTH, Heading, Paragraph, Rows, Sample, plain, show

PAGE = (
    Heading("First"),
    Paragraph("word " * 40),
    Rows([("a", "1"), ("long", "10")], ("name", "n"), right=(1,)),
    Heading("Second"),
    Sample(["agave-wasi run x"]),
)


def test_plain_lines() -> None:
    lines = plain(PAGE)
    assert lines[0] == "First" and lines[-3:] == ["", "Second", "  agave-wasi run x"]
    assert [line.split() for line in lines[1:3]] == [["word"] * 20, ["word"] * 20]
    assert lines[3:6] == ["  name   n", "  a      1", "  long  10"]


def test_a_table_without_rows_has_no_lines() -> None:
    assert plain([Rows([])]) == [] and plain([Rows([], prose=True)]) == []
    assert plain([Paragraph("")]) == [""]


def test_running_text_stands_beside_its_name_and_below_a_long_one() -> None:
    text = "word " * 30
    lines = plain([Rows([("short", text), ("n" * 40, "told")], prose=True)])
    assert lines[0].startswith("  short  word") and lines[1].startswith("         word")
    assert lines[-2:] == ["  " + "n" * 40, "         told"]
    assert max(map(len, lines)) <= PLAIN_WIDTH


def test_cells_are_never_broken() -> None:
    assert plain([Rows([("x" * 300, "y" * 300)])]) == ["  " + "x" * 300 + "  " + "y" * 300]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [40, 200])
def test_a_terminal_shows_the_same_words(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", str(width))
    page: list[Heading | Paragraph | Rows | Sample] = [*PAGE, Heading(""), Rows([("name", "meaning " * 20)], prose=True)]
    page += [Rows([]), Paragraph("\x1b[2J [bold]")]
    show(page)
    assert isinstance(sys.stdout, Terminal)
    shown = sys.stdout.getvalue()
    assert shown.split() == " ".join(plain(page)).split()
    assert not re.search("\x1b\\[2J", shown)
    assert max(map(len, shown.splitlines())) <= width


def test_numbers_stay_whole_beside_a_long_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "60")
    show([Rows([("n" * 100, "1234567", "99.9%", "7654321")], ("name", "own", "", "with callees"), right=(1, 2, 3))])
    assert isinstance(sys.stdout, Terminal)
    shown = sys.stdout.getvalue()
    cells = {cell for line in shown.splitlines() for cell in re.split(r"\s\s+", line)}
    assert {"own", "with callees", "1234567", "99.9%", "7654321"} <= cells
    assert shown.count("n") >= 100 and max(map(len, shown.splitlines())) <= 60
