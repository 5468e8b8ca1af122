"""What names from guests may do to a terminal: nothing."""

from __future__ import annotations

from agave_wasi.binary.report import Block, lines
from agave_wasi.cli.page import Heading, Rows
from agave_wasi.terminal import one_line, printable


def test_nothing_steers_the_terminal() -> None:
    assert printable("é\x1b[31m\n\ta\u202e") == "é\\x1b[31m\n\ta\\u202e"
    assert one_line("é\x1b[31m\n\ta\u202e") == "é\\x1b[31m\\n\\ta\\u202e"
    assert one_line("plain") == printable("plain") == "plain"


def test_names_in_tables_and_titles_stay_on_their_line() -> None:
    assert lines((Block("imports from a\n\x1b[2J", (("x\ny",),)),)) == ["imports from a\\n\\x1b[2J", "  x\\ny"]
    assert Heading("a\nb").text == "a\\nb" and Rows([("a\nb",)]).rows == [("a\\nb",)]
