"""Mounts: a walk from `/` goes on in the tree that is mounted, and the place can't be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel_sim.errors import Errno
from kernel_sim.fs.hostfs import HostDirectory
from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.fs.resolve import find
from tests.kernel_sim.fs.trees import Machine, refusal

Top = MemDirectory | HostDirectory


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """The root in memory, and a folder of the host that can be mounted."""
    (tmp_path / "d").mkdir()
    (tmp_path / "f").write_bytes(b"host")
    made = Machine("memory", tmp_path)
    yield made
    made.close()


def top(machine: Machine, kind: str) -> Top:
    kernel = machine.kernel
    if kind == "memory":
        made = kernel.new_memory_tree()
        made.make_directory(b"d")
        made.create(b"f")
        return made
    return kernel.new_overlay_tree("folder") if kind == "overlay" else kernel.new_host_tree("folder")


@pytest.mark.parametrize("kind", ["memory", "host", "overlay"])
def test_a_walk_goes_through(machine: Machine, kind: str) -> None:
    calls, mounted = machine.calls, top(machine, kind)
    assert machine.kernel.mount(b"/mnt/here", mounted)
    assert machine.names(b"mnt/here") == [b"d", b"f"]
    machine.write(b"mnt/here/d/new", b"written")
    assert machine.read(b"mnt/here/d/../d/../../here/d/new") == b"written"
    assert calls.fstatat(0, b"mnt/here", True).device == mounted.fs.number != calls.fstatat(0, b"mnt", True).device
    machine.write(b"beside", b"")
    assert refusal(calls.renameat, 0, b"beside", 0, b"mnt/here/x") == Errno.XDEV
    assert refusal(calls.linkat, 0, b"beside", 0, b"mnt/here/x") == Errno.XDEV
    calls.symlinkat(b"mnt/here/d", 0, b"link")
    assert machine.read(b"link/new") == b"written"
    calls.symlinkat(b"../../beside", 0, b"mnt/here/out")
    assert machine.read(b"mnt/here/out") == b""
    fd = machine.open(b"mnt/here")
    assert refusal(machine.open, b"out", 0, 0, True, fd) == Errno.PERM


@pytest.mark.parametrize("kind", ["memory", "host", "overlay"])
def test_dot_dot_is_listed_with_the_directory_above(machine: Machine, kind: str) -> None:
    mounted = top(machine, kind)
    assert mounted.entries(0, 2)[1].inode == mounted.number
    assert machine.kernel.mount(b"mnt/here", mounted)
    above = machine.calls.fstatat(0, b"mnt", True).inode
    entries = machine.calls.getdents(machine.open(b"mnt/here"), 0, 2)
    assert [entry.inode for entry in entries] == [mounted.number, above]


@pytest.mark.parametrize("kind", ["memory", "host", "overlay"])
def test_the_place_stays(machine: Machine, kind: str) -> None:
    calls = machine.calls
    assert machine.kernel.mount(b"mnt", top(machine, kind))
    calls.mkdirat(0, b"empty")
    assert refusal(calls.rmdirat, 0, b"mnt") == Errno.BUSY
    assert refusal(calls.unlinkat, 0, b"mnt") == Errno.ISDIR
    assert refusal(calls.renameat, 0, b"mnt", 0, b"other") == Errno.BUSY
    assert refusal(calls.renameat, 0, b"empty", 0, b"mnt") in (Errno.BUSY, Errno.NOTEMPTY)
    assert machine.names(b"mnt") == [b"d", b"f"]


def test_an_empty_tree_still_holds_its_place(machine: Machine) -> None:
    assert machine.kernel.mount(b"mnt", machine.kernel.new_memory_tree())
    machine.calls.mkdirat(0, b"empty")
    assert refusal(machine.calls.rmdirat, 0, b"mnt") == Errno.BUSY
    assert refusal(machine.calls.renameat, 0, b"empty", 0, b"mnt") == Errno.BUSY


def test_what_is_hidden_stays(machine: Machine) -> None:
    machine.calls.mkdirat(0, b"mnt")
    machine.write(b"mnt/hidden", b"x")
    assert machine.kernel.mount(b"/mnt", top(machine, "memory"))
    assert refusal(machine.read, b"mnt/hidden") == Errno.NOENT
    assert machine.kernel.mount(b"mnt", top(machine, "host"))  # the last one counts
    assert machine.read(b"mnt/f") == b"host"


def test_trees_in_memory_can_carry_others(machine: Machine) -> None:
    assert machine.kernel.mount(b"a", machine.kernel.new_memory_tree())
    assert machine.kernel.mount(b"a/b/c", top(machine, "host"))
    assert machine.read(b"a/b/c/f") == b"host"


@pytest.mark.parametrize("path", [b"", b"/", b".", b"..", b"a/../b", b"file/x", b"file", b"link", b"link/x", b"n" * 256])
def test_where_nothing_can_be_mounted(machine: Machine, path: bytes) -> None:
    machine.write(b"file", b"")
    machine.calls.symlinkat(b".", 0, b"link")
    before = machine.names()
    assert not machine.kernel.mount(path, machine.kernel.new_memory_tree())
    assert machine.names() == before
    assert machine.kernel.root.mounted is None


@pytest.mark.parametrize("kind", ["host", "overlay"])
def test_nothing_is_made_in_trees_of_the_host(machine: Machine, tmp_path: Path, kind: str) -> None:
    assert machine.kernel.mount(b"a", top(machine, kind))
    for path in (b"a/d", b"a/new", b"a/d/new"):
        assert not machine.kernel.mount(path, machine.kernel.new_memory_tree())
    assert machine.names(b"a") == [b"d", b"f"] and machine.names(b"a/d") == []
    assert find(machine.top, b"a/d", True).mounted is None
