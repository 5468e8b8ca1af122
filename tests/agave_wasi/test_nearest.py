"""Did you mean: names that are near, and those that aren't."""

from __future__ import annotations

from agave_wasi.nearest import nearest, unknown


def test_the_most_similar_name_as_it_is_written() -> None:
    names = ["fd_read", "fd_readdir", "NOENT"]
    assert nearest("fd_raed", names) == "fd_read"
    assert nearest("noent", names) == "NOENT"
    assert nearest("xyz", names) is None and nearest("fd_read", []) is None
    assert nearest("fd_r", names, cutoff=0.9) is None


def test_one_line_with_a_way_on() -> None:
    assert unknown("there is no shell", "bsh", ("bash", "zsh"), "say which") == "there is no shell bsh; did you mean bash?"
    assert unknown("there is no shell", "x", ("bash", "zsh"), "say which") == "there is no shell x; say which"
