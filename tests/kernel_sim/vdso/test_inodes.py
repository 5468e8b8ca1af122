"""Inodes and their records: adopted, met, forgotten."""

from __future__ import annotations

from kernel_sim.fs.memfs import MemDirectory, MemFile
from kernel_sim.vdso.inodes import ENTRIES_MAX, FILE_MAX, REFILL
from kernel_sim.vdso.layout import PATIENCE
from kernel_sim.vdso.shared import SharedDirectory, SharedFile
from tests.kernel_sim.vdso.machine import Machine


def test_a_directory_moves_with_all_its_names_and_comes_home() -> None:
    machine = Machine()
    root = machine.kernel.root
    for name in (b"one", b"two", b"three"):
        machine.door.close(machine.make(name, name))
    machine.door.symlinkat(b"one", 0, b"link")
    before, cookie, listing = dict(root.names), root.next_cookie, [entry.name for entry in root.entries(0, 99)]
    assert machine.vdso.inodes.adopt(root) and type(root) is SharedDirectory
    assert dict(root.names.items()) == before and [entry.name for entry in root.entries(0, 99)] == listing
    machine.vdso.release()
    assert type(root) is MemDirectory and root.names == before and root.next_cookie == cookie


def test_what_stays() -> None:
    machine = Machine()
    big = machine.kernel.root.make_directory(b"big")
    for number in range(ENTRIES_MAX + 1):
        big.create(b"%d" % number)
    hidden = machine.kernel.root.make_directory(b"hidden")
    hidden.mounted = machine.kernel.new_memory_tree()
    closed = machine.kernel.new_memory_tree()
    closed.fs.writable = False
    machine.kernel.root.symlink(b"link", b"x")
    link = machine.kernel.root.lookup(b"link")
    huge = machine.process.fds[machine.make(b"huge", bytes(FILE_MAX + 1))].inode
    assert [machine.vdso.inodes.adopt(inode) for inode in (big, hidden, closed, link, huge)] == [False] * 5
    assert not machine.vdso.inodes.adopt_record(12345)


def test_a_file_made_beside_the_kernel_is_met_when_somebody_looks() -> None:
    machine = Machine()
    root = machine.kernel.root
    machine.vdso.inodes.adopt(root)
    record = machine.create_beside(b"new", machine.vdso.inodes.records[root])
    assert record not in machine.vdso.inodes.objects
    found = root.lookup(b"new")
    assert type(found) is SharedFile and root.lookup(b"new") is found and found.nlink == 1 and found.size == 0
    fd = machine.open(b"new")
    machine.door.writev(fd, [memoryview(b"text")])
    assert type(found) is MemFile and found.content.tobytes() == b"text"
    machine.vdso.release()
    assert root.lookup(b"new") is found


def test_and_if_nobody_looks_it_is_there_in_the_end() -> None:
    machine = Machine()
    root = machine.kernel.root
    machine.vdso.inodes.adopt(root)
    machine.create_beside(b"new", machine.vdso.inodes.records[root])
    machine.vdso.release()
    found = root.lookup(b"new")
    assert type(found) is MemFile and found.number == root.fs.next_inode - 1 and found.fs is root.fs


def test_records_go_with_the_last_name() -> None:
    machine = Machine()
    root, inodes = machine.kernel.root, machine.vdso.inodes
    inodes.adopt(root)
    known = len(inodes.records)
    for _ in range(50):
        machine.door.symlinkat(b"x", 0, b"link")
        machine.door.renameat(0, b"link", 0, b"other")
        machine.door.unlinkat(0, b"other")
        fd = machine.make(b"f", b"abc")
        machine.vdso.slots.adopt(fd)
        machine.door.unlinkat(0, b"f")
        machine.door.close(fd)
        machine.door.mkdirat(0, b"d")
        folder = root.lookup(b"d")
        assert inodes.adopt(folder)
        machine.door.rmdirat(0, b"d")
    assert len(inodes.records) == len(inodes.objects) == known
    assert machine.vdso.ram.end < 300_000


def test_growing_keeps_the_bytes() -> None:
    machine = Machine()
    fd = machine.make(b"f", b"0123456789")
    inode = machine.process.fds[fd].inode
    machine.vdso.slots.adopt(fd)
    at = machine.vdso.inodes.records[inode]
    assert machine.vdso.inodes.grow(at, 100_000) and machine.field(at, "capacity") == 1 << 17
    data = machine.field(at, "data")
    assert bytes(machine.vdso.ram.bytes[data : data + 10]) == b"0123456789"
    assert not machine.vdso.inodes.grow(at, FILE_MAX + 1)
    assert machine.field(at, "data") == data


def test_what_came_home_pays_for_moving_again() -> None:
    """By what it is by then: it has more names."""
    machine = Machine()
    root, inodes = machine.kernel.root, machine.vdso.inodes
    folder = root.make_directory(b"d")
    assert inodes.adopt(root) and inodes.adopt(folder)
    at = inodes.records[folder]
    assert machine.field(at, "patience") == PATIENCE
    for number in range(20):
        folder.create(b"%d" % number)
    inodes.return_directory(folder)
    assert machine.field(at, "patience") == PATIENCE + 20


def test_records_in_store() -> None:
    machine = Machine()
    assert machine.vdso.inodes.refill()
    blocks = {machine.vdso.ram.allocate(128) for _ in range(REFILL)}
    assert len(blocks) == REFILL


def test_a_deep_tree_comes_home() -> None:
    machine = Machine(most=1 << 26)
    here = machine.kernel.root
    chain = [here]
    for _ in range(3000):
        here = here.make_directory(b"d")
        chain.append(here)
    assert all(machine.vdso.inodes.adopt(each) for each in chain)
    machine.vdso.release()
    assert all(type(each) is MemDirectory for each in chain)


def test_a_directory_moves_with_all_its_names_or_stays() -> None:
    """Whatever room there is: none of its names may meet the end of RAM in the middle."""
    moved = set()
    names = [b"%0250d" % number for number in range(130)]
    for more in range(83_000, 85_000, 100):
        machine = Machine()
        machine.most = len(machine.memory) + more
        machine.vdso.ram.end = len(machine.memory)
        for name in names:
            machine.kernel.root.create(name)
        moved.add(machine.vdso.inodes.adopt(machine.kernel.root))
        assert machine.vdso.awake and list(machine.kernel.root.names) == names
    assert moved == {False, True}
