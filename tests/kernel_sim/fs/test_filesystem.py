"""What a tree of inodes shares: numbers, quotas, being writable."""

from __future__ import annotations

from kernel_sim.clock import VirtualClock
from kernel_sim.fs.filesystem import FileSystem
from tests.kernel_sim.scripts import errno


def test_numbers_are_never_used_again() -> None:
    fs = FileSystem(1, VirtualClock(), max_inodes=2)
    assert [fs.new_number(), fs.new_number()] == [1, 2]
    assert errno(fs.new_number) == "NOSPC"
    fs.used_inodes -= 1
    assert fs.new_number() == 3


def test_room() -> None:
    fs = FileSystem(1, VirtualClock(), max_bytes=10)
    fs.used_bytes = 7
    assert [fs.room(wanted) for wanted in (0, 2, 3, 4)] == [0, 2, 3, 3]
    fs.used_bytes = 12
    assert fs.room(1) == 0


def test_writing_to_a_read_only_tree() -> None:
    assert errno(FileSystem(1, VirtualClock()).require_writable) == ""
    assert errno(FileSystem(1, VirtualClock(), writable=False).require_writable) == "PERM"
