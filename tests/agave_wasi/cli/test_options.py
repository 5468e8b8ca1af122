"""The table of options and its parser, and the readers of values."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.cli import values
from agave_wasi.cli.options import RUN_OPTIONS, UsageError, parse
from agave_wasi.cli.strace import STRACE_OPTIONS


@pytest.mark.parametrize("option", STRACE_OPTIONS, ids=lambda option: option.name)
def test_every_option_has_help_and_an_example_that_works(option: Any) -> None:
    assert option.help.endswith(".") and option.group
    words = option.example.split()
    found, _ = parse("strace", words, STRACE_OPTIONS)
    assert list(found) == [option.name]


def test_names_are_unique() -> None:
    names = [option.name for option in STRACE_OPTIONS] + [option.short for option in STRACE_OPTIONS if option.short]
    assert len(names) == len(set(names))


def test_options_end_at_the_program() -> None:
    assert parse("run", ["--seed=1", "x", "--seed", "2"], RUN_OPTIONS) == ({"seed": 1}, ["x", "--seed", "2"])
    assert parse("run", ["--tty", "--", "--x"], RUN_OPTIONS) == ({"tty": True}, ["--x"])
    assert parse("run", ["-"], RUN_OPTIONS) == ({}, ["-"])
    assert parse("strace", ["-c", "-ofile", "-o", "other", "x"], STRACE_OPTIONS)[0] == {"summary": True, "output": "other"}


def test_repeatable_options_keep_one_of_a_key() -> None:
    found, _ = parse("run", ["--env", "A=1", "--env", "B=2", "--env", "A=3"], RUN_OPTIONS)
    assert found == {"env": [("A", "3"), ("B", "2")]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ("a", "a", "rw")),
        (".", (".", ".", "rw")),
        ("a:ro", ("a", "a", "ro")),
        ("a::/b", ("/b", "a", "rw")),
        ("a::/b:overlay", ("/b", "a", "overlay")),
        ("a::b:c:rw", ("b:c", "a", "rw")),
        ("a:b", ("a:b", "a:b", "rw")),
        ("a::ro", ("ro", "a", "rw")),
    ],
)
def test_folders(text: str, expected: tuple[str, str, str]) -> None:
    assert values.folder(text) == expected


def test_a_slip_in_the_mode_of_a_folder_lets_nobody_write() -> None:
    with pytest.raises(ValueError, match="'r0' is not ro, rw or overlay"):
        values.folder("a::/b:r0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("17", 17), ("1K", 1024), ("2m", 2 << 20), ("3G", 3 << 30), ("1KiB", 1024), ("1MB", 1 << 20)],
)
def test_sizes(text: str, expected: int) -> None:
    assert values.size(text) == expected


@pytest.mark.parametrize("text", ["", "K", "-1", "1.5M", "1Q", "٣", "99999999999T", "1 K"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError):
        values.size(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1970-01-01", 0), ("1970-01-01T00:00:01Z", 10**9), ("1970-01-01T01:00+01:00", 0), ("1970-01-01T00:00:00.000001", 1000)],
)
def test_moments(text: str, expected: int) -> None:
    assert values.moment(text) == expected


def test_nearest_is_told_only_if_it_is_near() -> None:
    for word, said in (("--seeed", "--seed"), ("--zzzzzz", "--help lists them")):
        with pytest.raises(UsageError) as caught:
            parse("run", [word, "1"], RUN_OPTIONS)
        assert said in str(caught.value)
