"""The descriptor table while RAM shares it, against the plain one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fdtable import FdTable
from kernel_sim.openfile import OpenFile
from kernel_sim.vdso.descriptors import SharedFdTable
from kernel_sim.vdso.layout import State
from tests.kernel_sim.vdso.machine import Machine


@given(st.lists(st.tuples(st.sampled_from("oocrRa"), st.integers(0, 12), st.integers(0, 12)), max_size=60))
def test_numbers_are_given_as_the_plain_table_gives_them(steps: list[tuple[str, int, int]]) -> None:
    machines = [Machine(max_fds=10), Machine(max_fds=10)]
    machines[1].vdso.release()
    for machine in machines:
        machine.make(b"f", b"abc")
    for what, one, other in steps:
        answers: list[object] = []
        for machine in machines:
            try:
                if what == "o":
                    answers.append(machine.open(b"f"))
                elif what == "c":
                    answers.append(machine.door.close(one))
                elif what == "r":
                    answers.append(machine.door.renumber(one, other))
                elif what == "R":
                    answers.append(machine.door.tell(one))
                elif machine.vdso.awake:
                    machine.vdso.slots.adopt(one)
            except KernelError as error:
                answers.append(error.errno)
        assert len(answers) < 2 or answers[0] == answers[1]
        shared, plain = (machine.process.fds for machine in machines)
        assert type(shared) is SharedFdTable and type(plain) is FdTable
        assert sorted(shared) == sorted(plain) == shared.keys() and len(shared) == len(plain)
        assert all((fd in shared) == (fd in plain) for fd in range(14))
    machines[0].vdso.release()
    for _ in range(10 - len(machines[1].process.fds)):
        first, second = (each.process.fds.add(OpenFile(each.kernel.root, True, False)) for each in machines)
        assert first == second


def test_a_descriptor_in_ram_comes_home_when_somebody_asks() -> None:
    machine = Machine()
    fd = machine.make(b"f", b"0123456789")
    fds, slots = machine.process.fds, machine.vdso.slots
    assert slots.adopt(fd) and slots.state(fd) == State.RAM and machine.offset_of(fd) == 10
    assert not dict.__contains__(fds, fd) and fd in fds
    file = fds[fd]
    assert (file.offset, file.readable, file.writable) == (10, True, True) and slots.state(fd) == State.KERNEL
    assert fds.get(fd) is file and fds.get(99) is None and (fd, file) in fds.items() and file in fds.values()


def test_bad_numbers() -> None:
    machine = Machine()
    for fd in (-1, 50, 100, 1 << 31):
        with pytest.raises(KernelError, match=Errno.BADF):
            machine.process.fds[fd]
        assert fd not in machine.process.fds


def test_a_number_beyond_the_limit_sends_everything_home() -> None:
    machine = Machine(max_fds=5)
    machine.process.fds.put(77, machine.process.fds[0])
    assert not machine.vdso.awake and machine.process.fds[77] is machine.process.fds[0]
    machine.vdso.wake()
    assert not machine.vdso.awake
