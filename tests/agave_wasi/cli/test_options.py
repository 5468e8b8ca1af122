"""The table of options and its parser, and the readers of values."""

from __future__ import annotations

from typing import Any

import pytest

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


def test_nearest_is_told_only_if_it_is_near() -> None:
    for word, said in (("--seeed", "--seed"), ("--zzzzzz", "--help lists them")):
        with pytest.raises(UsageError) as caught:
            parse("run", [word, "1"], RUN_OPTIONS)
        assert said in str(caught.value)
