"""Listings to the end, on both sides, in any order and with any room."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.calls.rules import Correspondence
from conformance.fuzz.listing import Entry, Listing, compare, tails
from conformance.fuzz.steps import TOP, Step
from tests.conformance.fuzz.sides import on, opening, run

FILES = [opening(4 + number, f"file-with-quite-a-name-{number}") for number in range(30)]


def listing(number: int, room: int = 300, cookie: Any = 0) -> Step:
    return Step(number, "fd_readdir", {"fd": TOP, "buf": room, "cookie": cookie}, walk=True)


def test_many_entries_with_little_room() -> None:
    outcome = run(*FILES, listing(40))[-1]
    assert outcome.succeeded and not outcome.unknown and outcome.entries == 32


def test_going_on_behind_an_entry_gives_the_rest() -> None:
    outcomes = run(*FILES, listing(40), listing(41, 4096, {"entry": 11}), listing(42, 4096, {"entry": 31}))
    assert all(each.succeeded and not each.unknown for each in outcomes)


def test_an_error_is_the_same_on_both() -> None:
    outcome = run(on(4, "fd_close", 3), listing(5))[-1]
    assert outcome.answers() == ("BADF", "BADF") and not outcome.unknown


def entries(*rows: tuple[str, int, int]) -> Listing:
    return Listing(0, [Entry(name.encode(), kind, inode, at) for at, (name, kind, inode) in enumerate(rows)], True)


@pytest.mark.parametrize(
    "theirs, what",
    [
        (entries(("b", 3, 22), ("a", 4, 21)), None),
        (entries(("a", 4, 21)), "entry b"),
        (entries(("a", 4, 21), ("b", 4, 22)), "entry b"),
        (entries(("a", 4, 21), ("b", 3, 21)), "number of entry b"),
        (entries(("a", 4, 21), ("a", 4, 21), ("b", 3, 22)), "entries that come twice"),
        (Listing(0, [], False), "end of the listing"),
    ],
)
def test_what_two_listings_may_differ_in(theirs: Listing, what: str | None) -> None:
    ours = entries(("a", 4, 1), ("b", 3, 2))
    assert [each.what for each in compare(ours, theirs, Correspondence(), 1)] == ([what] if what else [])


def test_a_rest_that_is_none() -> None:
    whole = entries(("a", 4, 1), ("b", 4, 2), ("c", 4, 3))
    good, bad = entries(("b", 4, 2), ("c", 4, 3)), entries(("c", 4, 3))
    assert not tails((whole, whole), 0, (good, good))
    (found,) = tails((whole, whole), 0, (bad, good))
    assert found.ours == "1 entries and not the rest, 2" and found.theirs == "the rest"
