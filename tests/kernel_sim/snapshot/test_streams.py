"""Pipes, sockets and streams of devices come back from a snapshot with what was on its way in them."""

from __future__ import annotations

import pytest

from kernel_sim.net.stream import DeviceConnection, DeviceListener, MemoryListener, connection_pair
from kernel_sim.openfile import OpenFile
from kernel_sim.snapshot import SnapshotError, load, save
from tests.kernel_sim.scripts import MemoryListenerDevice, MemoryStream, World, errno, world
from tests.kernel_sim.snapshot.copies import again


def test_two_processes_share_a_pipe() -> None:
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


def test_a_listener_with_connections_that_wait() -> None:
    k = world()
    listener = MemoryListener(k.kernel.pipes, k.kernel.pipes.new_number(), 0)
    fd = k.install(listener)
    for data in (b"one", b"two"):
        listener.connect().write_at(0, [memoryview(data)])
    copy = again(k)
    assert [copy.read(copy.sys.accept(fd, 0), 9) for _ in range(2)] == [b"one", b"two"]


def test_sockets_behind_devices() -> None:
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


def test_each_end_of_a_connection_stays_shut_as_it_was() -> None:
    k = world()
    one, other = connection_pair(k.kernel.pipes)
    here, there = k.install(one), k.install(other)
    k.write(here, b"last words")
    k.sys.shutdown(here, False, True)
    copy = again(k)
    assert copy.read(there, 20) == b"last words" and copy.read(there, 20) == b""
    assert errno(copy.write, here, b"x") == "PIPE"
    copy.write(there, b"answer")
    assert copy.read(here, 20) == b"answer"


def test_each_process_still_finds_its_own_standard_streams() -> None:
    k = world()
    k.kernel.make_dev(k.kernel.root.make_directory(b"dev"))
    copy = again(k)
    copy.write(copy.open("dev/stdout", "w"), b"here")
    assert copy.stdout.written == b"here" and k.stdout.written == b""
    assert copy.names("dev") == k.names("dev")
