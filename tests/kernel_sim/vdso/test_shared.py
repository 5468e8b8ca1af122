"""Objects that live in RAM answer as those at home."""

from __future__ import annotations

from kernel_sim.clock import ClockId, VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.fs.memfs import MemFile
from kernel_sim.vdso.layout import PAGE, PAGE_LAYOUT
from kernel_sim.vdso.shared import TIME_MAX, SharedClock, SharedEntropy, SharedFile, is_file
from tests.kernel_sim.vdso.machine import Machine


def test_the_clock_goes_on_from_what_ram_says() -> None:
    machine = Machine()
    clock = machine.kernel.clock
    assert type(clock) is SharedClock
    machine.vdso.ram.u64[(PAGE + PAGE_LAYOUT.offset["elapsed"]) >> 3] = 5000
    assert clock.read(ClockId.MONOTONIC) == 6000 == machine.page("elapsed")
    assert clock.read(ClockId.REALTIME) == clock.start + 7000
    clock.sleep_until(1_000_000)
    assert machine.page("elapsed") == 1_000_000
    machine.vdso.release()
    assert type(clock) is VirtualClock and clock.elapsed == 1_000_000


def test_a_time_that_could_overflow_sends_everything_home() -> None:
    machine = Machine()
    clock = machine.kernel.clock
    clock.sleep_until(TIME_MAX + 1)
    assert type(clock) is VirtualClock and clock.elapsed == TIME_MAX + 1 and not machine.vdso.awake
    machine.vdso.wake()
    assert not machine.vdso.awake


def test_entropy_goes_on_where_ram_stopped() -> None:
    machine = Machine()
    entropy = machine.kernel.entropy
    assert type(entropy) is SharedEntropy
    plain = SeededEntropy(entropy.seed).take(1000)
    assert entropy.take(10) == plain[:10]
    machine.vdso.ram.u64[(PAGE + PAGE_LAYOUT.offset["taken"]) >> 3] = 700
    assert entropy.take(100) == plain[700:800] and machine.page("taken") == 800
    machine.vdso.release()
    assert type(entropy) is SeededEntropy and entropy.take(10) == plain[800:810]


def test_a_file_in_ram_shows_its_attributes_and_hands_its_bytes_back() -> None:
    machine = Machine()
    fd = machine.make(b"f", b"0123456789")
    inode = machine.process.fds[fd].inode
    before = inode.stat()
    assert machine.vdso.slots.adopt(fd) and type(inode) is SharedFile and is_file(inode)
    after = inode.stat()
    assert all(getattr(before, name) == getattr(after, name) for name in type(before).__slots__)
    at = machine.vdso.inodes.records[inode]
    data = machine.field(at, "data")
    machine.vdso.ram.bytes[data : data + 3] = b"abc"
    machine.set_field(at, "mtime", 77)
    assert inode.mtime == 77 and inode.size == 10
    assert inode.content.tobytes() == b"abc3456789"
    assert type(inode) is MemFile and inode.mtime == 77


def test_a_file_that_is_closed_but_has_a_name_stays_in_ram() -> None:
    machine = Machine()
    assert machine.vdso.inodes.adopt(machine.kernel.root)
    fd = machine.make(b"f", b"text")
    inode = machine.process.fds[fd].inode
    assert machine.vdso.slots.adopt(fd) and type(inode) is SharedFile
    machine.door.close(fd)
    assert type(inode) is SharedFile and machine.vdso.inodes.holds(inode)
    machine.door.unlinkat(0, b"f")
    assert type(inode) is MemFile


def test_one_that_is_open_but_has_no_name_stays_as_well() -> None:
    machine = Machine()
    fd = machine.make(b"f", b"text")
    inode = machine.process.fds[fd].inode
    assert machine.vdso.slots.adopt(fd)
    machine.door.unlinkat(0, b"f")
    assert type(inode) is SharedFile and machine.vdso.inodes.holds(inode)


def test_quotas_are_counted_in_ram() -> None:
    machine = Machine()
    fs = machine.kernel.root.fs
    before = fs.used_inodes, fs.used_bytes, fs.next_inode
    machine.vdso.inodes.adopt(machine.kernel.root)
    assert (fs.used_inodes, fs.used_bytes, fs.next_inode) == before
    machine.make(b"f", b"12345")
    assert fs.used_bytes == before[1] + 5 and fs.used_inodes == before[0] + 1
    machine.vdso.release()
    assert fs.used_bytes == before[1] + 5 and fs.next_inode == before[2] + 1
