"""The interface behind every open file: what an object answers that can't do what it is asked."""

from __future__ import annotations

import pytest

from kernel_sim.clock import VirtualClock
from kernel_sim.fs.filesystem import FileSystem
from kernel_sim.fs.inode import NAME_MAX, Directory, Inode, check_name
from tests.kernel_sim.scripts import errno, pieces, views

FS = FileSystem(7, VirtualClock())
BARE = Inode(FS, 3, 100)


@pytest.mark.parametrize(
    "name, arguments, answer",
    [
        ("read_at", (0, views(1)), "INVAL"), ("write_at", (0, pieces(b"x")), "INVAL"), ("append", (pieces(b"x"),), "INVAL"),
        ("truncate", (0,), "INVAL"), ("allocate", (0, 1), "NODEV"), ("readlink", (), "INVAL"), ("lookup", (b"x",), "NOTDIR"),
        ("sync", (False,), ""),
    ],
)  # fmt: skip
def test_an_object_of_no_kind(name: str, arguments: tuple[object, ...], answer: str) -> None:
    assert errno(getattr(BARE, name), *arguments) == answer


@pytest.mark.parametrize(
    "name, arguments, answer",
    [
        ("read_at", (0, views(1)), "ISDIR"), ("write_at", (0, pieces(b"x")), "ISDIR"), ("truncate", (0,), "ISDIR"),
        ("allocate", (0, 1), "ISDIR"), ("create", (b"x",), "PERM"), ("make_directory", (b"x",), "PERM"),
        ("symlink", (b"x", b"y"), "PERM"), ("link", (b"x", BARE), "PERM"), ("unlink", (b"x",), "PERM"),
        ("remove_directory", (b"x",), "PERM"), ("rename", (b"x", BARE, b"y"), "PERM"), ("entries", (0, 1), "PERM"),
        ("find", (b"x",), "NOTDIR"),
    ],
)  # fmt: skip
def test_a_directory_that_can_do_nothing(name: str, arguments: tuple[object, ...], answer: str) -> None:
    directory = Directory(FS, 4, 100)
    assert errno(getattr(directory, name), *arguments) == answer
    assert not directory.is_below(directory)


def test_a_directory_that_only_looks_up_can_also_find() -> None:
    class Little(Directory):
        __slots__ = ()

        def lookup(self, name: bytes) -> Inode:
            return super().lookup(name) if name != b"here" else BARE

    little = Little(FS, 5, 0)
    assert little.find(b"here") is BARE
    assert errno(little.find, b"gone") == "NOTDIR"


def test_attributes_and_times() -> None:
    inode = Inode(FS, 3, 100)
    stat = inode.stat()
    assert [getattr(stat, name) for name in stat.__slots__] == [7, 3, "unknown", 0, 0, 100, 100, 100]
    inode.set_times(5, None)
    assert (inode.atime, inode.mtime, inode.ctime) == (5, 100, FS.clock.now())
    assert inode.opened(True, False, False) is inode
    inode.closed(True, False)
    assert (inode.readiness(True), inode.is_live(), inode.device_name()) == ((True, 0, False), False, "")


def test_names() -> None:
    assert [errno(check_name, name) for name in (b"x" * NAME_MAX, b"x" * 256, b"a\0b")] == ["", "NAMETOOLONG", "INVAL"]
