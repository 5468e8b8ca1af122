"""Bytes that are no snapshot, or a wrong one: always a `SnapshotError`, or a kernel that keeps its own contracts."""

from __future__ import annotations

import tracemalloc
from random import Random
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.errors import KernelError, ProcessExit, WouldBlock
from kernel_sim.fs.content import PAGE
from kernel_sim.kernel import Kernel
from kernel_sim.net.stream import DeviceConnection
from kernel_sim.snapshot import SnapshotError, load, save
from kernel_sim.snapshot.codec import MAGIC, VERSION, Reader, Writer
from kernel_sim.syscalls.polling import Subscription
from tests.kernel_sim.calls import crowded
from tests.kernel_sim.scripts import MemoryStream, World

HEAD = MAGIC + bytes([VERSION])


def sealed(data: bytes) -> bytes:
    """With the checksum that belongs to it."""
    return data[:-4] + crc32(data[:-4]).to_bytes(4, "little")


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


def test_announced_lengths_allocate_nothing() -> None:
    for head in (b"\x01\x02\x00\x00\x00", b"\x01\x00\x00\x00\x00"):
        bomb = HEAD + head + b"\x01" + b"\xff" * 8 + b"\x7f" * 60 + b"1234"
        tracemalloc.start()
        with pytest.raises(SnapshotError):
            load(sealed(bomb))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20


def built(**parts: bytes) -> bytes:
    """A snapshot made by hand: a root directory with `entries` above other inodes, one file system, no process.

    Every part may be replaced: system (of the file system), buffers, inodes (a count, then inodes), files, roots, processes.
    """
    out = Writer()
    out.data += HEAD
    out.data += parts.get("clock", b"\x01\x00\x00\x00\x00") + parts.get("entropy", b"\x01\x20" + bytes(32) + b"\x00")
    out.data += parts.get("kernel", b"\x02\x09\x00")
    out.data += parts.get("systems", b"\x01" + SYSTEM)
    out.data += parts.get("buffers", b"\x00")
    out.data += parts.get("inodes", b"\x01" + directory())
    out.data += parts.get("files", b"\x00")
    out.data += parts.get("roots", b"\x00\x00\x00")
    out.data += parts.get("processes", b"\x00")
    return sealed(bytes(out.data) + parts.get("rest", b"") + b"1234")


SYSTEM = b"\x00\x01\x01\x40\x40\x40\x00\x04\x09"
"""In memory, number 1, writable, small quotas, next inode 9."""
NUMBERS = b"\x00\x01\x02\x00\x00\x00"
"""File system 0, number 1, two links, times 0."""
FILE = b"\x01" + NUMBERS + b"\x00\x00\x01x\x01"


def directory(*entries: bytes, parent: int = 0, mounted: bytes = b"\x00") -> bytes:
    return b"\x03" + NUMBERS + b"\x09" + bytes([parent]) + mounted + bytes([len(entries)]) + b"".join(entries)


def entry(name: bytes, cookie: int, inode: int) -> bytes:
    return bytes([len(name)]) + name + bytes([cookie, inode])


def test_the_smallest_snapshot_loads() -> None:
    kernel = load(built()).kernel
    assert save(kernel) == built()
    inodes = b"\x03" + directory(entry(b"f", 2, 1), entry(b"d", 3, 2)) + FILE + directory()
    assert [*load(built(inodes=inodes)).kernel.root.names] == [b"f", b"d"]


