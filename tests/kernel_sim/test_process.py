"""Processes: what they hold, and the rights that their descriptors show."""

from __future__ import annotations

import pytest

from kernel_sim.openfile import Rights
from kernel_sim.process import PREOPEN_INHERITING, PREOPEN_RIGHTS, Process
from tests.kernel_sim.scripts import ROOT, populated, world

R, W = Rights.FD_READ, Rights.FD_WRITE


@pytest.mark.parametrize(
    "asked, directory, shown",
    [(R, False, 0x3FFFFFBF), (W, False, 0x3FFFBFFD), (R | W, False, 0x3FFFFFFF), (R, True, 0x3FB7FFBB)],
)
def test_lenient_descriptors_show_what_wasmtime_shows(asked: int, directory: bool, shown: int) -> None:
    read, write, rights, inheriting = Process(1, [], []).granted(asked, 0, directory, False)
    assert (rights, inheriting) == (shown, shown)
    assert (read, write) == (asked & R != 0, asked & W != 0)


def test_preopened_directories_show_what_wasmtime_shows() -> None:
    assert (PREOPEN_RIGHTS, PREOPEN_INHERITING) == (0x7B7FE00, 0xFF7FFFF)
    file = world().process.fds[ROOT]
    assert (file.rights, file.inheriting) == (PREOPEN_RIGHTS, PREOPEN_INHERITING)


def test_creating_and_truncating_open_for_writing_as_on_wasmtime() -> None:
    assert Process(1, [], []).granted(R, 0, False, True) == (True, True, Rights.ALL, Rights.ALL)
    assert Process(1, [], []).granted(0, 0, False, True) == (True, True, Rights.ALL, Rights.ALL)
    assert Process(1, [], []).granted(W, 0, False, True)[:2] == (False, True)
    assert Process(1, [], [], strict=True).granted(R, 0, False, True) == (True, False, R, 0)


@pytest.mark.parametrize("strict", [False, True])
def test_whatever_is_asked_for_something_is_opened(strict: bool) -> None:
    process = Process(1, [], [], strict=strict)
    assert process.granted(0, 0, False, False)[:2] == (True, False)
    assert process.granted(0, 0, False, True)[:2] == (True, not strict)
    assert process.granted(Rights.FD_ALLOCATE, 0, False, False)[:2] == ((False, True) if strict else (True, False))


def test_strict_descriptors_have_what_was_asked_for() -> None:
    process = Process(1, [], [], strict=True)
    assert process.granted(R | W, R, False, False) == (True, True, R | W, R)
    assert process.granted(R | Rights.FD_SEEK | Rights.FD_READDIR, R, True, False)[2:] == (R | Rights.FD_READDIR, R)
    truncating = Rights.PATH_OPEN | Rights.PATH_FILESTAT_SET_SIZE  # what O_TRUNC needs of a directory, at any depth
    assert process.granted(truncating, R, True, False)[2:] == (truncating, R)


def test_the_end_closes_everything() -> None:
    k = populated()
    fd = k.open("f", "rw")
    k.unlink("f")
    reading, writing = k.sys.pipe()
    buffer = k.process.fds[reading].inode.buffer  # type: ignore[attr-defined]  # a Pipe
    used = k.kernel.root.fs.used_bytes
    k.kernel.reap(k.process)
    assert not k.process.fds and not k.kernel.processes
    assert (buffer.readers, buffer.writers) == (0, 0)
    assert k.kernel.root.fs.used_bytes == used - len(b"hello")
    assert (fd, writing) == (4, 6)
