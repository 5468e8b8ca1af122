"""Syscalls that take paths, situation by situation, with the answers that wasmtime gives."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kernel_sim.fs.resolve import PATH_MAX, SYMLOOP_MAX
from kernel_sim.openfile import Rights
from tests.kernel_sim.scripts import (
    ROOT,
    FaultyDirectory,
    FaultyInode,
    UnchangeableDirectory,
    World,
    errno,
    populated,
    provokes,
    world,
)  # fmt: skip

LONG = "x" * 256
LONGEST = "x" * 255
ESCAPES = ("..", "../f", "/", "/f", "d/../..", "abs/x", "esc/x", "up/f")
WALK_ERRORS = {
    "": "NOENT", "nope/x": "NOENT", "dang/x": "NOENT", "f/x": "NOTDIR", "l/x": "NOTDIR", "loop/x": "LOOP",
    "a\0b": "INVAL", "d/a\0b": "INVAL", LONG: "NAMETOOLONG", f"d/{LONG}": "NAMETOOLONG", "x/" * 2048 + "x": "NAMETOOLONG",
} | dict.fromkeys(ESCAPES, "PERM")  # fmt: skip
"""Paths that no syscall gets anywhere with."""

CALLS: dict[str, Callable[[World, str], object]] = {
    "openat": lambda k, path: k.open(path),
    "openat creat": lambda k, path: k.open(path, "creat"),
    "openat trunc": lambda k, path: k.open(path, "trunc"),
    "fstatat": lambda k, path: k.stat(path),
    "fstatat nofollow": lambda k, path: k.stat(path, follow=False),
    "utimensat": lambda k, path: k.sys.utimensat(ROOT, path.encode(), True, 1, 2),
    "mkdirat": lambda k, path: k.mkdir(path),
    "linkat from": lambda k, path: k.link(path, "h"),
    "linkat to": lambda k, path: k.link("f", path),
    "symlinkat": lambda k, path: k.symlink("f", path),
    "readlinkat": lambda k, path: k.sys.readlinkat(ROOT, path.encode()),
    "unlinkat": lambda k, path: k.unlink(path),
    "rmdirat": lambda k, path: k.rmdir(path),
    "renameat from": lambda k, path: k.rename(path, "h"),
    "renameat to": lambda k, path: k.rename("f", path),
}


def every_path_call(*errnos: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register `errnos` for each syscall in CALLS."""

    def enter(test: Callable[..., None]) -> Callable[..., None]:
        for call in CALLS:
            provokes(call.split()[0], *errnos)(test)
        return test

    return enter


@every_path_call("NOENT", "NOTDIR", "LOOP", "INVAL", "NAMETOOLONG", "PERM")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("path", WALK_ERRORS)
def test_paths_that_lead_nowhere(call: str, path: str) -> None:
    k = populated()
    before = k.names(), k.names("d")
    assert errno(CALLS[call], k, path) == WALK_ERRORS[path]
    assert (k.names(), k.names("d")) == before