PROCESS = b"\x01\x01\x00\x00\x05\x00\x00\x00"
"""One process: number 1, no strings, five descriptors at most, lenient, still running."""
WRONG = {
    "there is no file system": {"systems": b"\x00"},
    "file systems are not in order": {"systems": b"\x02" + SYSTEM + SYSTEM},
    "7 is no kind of file system": {"systems": b"\x01\x07" + SYSTEM[1:]},
    "9 is more than the 8 that there can be": {"systems": b"\x01\x00\x09" + SYSTEM[2:]},
    "2 is neither yes nor no": {"clock": b"\x02"},
    "the key of the entropy is too short": {"entropy": b"\x01\x01x\x00"},
    "more than the 1 that there can be": {"kernel": b"\x02\x09\x01\x01\x02"},
    "a buffer holds more than it has room for": {"buffers": b"\x01\x02xx\x01\x00\x00"},
    "there is no such kind of inode": {"inodes": b"\x01\x63"},
    "there is no such inode": {"inodes": b"\x01" + directory(entry(b"f", 2, 5))},
    "no directory entry can have that name": {"inodes": b"\x02" + directory(entry(b"a/b", 2, 1)) + FILE},
    "two entries of one name": {"inodes": b"\x02" + directory(entry(b"f", 2, 1), entry(b"f", 3, 1)) + FILE},
    "in the order of their cookies": {"inodes": b"\x02" + directory(entry(b"f", 3, 1), entry(b"g", 3, 1)) + FILE},
    "two places in the tree": {"inodes": b"\x02" + directory(entry(b"f", 2, 1), entry(b"g", 3, 1)) + directory()},
    "is not below its parent": {"inodes": b"\x02" + directory(entry(b"f", 2, 1)) + directory(parent=1)},
    "form a circle": {"inodes": b"\x03" + directory() + directory(parent=2) + directory(parent=1)},
    "no entry can have that cookie": {"inodes": b"\x01\x03" + NUMBERS + b"\x01\x00\x00\x00"},
    "above a directory is no directory": {"inodes": b"\x02" + directory(parent=1) + FILE},
    "mounted on a directory is no directory": {"inodes": b"\x02" + directory(mounted=b"\x01\x01") + FILE},
    "directory of another file system": {
        "systems": b"\x02" + SYSTEM + b"\x00\x02" + SYSTEM[2:],
        "inodes": b"\x02" + directory(entry(b"f", 2, 1)) + b"\x03\x01" + directory()[2:],
    },
    "a file of 0 bytes stores 1": {"inodes": b"\x02" + directory() + FILE[:-1] + b"\x00"},
    "pages are not in order": {
        "inodes": b"\x02" + directory() + b"\x01" + NUMBERS + b"\x00\x01\xff\xff\xff\x01\x02" + 2 * (b"\x01" + bytes(PAGE))
    },
    "beyond the end of its file": {
        "inodes": b"\x02" + directory() + b"\x01" + NUMBERS + b"\x00\x01\x05\x01\x01" + bytes(PAGE)
    },
    "no symbolic link can have that target": {"inodes": b"\x02" + directory() + b"\x02" + NUMBERS + b"\x00"},
    "output has no limit": {"inodes": b"\x02" + directory() + b"\x08" + NUMBERS + b"\x01s\x01"},
    "there is no such buffer": {"inodes": b"\x02" + directory() + b"\x09" + NUMBERS + b"\x00"},
    "what waits to be accepted": {"inodes": b"\x02" + directory() + b"\x0b" + NUMBERS + b"\x05\x01\x01\x00"},
    "is needed, but nothing is attached": {"inodes": b"\x02" + directory() + b"\x0d" + NUMBERS + b"\x04none\x00"},
    "a text is not UTF-8": {"inodes": b"\x02" + directory() + b"\x08" + NUMBERS + b"\x01\xff\x00"},
    "named twice": {"inodes": b"\x03" + directory() + 2 * (b"\x0c" + NUMBERS + b"\x04wire")},
    "the root is no directory in memory": {"inodes": b"\x02" + directory() + FILE, "roots": b"\x00\x01\x00"},
    "what is kept is not in order": {"roots": b"\x00\x00\x02\x01b\x00\x01a\x00"},
    "processes are not in order": {"processes": b"\x02" + 2 * (PROCESS[1:] + b"\x00\x00\x00")},
    "a standard stream is no stream": {"processes": PROCESS[:-1] + b"\x01\x00\x00\x00"},
    "its open file is missing": {"processes": PROCESS + b"\x01\x00\x00\x00"},
    "a call that waits is a name": {"processes": PROCESS + b"\x00\x02"},
    "values are nested too deep": {"processes": PROCESS + b"\x00" + b"\x06\x01" * 17 + b"\x00"},
    "9 is no kind of value": {"processes": PROCESS + b"\x00\x09"},
    "there is no such clock": {"processes": PROCESS + b"\x00\x08\x00\x00\x01x\x00\x00\x00"},
    "there is something behind the end": {"rest": b"\x00"},
    "the snapshot ends too early": {"processes": b""},
    "bytes are announced": {"processes": PROCESS + b"\x00\x04\x70"},
    "a number is too long": {"kernel": b"\x80" * 30},
    "not in its shortest form": {"kernel": b"\x82\x00\x09\x00"},
}  # fmt: skip


@pytest.mark.parametrize("reason", WRONG)
def test_what_is_wrong_is_said(reason: str) -> None:
    with pytest.raises(SnapshotError) as error:
        load(built(**WRONG[reason]), devices())
    assert reason in error.value.reason
    assert error.value.offset is not None


@given(st.integers(-(1 << 130), 1 << 130))
def test_numbers(number: int) -> None:
    out = Writer()
    out.integer(number)
    assert Reader(out.data).integer() == number


def test_a_kernel_without_anything_is_small() -> None:
    assert len(save(Kernel())) < 200
