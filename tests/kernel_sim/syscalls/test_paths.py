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

    def test_truncating_and_creating_open_for_writing_as_well(self) -> None:
        k = populated()
        for path, how in (("f", "trunc r"), ("f", "creat r"), ("new", "creat")):
            fd = k.open(path, how)
            assert k.stat(path).size == 0
            assert k.write(fd, b"") == 0
            assert k.read(fd, 1) == b""

    def test_strictly_truncating_needs_no_write_access(self) -> None:
        k = populated(world(strict=True))
        fd = k.open("f", "trunc r")
        assert k.stat("f").size == 0
        assert errno(k.write, fd, b"x") == "NOTCAPABLE"

    def test_somebody_else_is_always_quicker(self) -> None:
        class Busy(UnchangeableDirectory):
            """A folder of the host in which others make and remove a file all the time."""

            __slots__ = ()

        k = populated()
        k.plant("busy", Busy(k.kernel.root, "EXIST"))
        assert errno(k.open, "busy/x", "creat") == errno(k.open, "busy/x", "creat excl") == "EXIST"

    def test_a_link_to_a_name_with_a_slash_makes_no_file(self) -> None:
        k = populated()
        k.symlink("made/", "to-slash")
        assert errno(k.open, "to-slash", "creat") == "ISDIR"
        assert "made" not in k.names()

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

    def test_a_directory_can_not_be_linked_and_in_a_removed_one_nothing_can(self) -> None:
        k = populated()
        k.mkdir("gone")
        gone = k.open("gone", "dir")
        k.rmdir("gone")
        assert errno(k.sys.linkat, ROOT, b"d", ROOT, b"new") == "PERM"
        for name in (b"d", b"f"):
            assert errno(k.sys.linkat, ROOT, name, gone, b"new") == "NOENT"

    def test_devices_are_opened_for_what_is_asked(self) -> None:
        k = world()
        k.kernel.make_dev(k.kernel.root.make_directory(b"dev"))
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
