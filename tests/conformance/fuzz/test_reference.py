"""wasmtime's side: its folder is its own, and goes away whatever the guest has made of it."""

from __future__ import annotations

from pathlib import Path

from conformance.fuzz.reference import Reference


def test_each_has_a_fresh_folder_that_is_removed(tmp_path: Path) -> None:
    one, other = Reference(["p"], str(tmp_path)), Reference(["p"], str(tmp_path))
    (one.root / "d").mkdir()
    (one.root / "d" / "l").symlink_to("..")
    assert set(one.tree()) == {"d", "d/l"} and not other.tree()
    one.close()
    other.close()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_locked_is_removed(tmp_path: Path) -> None:
    made = Reference(["p"], str(tmp_path))
    (made.root / "d").mkdir()
    (made.root / "d" / "f").touch()
    (made.root / "d").chmod(0o500)
    made.close()
    assert not list(tmp_path.iterdir())
