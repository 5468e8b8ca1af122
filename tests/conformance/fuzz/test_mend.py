"""Behind known divergences that leave other files, both sides are brought together, and the chain goes on."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.fuzz.lockstep import Lockstep, Outcome
from conformance.fuzz.steps import Step
from tests.conformance.fuzz.sides import on, opening, reading, seeking, writing

DSYNC = 2
CREAT_TRUNC = 1 | 8


def mended(*steps: Step) -> tuple[list[Outcome], Outcome]:
    """The steps' outcomes and that of the last, behind which the files are the same."""
    with Lockstep() as both:
        outcomes = [both.step(each) for each in steps]
        assert not both.files()
    assert not any(each.unknown for each in outcomes)
    return outcomes, outcomes[-1]


@pytest.mark.parametrize("sizes", [[10, 20], [0, 10, 0, 20, 5], [300] * 4])
def test_the_rest_of_a_write_is_written(sizes: list[int]) -> None:
    outcomes, last = mended(opening(4, "f"), writing(5, 4, sizes), on(6, "fd_tell", 4))
    assert not outcomes[1].over and [each.id for each in outcomes[1].known] == ["first-buffer-only"]
    assert last.succeeded


@pytest.mark.parametrize("fdflags", [0, 1])
def test_the_rest_of_a_write_somewhere_or_at_the_end_is_written(fdflags: int) -> None:
    there = on(6, "fd_pwrite", 4, iovs={"sizes": [5, 6, 7], "fill": 3}, offset=50)
    read = seeking(7, 4, 0), reading(8, 4, [200])
    outcomes, last = mended(opening(4, "f", fdflags=fdflags), writing(5, 4, [100]), there, *read)
    assert not outcomes[2].over and outcomes[2].known and last.succeeded


def test_a_file_that_grew_has_the_same_size() -> None:
    old = on(5, "fd_filestat_set_times", 4, atim=0, mtim=0, fst_flags=4)
    outcomes, last = mended(opening(4, "f"), old, on(6, "fd_allocate", 4, offset=10, len=90), on(7, "fd_filestat_get", 4))
    assert not outcomes[2].over and outcomes[2].known and last.succeeded


def test_a_folder_that_is_removed_by_a_name_with_slashes() -> None:
    outcomes, last = mended(
        on(4, "path_create_directory", 3, path="d"), on(5, "path_remove_directory", 3, path="d//"),
        on(6, "path_create_directory", 3, path="d"),
    )  # fmt: skip
    assert not outcomes[1].over and outcomes[1].known and last.succeeded


def test_a_file_opened_with_flags_that_are_refused_there_is_emptied_and_closed() -> None:
    outcomes, last = mended(
        opening(4, "f"), writing(5, 4, [9]), opening(6, "f", CREAT_TRUNC, DSYNC), on(7, "fd_filestat_get", 4),
        on(8, "fd_tell", 6),
    )
    assert not outcomes[2].over and outcomes[2].known and outcomes[3].succeeded and last.answers() == ("BADF", "BADF")


def test_nothing_was_to_be_set() -> None:
    nothing = on(4, "path_filestat_set_times", 3, flags=0, path="a", atim=0, mtim=0, fst_flags=0)
    outcomes, _ = mended(nothing, opening(5, "a"))
    assert not outcomes[0].over and [each.id for each in outcomes[0].known] == ["no-time-to-set"]


def test_what_cannot_be_mended_is_the_end() -> None:
    assert mended(Step(4, "proc_raise", {"sig": 2}))[1].over


def test_a_trap_before_any_effect_is_not_the_end() -> None:
    assert not mended(on(4, "fd_seek", 3, offset=0, whence=9))[1].over
    assert mended(opening(4, "f"), Step(5, "fd_seek", {"fd": {"of": 4}, "offset": 0, "whence": 0}, {3: 3}))[1].over


def test_sides_that_stay_apart_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with Lockstep() as both:
        both.step(opening(4, "f"))
        call = both.theirs.call
        refuse: Any = lambda name, slots: call(name, slots) if slots[2] != 1 else 8  # noqa: E731  the second part of the write
        monkeypatch.setattr(both.theirs, "call", refuse)
        assert both.step(writing(5, 4, [10, 10])).over
