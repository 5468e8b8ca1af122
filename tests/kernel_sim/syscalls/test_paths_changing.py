"""Syscalls that make, remove and move entries, situation by situation, with the answers that wasmtime gives.

The one on purpose different: a directory may be removed under a name that ends in "/", as POSIX has it.
"""

from __future__ import annotations

import pytest

from kernel_sim.fs.memfs import MemDirectory
from tests.kernel_sim.scripts import ROOT, errno, populated, provokes

LONG = "x" * 256


class TestMaking:
    @pytest.mark.parametrize(
        "path, answer",
        [
            ("new", ""), ("new/", ""), ("new//", ""), ("new/.", "NOENT"), ("d", "EXIST"), ("d/", "EXIST"),
            ("d/.", "EXIST"), ("d/..", "EXIST"), (".", "EXIST"), ("f", "EXIST"), ("f/", "EXIST"), ("dang", "EXIST"),
            ("dang/", "EXIST"), ("loop", "EXIST"), ("l/", "EXIST"), ("ld/new", ""), ("/", "PERM"),
        ],
    )  # fmt: skip
    @provokes("mkdirat", "EXIST")
    def test_directories(self, path: str, answer: str) -> None:
        assert errno(populated().mkdir, path) == answer

    @pytest.mark.parametrize(
        "target, path, answer",
        [
            ("f", "h", ""), ("..", "h", ""), ("../x", "h", ""), (LONG, "h", ""), ("y/" * 2047 + "y", "h", ""),
            ("y/" * 2048, "h", "NAMETOOLONG"), ("f", "f", "EXIST"), ("f", "d", "EXIST"), ("f", "d/", "EXIST"),
            ("f", "h/", "NOENT"), ("f", "f/", "NOTDIR"), ("f", "dang", "EXIST"), ("", "h", "NOENT"), ("/f", "h", "PERM"),
            ("a\0b", "h", "INVAL"), ("f", ".", "EXIST"), ("f", "nope/h", "NOENT"),
        ],
    )  # fmt: skip
    @provokes("symlinkat", "NAMETOOLONG", "EXIST", "NOENT", "PERM", "INVAL")
    def test_symbolic_links(self, target: str, path: str, answer: str) -> None:
        k = populated()
        assert errno(k.symlink, target, path) == answer
        if not answer:
            assert k.sys.readlinkat(ROOT, path.encode()) == target.encode()

    @pytest.mark.parametrize(
        "path, new, answer",
        [
            ("f", "h", ""), ("f", "g", "EXIST"), ("f", "f", "EXIST"), ("f", "d", "EXIST"), ("d", "h", "PERM"),
            ("nope", "h", "NOENT"), ("f", "nope/h", "NOENT"), ("f", "f/x", "NOTDIR"), ("f/", "h", "NOTDIR"),
            ("f", "h/", "NOENT"), ("f", "g/", "NOTDIR"), ("d", "h/", "NOENT"), ("l", "h", ""), ("ld", "h", ""),
            ("loop", "h", ""), ("f", "dang", "EXIST"), ("f", "loop/x", "LOOP"), ("f", ".", "EXIST"),
            ("f", "d/.", "EXIST"), (".", "h", "PERM"), ("l/", "h", "NOTDIR"), ("ld/", "h", "PERM"), ("abs", "h", ""),
        ],
    )  # fmt: skip
    @provokes("linkat", "EXIST", "PERM")
    def test_hard_links(self, path: str, new: str, answer: str) -> None:
        k = populated()
        assert errno(k.link, path, new) == answer
        if not answer:
            assert k.stat(new, False).inode == k.stat(path, False).inode
            assert k.stat(path, False).nlink == 2

    @provokes("linkat", "XDEV")
    @provokes("renameat", "XDEV")
    def test_across_mounts(self) -> None:
        k = populated()
        k.kernel.preopen(k.process, k.kernel.new_memory_tree(), b"/other")
        assert errno(k.sys.linkat, ROOT, b"f", 4, b"f") == errno(k.sys.renameat, ROOT, b"f", 4, b"f") == "XDEV"

    @provokes("linkat", "PERM")
    def test_a_read_only_file_gets_no_name_in_a_writable_place(self) -> None:
        k = populated()
        top = k.kernel.new_memory_tree()
        top.create(b"r")
        top.fs.writable = False
        k.kernel.preopen(k.process, top, b"/other")
        assert errno(k.sys.linkat, 4, b"r", ROOT, b"h") == "PERM"


