"""The edges of what the vDSO answers, each call in step with a world that has none."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import pytest

from tests.agave_wasi.vdso.lockstep import DATA, MEMORY, OUT, PATH_A, PATH_B, RIGHTS, VECTORS, Pair
from tests.agave_wasi.vdso.test_link import awake
from tests.agave_wasi.vdso.test_link import eager as eager

QUOTA = 1 << 21


@pytest.fixture
def pair(eager: None) -> Iterator[Pair]:
    """Two worlds, the first with a vDSO that is awake; in the end they are the same."""
    pair = Pair(QUOTA)
    pair.call("clock_time_get", 0, 0, OUT)
    for _ in range(3):
        pair.call("fd_close", opened(pair, b"warm", 1))
        pair.call("fd_close", opened(pair, b"d/warm", 1))
    awake(pair.lives[0])
    yield pair
    awake(pair.lives[0])
    for fd in (3, 4):
        pair.call("fd_readdir", fd, DATA, 4000, 0, OUT)
    pair.look()
    pair.close()
    pair.look()


def opened(pair: Pair, path: bytes, oflags: int = 1, fdflags: int = 0) -> int:
    """A descriptor for reading and writing, from the tree at 3."""
    pair.put(PATH_A, path)
    assert pair.call("path_open", 3, 0, PATH_A, len(path), oflags, RIGHTS, RIGHTS, fdflags, OUT) == 0
    return int.from_bytes(pair.lives[0].read(OUT, 4), "little")


def path(pair: Pair, name: str, first: bytes, second: bytes | None = None, fd: int = 3) -> object:
    """A call with a path or two."""
    pair.put(PATH_A, first)
    if second is None:
        return pair.call(name, fd, PATH_A, len(first))
    pair.put(PATH_B, second)
    if name == "path_link":
        return pair.call(name, 3, 0, PATH_A, len(first), fd, PATH_B, len(second))
    return pair.call(name, 3, PATH_A, len(first), fd, PATH_B, len(second))


def move(pair: Pair, name: str, fd: int, size: int, *offset: int) -> object:
    """Read or write `size` bytes."""
    pair.put(VECTORS, DATA.to_bytes(4, "little") + size.to_bytes(4, "little"))
    return pair.call(name, fd, VECTORS, 1, *offset, OUT)


def look(pair: Pair, fd: int) -> None:
    """The attributes and the offset of a descriptor."""
    pair.call("fd_filestat_get", fd, OUT)
    pair.call("fd_tell", fd, OUT)
    pair.call("clock_time_get", 0, 0, OUT)


@pytest.mark.parametrize("gap", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_holes(pair: Pair, gap: int) -> None:
    """A hole inside is stored if it is small; one at the end never is."""
    pair.put(DATA, bytes(range(1, 251)) * 40)
    fd = opened(pair, b"hole")
    move(pair, "fd_write", fd, 300)
    for size in (200, 320):
        pair.call("fd_filestat_set_size", fd, size)
        look(pair, fd)
    for name, size, offset in (
        ("fd_pread", 1000, 150), ("fd_pread", 100, 230), ("fd_pread", 5, 319), ("fd_pread", 5, 320), ("fd_pwrite", 10, 250),
        ("fd_pwrite", 10, 190), ("fd_pread", 1000, 0), ("fd_pwrite", 3, 260 + gap), ("fd_pread", 1000, gap),
    ):  # fmt: skip
        move(pair, name, fd, size, offset)
        look(pair, fd)


def test_appending_behind_a_hole(pair: Pair) -> None:
    fd = opened(pair, b"log", 1, 1)
    move(pair, "fd_write", fd, 20)
    pair.call("fd_filestat_set_size", fd, 100)
    move(pair, "fd_write", fd, 20)
    look(pair, fd)
    move(pair, "fd_pwrite", fd, 20, 3)
    look(pair, fd)


def test_a_quota_to_the_byte(pair: Pair) -> None:
    """What fills it exactly is answered beside the guest, one byte more is half written by the kernel."""
    full, small = opened(pair, b"full"), opened(pair, b"small")
    move(pair, "fd_write", small, 10)
    fs = pair.worlds[0].preopens[0][1].fs
    used = fs.used_bytes
    left = QUOTA - used
    pair.call("fd_allocate", full, 0, left - 100)
    look(pair, full)
    move(pair, "fd_pwrite", full, 10, left - 5)  # the hole before it counts
    look(pair, full)
    pair.call("fd_filestat_set_size", full, left - 100)
    move(pair, "fd_pwrite", full, 60, left - 100)
    move(pair, "fd_pwrite", full, 60, left - 60)  # overlaps: 20 stored, 40 new
    assert fs.used_bytes == QUOTA
    assert move(pair, "fd_pwrite", full, 60, left - 59) == 0  # one doesn't fit
    look(pair, full)
    assert move(pair, "fd_pwrite", small, 60, 10) == 51
    pair.call("fd_filestat_set_size", full, 5)
    move(pair, "fd_pwrite", small, 60, 0)
    look(pair, small)
    pair.call("fd_close", opened(pair, b"full", 8))
    look(pair, full)
    assert fs.used_bytes == used + 50


def test_a_quota_of_inodes(pair: Pair) -> None:
    for each in pair.worlds:
        fs = each.preopens[0][1].fs
        each.kernel.settle()
        fs.max_inodes = fs.used_inodes + 3
    for _ in range(1100):
        pair.lives[0].call("fd_tell", 3, OUT), pair.lives[1].call("fd_tell", 3, OUT)
    for number in range(5):
        pair.put(PATH_A, b"n%d" % number)
        pair.call("path_open", 3, 0, PATH_A, 2, 1, RIGHTS, RIGHTS, 0, OUT)
        path(pair, "path_create_directory", b"m%d" % number)
    path(pair, "path_unlink_file", b"n0")
    assert path(pair, "path_create_directory", b"again") in (0, 51)


@pytest.mark.parametrize("offset", [(1 << 44) - 4096 - 8, (1 << 62) - 1, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_far_offsets(pair: Pair, offset: int) -> None:
    fd = opened(pair, b"far")
    move(pair, "fd_write", fd, 30)
    for size in (8, 9):
        move(pair, "fd_pread", fd, size, offset)
        move(pair, "fd_pwrite", fd, size, offset)
        pair.call("fd_filestat_set_size", fd, offset + size if offset < 1 << 50 else offset)
        move(pair, "fd_pread", fd, size, offset)
        look(pair, fd)
    for delta, whence in ((offset, 0), (-8, 1), (1, 1), (offset, 1), (offset, 2), (-(1 << 62), 1), (-(1 << 63), 1), (0, 0)):
        pair.call("fd_seek", fd, delta if delta < 1 << 63 else delta - (1 << 64), whence, OUT)
        move(pair, "fd_read", fd, 5)
        look(pair, fd)


def test_times(pair: Pair) -> None:
    """The first read after a write counts, and so does one of a file whose times are equal or huge."""
    fd = opened(pair, b"times")
    move(pair, "fd_write", fd, 30)
    for times in ((5, 5), (6, 5), (5, 6), ((1 << 64) - 1, 1 << 63), (1 << 63, (1 << 64) - 1)):
        pair.call("fd_filestat_set_times", fd, *times, 5)
        look(pair, fd)
        move(pair, "fd_pread", fd, 3, 0)
        look(pair, fd)
        pair.call("fd_close", opened(pair, b"times", 8))
        look(pair, fd)


@pytest.mark.parametrize("files", range(3))
def test_the_last_records(pair: Pair, files: int) -> None:
    """A directory takes three of them; they are made 64 at once."""
    for number in range(files):
        pair.call("fd_close", opened(pair, b"d/r%d" % number))
    for number in range(60):
        assert path(pair, "path_create_directory", b"e%d" % number) == 0
    for number in range(60):
        pair.call("fd_close", opened(pair, b"e%d/x" % number))
    assert bytes(awake(pair.lives[0]).ram.bytes[:128]) == bytes(128)  # no block is at 0, which stands for none
    for number in range(60):
        assert path(pair, "path_unlink_file", b"e%d/x" % number) == path(pair, "path_remove_directory", b"e%d" % number) == 0


def test_chains(pair: Pair) -> None:
    """Names in one bucket, renamed onto each other, into other directories and back."""
    names = [name for name in (b"n%d" % number for number in range(2000)) if crc32(name) % 128 == 5][:8]
    for name in names[:5]:
        pair.call("fd_close", opened(pair, name))
    path(pair, "path_create_directory", b"sub")
    pair.call("fd_close", opened(pair, b"sub/" + names[0]))
    steps = [(0, 5), (5, 1), (4, 6), (2, 4), (6, 0), (1, 2), (0, 3)]
    for old, new in steps:
        assert path(pair, "path_rename", names[old], names[new]) == 0
        pair.call("fd_readdir", 3, DATA, 4000, 0, OUT)
    for one, other in ((names[2], b"sub/" + names[1]), (b"sub/" + names[0], names[2]), (names[4], b"sub/" + names[1])):
        assert path(pair, "path_rename", one, other) == 0
    for name in names:
        path(pair, "path_unlink_file", name)
        path(pair, "path_unlink_file", b"sub/" + name)


def test_one_checksum_for_two_names(pair: Pair) -> None:
    one, other = b"plumless", b"buckeroo"
    assert crc32(one) == crc32(other)
    for name in (one, other, one):
        pair.call("fd_close", opened(pair, name))
    fd = opened(pair, one)
    move(pair, "fd_write", fd, 9)
    look(pair, opened(pair, other))
    assert path(pair, "path_unlink_file", one) == 0
    assert path(pair, "path_unlink_file", other) == 0
    assert path(pair, "path_unlink_file", other) == 44


@pytest.mark.parametrize("kind", ["closed", "open", "linked", "unlinked", "listed"])
def test_a_file_renamed_over(pair: Pair, kind: str) -> None:
    """Whatever is known of the file that goes: its space is given back when the last one lets go."""
    old, new = opened(pair, b"old"), opened(pair, b"d/new")
    for fd in (old, new):
        move(pair, "fd_write", fd, 500)
    if kind in ("closed", "linked", "listed"):
        pair.call("fd_close", new)
    if kind == "linked":
        assert path(pair, "path_link", b"d/new", b"d/other") == 0
    if kind == "listed":
        pair.call("fd_readdir", 3, DATA, 4000, 0, OUT)
    if kind == "unlinked":
        assert path(pair, "path_unlink_file", b"d/new") == 0
    pair.call("clock_time_get", 0, 0, OUT)
    assert path(pair, "path_rename", b"old", b"d/new") == 0
    look(pair, old)
    if kind in ("open", "unlinked"):
        move(pair, "fd_write", new, 500)
        look(pair, new)
        pair.call("fd_close", new)
    pair.call("fd_close", old)
    look(pair, opened(pair, b"d/new"))
    path(pair, "path_unlink_file", b"d/other")
    for number in range(3):  # whose records are used again
        pair.call("fd_close", opened(pair, b"d/again%d" % number))
        assert path(pair, "path_link", b"d/again%d" % number, b"d/linked%d" % number) == 0
        look(pair, opened(pair, b"d/linked%d" % number))


def test_two_file_systems(pair: Pair) -> None:
    pair.put(PATH_A, b"there")
    for _ in range(4):
        assert pair.call("path_open", 4, 0, PATH_A, 5, 1, RIGHTS, RIGHTS, 0, OUT) == 0
    pair.call("fd_close", opened(pair, b"here"))
    assert path(pair, "path_rename", b"here", b"there2", fd=4) == 75
    assert path(pair, "path_link", b"here", b"there2", fd=4) == 75


def test_a_folder_that_is_gone_takes_nothing(pair: Pair) -> None:
    path(pair, "path_create_directory", b"gone")
    pair.put(PATH_A, b"gone")
    assert pair.call("path_open", 3, 0, PATH_A, 4, 2, 0, RIGHTS, 0, OUT) == 0
    fd = int.from_bytes(pair.lives[0].read(OUT, 4), "little")
    pair.put(PATH_B, b"x")
    for _ in range(3):
        pair.call("path_filestat_get", fd, 0, PATH_B, 1, OUT)
    assert path(pair, "path_remove_directory", b"gone") == 0
    for _ in range(3):
        assert pair.call("path_open", fd, 0, PATH_B, 1, 1, RIGHTS, RIGHTS, 0, OUT) == 44
        assert path(pair, "path_create_directory", b"x", fd=fd) == 44
    look(pair, fd)


def test_every_number(pair: Pair) -> None:
    """To the last descriptor and back: the lowest free one is given, and one more is refused."""
    fds = [opened(pair, b"a", 0) for _ in range(19)]
    assert fds == list(range(5, 24))
    pair.put(PATH_A, b"b")
    assert pair.call("path_open", 3, 0, PATH_A, 1, 9, RIGHTS, RIGHTS, 0, OUT) == 33
    for fd in (23, 9, 5):
        pair.call("fd_close", fd)
    assert [opened(pair, b"a", 0) for _ in range(3)] == [5, 9, 23]


@pytest.mark.parametrize("elapsed", [(1 << 62) - 3000, (1 << 62) - 1])
def test_a_clock_near_its_end(pair: Pair, elapsed: int) -> None:
    for each in pair.worlds:
        each.kernel.clock.elapsed = elapsed  # type: ignore[attr-defined]
    for clock in (0, 1, 0, 1, 0, 1):
        pair.call("clock_time_get", clock, 0, OUT)
    for each in pair.worlds:
        each.kernel.settle()
        each.kernel.clock.elapsed = 0  # type: ignore[attr-defined]
    for _ in range(1100):
        for live in pair.lives:
            live.call("fd_tell", 5, OUT)


def test_entropy_far_on(pair: Pair) -> None:
    """The block's number is one of 64 bits, and pieces may begin and end anywhere."""
    for taken in (64 * 999 + 63, (1 << 38) - 70, 5 << 40):
        for each in pair.worlds:
            each.kernel.entropy.taken = taken  # type: ignore[attr-defined]
        for size in (1, 0, 62, 64, 65, 1, 700, 129):
            pair.call("random_get", DATA + size % 3, size)


