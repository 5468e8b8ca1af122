"""Reading a snapshot that is made by hand: what is wrong is refused with its reason and its place."""

from __future__ import annotations

import tracemalloc

import pytest

from kernel_sim.clock import VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.fs.content import PAGE
from kernel_sim.kernel import Kernel
from kernel_sim.snapshot import SnapshotError, load, save
from kernel_sim.snapshot.codec import MAGIC, Writer
from tests.kernel_sim.scripts import MemoryStream, errno, world
from tests.kernel_sim.snapshot.copies import HEAD, again, sealed

SYSTEM = b"\x00\x01\x01\x40\x40\x40\x00\x04\x09"
"""In memory, number 1, writable, small quotas, next inode 9."""


NUMBERS = b"\x00\x01\x02\x00\x00\x00"
"""File system 0, number 1, two links, times 0."""


FILE = b"\x01" + NUMBERS + b"\x00\x00\x01x\x01"


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
    "a page lies beyond": {
        "inodes": b"\x02" + directory() + b"\x01" + NUMBERS + b"\x00\x01\x80\x80\x04\x01\x01" + bytes(PAGE)
    },
    "2 is more than the 1 that there can be": {"processes": b"\x01\x02" + PROCESS[2:] + b"\x00\x00"},
    "more than the 8 that there can be": {"inodes": b"\x01\x03\x00\x09" + directory()[3:]},
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
        load(built(**WRONG[reason]), {"wire": MemoryStream()})
    assert reason in error.value.reason
    assert error.value.offset is not None


def test_announced_lengths_allocate_nothing() -> None:
    for head in (b"\x01\x02\x00\x00\x00", b"\x01\x00\x00\x00\x00"):
        bomb = HEAD + head + b"\x01" + b"\xff" * 8 + b"\x7f" * 60 + b"1234"
        tracemalloc.start()
        with pytest.raises(SnapshotError):
            load(sealed(bomb))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20


def test_what_is_no_snapshot() -> None:
    for data in (b"", b"PK", MAGIC, MAGIC + b"\x02" + bytes(9)):
        with pytest.raises(SnapshotError) as error:
            load(data)
        assert error.value.offset is not None and "at byte" in str(error.value)


def test_the_clock_and_entropy_of_the_host_are_given_anew() -> None:
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


def test_seeds_of_any_size() -> None:
    for seed in (-1, 0, 1 << 300, (1 << 256) - 1):
        kernel = Kernel(entropy=SeededEntropy(seed, 1000))
        copy = load(save(kernel)).kernel
        assert copy.entropy.take(9) == kernel.entropy.take(9)


def test_quotas_and_the_output_that_is_left() -> None:
    k = world(max_bytes=10, max_output=8)
    k.write(1, b"12345")
    copy = again(k)
    assert copy.write(2, b"12345") == 3
    assert errno(copy.open, "a", "creat") == ""
    assert copy.write(copy.open("a", "w"), b"x" * 20) == 10
