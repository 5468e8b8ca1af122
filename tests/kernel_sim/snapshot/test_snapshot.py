"""The whole kernel as bytes and back: what comes back behaves as what was saved, in this process and in a fresh one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.clock import VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.fs.content import PAGE, SparseContent
from kernel_sim.fs.memfs import MemFile
from kernel_sim.kernel import Kernel
from kernel_sim.net.stream import DeviceConnection, DeviceListener, MemoryListener
from kernel_sim.openfile import OpenFile
from kernel_sim.snapshot import MAGIC, SnapshotError, load, save
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.polling import Subscription
from kernel_sim.syscalls.table import strict as strict_rights
from tests.kernel_sim.calls import Call, calls, crowded, perform, show
from tests.kernel_sim.scripts import (
    ROOT,
    FaultyInode,
    MemoryListenerDevice,
    MemoryStream,
    World,
    errno,
    populated,
    provokes,
    world,
)  # fmt: skip

PROJECT = Path(__file__).parents[3]


def again(k: World, data: bytes | None = None) -> World:
    """The same world, saved and loaded; its devices are copies."""
    devices: dict[str, object] = {}
    for name, device in k.kernel.devices.items():
        devices[name] = copy = MemoryStream(*device.incoming, terminal=device.terminal, live=device.live, room=device.room)
        copy.written += device.written
    restored = load(save(k.kernel) if data is None else data, devices).kernel
    process = restored.processes[k.process.pid]
    kind = strict_rights(Syscalls) if process.strict else Syscalls
    return World(restored, process, restored.door(process, kind))  # type: ignore[arg-type]  # a subclass of Syscalls


def test_targets_of_links_stay_charged() -> None:
    k = world(max_bytes=100)
    k.sys.symlinkat(b"t" * 60, 3, b"l")
    copy = again(k)
    assert errno(copy.sys.symlinkat, b"t" * 41, 3, b"m") == "NOSPC"
    copy.sys.unlinkat(3, b"l")
    assert copy.kernel.root.fs.used_bytes == 0
    assert save(again(copy).kernel) == save(copy.kernel)


@settings(max_examples=150, deadline=None)
@given(st.booleans(), calls(15), calls(15))
def test_what_comes_back_behaves_the_same(strict: bool, before: list[Call], after: list[Call]) -> None:
    k = crowded(strict)
    for call in before:
        perform(k, call)
    data = save(k.kernel)
    copy = again(k, data)
    assert save(copy.kernel) == data
    for call in after:
        assert perform(copy, call) == perform(k, call), show(call)
        assert copy.kernel.clock.monotonic() == k.kernel.clock.monotonic()
    assert save(copy.kernel) == save(k.kernel)
    assert copy.stdout.written == k.stdout.written


def test_in_a_fresh_process(tmp_path: Path) -> None:
    k = crowded()
    k.sys.getrandom(memoryview(bytearray(100)))
    k.unlink("f")
    snapshot = tmp_path / "state"
    snapshot.write_bytes(save(k.kernel))
    program = """
import sys
from kernel_sim.snapshot import load, save
with open(sys.argv[1], "rb") as file:
    data = file.read()
kernel = load(data).kernel
assert save(kernel) == data
call = kernel.door(kernel.processes[1])
buffer = bytearray(40)
call.getrandom(memoryview(buffer))
room = bytearray(9)
count = call.preadv(5, [memoryview(room)], 0)  # the file that has no name any more
call.mkdirat(3, b"from-there")
print(buffer.hex(), bytes(room[:count]).decode(), call.clock_gettime("monotonic"))
with open(sys.argv[1], "wb") as file:
    file.write(save(kernel))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(snapshot)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    random, content, time = ran.stdout.split()
    buffer = bytearray(40)
    k.sys.getrandom(memoryview(buffer))
    assert (random, content) == (buffer.hex(), k.pread(5, 9, 0).decode()) == (buffer.hex(), "hello")
    k.mkdir("from-there")
    assert int(time) == k.sys.clock_gettime("monotonic")
    assert snapshot.read_bytes() == save(k.kernel)


