"""path_*: names and flags arrive in their places; targets are cut off; hard links never follow."""

from __future__ import annotations

import pytest

from agave_wasi.preview1.files import ATIM, MTIM
from agave_wasi.preview1.paths import Paths
from kernel_sim.openfile import Rights, Status
from kernel_sim.syscalls.paths import OpenFlags
from tests.kernel_sim.scripts import ROOT, errno, populated, world


def test_a_link_that_would_be_followed_is_refused() -> None:
    k = populated()
    paths = Paths(k.sys)
    assert errno(paths.path_link, ROOT, True, b"l", ROOT, b"new") == "INVAL"
    assert "new" not in k.names()
    paths.path_link(ROOT, False, b"l", ROOT, b"new")
    assert k.stat("new", follow=False).type == "symbolic-link"


@pytest.mark.parametrize(("room", "expected"), [(0, b""), (2, b"ab"), (3, b"abc"), (5, b"abc..")])
def test_a_target_is_cut_off_where_the_buffer_ends(room: int, expected: bytes) -> None:
    k = world()
    k.symlink("abc", "link")
    buffer = bytearray(b"." * room)
    assert Paths(k.sys).path_readlink(ROOT, b"link", memoryview(buffer)) == min(room, 3)
    assert buffer == expected


def test_opening_takes_flags_rights_and_status_apart() -> None:
    k = populated()
    paths = Paths(k.sys)
    rights = Rights.FD_WRITE | Rights.FD_SEEK
    fd = paths.path_open(ROOT, False, b"new", OpenFlags.CREATE, rights, Rights.FD_READ, Status.APPEND)
    file = k.process.fds[fd]
    assert (file.readable, file.writable, file.status) == (False, True, Status.APPEND)
    assert errno(paths.path_open, ROOT, False, b"l", 0, Rights.FD_READ, 0, 0) == "LOOP"
    assert k.read(paths.path_open(ROOT, True, b"l", 0, Rights.FD_READ, 0, 0), 9) == b"hello"


def test_both_names_of_a_function_keep_their_order() -> None:
    k = populated()
    paths = Paths(k.sys)
    d, e = k.open("d", "dir"), k.open("e", "dir")
    paths.path_rename(d, b"x", e, b"y")
    assert (k.names("d"), k.names("e")) == ([], ["y"])
    paths.path_symlink(b"../f", d, b"link")
    assert k.sys.readlinkat(d, b"link") == b"../f"
    paths.path_create_directory(d, b"sub")
    paths.path_remove_directory(d, b"sub")
    paths.path_unlink_file(e, b"y")
    assert (k.names("d"), k.names("e")) == (["link"], [])


def test_attributes_of_a_link_or_of_what_it_leads_to() -> None:
    k = populated()
    paths = Paths(k.sys)
    assert paths.path_filestat_get(ROOT, False, b"l").type == "symbolic-link"
    assert paths.path_filestat_get(ROOT, True, b"l").type == "regular-file"
    paths.path_filestat_set_times(ROOT, False, b"l", 1, 2, ATIM | MTIM)
    paths.path_filestat_set_times(ROOT, True, b"l", 3, 4, MTIM)
    assert (k.stat("l", False).atime, k.stat("l", False).mtime) == (1, 2)
    assert k.stat("f").mtime == 4 and k.stat("f").atime != 3
