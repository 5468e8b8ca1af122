"""The file system in memory: against a model of dicts, against the host, and its listings while entries come and go."""

from __future__ import annotations

import errno as host_errno
import os
import sys
import tempfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.errors import KernelError
from kernel_sim.fs.content import PAGE, SPARSE_GAP, DenseContent, SparseContent
from kernel_sim.fs.filesystem import MAX_FILE_SIZE
from kernel_sim.fs.memfs import MemFile, clipped
from tests.kernel_sim.scripts import ROOT, World, errno, pieces, world

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TARGETS = st.one_of(PATHS, st.sampled_from(["a/", "nowhere", "."]))
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), PATHS, st.booleans()),
        st.tuples(st.just("write"), PATHS, st.integers(0, 5), st.binary(max_size=6)),
        st.tuples(st.just("append"), PATHS, st.binary(max_size=6)),
        st.tuples(st.just("truncate"), PATHS, st.integers(0, 9)),
        st.tuples(st.just("read"), PATHS),
        st.tuples(st.just("mkdir"), PATHS),
        st.tuples(st.just("rmdir"), PATHS),
        st.tuples(st.just("unlink"), PATHS),
        st.tuples(st.just("rename"), PATHS, PATHS),
        st.tuples(st.just("link"), PATHS, PATHS),
        st.tuples(st.just("symlink"), TARGETS, PATHS),
        st.tuples(st.just("readlink"), PATHS),
        st.tuples(st.just("stat"), PATHS, st.booleans()),
        st.tuples(st.just("list"), PATHS),
    ),
    max_size=25,
)
Operation = tuple[Any, ...]


class InMemory:
    """The operations on a world."""

    def __init__(self) -> None:
        self.k = world()

    def perform(self, operation: Operation) -> Any:
        try:
            return getattr(self, operation[0])(*operation[1:])
        except KernelError as error:
            return error.errno

    def create(self, path: str, exclusive: bool) -> None:
        self.k.sys.close(self.k.open(path, "creat w excl" if exclusive else "creat w"))

    def _with(self, fd: int, call: Any) -> Any:
        try:
            return call(fd)
        finally:
            self.k.sys.close(fd)

    def write(self, path: str, offset: int, data: bytes) -> Any:
        return self._with(self.k.open(path, "w"), lambda fd: self.k.pwrite(fd, data, offset))

    def append(self, path: str, data: bytes) -> Any:
        return self._with(self.k.open(path, "w append"), lambda fd: self.k.write(fd, data))

    def truncate(self, path: str, size: int) -> Any:
        return self._with(self.k.open(path, "w"), lambda fd: self.k.sys.ftruncate(fd, size))

    def read(self, path: str) -> Any:
        fd = self.k.open(path)
        if self.k.sys.fstat(fd).type == "directory":
            self.k.sys.close(fd)
            return "ISDIR"
        return self._with(fd, lambda fd: self.k.read(fd, 100))

    def mkdir(self, path: str) -> None:
        self.k.mkdir(path)

    def rmdir(self, path: str) -> None:
        self.k.rmdir(path)

    def unlink(self, path: str) -> None:
        self.k.unlink(path)

    def rename(self, path: str, new: str) -> None:
        self.k.rename(path, new)

    def link(self, path: str, new: str) -> None:
        self.k.link(path, new)

    def symlink(self, target: str, path: str) -> None:
        self.k.symlink(target, path)

    def readlink(self, path: str) -> str:
        return self.k.sys.readlinkat(ROOT, path.encode()).decode()

    def stat(self, path: str, follow: bool) -> tuple[str, int, int]:
        found = self.k.stat(path, follow)
        return (found.type, 0, 0) if found.type == "directory" else (found.type, found.nlink, found.size)

    def list(self, path: str) -> list[str]:
        return sorted(self.k.names(path))