class TestRemoving:
    @pytest.mark.parametrize(
        "path, answer",
        [
            ("f", ""), ("f/", "NOTDIR"), ("d", "ISDIR"), ("d/", "ISDIR"), (".", "ISDIR"), ("l", ""), ("l/", "NOTDIR"),
            ("ld", ""), ("ld/", "ISDIR"), ("dang", ""), ("dang/", "NOENT"), ("loop", ""), ("loop/", "LOOP"),
        ],
    )  # fmt: skip
    @provokes("unlinkat", "ISDIR", "NOTDIR", "NOENT", "LOOP")
    def test_files(self, path: str, answer: str) -> None:
        k = populated()
        assert errno(k.unlink, path) == answer
        if not answer:
            assert path not in k.names()

    @pytest.mark.parametrize(
        "path, answer",
        [
            ("e", ""), ("./e", ""), ("e/", ""), ("d", "NOTEMPTY"), ("f", "NOTDIR"), ("ld", "NOTDIR"), ("nope", "NOENT"),
            (".", "INVAL"), ("e/.", "INVAL"), ("d/..", "INVAL"),
        ],
    )  # fmt: skip
    @provokes("rmdirat", "NOTEMPTY", "NOTDIR", "INVAL")
    def test_directories(self, path: str, answer: str) -> None:
        assert errno(populated().rmdir, path) == answer

    def test_an_open_file_lives_on(self) -> None:
        k = populated()
        fd = k.open("f", "rw")
        k.unlink("f")
        assert k.sys.fstat(fd).nlink == 0
        k.sys.seek(fd, 0, "end")
        k.write(fd, b"more")
        assert k.pread(fd, 99, 0) == b"hellomore"
        k.put("f", b"new")
        assert k.pread(fd, 99, 0) == b"hellomore"

    def test_an_open_directory_that_was_removed_is_a_dead_end(self) -> None:
        k = populated()
        e = k.open("e", "dir")
        k.rmdir("e")
        assert [entry.name for entry in k.sys.getdents(e, 0, 9)] == [b".", b".."]
        assert k.sys.fstat(e).nlink == 0
        assert errno(k.open, "x", "creat", e) == errno(k.sys.mkdirat, e, b"x") == "NOENT"
        assert errno(k.sys.symlinkat, b"x", e, b"x") == errno(k.sys.linkat, ROOT, b"f", e, b"x") == "NOENT"
        assert errno(k.sys.renameat, ROOT, b"f", e, b"x") == "NOENT"

    @provokes("rmdirat", "BUSY")
    @provokes("renameat", "BUSY")
    def test_a_mount_point_stays(self) -> None:
        k = populated()
        point = k.kernel.root.lookup(b"e")
        assert isinstance(point, MemDirectory)
        point.mounted = k.kernel.new_memory_tree()
        k.put("e/inside")
        assert errno(k.rmdir, "e") == errno(k.rename, "e", "h") == errno(k.rename, "d", "e") == "BUSY"
        assert errno(k.rename, "f", "e") == "ISDIR"
        assert k.names("e") == ["inside"]
        assert k.names("e/..") == k.names()


class TestMoving:
    @pytest.mark.parametrize(
        "path, new, answer",
        [
            ("f", "g", ""), ("f", "f", ""), ("f", "h", ""), ("d", "e", ""), ("d", "n", "NOTEMPTY"), ("n", "d", "NOTEMPTY"),
            ("d", "d", ""), ("d", "f", "NOTDIR"), ("f", "d", "ISDIR"), ("d", "d/sub", "INVAL"), ("n", "n/x/y", "NOTDIR"),
            ("d", "d/sub/sub", "NOENT"), ("nope", "x", "NOENT"), ("f", "nope/x", "NOENT"), ("f/", "h", "NOTDIR"),
            ("f", "h/", "NOTDIR"), ("f", "g/", "NOTDIR"), ("d/", "h", ""), ("d", "h/", ""), ("d/", "e/", ""),
            ("d/.", "h", "BUSY"), ("d", ".", "BUSY"), (".", "h", "BUSY"), ("nope", ".", "BUSY"), ("d", "..", "PERM"),
            ("l", "h", ""), ("l", "f", ""), ("f", "l", ""), ("l/", "h", "NOTDIR"), ("ld", "h", ""), ("ld/", "h", "NOTDIR"),
            ("f", "ld", ""), ("d", "ld", "NOTDIR"), ("e", "ld/", "NOTDIR"), ("f", "ld/z", ""), ("dang", "h", ""),
            ("f", "dang", ""), ("loop", "h", ""), ("n/x", "n", "NOTEMPTY"), ("n/s", "n", "NOTEMPTY"),
            ("n", "n/.", "BUSY"), ("d/..", "h", "BUSY"), ("f", "h/.", "NOENT"),
        ],
    )  # fmt: skip
    @provokes("renameat", "NOTEMPTY", "NOTDIR", "ISDIR", "INVAL", "NOENT", "BUSY", "PERM")
    def test_situations(self, path: str, new: str, answer: str) -> None:
        k = populated()
        k.mkdir("n", "n/s")
        k.put("n/x")
        before = {name: k.stat(name, False).inode for name in k.names()}
        assert errno(k.rename, path, new) == answer
        if answer:
            assert {name: k.stat(name, False).inode for name in k.names()} == before
        elif path != new and "/" not in path + new:
            assert path not in k.names()
            assert k.stat(new, False).inode == before[path]

    def test_two_names_of_one_file_both_stay(self) -> None:
        k = populated()
        k.link("f", "h")
        k.rename("f", "h")
        assert k.stat("f").nlink == 2
        assert k.get("h") == b"hello"

    def test_a_replaced_file_lives_on_while_it_is_open(self) -> None:
        k = populated()
        fd = k.open("g")
        k.rename("f", "g")
        assert (k.read(fd, 9), k.sys.fstat(fd).nlink) == (b"G", 0)
        assert k.get("g") == b"hello"

    def test_directories_count_their_subdirectories(self) -> None:
        k = populated()
        k.mkdir("d/s", "e/t")
        assert (k.stat("d").nlink, k.stat("e").nlink, k.stat(".").nlink) == (3, 3, 4)
        s, d = k.open("d/s", "dir"), k.stat("d").inode
        assert k.sys.getdents(s, 1, 1)[0].inode == d
        k.rename("d/s", "e/t")
        assert (k.stat("d").nlink, k.stat("e").nlink) == (2, 3)
        assert k.sys.getdents(s, 1, 1)[0].inode == k.stat("e").inode
        k.rename("e/t", "s")
        assert (k.stat("e").nlink, k.stat(".").nlink) == (2, 5)
        assert k.sys.getdents(s, 1, 1)[0].inode == k.stat(".").inode
