"""Syscalls on open files: what they do, and every error they can end in."""

from __future__ import annotations

import pytest

from kernel_sim.errors import Errno
from kernel_sim.fs.special import Stream
from kernel_sim.net.stream import MemoryListener
from kernel_sim.openfile import Rights, Status
from kernel_sim.syscalls.files import OFFSET_MAX, SEEK_MAX, Whence
from tests.kernel_sim.scripts import (
    ROOT,
    FaultyInode,
    MemoryStream,
    World,
    blocks,
    errno,
    pieces,
    populated,
    provokes,
    views,
    world,
)  # fmt: skip

STDIN, STDOUT = 0, 1


def listener(k: World) -> int:
    return k.install(MemoryListener(k.kernel.pipes, k.kernel.pipes.new_number(), 0))


def broken_stream(k: World, failure: str) -> int:
    device = MemoryStream()
    device.failure = failure
    k.kernel.attach("broken", device)
    return k.install(k.kernel.new_stream("broken"))


def faulty(k: World, failure: str = Errno.IO) -> int:
    return k.holding(FaultyInode(k.kernel.root, failure))


class TestReading:
    def test_in_order_from_the_offset(self) -> None:
        k = populated()
        fd = k.open("d/x")
        buffers = views(3, 0, 4)
        assert k.sys.readv(fd, buffers) == 7
        assert b"".join(buffers) == b"0123456"
        assert k.read(fd, 100) == b"789"
        assert k.read(fd, 100) == b""
        assert k.sys.tell(fd) == 10

    def test_a_short_read_leaves_the_rest_of_the_buffers_alone(self) -> None:
        k = populated()
        buffers = views(8, 8, 8)
        assert k.sys.readv(k.open("d/x"), buffers) == 10
        assert b"".join(buffers) == b"0123456789" + b"\xaa" * 14

    def test_at_an_offset_of_its_own(self) -> None:
        k = populated()
        fd = k.open("d/x")
        assert k.pread(fd, 4, 8) == b"89"
        assert k.pread(fd, 4, 10) == b"" == k.pread(fd, 4, OFFSET_MAX)
        assert k.sys.tell(fd) == 0

    def test_of_a_stream_waits_and_is_started_again(self) -> None:
        k = world(stdin=[None])
        assert blocks(k.read, STDIN, 5)
        k.stdin.incoming[:] = [b"line", b"more"]
        assert k.read(STDIN, 3) == b"lin"
        assert k.read(STDIN, 3) == b"e"
        buffers = views(2, 2)
        assert k.sys.readv(STDIN, buffers) == 4 and b"".join(buffers) == b"more"
        assert k.read(STDIN, 3) == b""

    def test_of_a_stream_takes_what_has_arrived(self) -> None:
        k = world(stdin=[b"ab", None])
        buffers = views(2, 0, 2)
        assert k.sys.readv(STDIN, buffers) == 2
        assert blocks(k.sys.readv, STDIN, buffers)

    @provokes("readv", "BADF", "INVAL", "AGAIN", "CONNRESET", "NOTCONN", "IO")
    def test_errors(self) -> None:
        k = populated(world(stdin=[None]))
        fd = k.open("f")
        assert errno(k.read, 99, 1) == errno(k.read, ROOT, 1) == errno(k.read, k.open("f", "w"), 1) == "BADF"
        k.sys.seek(fd, SEEK_MAX, Whence.SET)
        assert errno(k.read, fd, 1) == "INVAL"
        reading, _ = k.sys.pipe()
        k.sys.set_status(reading, Status.NONBLOCK)
        assert errno(k.read, reading, 1) == "AGAIN"
        assert errno(k.read, broken_stream(k, Errno.CONNRESET), 1) == "CONNRESET"
        assert errno(k.read, listener(k), 1) == "NOTCONN"
        assert errno(k.read, faulty(k), 1) == "IO"

    @provokes("preadv", "BADF", "SPIPE", "INVAL", "IO")
    def test_errors_at_an_offset(self) -> None:
        k = populated()
        assert errno(k.pread, 99, 1, 0) == errno(k.pread, ROOT, 1, 0) == errno(k.pread, k.open("f", "w"), 1, 0) == "BADF"
        assert errno(k.pread, STDIN, 1, 0) == "SPIPE"
        assert errno(k.pread, k.open("f"), 1, OFFSET_MAX + 1) == "INVAL"
        assert errno(k.pread, faulty(k), 1, 0) == "IO"


