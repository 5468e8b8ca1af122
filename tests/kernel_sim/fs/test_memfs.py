"""The file system in memory: against a model of dicts, and its listings while entries come and go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.errors import KernelError
from kernel_sim.fs.content import PAGE, SPARSE_GAP, DenseContent, SparseContent
from kernel_sim.fs.filesystem import MAX_FILE_SIZE
from kernel_sim.fs.memfs import MemDirectory, MemFile, clipped
from tests.kernel_sim.scripts import ROOT, errno, pieces, world

NAMES = st.sampled_from(["a", "b", "c"])
Operation = tuple[Any, ...]

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

    def test_targets_of_links_are_charged_and_given_back(self) -> None:
        k = world(max_bytes=1000)
        fs = k.kernel.root.fs
        k.sys.symlinkat(b"t" * 600, 3, b"l")
        inodes = fs.used_inodes
        assert errno(k.sys.symlinkat, b"t" * 401, 3, b"m") == "NOSPC"
        assert (fs.used_bytes, fs.used_inodes) == (600, inodes)
        k.sys.symlinkat(b"t" * 400, 3, b"m")
        fd = k.open("f", "creat rw")
        assert errno(k.pwrite, fd, b"x", 0) == "NOSPC"
        k.link("m", "n")
        k.unlink("m")
        assert fs.used_bytes == 1000
        k.rename("n", "l")
        assert fs.used_bytes == 400
        k.unlink("l")
        assert fs.used_bytes == 0

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


class TestKeptContent:
    def test_bytes_that_somebody_keeps_are_copied_before_they_change(self) -> None:
        for change in ("write", "truncate", "allocate", "unlink"):
            k = world()
            k.put("a", b"hello")
            file = k.kernel.root.lookup(b"a")
            assert isinstance(file, MemFile)
            kept = file.content
            kept.shared = True
            fd = k.open("a", "rw")
            if change == "write":
                k.write(fd, b"J")
            elif change == "truncate":
                k.sys.ftruncate(fd, 1)
            elif change == "allocate":
                k.sys.fallocate(fd, 0, 100)
            else:
                k.unlink("a")
                k.sys.close(fd)
            assert kept.tobytes() == b"hello"
            assert file.content is not kept
            assert k.kernel.root.fs.used_bytes == file.content.stored()


class TestDirectories:
    """What directories refuse by themselves, whoever asks."""

    def test_refusals(self) -> None:
        k = world()
        k.put("f")
        k.mkdir("d", "e")
        k.put("d/x")
        root = k.kernel.root
        d = root.lookup(b"d")
        for name, arguments, answer in (
            ("lookup", (b"no",), "NOENT"), ("lookup", (b"x" * 256,), "NAMETOOLONG"), ("lookup", (b"a\0",), "INVAL"),
            ("create", (b"f",), "EXIST"), ("make_directory", (b"f",), "EXIST"), ("symlink", (b"f", b"x"), "EXIST"),
            ("symlink", (b"s", b"x" * 4096), "NAMETOOLONG"), ("link", (b"d", d), "PERM"), ("unlink", (b"d",), "ISDIR"),
            ("unlink", (b"no",), "NOENT"), ("remove_directory", (b"f",), "NOTDIR"), ("remove_directory", (b"d",), "NOTEMPTY"),
            ("rename", (b"f", root, b"d"), "ISDIR"), ("rename", (b"d", root, b"f"), "NOTDIR"),
            ("rename", (b"d", d, b"y"), "INVAL"), ("rename", (b"e", root, b"d"), "NOTEMPTY"),
            ("rename", (b"f", root, b"x" * 256), "NAMETOOLONG"),
            ("rename", (b"f", k.kernel.new_memory_tree(), b"f"), "XDEV"), ("link", (b"p", k.kernel.new_pipe()), "XDEV"),
        ):  # fmt: skip
            before = list(root.names)
            assert errno(getattr(root, name), *arguments) == answer, (name, arguments)
            assert list(root.names) == before

    def test_where_a_directory_is(self) -> None:
        k = world()
        k.mkdir("a", "a/b", "c")
        root = k.kernel.root
        a = root.lookup(b"a")
        assert isinstance(a, MemDirectory)
        b = a.lookup(b"b")
        assert isinstance(b, MemDirectory)
        assert b.is_below(b) and b.is_below(a) and b.is_below(root)
        assert not a.is_below(b)
        assert (root.is_empty(), b.is_empty()) == (False, True)


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
