"""A world's files as a mapping."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_wasi import Mount, World
from agave_wasi.files import KeptFiles

NAMES = st.sampled_from(["/a", "/b", "/d/a", "/d/b", "/d/e/a"])


def test_reading_and_writing() -> None:
    files = World({"/a": "é", "b/c": b"\0"}).files
    assert files["/a"] == files["a"] == "é".encode()
    files["/x/y/z"] = "deep"
    files["/a"] = b""
    assert dict(files) == {"/a": b"", "/b/c": b"\0", "/x/y/z": b"deep"}
    assert len(files) == 3 and list(files) == sorted(files)
    assert "/a" in files and "/nowhere" not in files and "/x" not in files
    assert repr(files) == "<Files /a, /b/c, /x/y/z>"


def test_deleting() -> None:
    files = World({"/a/b": "1"}).files
    del files["/a/b"]
    assert dict(files) == {}
    for path in ("/a/b", "/a", "/dev/null"):
        with pytest.raises(KeyError):
            del files[path]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/nowhere", "NOENT"), ("/f/x", "NOTDIR"), ("/d", "is a directory"), ("/dev/null", "character-device"), ("", "NOENT"),
        ("/" + "x" * 300, "NAMETOOLONG"),
    ],
)  # fmt: skip
def test_what_is_no_file(path: str, why: str) -> None:
    files = World({"/f": "", "/d/x": ""}).files
    with pytest.raises(KeyError, match=why):
        files[path]


@pytest.mark.parametrize(
    ("path", "why"),
    [("/f/x", "NOTDIR"), ("/d", "ISDIR"), ("/dev/null", "INVAL"), ("/" + "x" * 300, "NAMETOOLONG")],
)
def test_what_can_not_be_written(path: str, why: str) -> None:
    files = World({"/f": "", "/d/x": ""}).files
    with pytest.raises(OSError, match=why):
        files[path] = b""


def test_devices_are_not_among_them() -> None:
    assert list(World().files) == []


def test_links_are_followed_when_asked_for_but_not_listed() -> None:
    world = World({"/a": "1"})
    world.kernel.root.symlink(b"link", b"a")
    assert world.files["/link"] == b"1"
    assert list(world.files) == ["/a"]


def test_names_that_are_no_text() -> None:
    world = World()
    world.files["/\udcff"] = b"1"
    assert list(world.files) == ["/\udcff"]
    assert world.files["/\udcff"] == b"1"


@pytest.mark.parametrize("mode", ["rw", "overlay"])
def test_a_folder_of_the_host(mode: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    with World(mounts=[Mount("/", str(tmp_path), mode)]) as world:
        assert dict(world.files) == {"/a": b"1"}
        world.files["/d/b"] = b"2"
        assert world.files["/d/b"] == b"2"
        del world.files["/a"]
        assert list(world.files) == ["/d/b"]
    assert (tmp_path / "a").exists() == (mode == "overlay")


@given(st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=10)), max_size=20))
def test_it_is_like_a_dict(changes: list[tuple[str, bytes | None]]) -> None:
    files = World(cache=False).files
    model: dict[str, bytes] = {}
    for path, content in changes:
        if content is not None:
            files[path] = model[path] = content
        else:
            assert files.pop(path, None) == model.pop(path, None)
        assert dict(files) == model


def test_folders_of_any_depth() -> None:
    """A path for each of so many folders would take 2.5 GB."""
    world, depth = World(), 50_000
    folder = world.kernel.root
    for _ in range(depth):
        folder = folder.make_directory(b"d")
    folder.create(b"f")
    world.files["/e"] = b"last"
    deep = "/d" * depth
    kept = KeptFiles(world.kernel.root)
    world.files[f"{deep}/x/y/f"] = b"deeper"
    world.files[f"{deep}/f"] = b"changed"
    assert list(world.files) == [f"{deep}/f", f"{deep}/x/y/f", "/e"] and len(world.files) == 3
    assert world.files[f"{deep}/x/y/f"] == b"deeper"
    assert list(kept) == [f"{deep}/f", "/e"] and len(kept) == 2
    assert kept[f"{deep}/f"] == b"" and f"{deep}/x/y/f" not in kept and deep not in kept
    del world.files[f"{deep}/f"]
    assert f"{deep}/f" not in world.files and f"{deep}/f" in kept


def test_paths_are_sorted_as_text() -> None:
    paths = ["/a", "/a-", "/a.d/x", "/a.txt", "/b-", "/b/c", "/b/c-", "/b/d/e", "/b0", "/\udcff", "/\ue000"]
    world = World(dict.fromkeys(paths, ""))
    assert list(world.files) == list(KeptFiles(world.kernel.root)) == sorted(paths)


def test_writing_through_links_and_dots() -> None:
    world = World({"/a/b/c": ""})
    world.kernel.root.symlink(b"link", b"a/b")
    world.files["/link/new/f"] = b"1"
    world.files["/a/../x/./y/../z/f"] = b"2"
    assert dict(world.files) == {"/a/b/c": b"", "/a/b/new/f": b"1", "/x/z/f": b"2"}
    for path in ("/../f", "/a/b/c/f", "/a/b/c/d/f"):
        with pytest.raises(OSError, match="can't be written"):
            world.files[path] = b""


def test_what_was_kept_is_found_by_its_very_path(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "h").write_text("host")
    with World({"/a/f": "1"}, mounts=[Mount("/", None, "memory"), Mount("/m", str(tmp_path))]) as world:
        world.files["/a/f"] = "1"
        kept = KeptFiles(world._top())
        assert kept["/a/f"] == b"1"
        for path in ("a/f", "//a/f", "/a//f", "/a/f/", "/a", "/", "", "/a/f/g", "\ud800"):
            assert path not in kept
    with World(mounts=[Mount("/", str(tmp_path))]) as world:
        kept = KeptFiles(world._top())
        assert list(kept) == ["/d/h"] and kept["/d/h"] == b"host" and len(kept) == 1
        assert "/d" not in kept
