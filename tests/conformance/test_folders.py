"""Folders that guests have had are removed, whatever is in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.folders import fresh_folder, remove_tree


def nest(folder: Path, depth: int, name: str = "d") -> None:
    """Folders in each other, made as a guest makes them: by descriptors, so that no path is too long."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("f", os.O_CREAT, dir_fd=here))
    os.close(here)


def test_links_are_removed_and_what_they_lead_to_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "f").write_text("x")
    with fresh_folder() as folder:
        (folder / "d").mkdir()
        (folder / "d" / "l").symlink_to(tmp_path / "kept")
        (folder / "l").symlink_to(tmp_path / "kept")
        (folder / "loop").symlink_to("loop")
        os.mkfifo(folder / "pipe")
    assert not folder.exists()
    assert (tmp_path / "kept" / "f").read_text() == "x"


def test_folders_without_permissions() -> None:
    with fresh_folder() as folder:
        (folder / "d" / "e").mkdir(parents=True)
        (folder / "d" / "e" / "f").write_text("x")
        (folder / "d" / "e").chmod(0)
        (folder / "d").chmod(0)
        folder.chmod(0o500)
    assert not folder.exists()


@pytest.mark.parametrize("depth, name", [(2000, "d"), (40, "n" * 250)])
def test_deeper_than_the_stack_and_longer_than_a_path(depth: int, name: str) -> None:
    with fresh_folder() as folder:
        nest(folder, depth, name)
        nest(folder / name, 50, "other")
    assert not folder.exists()


def test_also_after_an_error() -> None:
    with pytest.raises(KeyError), fresh_folder() as folder:
        raise KeyError
    assert not folder.exists()


def test_names_that_look_like_ours(tmp_path: Path) -> None:
    top = tmp_path / "t"
    for name in (".moved 1", ".moved 2"):
        (top / name / "below").mkdir(parents=True)
    remove_tree(top)
    assert not top.exists()