class TestState:
    def test_everything_about_files(self) -> None:
        k = populated(world(max_bytes=1 << 22))
        k.link("f", "hard")
        fd = k.open("f", "rw")
        k.pwrite(fd, b"far", 50 * PAGE)
        k.sys.utimensat(ROOT, b"g", True, 123, 456)
        gone = k.open("g", "rw")
        k.unlink("g")
        copy = again(k)
        assert copy.stat("f").inode == copy.stat("hard").inode
        content = copy.kernel.root.lookup(b"f").content  # type: ignore[attr-defined]  # a MemFile
        assert isinstance(content, SparseContent) and len(content.pages) == 2
        assert copy.kernel.root.fs.used_bytes == k.kernel.root.fs.used_bytes
        assert (copy.sys.fstat(gone).atime, copy.sys.fstat(gone).mtime, copy.sys.fstat(gone).nlink) == (123, 456, 0)
        copy.sys.close(gone)
        k.sys.close(gone)
        assert copy.kernel.root.fs.used_bytes == k.kernel.root.fs.used_bytes
        assert copy.names() == k.names()

    def test_one_open_file_behind_two_descriptors(self) -> None:
        k = populated()
        fd = k.open("f")
        k.process.fds.put(20, k.process.fds[fd])
        copy = again(k)
        assert copy.read(fd, 2) == b"he"
        assert copy.read(20, 2) == b"ll"

    def test_two_processes_share_a_pipe(self) -> None:
        k = world()
        reading, writing = k.sys.pipe()
        other = k.kernel.new_process([b"other"], [])
        end = k.process.fds[writing].inode.opened(False, True, False)
        other.fds.put(0, OpenFile(end, False, True))
        k.write(writing, b"in the pipe")
        k.sys.close(writing)
        kernel = again(k).kernel
        here, there = (kernel.door(kernel.processes[pid]) for pid in (1, 2))
        there.writev(0, [memoryview(b"!")])
        there.close(0)
        room = bytearray(20)
        assert here.readv(reading, [memoryview(room)]) == 12
        assert here.readv(reading, [memoryview(room)]) == 0
        assert kernel.new_process([], []).pid == 3

    def test_what_is_kept_beside_the_kernel(self) -> None:
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

    def test_a_mounted_tree(self) -> None:
        k = populated()
        assert k.kernel.mount(b"e", k.kernel.new_memory_tree())
        k.put("e/inside", b"x")
        copy = again(k)
        assert copy.get("e/inside") == b"x"
        assert errno(copy.rmdir, "e") == "BUSY"
        assert copy.kernel.new_memory_tree().fs.number == k.kernel.new_memory_tree().fs.number

    def test_quotas_and_the_output_that_is_left(self) -> None:
        k = world(max_bytes=10, max_output=8)
        k.write(1, b"12345")
        copy = again(k)
        assert copy.write(2, b"12345") == 3
        assert errno(copy.open, "a", "creat") == ""
        assert copy.write(copy.open("a", "w"), b"x" * 20) == 10

    def test_a_listener_with_connections_that_wait(self) -> None:
        k = world()
        listener = MemoryListener(k.kernel.pipes, k.kernel.pipes.new_number(), 0)
        fd = k.install(listener)
        for data in (b"one", b"two"):
            listener.connect().write_at(0, [memoryview(data)])
        copy = again(k)
        assert [copy.read(copy.sys.accept(fd, 0), 9) for _ in range(2)] == [b"one", b"two"]

    def test_a_call_that_waits(self) -> None:
        k = world()
        subscription = Subscription(None, False, "monotonic", 5)
        subscription.deadline = 77
        on_pipe = Subscription(4, True)
        k.process.parked = ("poll", (-1, b"x", "y", None, (True, False), [[subscription], on_pipe]), (1, 2))
        parked = again(k).process.parked
        assert parked is not None
        values: Any = parked[1]
        assert values[:5] == (-1, b"x", "y", None, (True, False))
        [[loaded], pipe] = values[5]
        assert [getattr(loaded, name) for name in Subscription.__slots__] == [None, False, "monotonic", 5, False, 77]
        assert (pipe.fd, pipe.write, pipe.deadline) == (4, True, None)

    def test_sockets_behind_devices(self) -> None:
        k = world()
        pipes, devices = k.kernel.pipes, k.kernel.devices
        door, wire = MemoryListenerDevice(MemoryStream(b"new")), MemoryStream(b"old")
        k.kernel.attach("door", door)
        k.kernel.attach("wire", wire)
        listening = k.install(DeviceListener(pipes, pipes.new_number(), 0, devices, devices, "door"))
        fd = k.install(DeviceConnection(pipes, pipes.new_number(), 0, devices, "wire"))
        data = save(k.kernel)
        kernel = load(data, devices).kernel
        sys_ = kernel.door(kernel.processes[1])
        copy = World(kernel, kernel.processes[1], sys_)
        assert copy.read(fd, 9) == b"old"
        assert copy.read(sys_.accept(listening, 0), 9) == b"new"
        with pytest.raises(SnapshotError, match="the device 'door' is needed"):
            load(data)

    def test_the_clock_and_entropy_of_the_host_are_given_anew(self) -> None:
        class HostClock:
            """As much of a clock as a kernel needs to be made."""

            def now(self) -> int:
                return 5

        class HostEntropy:
            def take(self, count: int) -> bytes:
                return bytes(count)

        kernel = Kernel(HostClock(), HostEntropy())  # type: ignore[arg-type]  # deliberately little
        data = save(kernel)
        clock, entropy = VirtualClock(), SeededEntropy(1)
        restored = load(data, clock=clock, entropy=entropy).kernel
        assert (restored.clock, restored.entropy) == (clock, entropy)
        with pytest.raises(SnapshotError, match="the clock was the host's"):
            load(data)
        with pytest.raises(SnapshotError, match="the entropy was the host's"):
            load(data, clock=clock)
        virtual = load(save(Kernel(VirtualClock(step=7))), clock=clock).kernel.clock
        assert isinstance(virtual, VirtualClock) and virtual is not clock and virtual.step == 7

    def test_seeds_of_any_size(self) -> None:
        for seed in (-1, 0, 1 << 300, (1 << 256) - 1):
            kernel = Kernel(entropy=SeededEntropy(seed, 1000))
            copy = load(save(kernel)).kernel
            assert copy.entropy.take(9) == kernel.entropy.take(9)

    def test_the_depth_of_a_tree_has_no_limit(self) -> None:
        k = world()
        directory = k.kernel.root
        for _ in range(5000):
            directory = directory.make_directory(b"d")
        data = save(k.kernel)
        assert save(load(data).kernel) == data