class TestWriting:
    def test_vectors_at_the_offset(self) -> None:
        k = populated()
        fd = k.open("f", "rw")
        assert k.sys.writev(fd, pieces(b"J", b"", b"E")) == 2
        assert k.get("f") == b"JEllo"
        assert k.sys.tell(fd) == 2
        assert k.sys.writev(fd, []) == 0

    def test_at_an_offset_of_its_own(self) -> None:
        k = populated()
        fd = k.open("f", "rw")
        assert k.pwrite(fd, b"!", 7) == 1
        assert k.get("f") == b"hello\0\0!"
        assert k.sys.tell(fd) == 0

    def test_appending_moves_to_the_end_whatever_the_offset(self) -> None:
        k = populated()
        fd = k.open("f", "rw append")
        assert k.sys.tell(fd) == 0
        assert k.pwrite(fd, b"X", 0) == 1
        assert k.sys.tell(fd) == 0
        assert k.write(fd, b"YZ") == 2
        assert k.sys.tell(fd) == 8
        k.sys.set_status(fd, 0)
        k.sys.seek(fd, 0, Whence.SET)
        k.write(fd, b"-")
        assert k.get("f") == b"-elloXYZ"

    def test_to_a_stream(self) -> None:
        k = world()
        k.stdout.room = 3
        assert k.sys.writev(STDOUT, pieces(b"ab", b"cd")) == 3
        assert blocks(k.write, STDOUT, b"x")
        assert k.write(STDOUT, b"") == 0
        assert k.stdout.written == b"abc"

    def test_beyond_the_largest_file(self) -> None:
        k = populated()
        k.kernel.root.fs.max_file_size = 7
        fd = k.open("f", "rw append")
        assert k.sys.writev(fd, pieces(b"a", b"bcd")) == 2
        assert errno(k.write, fd, b"c") == "FBIG"
        assert k.write(fd, b"") == 0
        assert k.get("f") == b"helloab"

    @provokes("writev", "BADF", "INVAL", "AGAIN", "FBIG", "NOSPC", "PIPE", "CONNRESET", "NOTCONN", "IO")
    def test_errors(self) -> None:
        k = populated(world(max_bytes=100))
        used = k.kernel.root.fs.used_bytes
        fd = k.open("f", "rw")
        assert errno(k.write, 99, b"x") == errno(k.write, ROOT, b"x") == errno(k.write, k.open("f"), b"x") == "BADF"
        assert k.write(fd, b"y" * 200) == 100 - used + len(b"hello")
        assert errno(k.write, fd, b"x") == "NOSPC"
        k.sys.seek(fd, SEEK_MAX, Whence.SET)
        assert errno(k.write, fd, b"x") == "INVAL"
        k.sys.seek(fd, OFFSET_MAX, Whence.SET)
        assert errno(k.write, fd, b"x") == "FBIG"
        reading, writing = k.sys.pipe()
        k.sys.set_status(writing, Status.NONBLOCK)
        k.write(writing, b"x" * (1 << 16))
        assert errno(k.write, writing, b"x") == "AGAIN"
        k.sys.set_status(writing, Status.APPEND)
        assert blocks(k.write, writing, b"x")
        k.sys.close(reading)
        assert errno(k.write, writing, b"x") == "PIPE"
        assert errno(k.write, broken_stream(k, Errno.CONNRESET), b"x") == "CONNRESET"
        assert errno(k.write, listener(k), b"x") == "NOTCONN"
        assert errno(k.write, faulty(k), b"x") == "IO"

    @provokes("pwritev", "BADF", "SPIPE", "INVAL", "FBIG", "NOSPC", "IO")
    def test_errors_at_an_offset(self) -> None:
        k = populated(world(max_bytes=50))
        fd = k.open("f", "rw")
        for bad in (99, ROOT, k.open("f")):
            assert errno(k.pwrite, bad, b"x", 0) == "BADF"
        assert errno(k.pwrite, STDOUT, b"x", 0) == "SPIPE"
        assert errno(k.pwrite, fd, b"x", OFFSET_MAX + 1) == "INVAL"
        assert errno(k.pwrite, fd, b"x", OFFSET_MAX) == "FBIG"
        assert errno(k.pwrite, fd, b"x", 1000) == "NOSPC"
        assert errno(k.pwrite, faulty(k), b"x", 0) == "IO"

    @provokes("appendv", "BADF", "SPIPE", "FBIG", "NOSPC", "IO")
    def test_at_the_end_whatever_the_offset(self) -> None:
        k = populated(world(max_bytes=50))
        fd = k.open("f", "rw")
        assert k.sys.appendv(fd, pieces(b" wo", b"rld")) == 6 and k.sys.tell(fd) == 0
        assert k.get("f") == b"hello world"
        for bad in (99, ROOT, k.open("f")):
            assert errno(k.sys.appendv, bad, pieces(b"x")) == "BADF"
        assert errno(k.sys.appendv, STDOUT, pieces(b"x")) == "SPIPE"
        k.put("x", b"x" * k.kernel.root.fs.room(50))
        assert errno(k.sys.appendv, fd, pieces(b"x")) == "NOSPC"
        k.kernel.root.fs.max_file_size = 11
        assert errno(k.sys.appendv, fd, pieces(b"x")) == "FBIG"
        assert errno(k.sys.appendv, faulty(k), pieces(b"x")) == "IO"


