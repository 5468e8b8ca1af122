"""Giving a world what the host has: each mode of a mount, sockets, and writing overlays back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agave_wasi import Mount, World
from kernel_sim.errors import Errno
from kernel_sim.fs.hostfs import HostDirectory
from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.fs.overlay import OverlayDirectory
from tests.agave_wasi.guests import COPIES, wat
from tests.descriptors import open_descriptors
from tests.kernel_sim.scripts import errno


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "dir").mkdir(parents=True)
    (folder / "in.txt").write_text("host")
    return folder


@pytest.mark.parametrize(
    ("mode", "kind", "answer"),
    [("rw", HostDirectory, ""), ("ro", HostDirectory, Errno.PERM), ("overlay", OverlayDirectory, "")],
)
def test_folders_of_the_host(folder: Path, mode: str, kind: type, answer: str) -> None:
    with World(mounts=[Mount("/m", str(folder), mode)]) as world:
        ((name, top),) = [each for each in world.preopens if each[0] == b"/m"]
        assert name == b"/m" and type(top) is kind and top.fs.writable == (mode != "ro")
        assert errno(top.make_directory, b"new") == answer
        if mode != "rw":  # nor could the device itself write, whatever the kernel let through
            assert errno(world.kernel.devices["folder0"].make_directory, 0, b"x") == Errno.PERM
    assert (folder / "new").exists() == (mode == "rw")


def test_new_memory_has_a_quota_of_its_own() -> None:
    world = World(mounts=[Mount("/m", mode="memory")], fs_quota=100)
    top = world.preopens[0][1]
    assert type(top) is MemDirectory and top.fs is not world.kernel.root.fs
    assert (top.fs.max_bytes, top.fs.max_inodes) == (100, 1 << 10)


def test_a_mount_is_also_found_from_the_root(folder: Path) -> None:
    with World(mounts=[Mount("/a/b", str(folder))]) as world:
        assert world.files["/a/b/in.txt"] == b"host"


def test_what_is_opened_is_closed_when_something_else_can_not_be_had(folder: Path) -> None:
    before = open_descriptors()
    with pytest.raises(FileNotFoundError):
        World(mounts=[Mount("/", str(folder)), Mount("/m", str(folder / "missing"))], listen=["127.0.0.1:0"])
    with World(listen=["127.0.0.1:0"]) as other, pytest.raises(OSError, match="another program listens there"):
        World(mounts=[Mount("/", str(folder))], listen=["127.0.0.1:0", *other.addresses])
    assert open_descriptors() == before


def test_overlays_are_written_back_and_counted(folder: Path) -> None:
    (folder.parent / "plain").mkdir()
    mounts = [Mount("/m", mode="memory"), Mount("/p", str(folder.parent / "plain")), Mount("/", str(folder), "overlay")]
    with World(mounts=mounts) as world:
        assert world.commit() == 0
        assert world.run(wat(COPIES.replace("(i32.const 3) (i32.const 0)", "(i32.const 5) (i32.const 0)"))).ok
        assert world.commit() == 1
    assert (folder / "dir" / "out.txt").read_text() == "host" and sorted(os.listdir(folder)) == ["dir", "in.txt"]


def test_a_folder_that_is_another_one_now_is_left_alone(folder: Path) -> None:
    with World(mounts=[Mount("/", str(folder), "overlay")]) as world:
        assert world.run(wat(COPIES)).ok
        folder.rename(folder.parent / "old")
        (folder / "dir").mkdir(parents=True)
        before = open_descriptors()
        with pytest.raises(FileNotFoundError, match="is not the folder any more that the guest has seen"):
            world.commit()
        assert open_descriptors() == before
    assert os.listdir(folder / "dir") == [] and os.listdir(folder.parent / "old" / "dir") == []