class TestRefusals:
    def test_a_guest_in_the_middle_of_a_call(self) -> None:
        k = world()
        k.process.parked = ("fd_read", (0, [memoryview(bytearray(4))]), (16,))
        with pytest.raises(SnapshotError, match="in the middle of a call"):
            save(k.kernel)

    @pytest.mark.parametrize("value", [object(), 1.5, bytearray(b"x"), {}])
    def test_values_that_are_no_plain_data(self, value: object) -> None:
        k = world()
        k.process.parked = ("x", (value,), ())
        with pytest.raises(SnapshotError, match="no plain data"):
            save(k.kernel)

    def test_values_without_end(self) -> None:
        k = world()
        endless: list[object] = []
        endless.append(endless)
        k.process.parked = ("x", (endless,), ())
        with pytest.raises(SnapshotError, match="nested too deep"):
            save(k.kernel)

    @provokes("fstat", "IO")
    def test_inodes_of_an_unknown_kind(self) -> None:
        k = world()
        k.holding(FaultyInode(k.kernel.root, "IO"))
        with pytest.raises(SnapshotError, match="keeping a FaultyInode"):
            save(k.kernel)

    def test_numbers_that_no_counter_reaches(self) -> None:
        k = world()
        k.kernel.next_pid = -1
        with pytest.raises(SnapshotError, match="negative"):
            save(k.kernel)
        k.kernel.next_pid = 1 << 200
        with pytest.raises(SnapshotError, match="too big"):
            save(k.kernel)

    def test_two_file_systems_of_one_number(self) -> None:
        k = world()
        tree = k.kernel.new_memory_tree()
        tree.fs.number = k.kernel.root.fs.number
        with pytest.raises(SnapshotError, match="two file systems"):
            save(k.kernel, {"tree": tree})

    def test_what_is_no_snapshot(self) -> None:
        for data in (b"", b"PK", MAGIC, MAGIC + b"\x02" + bytes(9)):
            with pytest.raises(SnapshotError) as error:
                load(data)
            assert error.value.offset is not None and "at byte" in str(error.value)


def test_the_same_state_gives_the_same_bytes() -> None:
    assert save(crowded().kernel) == save(crowded().kernel)
    assert isinstance(crowded().kernel.root.lookup(b"f"), MemFile)