class TestOffsets:
    def test_from_the_start_the_offset_and_the_end(self) -> None:
        k = populated()
        fd = k.open("f")
        assert k.sys.seek(fd, 3, Whence.SET) == 3
        assert k.sys.seek(fd, -1, Whence.CUR) == 2 == k.sys.tell(fd)
        assert k.sys.seek(fd, 2, Whence.END) == 7
        assert k.read(fd, 1) == b""
        assert k.sys.seek(fd, OFFSET_MAX, Whence.END) == OFFSET_MAX + 5

    @provokes("seek", "BADF", "SPIPE", "INVAL")
    @provokes("tell", "BADF", "SPIPE")
    def test_errors(self) -> None:
        k = populated()
        fd = k.open("f")
        for bad in (99, ROOT):
            assert errno(k.sys.seek, bad, 0, Whence.SET) == errno(k.sys.tell, bad) == "BADF"
        assert errno(k.sys.seek, STDIN, 0, Whence.SET) == errno(k.sys.tell, STDIN) == "SPIPE"
        for offset, whence in ((-1, Whence.SET), (-1, Whence.CUR), (-100, Whence.END), (SEEK_MAX, Whence.END)):
            assert errno(k.sys.seek, fd, offset, whence) == "INVAL"
        assert k.sys.tell(fd) == 0