@pytest.mark.parametrize("call", CALLS)
def test_the_limits_themselves_are_allowed(call: str) -> None:
    wanted = {
        "openat creat": "", "mkdirat": "", "linkat to": "", "symlinkat": "", "renameat to": "",
    }.get(call, "NOENT")  # fmt: skip
    assert errno(CALLS[call], populated(), LONGEST) == wanted
    path = "./" * ((PATH_MAX - 1) // 2) + "y"
    assert len(path) == PATH_MAX - 1
    assert errno(CALLS[call], populated(), path) == wanted
    assert errno(CALLS[call], populated(), "." + path) == "NAMETOOLONG"


@every_path_call("BADF")
def test_the_directory_must_be_one() -> None:
    k = populated()
    f = k.open("f")
    for bad in (99, 0, 1, f):
        for call in (
            lambda: k.sys.fstatat(bad, b"x", True),  # noqa: B023  # called at once
            lambda: k.sys.utimensat(bad, b"x", True, 1, 2),  # noqa: B023
            lambda: k.sys.mkdirat(bad, b"x"),  # noqa: B023
            lambda: k.sys.linkat(bad, b"f", ROOT, b"h"),  # noqa: B023
            lambda: k.sys.linkat(ROOT, b"f", bad, b"h"),  # noqa: B023
            lambda: k.sys.symlinkat(b"f", bad, b"h"),  # noqa: B023
            lambda: k.sys.readlinkat(bad, b"l"),  # noqa: B023
            lambda: k.sys.unlinkat(bad, b"f"),  # noqa: B023
            lambda: k.sys.rmdirat(bad, b"e"),  # noqa: B023
            lambda: k.sys.renameat(bad, b"f", ROOT, b"h"),  # noqa: B023
            lambda: k.sys.renameat(ROOT, b"f", bad, b"h"),  # noqa: B023
            lambda: k.sys.getdents(bad, 0, 1),  # noqa: B023
        ):
            assert errno(call) == "BADF"
    assert [errno(k.open, "x", "r", bad) for bad in (99, 0, 1, f)] == ["BADF", "BADF", "BADF", "NOTDIR"]


@every_path_call("PERM")
def test_a_read_only_mount_refuses_changes() -> None:
    k = populated()
    k.kernel.root.fs.writable = False
    refused = {
        "openat creat": "new", "openat trunc": "f", "utimensat": "f", "mkdirat": "new", "linkat from": "f",
        "linkat to": "new", "symlinkat": "new", "unlinkat": "f", "rmdirat": "e", "renameat from": "f", "renameat to": "g",
    }  # fmt: skip
    for call, path in refused.items():
        assert errno(CALLS[call], k, path) == "PERM", call
    assert errno(k.open, "f", "w") == "PERM"
    assert k.read(k.open("f"), 9) == b"hello"


@every_path_call("IO", "ACCES")
@provokes("openat", "ILSEQ", "FBIG", "NOTSUP")
@provokes("linkat", "MLINK")
@provokes("getdents", "IO")
def test_errors_of_a_broken_host() -> None:
    for failure in ("IO", "ACCES"):
        k = populated()
        k.plant("bad", FaultyDirectory(k.kernel.root, failure))
        for name, call in CALLS.items():
            assert errno(call, k, "bad/x") == failure, name
        k.process.fds[ROOT].inode = FaultyDirectory(k.kernel.root, failure)
        assert errno(k.sys.getdents, ROOT, 0, 1) == failure
    for failure in ("ILSEQ", "FBIG", "NOTSUP"):
        k.plant(failure, FaultyInode(k.kernel.root, failure))
        fd = k.install(k.kernel.root)
        assert errno(k.open, failure, "r", fd) == failure
    k = populated()
    k.plant("full", UnchangeableDirectory(k.kernel.root, "MLINK"))
    assert errno(k.link, "f", "full/h") == "MLINK"


class TestOpening:
    @pytest.mark.parametrize(
        "path, how, answer",
        [
            ("f", "dir", "NOTDIR"), ("f/", "r", "NOTDIR"), ("d", "dir", ""), ("d/", "r", ""), ("d/.", "dir", ""),
            ("d/..", "dir", ""), (".", "dir", ""), ("./f", "r", ""), ("nope", "r", "NOENT"), ("nope/", "r", "NOENT"),
            ("l", "nofollow", "LOOP"), ("l", "r", ""), ("l", "dir", "NOTDIR"), ("l/", "r", "NOTDIR"),
            ("dang", "nofollow", "LOOP"), ("dang", "r", "NOENT"), ("ld", "nofollow", "LOOP"), ("ld", "dir", ""),
            ("ld/", "nofollow dir", ""), ("loop", "r", "LOOP"), ("loop", "nofollow", "LOOP"), ("abs", "r", "PERM"),
            ("abs", "nofollow", "LOOP"), ("esc", "r", "PERM"), ("ok", "r", ""), ("ok", "dir", "NOTDIR"),
            ("d//x", "r", ""), ("d///", "dir", ""), ("d/./x", "r", ""), ("d", "rw", "ISDIR"), ("d", "w", "ISDIR"),
            ("f", "creat", ""), ("f", "creat excl", "EXIST"), ("f", "creat dir", "INVAL"), ("f", "trunc", ""),
            ("f/", "creat", "ISDIR"), ("f/", "creat excl", "ISDIR"), ("f/", "trunc", "NOTDIR"),
            ("d", "creat", "ISDIR"), ("d", "creat excl", "EXIST"), ("d", "trunc", "ISDIR"), ("d", "trunc dir", "INVAL"),
            ("d", "excl dir", "INVAL"), ("d/", "creat excl", "ISDIR"), ("d/.", "creat", "ISDIR"),
            ("d/.", "creat excl", "EXIST"), (".", "creat", "ISDIR"), ("", "creat", "NOENT"), ("nope/", "creat", "ISDIR"),
            ("l", "creat nofollow", "LOOP"), ("l", "creat excl nofollow", "EXIST"), ("dang", "creat excl", "EXIST"),
            ("dang/", "creat", "ISDIR"), ("dang", "creat nofollow", "LOOP"), ("loop", "creat", "LOOP"),
            ("ld", "creat nofollow", "LOOP"), ("ld/", "creat nofollow", "ISDIR"), ("f", "excl", ""),
            ("nope", "excl", "NOENT"), ("new", "dir creat", "INVAL"),
        ],
    )  # fmt: skip
    @provokes("openat", "NOTDIR", "NOENT", "LOOP", "PERM", "ISDIR", "EXIST", "INVAL")
    def test_situations(self, path: str, how: str, answer: str) -> None:
        assert errno(populated().open, path, how) == answer

    def test_creating_through_a_dangling_link(self) -> None:
        k = populated()
        k.open("dang", "creat")
        assert k.get("gone") == b""

    def test_truncating_needs_no_write_access(self) -> None:
        k = populated()
        fd = k.open("f", "trunc r")
        assert k.stat("f").size == 0
        assert errno(k.write, fd, b"x") == "BADF"

    def test_no_access_at_all_reads(self) -> None:
        k = populated()
        assert k.read(k.open("f", ""), 5) == b"hello"
        assert errno(k.read, k.open("f", "w"), 1) == "BADF"

    def test_relative_to_a_subdirectory_which_is_a_sandbox_of_its_own(self) -> None:
        k = populated()
        d = k.open("d", "dir")
        assert k.read(k.open("x", at=d), 2) == b"01"
        assert errno(k.open, "../f", "r", d) == "PERM"
        k.rename("d", "e/moved")
        assert k.read(k.open("x", at=d), 2) == b"01"
        assert errno(k.open, "../../f", "r", d) == "PERM"

    @provokes("openat", "MFILE")
    def test_too_many_descriptors(self) -> None:
        k = populated(world(max_fds=6))
        k.open("f")
        k.open("f")
        assert errno(k.open, "f") == errno(k.open, "new", "creat") == "MFILE"
        k.sys.close(4)
        assert "new" not in k.names()
        assert k.open("f") == 4

    @provokes("openat", "NOSPC")
    @provokes("mkdirat", "NOSPC")
    @provokes("symlinkat", "NOSPC")
    def test_too_many_inodes(self) -> None:
        k = world(max_inodes=3)
        k.put("a")
        k.mkdir("b")
        assert errno(k.open, "c", "creat") == errno(k.mkdir, "c") == errno(k.symlink, "a", "c") == "NOSPC"
        k.rmdir("b")
        k.symlink("a", "c")
        assert k.names() == ["a", "c"]

    @provokes("linkat", "NOSPC")
    @provokes("renameat", "NOSPC")
    def test_a_full_host(self) -> None:
        k = populated()
        full = UnchangeableDirectory(k.kernel.root, "NOSPC")
        full.attach(b"h", k.kernel.new_pipe())
        k.plant("full", full)
        assert errno(k.link, "f", "full/i") == errno(k.rename, "full/h", "h") == "NOSPC"

    def test_devices_are_opened_for_what_is_asked(self) -> None:
        k = world()
        k.kernel.make_dev(k.kernel.root.make_directory(b"dev"), {})
        fd = k.open("dev/null", "rw trunc")
        assert k.write(fd, b"x") == 1
        assert k.read(fd, 5) == b""
        assert errno(k.open, "dev/null", "dir") == "NOTDIR"
        assert errno(k.open, "x", "r", fd) == "BADF"


class TestLooking:
    @pytest.mark.parametrize(
        "path, follow, kind",
        [
            ("f", True, "regular-file"), ("d/", False, "directory"), (".", True, "directory"), ("l", True, "regular-file"),
            ("l", False, "symbolic-link"), ("ld", True, "directory"), ("ld/", False, "directory"),
            ("loop", False, "symbolic-link"), ("abs", False, "symbolic-link"), ("dang", False, "symbolic-link"),
        ],
    )  # fmt: skip
    def test_attributes(self, path: str, follow: bool, kind: str) -> None:
        assert populated().stat(path, follow).type == kind

    @provokes("fstatat", "NOENT", "NOTDIR", "LOOP", "PERM")
    def test_attributes_of_what_is_not_there(self) -> None:
        k = populated()
        answers = {"dang": "NOENT", "loop": "LOOP", "abs": "PERM", "esc": "PERM", "l/": "NOTDIR", "f/": "NOTDIR"}
        for path, answer in answers.items():
            assert errno(k.stat, path) == answer
            assert errno(k.sys.utimensat, ROOT, path.encode(), True, 1, 2) == answer

    def test_times_of_a_link_and_of_what_it_leads_to(self) -> None:
        k = populated()
        k.sys.utimensat(ROOT, b"l", False, 1, 2)
        k.sys.utimensat(ROOT, b"l", True, 3, 4)
        assert (k.stat("l", False).atime, k.stat("l", False).mtime) == (1, 2)
        assert (k.stat("f").atime, k.stat("f").mtime) == (3, 4)

    def test_reading_links(self) -> None:
        k = populated()
        assert k.sys.readlinkat(ROOT, b"ok") == b"d/../f"
        assert k.sys.readlinkat(ROOT, b"loop") == b"loop"
        answers = {"f": "INVAL", "d": "INVAL", "ld/": "INVAL", ".": "INVAL", "l/": "NOTDIR", "abs": "PERM", "no": "NOENT"}
        for path, answer in answers.items():
            assert errno(k.sys.readlinkat, ROOT, path.encode()) == answer

    @pytest.mark.parametrize("length", [8, SYMLOOP_MAX, SYMLOOP_MAX + 1])
    def test_chains_of_links(self, length: int) -> None:
        k = populated()
        k.symlink("d", "c1")
        for number in range(2, length + 1):
            k.symlink(f"c{number - 1}", f"c{number}")
        answer = "LOOP" if length > SYMLOOP_MAX else ""
        assert errno(k.open, f"c{length}") == errno(k.stat, f"c{length}/x") == answer


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


@provokes("getdents", "BADF")
def test_listing() -> None:
    k = populated()
    d = k.open("d", "dir")
    k.symlink("x", "d/s")
    entries = k.sys.getdents(d, 0, 99)
    assert [(each.name, each.type) for each in entries] == [
        (b".", "directory"), (b"..", "directory"), (b"x", "regular-file"), (b"s", "symbolic-link"),
    ]  # fmt: skip
    assert [each.inode for each in entries] == [k.stat(path, False).inode for path in ("d", ".", "d/x", "d/s")]
    for number, entry in enumerate(entries):
        assert [each.name for each in k.sys.getdents(d, entry.cookie, 1)] == [each.name for each in entries[number + 1 :][:1]]
    assert k.sys.getdents(d, 1 << 63, 9) == k.sys.getdents(d, 0, 0) == []
    assert errno(k.sys.getdents, k.open("f"), 0, 1) == "BADF"


@provokes("openat", "NOTCAPABLE")
@provokes("linkat", "NOTCAPABLE")
@provokes("renameat", "NOTCAPABLE")
def test_strict_rights_of_the_second_directory() -> None:
    k = populated(world(strict=True))
    e = k.sys.openat(ROOT, b"e", False, 0, 0, Rights.PATH_OPEN, 0)
    assert errno(k.sys.linkat, ROOT, b"f", e, b"h") == errno(k.sys.renameat, ROOT, b"f", e, b"h") == "NOTCAPABLE"
    assert errno(k.open, "x", "creat", e) == errno(k.open, "x", "trunc", e) == "NOTCAPABLE"
    k.put("e/x")
    assert errno(k.open, "x", "r", e) == "NOTCAPABLE"  # it hands no rights on