class OnHost:
    """The same operations on a folder of the host, with the same answers where POSIX decides."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def perform(self, operation: Operation) -> Any:
        try:
            return getattr(self, operation[0])(*operation[1:])
        except OSError as error:
            assert error.errno is not None
            return host_errno.errorcode[error.errno].removeprefix("E")

    def at(self, path: str) -> str:
        return f"{self.folder}/{path}"

    def _open(self, path: str, flags: int) -> int:
        return os.open(self.at(path), flags)

    def _with(self, fd: int, call: Any) -> Any:
        try:
            return call(fd)
        finally:
            os.close(fd)

    def create(self, path: str, exclusive: bool) -> None:
        os.close(self._open(path, os.O_WRONLY | os.O_CREAT | (os.O_EXCL if exclusive else 0)))

    def write(self, path: str, offset: int, data: bytes) -> Any:
        return self._with(self._open(path, os.O_WRONLY), lambda fd: os.pwrite(fd, data, offset))

    def append(self, path: str, data: bytes) -> Any:
        return self._with(self._open(path, os.O_WRONLY | os.O_APPEND), lambda fd: os.write(fd, data))

    def truncate(self, path: str, size: int) -> Any:
        return self._with(self._open(path, os.O_WRONLY), lambda fd: os.ftruncate(fd, size))

    def read(self, path: str) -> Any:
        return self._with(self._open(path, os.O_RDONLY), lambda fd: os.read(fd, 100))

    def mkdir(self, path: str) -> None:
        os.mkdir(self.at(path))

    def rmdir(self, path: str) -> None:
        os.rmdir(self.at(path))

    def unlink(self, path: str) -> Any:
        if os.path.isdir(self.at(path)) and not os.path.islink(self.at(path)):
            return "ISDIR"  # some hosts say PERM
        return os.unlink(self.at(path))

    def rename(self, path: str, new: str) -> None:
        os.rename(self.at(path), self.at(new))

    def link(self, path: str, new: str) -> None:
        os.link(self.at(path), self.at(new), follow_symlinks=False)

    def symlink(self, target: str, path: str) -> None:
        os.symlink(target, self.at(path))

    def readlink(self, path: str) -> str:
        return os.readlink(self.at(path))

    def stat(self, path: str, follow: bool) -> tuple[str, int, int]:
        found = os.stat(self.at(path), follow_symlinks=follow)
        kind = {0o040000: "directory", 0o100000: "regular-file", 0o120000: "symbolic-link"}[found.st_mode & 0o170000]
        return (kind, 0, 0) if kind == "directory" else (kind, found.st_nlink, found.st_size)

    def list(self, path: str) -> list[str]:
        return sorted(os.listdir(self._listed(path)))

    def _listed(self, path: str) -> str:
        return self.at(path)


@pytest.mark.skipif(sys.platform != "linux", reason="other hosts differ in details that POSIX leaves open")
@settings(max_examples=400, deadline=None)
@given(OPERATIONS)
def test_the_same_operations_on_the_host(operations: list[Operation]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory, host = InMemory(), OnHost(folder)
        for operation in operations:
            assert memory.perform(operation) == host.perform(operation), operation
        assert tree_in_memory(memory.k) == tree_on_host(folder)


def tree_in_memory(k: World) -> dict[str, object]:
    """Every path with its content; hard links by the first path of the file."""
    found: dict[str, object] = {}
    first: dict[int, str] = {}
    pending = [""]
    while pending:
        above = pending.pop()
        for name in sorted(k.names(above or ".")):
            path = f"{above}/{name}".lstrip("/")
            stat = k.stat(path, False)
            if stat.type == "directory":
                pending.append(path)
                found[path] = "directory"
            elif stat.type == "symbolic-link":
                found[path] = k.sys.readlinkat(ROOT, path.encode()).decode()
            else:
                found[path] = (k.get(path), first.setdefault(stat.inode, path))
    return found


def tree_on_host(folder: str) -> dict[str, object]:
    found: dict[str, object] = {}
    first: dict[int, str] = {}
    pending = [""]
    while pending:
        above = pending.pop()
        for name in sorted(os.listdir(f"{folder}/{above}")):
            path = f"{above}/{name}".lstrip("/")
            place = f"{folder}/{path}"
            if os.path.islink(place):
                found[path] = os.readlink(place)
            elif os.path.isdir(place):
                pending.append(path)
                found[path] = "directory"
            else:
                with open(place, "rb") as file:
                    found[path] = (file.read(), first.setdefault(os.stat(place).st_ino, path))
    return found


FLAT = st.lists(
    st.one_of(
        st.tuples(st.just("put"), NAMES, st.binary(max_size=4)),
        st.tuples(st.just("unlink"), NAMES),
        st.tuples(st.just("link"), NAMES, NAMES),
        st.tuples(st.just("rename"), NAMES, NAMES),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(FLAT)
def test_names_and_files_against_dicts(operations: list[Operation]) -> None:
    """The model: a dict from names to lists of one byte string, shared by the names of one file; in listing order."""
    k = world()
    model: dict[str, list[bytes]] = {}
    inodes_before = k.kernel.root.fs.used_inodes
    for what, name, *rest in operations:
        if what == "put":
            k.put(name, rest[0])
            model.setdefault(name, [b""])[0] = rest[0]
        elif name not in model:
            assert errno(getattr(k, what), name, *rest) == "NOENT"
        elif what == "unlink":
            k.unlink(name)
            del model[name]
        elif what == "link":
            assert errno(k.link, name, rest[0]) == ("EXIST" if rest[0] in model else "")
            model.setdefault(rest[0], model[name])
        else:
            k.rename(name, rest[0])
            if model.get(rest[0]) is not model[name]:
                model[rest[0]] = model.pop(name)
        assert k.names() == list(model)
        for each, content in model.items():
            assert k.get(each) == content[0]
            assert k.stat(each).nlink == sum(other is content for other in model.values())
        files = {id(content): content for content in model.values()}
        assert k.kernel.root.fs.used_bytes == sum(len(content[0]) for content in files.values())
        assert k.kernel.root.fs.used_inodes == inodes_before + len(files)


CHANGES = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "rename", "replace", "list", "list"]), st.integers(0, 9), st.integers(0, 9)),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10), CHANGES, st.integers(1, 4))
def test_listings_while_entries_come_and_go(count: int, changes: list[tuple[str, int, int]], chunk: int) -> None:
    """An entry that stays is shown exactly once, and those that stay keep their order."""
    k = world()
    for number in range(count):
        k.put(str(number))
    stayed = set(k.names())
    before = [name for name in k.names() if name in stayed]
    seen: list[str] = []
    cookie = 0

    def go_on() -> bool:
        nonlocal cookie
        entries = k.sys.getdents(ROOT, cookie, chunk)
        for entry in entries:
            assert entry.cookie > cookie
            cookie = entry.cookie
            seen.append(entry.name.decode())
        return bool(entries)

    for what, one, other in changes:
        names = k.names()
        old, new = str(one), str(other)
        if what == "list":
            go_on()
        elif what == "add" and old not in names:
            k.put(old)
        elif what == "remove" and old in names:
            k.unlink(old)
            stayed.discard(old)
        elif what == "rename" and old in names and new not in names:
            k.rename(old, new)
            stayed.discard(old)
        elif what == "replace" and old in names and new in names and old != new:
            k.rename(old, new)  # the name that is replaced stays where it is
            stayed.discard(old)
    while go_on():
        pass
    assert seen[:2] == [".", ".."]
    assert [name for name in seen if name in stayed] == [name for name in before if name in stayed]
    assert [name for name in k.names() if name in stayed] == [name for name in before if name in stayed]


class TestSpace:
    def test_unlinked_but_open_files_keep_theirs(self) -> None:
        k = world()
        k.put("a", b"x" * 100)
        fs = k.kernel.root.fs
        inodes = fs.used_inodes
        first, second = k.open("a", "rw"), k.open("a")
        k.unlink("a")
        assert (fs.used_bytes, fs.used_inodes) == (100, inodes - 1)
        k.pwrite(first, b"y" * 50, 100)
        k.sys.close(first)
        assert fs.used_bytes == 150
        k.sys.close(second)
        assert fs.used_bytes == 0

    def test_replaced_files_give_it_back(self) -> None:
        k = world()
        k.put("a", b"x" * 100)
        k.put("b", b"y" * 30)
        k.rename("b", "a")
        assert k.kernel.root.fs.used_bytes == 30

    def test_holes_cost_nothing(self) -> None:
        k = world(max_bytes=4 * PAGE)
        k.put("a", b"start")
        fd = k.open("a", "rw")
        assert k.pwrite(fd, b"far", 1 << 40) == 3
        file = k.kernel.root.lookup(b"a")
        assert isinstance(file, MemFile) and isinstance(file.content, SparseContent)
        assert k.kernel.root.fs.used_bytes == 2 * PAGE
        assert k.stat("a").size == (1 << 40) + 3
        assert k.pread(fd, 9, (1 << 40) - 3) == b"\0\0\0far"
        assert k.pread(fd, 9, 0) == b"start" + bytes(4)
        k.sys.ftruncate(fd, 3)
        assert k.get("a") == b"sta"

    def test_a_hole_made_by_truncating_stays_one(self) -> None:
        k = world(max_bytes=4 * PAGE)
        fd = k.open("a", "creat rw")
        k.sys.ftruncate(fd, 1 << 40)
        assert k.pwrite(fd, b"x", 1 << 39) == 1
        assert k.kernel.root.fs.used_bytes == PAGE
        k.sys.fallocate(fd, 1 << 38, 5)
        assert k.kernel.root.fs.used_bytes == 2 * PAGE

    def test_a_full_disk_refuses_pages_and_leaves_the_file_as_it_was(self) -> None:
        k = world(max_bytes=PAGE)
        k.put("a", b"start")
        fd = k.open("a", "rw")
        before = k.stat("a")
        assert errno(k.pwrite, fd, b"far", 1 << 30) == "NOSPC"
        after = k.stat("a")
        assert (after.size, after.mtime, k.kernel.root.fs.used_bytes) == (5, before.mtime, 5)
        file = k.kernel.root.lookup(b"a")
        assert isinstance(file, MemFile) and isinstance(file.content, DenseContent)
        assert k.pwrite(fd, b"", 1 << 30) == 0

    def test_the_longest_file(self) -> None:
        k = world()
        fd = k.open("a", "creat rw")
        assert k.pwrite(fd, b"xyz", MAX_FILE_SIZE - 1) == 1
        assert k.stat("a").size == MAX_FILE_SIZE
        assert errno(k.pwrite, fd, b"x", MAX_FILE_SIZE) == "FBIG"
        assert errno(clipped, pieces(b"x"), 0) == "FBIG"
        assert [bytes(each) for each in clipped(pieces(b"abc", b"def", b"g"), 4)] == [b"abc", b"d", b""]
        with pytest.raises(KernelError):
            k.sys.fallocate(fd, 0, SPARSE_GAP * 4096)


class TestTimes:
    def test_reading_is_noted_once_after_each_change(self) -> None:
        k = world()
        k.put("a", b"x")
        k.kernel.clock.read("monotonic")
        created = k.stat("a")
        k.get("a")
        first = k.stat("a").atime
        assert first > created.atime
        k.kernel.clock.read("monotonic")
        k.get("a")
        assert k.stat("a").atime == first

    def test_changes_are_noted(self) -> None:
        k = world()
        k.put("a", b"x")
        k.mkdir("d")

        def later() -> int:
            k.kernel.clock.read("monotonic")
            return k.kernel.clock.now()

        now = later()
        k.put("d/x")
        assert k.stat("d").mtime == k.stat("d").ctime == now
        now = later()
        k.link("a", "b")
        assert (k.stat("a").ctime, k.stat("a").mtime < now, k.stat(".").mtime) == (now, True, now)
        now = later()
        k.rename("a", "d/a")
        assert k.stat(".").mtime == k.stat("d").mtime == k.stat("b").ctime == now
        now = later()
        k.unlink("b")
        assert k.stat("d/a").ctime == now
        now = later()
        fd = k.open("d/a", "w")
        k.sys.ftruncate(fd, 1)
        assert k.stat("d/a").mtime == now
