"""Trees in memory: filled from a folder of the host, and looked at afterwards; the two are each other's inverse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agave_wasi import Mount, World
from conformance.errors import HarnessError
from conformance.observation import files_below
from conformance.trees import fill_tree, tree_entries
from kernel_sim.fs.memfs import MemDirectory


def top(world: World) -> MemDirectory:
    found = dict(world.preopens)[b"/"]
    assert isinstance(found, MemDirectory)
    return found


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    (tmp_path / "d" / "empty").mkdir(parents=True)
    (tmp_path / "d" / "f").write_bytes(b"\x00\xff" * 5000)
    (tmp_path / "none").write_bytes(b"")
    (tmp_path / "l").symlink_to("../outside")
    with World(mounts=[Mount("/", mode="memory")]) as world:
        fill_tree(top(world), tmp_path)
        assert tree_entries(top(world)) == files_below(tmp_path)
        assert len(files_below(tmp_path)) == 5
        assert tree_entries(top(world), "/g").keys() == {"/g/d", "/g/d/empty", "/g/d/f", "/g/none", "/g/l"}
        fill_tree(top(world), None)


def test_devices_and_what_is_mounted_are_left_out() -> None:
    with World(mounts=[Mount("/m", mode="memory")], files={"/f": b"x"}) as world:
        entries = tree_entries(top(world))
    assert entries.keys() == {"/f", "/tmp", "/dev"} | ({"/dev/fd"} if "/dev/fd" in entries else set())


def test_what_cannot_be_copied_is_said(tmp_path: Path) -> None:
    with World(mounts=[Mount("/", mode="memory")], fs_quota=4096) as world:
        with pytest.raises(HarnessError, match="can't be copied"):
            fill_tree(top(world), tmp_path / "none")
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(HarnessError, match="pipe is neither file, folder nor link"):
            fill_tree(top(world), tmp_path)
        os.unlink(tmp_path / "pipe")
        (tmp_path / "large").write_bytes(b"x" * 100_000)
        with pytest.raises(HarnessError, match="doesn't fit into the guest's file system"):
            fill_tree(top(world), tmp_path)
