"""Laying out a world, and what a kernel answers about waiting."""

from __future__ import annotations

import pytest

from kernel_sim.errors import LimitReached
from kernel_sim.fs.special import OutputBudget
from kernel_sim.kernel import Kernel
from kernel_sim.net.stream import MemoryListener
from kernel_sim.openfile import Rights
from kernel_sim.syscalls import Syscalls
from kernel_sim.wait import Wait
from tests.kernel_sim.scripts import ROOT, MemoryListenerDevice, MemoryStream, errno, populated, world


def test_everything_is_numbered_in_the_order_of_making() -> None:
    kernel = Kernel()
    assert (kernel.pipes.number, kernel.root.fs.number, kernel.new_memory_tree().fs.number) == (1, 2, 3)
    assert [kernel.new_process([], []).pid for _ in range(2)] == [1, 2]
    kernel.reap(kernel.processes[1])
    assert kernel.new_process([], []).pid == 3


def test_dev() -> None:
    k = world()
    k.kernel.make_dev(k.kernel.root.make_directory(b"dev"))
    assert k.names("dev") == ["null", "zero", "full", "random", "urandom", "stdin", "stdout", "stderr"]
    k.put("dev/null", b"gone")
    assert k.get("dev/null") == b""
    assert k.read(k.open("dev/zero"), 5) == bytes(5)
    assert errno(k.put, "dev/full", b"x") == "NOSPC"
    assert k.read(k.open("dev/random"), 8) != k.read(k.open("dev/urandom"), 8)
    k.write(k.open("dev/stdout", "w"), b"hello")
    assert k.stdout.written == b"hello"
    used = k.kernel.root.fs.used_inodes
    k.unlink("dev/stdout")
    assert k.kernel.root.fs.used_inodes == used - 1
    assert k.write(1, b"!") == 1


def test_each_process_finds_its_own_standard_streams_in_dev() -> None:
    k = world()
    kernel = k.kernel
    kernel.make_dev(kernel.root.make_directory(b"dev"))
    other = kernel.new_process([], [])
    sink = MemoryStream()
    kernel.attach("elsewhere", sink)
    for write in (False, True):
        kernel.open_stream(other, kernel.new_stream("elsewhere", write), write)
    kernel.preopen(other, kernel.root, b"/")
    door = kernel.door(other)
    fd = door.openat(2, b"dev/stdout", True, 0, 0, Rights.FD_WRITE, 0)
    door.writev(fd, [memoryview(b"there")])
    k.write(k.open("dev/stdout", "w"), b"here")
    assert sink.written == b"there" and k.stdout.written == b"here"
    assert door.fstatat(2, b"dev/stdout", True).type == other.fds[1].inode.type
    assert errno(door.fstatat, 2, b"dev/stderr", True) == "IO"  # it has only two
    assert errno(door.openat, 2, b"dev/stderr", True, 0, 0, Rights.FD_WRITE, 0) == "IO"
    kernel.reap(other)
    assert "elsewhere" not in kernel.devices and "stdout" in kernel.devices


def test_output_budgets_are_shared_and_end_the_guest() -> None:
    k = world(max_output=10)
    assert k.write(1, b"123456") == 6
    assert k.write(2, b"123456") == 4
    assert k.write(1, b"") == 0
    with pytest.raises(LimitReached):
        k.write(1, b"x")
    assert k.kernel.budget is not None and k.kernel.budget.left == 0
    k.stdout.room = 0
    k.kernel.budget.left = 5
    inode = k.process.fds[1].inode
    assert inode.write_at(0, [memoryview(b"x")]) is None
    assert k.kernel.budget.left == 5
    same = memoryview(b"12345")
    assert [bytes(view) for view in OutputBudget(7).allow([same, same, same])] == [b"12345", b"12"]


def test_strict_streams_and_directories_have_only_the_rights_that_fit() -> None:
    k = world(strict=True)
    assert k.process.fds[0].rights & (Rights.FD_READ | Rights.FD_WRITE) == Rights.FD_READ
    assert k.process.fds[1].rights & (Rights.FD_READ | Rights.FD_WRITE) == Rights.FD_WRITE
    assert not k.process.fds[ROOT].rights & Rights.FD_READ
    assert k.process.fds[ROOT].inheriting == Rights.ALL


def test_a_listener_from_the_start() -> None:
    k = world()
    listener = MemoryListener(k.kernel.pipes, k.kernel.pipes.new_number(), 0)
    fd = k.kernel.open_listener(k.process, listener)
    listener.connect().write_at(0, [memoryview(b"x")])
    assert k.read(k.sys.accept(fd, 0), 5) == b"x"
    k.kernel.attach("door", MemoryListenerDevice(MemoryStream(b"y")))
    fd = k.kernel.open_listener(k.process, k.kernel.new_listener("door"))
    assert k.read(k.sys.accept(fd, 0), 5) == b"y"


def test_a_door_is_of_the_kind_that_was_asked_for() -> None:
    class Other(Syscalls):
        __slots__ = ()

    k = world()
    assert type(k.kernel.door(k.process, Other)) is Other
    assert type(k.kernel.door(k.process)) is Syscalls


def test_only_live_devices_are_waited_for() -> None:
    k = world(stdin=[None])
    wait = Wait((0, 99), (1,))
    assert k.kernel.live_devices(k.process, wait) == []
    k.stdin.live = k.stdout.live = True
    assert k.kernel.live_devices(k.process, wait) == [("stdin", False), ("stdout", True)]
    assert errno(k.kernel.wait_for_devices, [], None) == "NOSYS"


def test_a_device_that_is_away_is_broken() -> None:
    k = populated()
    k.kernel.attach("x", MemoryStream(b"hello"))
    fd = k.install(k.kernel.new_stream("x"))
    assert k.read(fd, 9) == b"hello"
    del k.kernel.devices["x"]
    assert errno(k.read, fd, 9) == errno(k.write, fd, b"x") == "IO"
