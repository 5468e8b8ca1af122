"""Every kind of inode comes back from a snapshot with what it held and what it refers to."""

from __future__ import annotations

import pytest

from kernel_sim.fs.content import PAGE, SparseContent
from kernel_sim.net.stream import DeviceConnection, DeviceListener, MemoryListener, connection_pair
from kernel_sim.openfile import OpenFile
from kernel_sim.snapshot import SnapshotError, load, save
from kernel_sim.snapshot.inodes import KINDS
from kernel_sim.snapshot.outside import OUTSIDE_KINDS
from tests.kernel_sim.scripts import ROOT, MemoryListenerDevice, MemoryStream, World, errno, populated, world
from tests.kernel_sim.snapshot.copies import again


def test_everything_about_files() -> None:
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


def test_a_mounted_tree() -> None:
    k = populated()
    assert k.kernel.mount(b"e", k.kernel.new_memory_tree())
    k.put("e/inside", b"x")
    copy = again(k)
    assert copy.get("e/inside") == b"x"
    assert errno(copy.rmdir, "e") == "BUSY"
    assert copy.kernel.new_memory_tree().fs.number == k.kernel.new_memory_tree().fs.number


def test_a_listener_with_connections_that_wait() -> None:
    k = world()
    listener = MemoryListener(k.kernel.pipes, k.kernel.pipes.new_number(), 0)
    fd = k.install(listener)
    for data in (b"one", b"two"):
        listener.connect().write_at(0, [memoryview(data)])
    copy = again(k)
    assert [copy.read(copy.sys.accept(fd, 0), 9) for _ in range(2)] == [b"one", b"two"]


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


def test_the_depth_of_a_tree_has_no_limit() -> None:
    k = world()
    directory = k.kernel.root
    for _ in range(5000):
        directory = directory.make_directory(b"d")
    data = save(k.kernel)
    assert save(load(data).kernel) == data


def test_no_two_kinds_have_one_number_or_one_type() -> None:
    kinds = [*KINDS, *OUTSIDE_KINDS]
    assert len({kind.number for kind in kinds}) == len({kind.type for kind in kinds}) == len(kinds)


def test_devices_and_links() -> None:
    k = populated()
    k.kernel.make_dev(k.kernel.root.make_directory(b"dev"), {b"out": k.process.fds[1].inode})
    copy = again(k)
    assert copy.names("dev") == k.names("dev")
    assert copy.sys.readlinkat(ROOT, b"dang") == b"gone"
    assert copy.get("dev/null") == b"" and copy.read(copy.open("dev/zero"), 3) == bytes(3)
    assert errno(copy.write, copy.open("dev/full", "w"), b"x") == "NOSPC"
    assert copy.read(copy.open("dev/random"), 8) == k.read(k.open("dev/random"), 8)
    assert copy.kernel.root.lookup(b"dev").lookup(b"out") is copy.process.fds[1].inode


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


def test_a_cookie_of_a_directory_is_never_given_twice() -> None:
    k = populated()
    fd = k.open(".", "dir")
    last = k.sys.getdents(fd, 0, 99)[-1]
    k.unlink(last.name.decode())
    copy = again(k)
    copy.put("fresh")
    assert copy.sys.getdents(fd, 0, 99)[-1].cookie > last.cookie
