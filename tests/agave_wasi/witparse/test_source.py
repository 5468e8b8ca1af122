"""Places in texts, and errors that show them."""

from __future__ import annotations

from agave_wasi.witparse.source import LONGEST_REASON, LONGEST_SHOWN, Name, Source, WitError, shown, wrong


def test_positions_count_lines_and_characters_from_one() -> None:
    source = Source("ab\ncdé f\n", "x.wit")
    assert source.position(0) == (1, 1)
    assert source.position(3) == (2, 1)
    assert source.position(7) == (2, 5)
    assert source.position(9) == (3, 1)


def test_a_name_is_its_text_and_knows_its_place() -> None:
    source = Source("a %b", "x.wit")
    name = Name("b", "ID", source, 2, 4)
    assert name == "b" and hash(name) == hash("b") and (name.offset, name.end, name.type) == (2, 4, "ID")
    error = wrong(name, "no")
    assert str(error) == "x.wit:1:3: no"
    assert error.excerpt == "a %b\n  ^^"
    assert str(wrong("plain", "no")) == str(wrong(Name("plain"), "no")) == "no"
    assert wrong("plain", "no").line == 0


def test_an_excerpt_keeps_tabs_and_is_short() -> None:
    error = WitError("no", Source("\tx y\nz"), 3, 4)
    assert error.excerpt == "\tx y\n\t  ^"
    error = WitError("no", Source("x" * 5000), 4000, 5000)
    line, mark = error.excerpt.split("\n")
    assert len(line) == LONGEST_SHOWN and mark.startswith(" " * 80 + "^") and len(mark) <= LONGEST_SHOWN
    assert "\x1b" not in WitError("no", Source("a\x1b[31mb"), 0).excerpt


def test_what_is_shown_of_a_text_is_short_and_printable() -> None:
    assert shown("a\x1bb") == r"`a\x1bb`"
    assert len(shown("x" * 1000)) < 100
    assert len(WitError("x" * 100_000).reason) < LONGEST_REASON + 10