class TestDescriptors:
    @provokes("close", "BADF")
    def test_closing(self) -> None:
        k = populated()
        fd = k.open("f")
        k.sys.close(fd)
        assert errno(k.sys.close, fd) == errno(k.read, fd, 1) == "BADF"
        assert k.open("f") == fd

    @provokes("renumber", "BADF")
    def test_renumbering(self) -> None:
        k = populated()
        reading, writing = k.sys.pipe()
        f = k.open("f")
        k.sys.renumber(f, f)
        k.sys.renumber(f, writing)
        assert k.read(writing, 5) == b"hello"
        assert errno(k.sys.tell, f) == "BADF"
        assert k.read(reading, 1) == b""  # the pipe's only writer was closed
        assert errno(k.sys.renumber, writing, 99) == errno(k.sys.renumber, 99, writing) == "BADF"

    @provokes("fstat", "BADF", "IO")
    def test_attributes(self) -> None:
        k = populated()
        stat = k.sys.fstat(k.open("f"))
        assert (stat.type, stat.size, stat.nlink) == ("regular-file", 5, 1)
        assert stat.inode == k.stat("f").inode
        assert vars_of(k.sys.fstat(STDIN)) == (0, 0, "unknown", 0, 0, 0, 0, 0)
        k.stdout.terminal = True
        assert k.sys.fstat(STDOUT).type == "character-device"
        assert errno(k.sys.fstat, 99) == "BADF"
        assert errno(k.sys.fstat, faulty(k)) == "IO"

    @provokes("descriptor", "BADF")
    @provokes("preopen", "BADF")
    def test_what_a_descriptor_is(self) -> None:
        k = populated()
        fd = k.open("f", "r append")
        assert (k.sys.descriptor(fd).status, k.sys.descriptor(fd).readable) == (Status.APPEND, True)
        assert k.sys.preopen(ROOT) == b"/"
        assert k.sys.preopen(fd) is None
        assert errno(k.sys.descriptor, 99) == errno(k.sys.preopen, 99) == "BADF"

    @provokes("set_status", "BADF", "INVAL")
    def test_status_flags(self) -> None:
        k = populated()
        fd = k.open("f", "rw append")
        k.sys.set_status(fd, Status.NONBLOCK)
        assert k.sys.descriptor(fd).status == Status.NONBLOCK
        for flag in (Status.SYNC, Status.DSYNC, Status.RSYNC):
            assert errno(k.sys.set_status, fd, flag) == "INVAL"
        for bad in (99, ROOT, STDIN):
            assert errno(k.sys.set_status, bad, 0) == "BADF"

    @provokes("set_rights", "BADF", "NOTSUP", "NOTCAPABLE")
    def test_rights(self) -> None:
        k = populated()
        assert errno(k.sys.set_rights, 99, 0, 0) == errno(k.sys.set_rights, STDIN, 0, 0) == "BADF"
        assert errno(k.sys.set_rights, k.open("f"), 0, 0) == "NOTSUP"
        k = populated(world(strict=True))
        fd = k.open("f")
        k.sys.set_rights(fd, 0, Rights.FD_READ)
        assert errno(k.sys.set_rights, fd, Rights.FD_READ, 0) == "NOTCAPABLE"
        assert errno(k.sys.set_rights, fd, 0, Rights.FD_WRITE) == "NOTCAPABLE"
        assert errno(k.sys.set_rights, 99, 0, 0) == "BADF"


