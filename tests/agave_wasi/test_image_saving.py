"""Saving a tree as an archive: the same tree, the same bytes."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tracemalloc
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest

from agave_wasi.image_saving import only_special, stored_pieces
from agave_wasi.images import ImageError, image_bytes, load_image, save_image
from kernel_sim.fs.content import PAGE, SPARSE_GAP
from kernel_sim.kernel import Kernel
from tests.agave_wasi.archives import described, furnished, new_tree, write


def test_tar_reads_what_was_saved(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(image_bytes(furnished()))
    listing = subprocess.run(["tar", "-tvf", "image.tar"], cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    assert "-rw-r--r-- 0/0" in listing and "drwxr-xr-x 0/0" in listing
    assert "8589934592" in listing and "sub/same link to plain" in listing


@pytest.mark.parametrize(("name", "levels", "saved"), [(b"d", 50_000, 2048), (b"d" * 255, 300, 16)])
def test_a_path_that_is_too_long_is_left_out_and_told(name: bytes, levels: int, saved: int) -> None:
    """A path for each of so many folders would take 2.5 GB."""
    tree = directory = new_tree(max_inodes=100_000)
    for _ in range(levels):
        directory = directory.make_directory(name)
    write(tree, b"z", (0, b"last"))
    out = BytesIO()
    with pytest.raises(ImageError, match=r"d is left out, with all that is in it: its path has 4\d+ bytes, and 4095 at most"):
        save_image(tree, out)
    again = new_tree()
    assert load_image(again, out.getvalue()) == []
    assert len(described(again)) == saved + 1 and b"/z" in described(again)


def test_the_first_of_several_paths_that_are_too_long_is_told() -> None:
    tree = directory = new_tree()
    for _ in range(2047):
        directory = directory.make_directory(b"d")
    for name in (b"cc", b"bb", b"a", b"dd"):
        write(directory, name)
    with pytest.raises(ImageError, match=r"d/bb \(and 2 more like it\) is left out"):
        image_bytes(tree)


def test_saving_many_files_in_a_deep_folder_takes_little_memory() -> None:
    """All their paths would be 20 MB, and as much again for the files that have two names."""
    tree = directory = new_tree()
    for _ in range(2000):
        directory = directory.make_directory(b"d")
    for number in range(2500):
        write(directory, b"%d" % number)
        directory.link(b"%d more" % number, directory.lookup(b"%d" % number))

    class Nowhere(RawIOBase):
        def write(self, data: object) -> None:
            pass

    tracemalloc.start()
    try:
        save_image(tree, Nowhere())  # type: ignore[arg-type]
        assert tracemalloc.get_traced_memory()[1] < 6 << 20
    finally:
        tracemalloc.stop()


def test_devices_and_mounts_are_left_out() -> None:
    kernel = Kernel()
    kernel.make_dev(kernel.root.make_directory(b"dev"))
    kernel.root.make_directory(b"tmp")
    kernel.mount(b"/mnt", kernel.new_memory_tree())
    tree = new_tree()
    load_image(tree, image_bytes(kernel.root))
    assert list(described(tree)) == [b"/tmp"]


def test_pages_of_zeros_are_holes_however_they_are_kept() -> None:
    tree = new_tree(1 << 30)
    dense = write(tree, b"dense", (0, b"x"), (SPARSE_GAP + PAGE, b"y"))
    sparse = write(tree, b"sparse", (SPARSE_GAP + PAGE, b"y"), (0, b"x"))
    for file in (dense, sparse):
        assert stored_pieces(file) == [(0, PAGE), (SPARSE_GAP + PAGE, 1)]
    small = write(tree, b"small", (10, b"x"))
    assert stored_pieces(small) == [(0, 11)]
    joined = write(tree, b"joined", (0, b"x" * 3 * PAGE), size=1 << 29)
    assert stored_pieces(joined) == [(0, 3 * PAGE)]
    written = write(tree, b"written", (0, b"x"), (5 * PAGE, bytes(9)), size=1 << 29)
    assert stored_pieces(written) == [(0, PAGE)]


def test_the_order_of_making_does_not_show() -> None:
    images = []
    for names in ((b"a", b"b", b"c"), (b"c", b"a", b"b")):
        tree = new_tree()
        for name in names:
            write(tree, name, (0, name)).mtime = 5
        images.append(image_bytes(tree))
    assert images[0] == images[1]


def test_folders_of_nothing_but_devices_are_left_out() -> None:
    kernel = Kernel()
    dev = kernel.root.make_directory(b"dev")
    assert not only_special(dev)  # an empty folder is kept
    kernel.make_dev(dev)
    assert only_special(dev)
    write(dev, b"file")
    assert not only_special(dev)
    tree = new_tree()
    load_image(tree, image_bytes(kernel.root))
    assert list(described(tree)) == [b"/dev", b"/dev/file"]


def test_members_carry_no_owner_and_plain_modes() -> None:
    with tarfile.open(fileobj=io.BytesIO(image_bytes(furnished()))) as archive:
        members = archive.getmembers()
    assert {(each.uid, each.gid, each.uname, each.gname) for each in members} == {(0, 0, "", "")}
    assert {each.type: each.mode for each in members if not each.islnk()} == {
        tarfile.DIRTYPE: 0o755, tarfile.SYMTYPE: 0o777, tarfile.REGTYPE: 0o644,
    }  # fmt: skip


def test_only_files_with_big_holes_are_stored_with_a_map_of_them() -> None:
    tree = new_tree(1 << 30)
    write(tree, b"whole", (0, b"x" * (SPARSE_GAP + 5 * PAGE)))
    write(tree, b"holes", (0, b"x"), size=2 * SPARSE_GAP)
    data = image_bytes(tree)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = {member.name: member for member in archive.getmembers()}
    assert found["holes"].sparse is not None and found["whole"].sparse is None
    assert found["whole"].size < len(data) < found["whole"].size + PAGE + 20 * 512


def test_times_are_kept_to_the_nanosecond() -> None:
    tree = new_tree()
    for name, time in ((b"fine", 1_234_567_890_123_456_789), (b"whole", 5 * 10**9), (b"late", 8**11 * 10**9)):
        write(tree, name).mtime = time
    with tarfile.open(fileobj=io.BytesIO(image_bytes(tree))) as archive:
        written = {member.name: member.pax_headers.get("mtime") for member in archive.getmembers()}
    assert written == {"fine": "1234567890.123456789", "whole": None, "late": f"{8**11}.000000000"}
