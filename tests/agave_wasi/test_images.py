"""Images: what is saved comes back exactly, and no archive, however hostile, does more than be refused."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agave_wasi.images import ImageError, image_bytes, load_image
from kernel_sim.fs.memfs import MemDirectory, MemFile
from kernel_sim.kernel import Kernel
from tests.agave_wasi.archives import archive, at, described, furnished, member, new_tree, refused, text, write

# Round trips


def test_what_was_saved_comes_back() -> None:
    tree = furnished()
    data = image_bytes(tree)
    assert len(data) < 1 << 20
    again = new_tree(1 << 22)
    assert load_image(again, data) == []
    assert described(again) == described(tree)
    assert image_bytes(again) == data


@pytest.mark.parametrize(
    ("kind", "sparse"),
    [("gnu", False), ("posix", False), ("ustar", False), ("v7", False), ("gnu", True), ("posix", True)],
)
def test_what_tar_packs_can_be_loaded(tmp_path: Path, kind: str, sparse: bool) -> None:
    folder = tmp_path / "folder"
    (folder / "d" / "e").mkdir(parents=True)
    (folder / "d" / "file").write_bytes(b"content")
    (folder / "d" / "e" / ("n" * (150 if kind in ("gnu", "posix") else 50))).write_bytes(b"long")
    (folder / "link").symlink_to("d/file")
    (folder / "hard").hardlink_to(folder / "d" / "file")
    with (folder / "holes").open("wb") as file:
        for place in range(20):
            file.seek(place << 18)
            file.write(b"island")
        file.truncate(6 << 20)
    options = ["--sparse"] if sparse else []
    subprocess.run(["tar", f"--format={kind}", *options, "-cf", tmp_path / "image.tar", "-C", folder, "."], check=True)
    tree = new_tree()
    assert load_image(tree, tmp_path / "image.tar") == []
    found = described(tree)
    assert sorted(found) == sorted(b"/" + str(path.relative_to(folder)).encode() for path in folder.rglob("*"))
    holes = at(tree, b"holes")
    assert isinstance(holes, MemFile) and holes.content.tobytes() == (folder / "holes").read_bytes()
    assert at(tree, b"hard") is at(tree, b"d/file")
    if kind == "posix":
        assert holes.mtime == (folder / "holes").stat().st_mtime_ns


names = st.sampled_from([b"a", b"b", "ü".encode(), b"\xff", b"c" * 120, b" x ", b"-", b"new\nline", b"=1", b"\x01"])
times = st.integers(0, (1 << 64) - 1)
pieces = st.lists(st.tuples(st.integers(0, 1 << 22), st.binary(min_size=1, max_size=50)), max_size=3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.integers(0, 9), names, times, pieces, st.integers(0, 1 << 23)),
        st.tuples(st.just("directory"), st.integers(0, 9), names, times),
        st.tuples(st.just("symlink"), st.integers(0, 9), names, times, st.binary(min_size=1, max_size=300)),
        st.tuples(st.just("link"), st.integers(0, 9), names, st.integers(0, 9)),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_any_tree_makes_the_round_trip(sequence: list[tuple[object, ...]]) -> None:
    tree = new_tree(1 << 30)
    directories, others = [tree], []
    for verb, place, name, *rest in sequence:
        assert isinstance(place, int) and isinstance(name, bytes)
        directory = directories[place % len(directories)]
        if name in directory.names:
            continue
        if verb == "directory":
            directories.append(directory.make_directory(name))
        elif verb == "symlink" and isinstance(rest[1], bytes) and 0 not in rest[1]:
            directory.symlink(name, rest[1])
            others.append(directory.lookup(name))
        elif verb == "file":
            others.append(write(directory, name, *rest[1], size=rest[2]))  # type: ignore[misc, arg-type]
        elif verb == "link" and others and isinstance(rest[0], int):
            directory.link(name, others[rest[0] % len(others)])
        if verb != "link" and name in directory.names:
            directory.lookup(name).mtime = rest[0]  # type: ignore[assignment]
    for number, directory in enumerate(directories[1:]):
        directory.mtime = number * 10**9 + number
    data = image_bytes(tree)
    again = new_tree(1 << 30)
    assert load_image(again, data) == []
    assert described(again) == described(tree)
    assert image_bytes(again) == data


def test_deep_trees_make_the_round_trip() -> None:
    tree = directory = new_tree()
    for _ in range(2000):
        directory = directory.make_directory(b"d")
    write(directory, b"deepest", (0, b"!"))
    again = new_tree()
    load_image(again, image_bytes(tree))
    found: object = again
    for _ in range(2000):
        assert isinstance(found, MemDirectory)
        found = found.lookup(b"d")
    assert isinstance(found, MemDirectory) and b"deepest" in found.names


def test_files_streams_and_paths(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(image_bytes(furnished()))
    for source in (path, str(path)):
        tree = new_tree()
        load_image(tree, source)
        assert described(tree) == described(furnished())
    with path.open("rb") as file:
        load_image(new_tree(), file)
    with pytest.raises(ImageError, match=r"missing.tar can't be read: No such file"):
        load_image(new_tree(), tmp_path / "missing.tar")


# Loading into a world that has something already


def test_directories_merge_and_files_are_replaced() -> None:
    tree = new_tree()
    sub = tree.make_directory(b"sub")
    write(sub, b"kept", (0, b"old"))
    write(sub, b"replaced", (0, b"old"))
    used = tree.fs.used_bytes
    info = member("sub", tarfile.DIRTYPE)
    info.mtime = 77
    load_image(tree, archive(info, text("sub/replaced", b"newer"), text("sub/new/file")))
    assert tree.lookup(b"sub") is sub and sub.mtime == 77 * 10**9 and sub.nlink == 3
    assert sorted(sub.names) == [b"kept", b"new", b"replaced"]
    assert at(tree, b"sub/replaced").content.tobytes() == b"newer"  # type: ignore[attr-defined]
    new = at(tree, b"sub/new")
    assert isinstance(new, MemDirectory) and new.parent is sub
    assert tree.fs.used_bytes == used - 3 + 5 + 4 and tree.fs.used_inodes == 6


def test_what_is_something_else_already_is_refused() -> None:
    kernel = Kernel()
    kernel.make_dev(kernel.root.make_directory(b"dev"))
    assert "/dev is something else" in refused(archive(text("good"), text("dev")), kernel.root)
    assert "/dev/null is something else" in refused(archive(text("good"), text("dev/null")), kernel.root)
    write(kernel.root, b"file")
    assert "/file is something else" in refused(archive(member("file", tarfile.DIRTYPE)), kernel.root)
