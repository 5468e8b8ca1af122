"""Waking and releasing, and that syscalls give the same answers in between."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from kernel_sim.clock import VirtualClock
from kernel_sim.errors import KernelError
from kernel_sim.fdtable import FdTable
from kernel_sim.kernel import Kernel
from kernel_sim.snapshot import save
from kernel_sim.vdso import suits
from kernel_sim.vdso.layout import RETURN
from kernel_sim.vdso.ram import on_page
from kernel_sim.vdso.vdso import CREDIT, ENOUGH, FIRST_NAP, GAIN, Vdso
from tests.kernel_sim.vdso.machine import Machine


def test_everything_is_as_it_was() -> None:
    machine = Machine()
    for name in (b"a", b"b"):
        machine.make(name, name * 100)
    machine.vdso.release()
    before = save(machine.kernel)
    machine.vdso.wake()
    for fd in list(machine.process.fds):
        machine.vdso.slots.adopt(fd)
    assert save(machine.kernel) == before  # which settles the kernel first
    assert not machine.vdso.awake and type(machine.process.fds) is FdTable and type(machine.kernel.clock) is VirtualClock


def test_it_can_be_woken_again_and_again() -> None:
    machine = Machine()
    fd = machine.make(b"f", b"abc")
    ends = set()
    for _ in range(20):
        machine.vdso.wake()
        assert machine.vdso.slots.adopt(fd) and machine.vdso.slots.adopt(0)
        ends.add(machine.vdso.ram.end)
        machine.vdso.release()
    assert len(ends) == 1


def test_one_at_a_time() -> None:
    machine = Machine()
    assert machine.kernel.sharing == [machine.vdso]
    other = machine.kernel.new_process([], [])
    assert not machine.kernel.sharing and not suits(machine.kernel, other)
    machine.vdso.wake()
    assert not machine.vdso.awake
    machine.kernel.reap(other)
    machine.vdso.wake()
    assert machine.vdso.awake


def test_who_can_have_none() -> None:
    for options, answer in (({}, True), ({"strict": True}, False), ({"max_fds": 1 << 17}, False)):
        kernel = Kernel()
        assert suits(kernel, kernel.new_process([], [], **options)) == answer


def weighed(vdso: Vdso, gained: int = 0, costs: int = ENOUGH) -> bool:
    """Whether it is awake once it has been asked whether it pays."""
    vdso.costs, vdso.ram.u32[on_page("answered") >> 2] = costs, -(-gained // GAIN)
    assert vdso.pays() == vdso.awake
    return vdso.awake


def stirred(vdso: Vdso, times: int) -> bool:
    """Whether it is awake once code beside the kernel has wanted it to be so often."""
    for _ in range(times):
        vdso.stir()
    return vdso.awake


def test_what_doesnt_pay_sleeps_longer_each_time() -> None:
    vdso = Machine().vdso
    assert vdso.pays()
    for nap in (2, 4, 8, 16, 32, 64, 64):
        assert weighed(vdso, costs=ENOUGH - 1)
        assert not weighed(vdso)
        assert not vdso.pays()  # nor when it is asked again
        assert not stirred(vdso, nap - 1)
        assert stirred(vdso, 1)


def test_what_pays_stays_awake_and_is_trusted_again() -> None:
    vdso = Machine().vdso
    assert not weighed(vdso) and stirred(vdso, FIRST_NAP)
    assert weighed(vdso, gained=ENOUGH) and vdso.costs == vdso.ram.u32[on_page("answered") >> 2] == 0
    assert not weighed(vdso, gained=ENOUGH - GAIN) and stirred(vdso, FIRST_NAP)  # the first nap is short again


def test_behind_its_waking_it_has_a_credit() -> None:
    machine = Machine()
    fd = machine.make(b"f", b"abc")
    for _ in range(3):
        assert machine.vdso.costs < 0 and machine.vdso.slots.adopt(0) and machine.vdso.slots.adopt(fd)
        for _ in range(CREDIT // 2):
            machine.door.fstatat(0, b"f", True)
            assert machine.vdso.pays()
        machine.vdso.release()
        machine.vdso.wake()


def test_what_sharing_costs() -> None:
    """Each look of the kernel's at a name in RAM, and each thing that comes home."""
    machine = Machine()
    vdso = machine.vdso
    fd = machine.make(b"f", b"abc")
    assert vdso.slots.adopt(0) and vdso.slots.adopt(fd)
    vdso.costs = 0
    machine.door.fstatat(0, b"f", True)
    looks = vdso.costs
    assert 0 < looks < RETURN
    vdso.slots.take_home(fd)
    assert vdso.costs == looks + RETURN
    vdso.inodes.return_file(vdso.inodes.objects[vdso.inodes.records[machine.process.fds[fd].inode]])
    assert vdso.costs == looks + 2 * RETURN
    vdso.inodes.return_directory(machine.kernel.root)
    assert vdso.costs == looks + 3 * RETURN
    machine.door.fstatat(0, b"f", True)
    assert vdso.costs == looks + 3 * RETURN  # at home it costs nothing


PATHS = (b"a", b"b", b"d", b"d/a", b"d/b")
SHOWN = ("inode", "nlink", "size", "mtime", "ctime")


def act(machine: Machine, seed: int) -> object:
    """One random syscall; its answer or errno."""
    random = Random(seed)
    door, path, other, fd = machine.door, random.choice(PATHS), random.choice(PATHS), random.randrange(1, 12)
    calls: tuple[Callable[[], object], ...] = (
        lambda: machine.open(path, random.choice((0, 1, 9))),
        lambda: door.close(fd),
        lambda: door.writev(fd, [memoryview(bytes(random.randrange(300)))]),
        lambda: door.seek(fd, random.randrange(100), "set"),
        lambda: door.ftruncate(fd, random.randrange(500)),
        lambda: door.unlinkat(0, path),
        lambda: door.renameat(0, path, 0, other),
        lambda: door.mkdirat(0, path),
        lambda: door.rmdirat(0, path),
        lambda: door.linkat(0, path, 0, other),
        lambda: [getattr(door.fstatat(0, path, True), name) for name in SHOWN],
    )
    try:
        return random.choice(calls)()
    except KernelError as error:
        return error.errno


@pytest.mark.parametrize("seed", range(3))
def test_syscalls_answer_the_same(seed: int) -> None:
    """The kernel's own calls, with things that move to RAM at random between them."""
    random = Random(seed)
    machines = [Machine(), Machine()]
    machines[1].vdso.release()
    for _ in range(1500):
        step = random.getrandbits(40)
        assert act(machines[0], step) == act(machines[1], step), step
        machines[0].vdso.wake()
        machines[0].vdso.slots.adopt(random.randrange(12))
    assert save(machines[0].kernel) == save(machines[1].kernel)
