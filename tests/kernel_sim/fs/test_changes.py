"""What a guest has changed in an overlay: every kind of change, in an order in which it can be made."""

from __future__ import annotations

import os
from pathlib import Path

from kernel_sim.errors import Errno
from kernel_sim.fs.changes import changes
from kernel_sim.fs.overlay import OverlayDirectory
from tests.kernel_sim.fs.trees import BOTH, Machine, refusal


def described(overlay: Machine) -> list[str]:
    assert isinstance(overlay.top, OverlayDirectory)
    return [repr(change) for change in changes(overlay.top)]


def test_changes(overlay: Machine) -> None:
    calls = overlay.calls
    overlay.read(b"d/e/h")
    assert described(overlay) == []
    overlay.write(b"d/new", b"x")
    calls.linkat(0, b"d/new", 0, b"again")
    calls.mkdirat(0, b"n")
    calls.symlinkat(b"gone", 0, b"n/link")
    calls.renameat(0, b"f", 0, b"n/f")
    calls.unlinkat(0, b"d/e/h")
    calls.rmdirat(0, b"d/e")
    overlay.write(b"d/g", b"changed")
    calls.utimensat(0, b"l", False, 1, 2)
    calls.utimensat(0, b".", True, 3, 4)
    assert described(overlay) == [
        "<directory b'n'>",
        "<file b'again'>",
        "<file b'same'>",
        "<moved b'n/f' = b'f'>",
        "<symlink b'n/link' -> b'gone'>",
        "<link b'd/g' = b'same'>",
        "<link b'd/new' = b'again'>",
        "<removed-file b'f'>",
        "<removed-file b'd/e/h'>",
        "<removed-directory b'd/e'>",
        "<times b'l'>",
        "<times b''>",
    ]


def test_changes_of_kind_wait_for_the_removal(overlay: Machine) -> None:
    calls = overlay.calls
    calls.renameat(0, b"f", 0, b"t")
    calls.renameat(0, b"d", 0, b"f")
    calls.renameat(0, b"t", 0, b"d")
    assert described(overlay) == [
        "<removed-file b'd/e/h'>",
        "<removed-directory b'd/e'>",
        "<removed-file b'd/g'>",
        "<removed-directory b'd'>",
        "<removed-file b'f'>",
        "<directory b'f'>",
        "<directory b'f/e'>",
        "<moved b'd' = b'f'>",
        "<moved b'f/g' = b'same'>",
        "<moved b'f/e/h' = b'd/e/h'>",
    ]


def test_other_names_of_a_changed_file_follow_it(overlay: Machine, lower: Path) -> None:
    (lower / "d" / "e" / "third").hardlink_to(lower / "same")
    overlay.write(b"same", b"changed")
    assert described(overlay) == ["<file b'same'>", "<link b'd/g' = b'same'>", "<link b'd/e/third' = b'same'>"]
    (lower / "d" / "e" / "third").unlink()


def test_times_are_kept_only_if_they_were_set_last(overlay: Machine) -> None:
    assert isinstance(overlay.top, OverlayDirectory)
    fd = overlay.open(b"f", 0, BOTH)
    overlay.calls.writev(fd, [memoryview(b"x")])
    assert [change.mtime for change in changes(overlay.top)] == [None]
    overlay.calls.futimens(fd, 5, 6)
    assert [(change.atime, change.mtime) for change in changes(overlay.top)] == [(5, 6)]
    overlay.calls.writev(fd, [memoryview(b"x")])
    assert [change.mtime for change in changes(overlay.top)] == [None]


def test_special_files_are_seen_moved_and_removed(overlay: Machine, lower: Path) -> None:
    os.mkfifo(lower / "fifo")
    assert overlay.calls.fstatat(0, b"fifo", True).type == "fifo"
    assert refusal(overlay.open, b"fifo") == Errno.NOTSUP
    overlay.calls.renameat(0, b"fifo", 0, b"d/pipe")
    overlay.calls.utimensat(0, b"d/pipe", True, 1, 1)
    assert described(overlay) == ["<moved b'd/pipe' = b'fifo'>", "<removed-file b'fifo'>"]
    overlay.calls.unlinkat(0, b"d/pipe")
    assert described(overlay) == ["<removed-file b'fifo'>"]
    os.unlink(lower / "fifo")
