"""Saving a tree as an archive: the same tree, the same bytes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from agave_wasi.images import ImageError, image_bytes, load_image
from kernel_sim.kernel import Kernel
from tests.agave_wasi.archives import described, furnished, new_tree


def test_tar_reads_what_was_saved(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(image_bytes(furnished()))
    listing = subprocess.run(["tar", "-tvf", "image.tar"], cwd=tmp_path, capture_output=True, check=True, text=True).stdout
    assert "-rw-r--r-- 0/0" in listing and "drwxr-xr-x 0/0" in listing
    assert "8589934592" in listing and "sub/same link to plain" in listing


def test_a_path_that_is_too_long_is_not_saved() -> None:
    tree = directory = new_tree()
    for _ in range(300):
        directory = directory.make_directory(b"d" * 255)
    with pytest.raises(ImageError, match="at most can be saved"):
        image_bytes(tree)


def test_devices_and_mounts_are_left_out() -> None:
    kernel = Kernel()
    kernel.make_dev(kernel.root.make_directory(b"dev"), {})
    kernel.root.make_directory(b"tmp")
    kernel.mount(b"/mnt", kernel.new_memory_tree())
    tree = new_tree()
    load_image(tree, image_bytes(kernel.root))
    assert list(described(tree)) == [b"/tmp"]
