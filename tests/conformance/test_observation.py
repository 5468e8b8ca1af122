"""What a run showed: entries of file systems, and what counts when a run is repeated."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from conformance.folders import fresh_folder
from conformance.observation import Entry, Observation, files_below, shown
from tests.conformance.test_folders import nest


@pytest.mark.parametrize(
    "value, entry, text",
    [
        ("text", Entry("file", b"text"), "'text'"),
        ({"base64": "/w=="}, Entry("file", b"\xff"), "'\\\\xff'"),
        ({"link": "to"}, Entry("link", b"to"), "a link to 'to'"),
        ({"directory": True}, Entry("directory"), "a directory"),
    ],
)
def test_what_a_manifest_says_of_a_path(value: Any, entry: Entry, text: str) -> None:
    assert Entry.wanted(value) == entry
    assert str(entry) == text
    assert Entry.wanted(None) is None


@pytest.mark.parametrize("value", [1, [], {}, {"link": 1}, {"directory": False}, {"link": "a", "more": 1}, {"base64": "?"}])
def test_what_it_may_not_say(value: Any) -> None:
    with pytest.raises(ValueError):
        Entry.wanted(value)


def test_folders_of_the_host_are_read_without_following(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "f").write_bytes(b"x")
    (tmp_path / "out").symlink_to("/")
    os.mkfifo(tmp_path / "pipe")  # neither read nor shown
    assert files_below(tmp_path) == {
        "/d": Entry("directory"),
        "/d/e": Entry("directory"),
        "/d/f": Entry("file", b"x"),
        "/out": Entry("link", b"/"),
    }
    assert files_below(tmp_path / "d", "/guest/").keys() == {"/guest/e", "/guest/f"}


def test_folders_deeper_than_the_stack_and_longer_than_a_path() -> None:
    with fresh_folder() as folder:
        nest(folder, 1500)
        assert len(files_below(folder)) == 1501
    with fresh_folder() as folder:
        nest(folder, 40, "n" * 250)
        assert 10 < len(files_below(folder)) < 20


def test_what_must_be_the_same() -> None:
    plain = Observation(stdout=b"x", files={"/f": Entry("file", b"y")})
    assert plain.same == Observation(stdout=b"x", files={"/f": Entry("file", b"y")}, seconds=3, message="m").same
    for other in (
        Observation(stdout=b"x"),
        Observation(stdout=b"x", files={"/f": Entry("file", b"z")}),
        Observation(stdout=b"x", files={"/f": Entry("file", b"y")}, leaked=("a",)),
        Observation("trap", None, b"x", files={"/f": Entry("file", b"y")}),
    ):
        assert plain.same != other.same


def test_bytes_for_people() -> None:
    assert shown(b"a\n\xff") == "'a\\n\\\\xff'"
    assert shown(b"x" * 500) == "'" + "x" * 400 + "'... (500 bytes)"
