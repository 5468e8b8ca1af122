"""Bytes that are no snapshot, or a wrong one: always a `SnapshotError`, or a kernel that keeps its own contracts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.errors import KernelError, ProcessExit, WouldBlock
from kernel_sim.net.stream import DeviceConnection
from kernel_sim.snapshot import SnapshotError, load, save
from kernel_sim.snapshot.codec import MAGIC
from kernel_sim.syscalls.polling import Subscription
from tests.kernel_sim.calls import crowded
from tests.kernel_sim.scripts import MemoryStream, World
from tests.kernel_sim.snapshot.copies import HEAD, sealed


def rich() -> bytes:
    """A snapshot with something of everything in memory."""
    k = crowded()
    pipes = k.kernel.pipes
    k.kernel.attach("wire", MemoryStream())
    k.install(DeviceConnection(pipes, pipes.new_number(), 0, k.kernel.devices, "wire"))
    k.pwrite(5, b"far", 3 * (1 << 20))
    k.process.parked = ("poll", ([Subscription(4, True)], (True, None, b"x")), (16,))
    k.kernel.mount(b"e", k.kernel.new_memory_tree())
    k.unlink("g")
    return save(k.kernel, {"root": k.kernel.root})


RICH = rich()


def devices() -> dict[str, object]:
    return {name: MemoryStream() for name in ("stdin", "stdout", "stderr", "wire")}


def try_out(data: bytes) -> bool:
    """Load, and if that works use everything a little; only errors of the kernel's contract may come."""
    try:
        kernel = load(data, devices()).kernel
    except SnapshotError:
        return False
    for process in list(kernel.processes.values())[:2]:
        k = World(kernel, process, kernel.door(process))
        view = [memoryview(bytearray(70))]
        for fd in list(process.fds)[:30]:
            for call in (
                lambda: k.sys.readv(fd, view), lambda: k.sys.preadv(fd, view, 0), lambda: k.sys.writev(fd, view),  # noqa: B023
                lambda: k.sys.fstat(fd), lambda: k.sys.getdents(fd, 0, 99), lambda: k.sys.ftruncate(fd, 3),  # noqa: B023
                lambda: k.sys.openat(fd, b"f", True, 1, 0, 2, 0), lambda: k.sys.mkdirat(fd, b"new"),  # noqa: B023
                lambda: k.sys.renameat(fd, b"d", fd, b"e/d"), lambda: k.sys.unlinkat(fd, b"l"),  # noqa: B023
                lambda: k.sys.recv(fd, view, 0), lambda: k.sys.accept(fd, 0), lambda: k.sys.poll([Subscription(fd)]),  # noqa: B023
            ):  # fmt: skip
                try:
                    call()
                except (KernelError, WouldBlock, ProcessExit):
                    continue
        for fd in list(process.fds):
            k.sys.close(fd)
    try:
        once = save(kernel)
    except SnapshotError:  # it counted fewer names, readers or descriptors than there were
        return True
    assert save(load(once, devices()).kernel) == once
    return True


def test_damage_is_noticed() -> None:
    random = Random(1)
    for _ in range(500):
        data = bytearray(RICH)
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        with pytest.raises(SnapshotError):
            load(bytes(data), devices())
    for length in range(0, len(RICH), 37):
        with pytest.raises(SnapshotError):
            load(RICH[:length], devices())


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_wrong_snapshot_with_the_right_checksum(data: st.DataObject) -> None:
    mutated = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(mutated) - 5))
        what = data.draw(st.sampled_from(["set", "delete", "insert", "copy"]))
        if what == "set":
            mutated[at] = data.draw(st.integers(0, 255))
        elif what == "delete":
            del mutated[at : at + data.draw(st.integers(1, 9))]
        elif what == "insert":
            mutated[at:at] = data.draw(st.binary(min_size=1, max_size=9))
        else:
            length = data.draw(st.integers(1, 40))
            mutated[at:at] = mutated[at : at + length]
    try_out(sealed(bytes(mutated)))


def small() -> bytes:
    """As `rich`, without most of the bytes of file content, so that a change hits structure."""
    k = crowded()
    k.mkdir("d/s")
    k.kernel.attach("wire", MemoryStream())
    k.install(DeviceConnection(k.kernel.pipes, k.kernel.pipes.new_number(), 0, k.kernel.devices, "wire"))
    k.process.parked = ("poll", ([Subscription(4, True)], (True, None, b"x")), (16,))
    return save(k.kernel, {"root": k.kernel.root})


SMALL = small()


def test_every_single_byte_changed() -> None:
    loaded = 0
    for at in range(len(MAGIC), len(SMALL) - 4):
        for value in (0, SMALL[at] ^ 1, 0xFF):
            loaded += try_out(sealed(SMALL[:at] + bytes([value]) + SMALL[at + 1 :]))
    assert loaded > 100  # many changes make another valid state: a time, a byte of a file


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        load(HEAD + data)
    try_out(sealed(HEAD + data + b"1234"))
