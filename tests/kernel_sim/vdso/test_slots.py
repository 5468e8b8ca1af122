"""Open files that move to RAM."""

from __future__ import annotations

import pytest

from kernel_sim.vdso.inodes import BYTES_PER_CALL
from kernel_sim.vdso.layout import DESCRIPTOR, State
from tests.kernel_sim.vdso.machine import Machine


def test_what_can_move() -> None:
    machine = Machine()
    reading, writing = machine.door.pipe()
    fd = machine.make(b"f", b"abc")
    machine.door.mkdirat(0, b"d")
    folder = machine.open_directory(b"d")
    slots = machine.vdso.slots
    assert [slots.adopt(each) for each in (fd, folder, 0, reading, writing, 99)] == [True, True, True, False, False, False]
    assert [slots.state(each) for each in (fd, folder, 0)] == [State.RAM, State.DIRECTORY, State.DIRECTORY]
    assert slots.numbers() == sorted(machine.process.fds) and slots.lowest_free() == folder + 1


def test_behind_the_slots_there_is_no_descriptor() -> None:
    """Whatever stands there in RAM: it is another block's."""
    machine = Machine(max_fds=20)
    slots = machine.vdso.slots
    for fd in (-1, 20):
        machine.vdso.ram.u32[(slots.table + DESCRIPTOR.size * fd + DESCRIPTOR.offset["state"]) >> 2] = State.RAM
    assert [slots.state(fd) for fd in (-1, 20)] == [State.CLOSED] * 2
    assert 20 not in machine.process.fds and machine.process.fds.get(20) is None


def test_a_big_file_must_first_pay_for_its_copy() -> None:
    machine = Machine()
    fd = machine.make(b"big", bytes(100 * BYTES_PER_CALL))
    assert not machine.vdso.slots.adopt(fd)
    assert machine.vdso.slots.adopt(fd)


def test_a_file_whose_bytes_are_kept_elsewhere_stays() -> None:
    machine = Machine()
    fd = machine.make(b"f", b"abc")
    machine.process.fds[fd].inode.content.shared = True  # type: ignore[attr-defined]
    assert not machine.vdso.slots.adopt(fd)


@pytest.mark.parametrize("gone", ["close", "renumber", "unlink"])
def test_a_folder_that_is_gone_is_forgotten(gone: str) -> None:
    machine = Machine()
    machine.door.mkdirat(0, b"d")
    machine.vdso.slots.adopt(0)
    fd = machine.open_directory(b"d")
    inode = machine.process.fds[fd].inode
    assert machine.vdso.slots.adopt(fd) and inode in machine.vdso.inodes.records
    if gone == "close":
        machine.door.close(fd)
        assert inode in machine.vdso.inodes.records  # it has a name here
    elif gone == "renumber":
        machine.door.renumber(machine.make(b"f"), fd)
        assert machine.vdso.slots.state(fd) == State.KERNEL
    machine.door.rmdirat(0, b"d")
    assert inode not in machine.vdso.inodes.records
    assert machine.vdso.slots.of(0, State.DIRECTORY) == [] and machine.vdso.slots.state(0) == State.DIRECTORY


def test_a_directory_without_a_record_is_the_kernels_again() -> None:
    """Its record may be another one's next."""
    machine = Machine()
    machine.kernel.root.make_directory(b"folder")
    fd = machine.open_directory(b"folder")
    assert machine.vdso.slots.adopt(fd) and machine.vdso.slots.state(fd) == State.DIRECTORY
    machine.door.rmdirat(0, b"folder")
    assert machine.vdso.slots.state(fd) == State.KERNEL and not machine.vdso.inodes.records