class TestStorage:
    @provokes("ftruncate", "BADF", "INVAL", "FBIG", "NOSPC", "IO")
    def test_truncating(self) -> None:
        k = populated()
        fd = k.open("f", "rw")
        k.sys.ftruncate(fd, 8)
        assert k.get("f") == b"hello\0\0\0"
        k.sys.ftruncate(fd, 2)
        assert k.get("f") == b"he"
        for bad in (99, ROOT, STDOUT):
            assert errno(k.sys.ftruncate, bad, 0) == "BADF"
        _, writing = k.sys.pipe()
        assert errno(k.sys.ftruncate, k.open("f"), 0) == errno(k.sys.ftruncate, writing, 0) == "INVAL"
        assert errno(k.sys.ftruncate, fd, OFFSET_MAX + 1) == errno(k.sys.ftruncate, listener(k), 0) == "INVAL"
        k.kernel.root.fs.max_file_size = 10
        assert errno(k.sys.ftruncate, fd, 11) == "FBIG"
        for failure in ("NOSPC", "IO"):
            assert errno(k.sys.ftruncate, faulty(k, failure), 0) == failure

    @provokes("futimens", "BADF", "PERM", "IO")
    def test_times(self) -> None:
        k = populated()
        fd = k.open("f")
        k.sys.futimens(fd, 5, None)
        before = k.sys.fstat(fd)
        k.sys.futimens(fd, None, 7)
        after = k.sys.fstat(fd)
        assert (after.atime, after.mtime) == (5, 7)
        assert before.mtime != 7 and after.ctime >= before.ctime
        k.sys.futimens(ROOT, 1, 2)
        assert errno(k.sys.futimens, 99, 1, 2) == errno(k.sys.futimens, STDIN, 1, 2) == "BADF"
        assert errno(k.sys.futimens, faulty(k), 1, 2) == "IO"
        k.kernel.root.fs.writable = False
        assert errno(k.sys.futimens, fd, 1, 2) == "PERM"

    @provokes("fallocate", "BADF", "INVAL", "FBIG", "NODEV", "NOSPC", "NOTSUP", "IO")
    def test_allocating(self) -> None:
        k = populated(world(max_bytes=1000))
        fd = k.open("f", "rw")
        k.sys.fallocate(fd, 2, 6)
        assert k.get("f") == b"hello\0\0\0"
        k.sys.fallocate(fd, 0, 1)
        assert k.stat("f").size == 8
        for bad in (99, ROOT, STDOUT, k.open("f")):
            assert errno(k.sys.fallocate, bad, 0, 1) == "BADF"
        assert errno(k.sys.fallocate, fd, 0, 0) == "INVAL"
        assert errno(k.sys.fallocate, fd, OFFSET_MAX, 1) == "FBIG"
        assert errno(k.sys.fallocate, k.sys.pipe()[1], 0, 1) == "NODEV"
        assert errno(k.sys.fallocate, fd, 0, 1001) == errno(k.sys.fallocate, fd, 1 << 40, 1) == "NOSPC"
        k.kernel.root.fs.max_file_size = 100
        assert errno(k.sys.fallocate, fd, 0, 101) == "FBIG"
        for failure in ("NOTSUP", "IO"):
            assert errno(k.sys.fallocate, faulty(k, failure), 0, 1) == failure

    @provokes("fadvise", "BADF", "SPIPE", "INVAL")
    def test_advice(self) -> None:
        k = populated()
        fd = k.open("f")
        k.sys.fadvise(fd, 0, 0, "sequential")
        for bad in (99, ROOT, STDIN):
            assert errno(k.sys.fadvise, bad, 0, 0, "normal") == "BADF"
        assert errno(k.sys.fadvise, k.sys.pipe()[0], 0, 0, "normal") == "SPIPE"
        k.sys.fadvise(fd, OFFSET_MAX + 1, 0, "normal")  # POSIX has an error for the length alone
        assert errno(k.sys.fadvise, fd, 0, OFFSET_MAX + 1, "normal") == "INVAL"

    @provokes("fsync", "BADF", "INVAL", "IO")
    @provokes("fdatasync", "BADF", "INVAL", "IO")
    def test_syncing(self) -> None:
        k = populated()
        for sync in (k.sys.fsync, k.sys.fdatasync):
            sync(k.open("f"))
            for bad in (99, ROOT, STDOUT):
                assert errno(sync, bad) == "BADF"
            assert errno(sync, listener(k)) == "INVAL"
            assert errno(sync, faulty(k)) == "IO"


def vars_of(stat: object) -> tuple[object, ...]:
    return tuple(getattr(stat, name) for name in type(stat).__slots__)  # type: ignore[attr-defined]  # a Stat


@pytest.mark.parametrize("terminal", [False, True])
def test_streams_have_no_type_while_their_device_is_away(terminal: bool) -> None:
    k = world()
    k.stdin.terminal = terminal
    inode = k.process.fds[STDIN].inode
    assert isinstance(inode, Stream)
    del k.kernel.devices["stdin"]
    assert inode.stat().type == "unknown"