@pytest.mark.parametrize("name", ["fd_read", "fd_write", "fd_pread", "fd_pwrite"])
def test_pointers_of_vectors(pair: Pair, name: str) -> None:
    """Askew, over the end, and onto the result or the vectors themselves."""
    fd = opened(pair, b"some")
    move(pair, "fd_write", fd, 200)
    pair.call("fd_seek", fd, 0, 0, OUT)
    offset = [0] if name.startswith("fd_p") else []
    for at in (VECTORS, VECTORS + 1, VECTORS + 2, MEMORY - 8, MEMORY - 4, MEMORY, 0xFFFF_FFF8):
        for start, size in ((DATA, 9), (VECTORS, 16), (OUT, 4), (MEMORY - 3, 3), (MEMORY - 3, 4), (MEMORY, 0), (MEMORY + 1, 0)):
            if at <= MEMORY - 8:
                pair.put(at, start.to_bytes(4, "little") + size.to_bytes(4, "little"))
            for result in (OUT, VECTORS + 4, OUT + 2, MEMORY - 4, MEMORY):
                pair.call(name, fd, at, 1, *offset, result)
    look(pair, fd)


def test_long_names_and_paths(pair: Pair) -> None:
    for name in [b"n" * size for size in (103, 104, 105, 106, 255, 256)] + [b"d/" * depth + b"a" for depth in (1, 255, 256)]:
        pair.put(PATH_A, name)
        pair.call("path_open", 3, 0, PATH_A, len(name), 1, RIGHTS, RIGHTS, 0, OUT)
        pair.call("path_filestat_get", 3, 0, PATH_A, len(name), OUT)
        pair.call("path_create_directory", 3, PATH_A, len(name))
        pair.call("fd_readdir", 3, DATA, 4000, 0, OUT)
    for size in (105, 104, 255):
        assert path(pair, "path_unlink_file", b"n" * size) == 0


def test_the_longest_file(pair: Pair) -> None:
    """One that is stored to its end, which takes a smaller limit than there is."""
    for each in pair.worlds:
        each.kernel.settle()
        each.preopens[0][1].fs.max_file_size = 5000
    for _ in range(1100):
        for live in pair.lives:
            live.call("fd_tell", 5, OUT)
    fd = opened(pair, b"long")
    for _ in range(3):
        pair.call("fd_tell", fd, OUT)
    for size, offset in ((4000, 0), (1000, 3999), (1000, 4000), (1001, 4000), (1, 5000), (500, 4900)):
        move(pair, "fd_pwrite", fd, size, offset)
        look(pair, fd)
