"""Preopened directories: which there are, and that they stay."""

from __future__ import annotations

from agave_wasi.preview2.preopens import Preopens
from tests.agave_wasi.preview2.guest import Files
from tests.kernel_sim.scripts import ROOT, populated, world


def test_directories_with_their_names() -> None:
    k = world()
    other = k.kernel.new_memory_tree()
    k.kernel.preopen(k.process, other, "/é".encode())
    k.kernel.preopen(k.process, other, b"\xff")
    found = Preopens(k.sys).get_directories()
    assert [name for _, name in found] == ["/", "/é", "\ufffd"]
    assert found[1][0].is_same_object(found[2][0]) and not found[0][0].is_same_object(found[1][0])


def test_they_can_be_had_again_when_they_were_dropped() -> None:
    k = populated()
    for _ in range(2):
        files = Files(k)
        assert "f" in files.names()
        files.root.drop()
    assert ROOT in k.process.fds


def test_nothing_can_be_changed_in_one_of_a_mount_that_is_read_only() -> None:
    k = world()
    tree = k.kernel.new_memory_tree()
    tree.make_directory(b"d")
    tree.fs.writable = False
    k.kernel.preopen(k.process, tree, b"/ro")
    files = Files(k)
    directory = Preopens(k.sys).get_directories()[1][0]
    assert directory.get_flags() == {"read"} and files.root.get_flags() == {"read", "mutate-directory"}
    assert files.did(directory.create_directory_at, "x") == "not-permitted"
    assert files.open("x", "create", at=directory) == "not-permitted" and files.names(directory) == ["d"]
