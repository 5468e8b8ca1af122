"""A directory's names in RAM against a plain dict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.vdso.shared import SharedDirectory
from tests.kernel_sim.vdso.machine import Machine

NAMES = st.one_of(st.sampled_from([b"a", b"b", b"c", b"x" * 104, b"x" * 105, b"y" * 255]), st.binary(min_size=1, max_size=6))


@given(st.lists(st.tuples(st.sampled_from("sdg"), NAMES), max_size=80))
def test_as_a_dict(steps: list[tuple[str, bytes]]) -> None:
    machine = Machine()
    root = machine.kernel.root
    assert machine.vdso.inodes.adopt(root)
    names, model = root.names, dict(root.names)
    inodes = [machine.kernel.root.create(b"inode%d" % number) for number in range(3)]
    model |= {b"inode%d" % number: names[b"inode%d" % number] for number in range(3)}
    for step, (what, name) in enumerate(steps):
        if what == "s":
            value = (100 + step if name not in model else model[name][0], inodes[step % 3])
            names[name] = value
            model[name] = value
        elif what == "d" and name in model and not name.startswith(b"inode"):
            del names[name]
            del model[name]
        assert names.get(name) == model.get(name) and (name in names) == (name in model)
        assert len(names) == len(model) and bool(names) == bool(model)
    assert list(names.items()) == list(model.items()) and list(names) == list(model)


def test_many_names_spread_over_more_buckets() -> None:
    machine = Machine()
    root = machine.kernel.root
    machine.vdso.inodes.adopt(root)
    assert type(root) is SharedDirectory
    at = machine.vdso.inodes.records[root]
    before = machine.field(at, "capacity")
    for number in range(200):
        root.create(b"%d" % number)
    assert machine.field(at, "capacity") >= 200 > before
    assert [name for name in root.names if name.isdigit()] == [b"%d" % number for number in range(200)]


def test_what_is_home_has_no_block_any_more() -> None:
    """Its record stays as long as the directory above is in RAM, and would lead to what is somebody else's by then."""
    machine = Machine()
    folder = machine.kernel.root.make_directory(b"d")
    inodes = machine.vdso.inodes
    assert inodes.adopt(machine.kernel.root) and inodes.adopt(folder)
    at = inodes.records[folder]
    assert machine.field(at, "data") and machine.field(at, "capacity")
    inodes.return_directory(folder)
    assert inodes.records[folder] == at and (machine.field(at, "data"), machine.field(at, "capacity")) == (0, 0)


def test_a_full_ram_sends_everything_home() -> None:
    machine = Machine(most=1 << 20)
    root = machine.kernel.root
    machine.vdso.inodes.adopt(root)
    assert type(root) is SharedDirectory
    for number in range(5000):
        root.create(b"%d" % number)
    assert type(root) is MemDirectory and not machine.vdso.awake
    assert [name for name in root.names if name.isdigit()] == [b"%d" % number for number in range(5000)]


def test_a_listing_notices_what_came_beside_the_kernel() -> None:
    machine = Machine()
    root = machine.kernel.root
    root.create(b"one")
    machine.vdso.inodes.adopt(root)
    at = machine.vdso.inodes.records[root]
    assert [entry.name for entry in root.entries(2, 100)][-1] == b"one"
    machine.create_beside(b"two", at)
    found = root.entries(2, 100)
    assert [entry.name for entry in found][-2:] == [b"one", b"two"]
    assert found[-1].inode == root.lookup(b"two").number
