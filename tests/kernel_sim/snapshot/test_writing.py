"""Writing a snapshot: everything that hangs off a kernel has one place in it, and what can't be kept is refused."""

from __future__ import annotations

import pytest

from kernel_sim.fs.memfs import MemFile
from kernel_sim.kernel import Kernel
from kernel_sim.snapshot import SnapshotError, load, save
from tests.kernel_sim.calls import crowded
from tests.kernel_sim.scripts import FaultyInode, populated, provokes, world
from tests.kernel_sim.snapshot.copies import again


@provokes("fstat", "IO")
def test_inodes_of_an_unknown_kind() -> None:
    k = world()
    k.holding(FaultyInode(k.kernel.root, "IO"))
    with pytest.raises(SnapshotError, match="keeping a FaultyInode"):
        save(k.kernel)


def test_two_file_systems_of_one_number() -> None:
    k = world()
    tree = k.kernel.new_memory_tree()
    tree.fs.number = k.kernel.root.fs.number
    with pytest.raises(SnapshotError, match="two file systems"):
        save(k.kernel, {"tree": tree})


def test_what_is_kept_beside_the_kernel() -> None:
    k = populated()
    tree, stream = k.kernel.new_memory_tree(), k.process.fds[0].inode
    tree.create(b"inside")
    data = save(k.kernel, {"tree": tree, "again": tree, "stream": stream, "d": k.kernel.root.lookup(b"d")})
    restored = load(data)
    assert list(restored.kept) == ["again", "d", "stream", "tree"]
    assert restored.kept["tree"] is restored.kept["again"]
    assert restored.kept["d"] is restored.kernel.root.lookup(b"d")
    assert restored.kept["stream"] is restored.kernel.processes[1].fds[0].inode
    assert save(restored.kernel, restored.kept) == data


def test_one_open_file_behind_two_descriptors() -> None:
    k = populated()
    fd = k.open("f")
    k.process.fds.put(20, k.process.fds[fd])
    copy = again(k)
    assert copy.read(fd, 2) == b"he"
    assert copy.read(20, 2) == b"ll"


def test_the_same_state_gives_the_same_bytes() -> None:
    assert save(crowded().kernel) == save(crowded().kernel)
    assert isinstance(crowded().kernel.root.lookup(b"f"), MemFile)


def test_a_kernel_without_anything_is_small() -> None:
    assert len(save(Kernel())) < 200
