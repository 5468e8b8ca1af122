"""What the generator believes after calls that have succeeded."""

from __future__ import annotations

from conformance.fuzz.model import DIRECTORY, FILE, LINK, Model, joined, normal
from conformance.fuzz.steps import TOP, Step
from tests.conformance.fuzz.sides import on, opening


def test_paths() -> None:
    assert normal("/a//./b/../c/") == "a/c" and normal("../..") == "" and joined("d", "../e") == "e"


def test_names_are_made_moved_and_removed() -> None:
    model = Model()
    model.after(on(4, "path_create_directory", 3, path="d"))
    model.after(opening(5, "d/f"))
    model.after(Step(6, "path_symlink", {"old_path": "x", "fd": TOP, "new_path": "l"}))
    model.after(Step(7, "path_link", {"old_fd": TOP, "old_flags": 0, "old_path": "d/f", "new_fd": TOP, "new_path": "g"}))
    assert model.names == {"d": DIRECTORY, "d/f": FILE, "l": LINK, "g": FILE}
    model.after(Step(8, "path_rename", {"fd": TOP, "old_path": "d", "new_fd": TOP, "new_path": "e"}))
    model.after(on(9, "path_unlink_file", 3, path="g"))
    assert model.names == {"e": DIRECTORY, "e/f": FILE, "l": LINK} and model.folders() == ["", "e"]


def test_descriptors_are_opened_renumbered_and_closed() -> None:
    model = Model()
    for number in (4, 5):
        model.after(opening(number, f"f{number}"))
    assert model.descriptors(FILE) == [4, 5]
    model.after(on(6, "fd_renumber", 4, to={"of": 5}))
    assert model.descriptors(FILE) == [5] and model.open[5].path == "f4" and model.closed == [4]
    model.after(on(7, "fd_close", 5))
    assert not model.descriptors(FILE) and model.closed == [4, 5]


def test_a_listing_is_forgotten_when_names_change() -> None:
    model = Model()
    model.after(Step(4, "fd_readdir", {"fd": TOP, "buf": 512, "cookie": 0}, walk=True), 7)
    assert model.open[3].entries == 7
    model.after(on(5, "path_create_directory", 3, path="d"))
    assert model.open[3].entries == 0


def test_a_hostile_step_changes_no_belief() -> None:
    model = Model()
    model.after(Step(4, "fd_close", {"fd": TOP}, {0: 1}))
    assert 3 in model.open
