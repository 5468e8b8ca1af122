"""The syscall table, and rights where they are strict."""

from __future__ import annotations

import json

import pytest

from kernel_sim.errors import errno_names
from kernel_sim.fs.inode import FileType
from kernel_sim.net.stream import MemoryListener, connection_pair
from kernel_sim.openfile import Rights, Status
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.polling import Subscription
from kernel_sim.syscalls.table import SyscallRecord, parse_docstring, strict, table
from tests.kernel_sim.scripts import ROOT, World, errno, populated, provokes, views, world

GUARDED = [row for row in table() if row.rights]
PREPARED: dict[str, tuple[object, ...]] = {
    "bytes": (b"f",), "int": (0,), "bool": (False,), "str": ("set",), "int | None": (1,), "Sequence[memoryview]": (views(1),),
}  # fmt: skip


def test_numbers_and_names_are_unique_and_small() -> None:
    rows = table()
    assert [row.number for row in rows] == sorted({row.number for row in rows})
    assert rows[-1].number < 4096
    assert len({row.name for row in rows}) == len(rows)


def test_every_row_says_what_it_does_and_knows_its_errors() -> None:
    for row in table():
        assert row.summary.endswith((".", ";")) or ";" in row.summary, row.name
        assert set(row.errors) <= set(errno_names()), row.name
        assert all(row.errors.values()), row.name
        assert row.group in ("files", "paths", "polling", "clocks", "procs", "sockets")


def test_a_row_is_plain_data() -> None:
    readv = table()[0]
    data = json.loads(json.dumps(readv.as_json()))
    assert (data["number"], data["name"], data["group"], data["result"]) == (1, "readv", "files", "int")
    assert data["parameters"][0] == {"name": "fd", "type": "int"}
    assert "AGAIN" in data["errors"]


def test_docstrings_are_read_to_the_end_of_the_list() -> None:
    text = "What.\n\nMore.\n\nErrors:\n    2BIG  too\n        long\n    IO  broken\n\nOther.\n"
    assert parse_docstring(text) == ("What.", {"2BIG": "too long", "IO": "broken"})
    assert parse_docstring("What.") == ("What.", {})
    assert parse_docstring("") == ("", {})


def call_with(k: World, row: SyscallRecord, rights: int) -> str:
    """The error of a call whose every descriptor has exactly `rights`."""
    target = k.process.fds[ROOT] if row.group == "paths" else k.process.fds[k.open("f", "rw")]
    if row.group == "sockets":
        inode = MemoryListener(k.kernel.pipes, 1, 0) if row.name == "accept" else connection_pair(k.kernel.pipes)[0]
        target = k.process.fds[k.install(inode)]
    target.rights = rights
    fd = next(number for number, file in k.process.fds.items() if file is target)
    arguments = [fd if name.endswith("fd") else PREPARED[type][0] for name, type in row.parameters]
    try:
        return errno(getattr(k.sys, row.name), *arguments)
    except BaseException as other:
        assert type(other).__name__ == "WouldBlock"
        return ""


@pytest.mark.parametrize("row", GUARDED, ids=lambda row: row.name)
def test_every_right_is_needed_and_enough(row: SyscallRecord) -> None:
    for bit in range(30):
        right = 1 << bit
        if row.rights & right:
            assert call_with(populated(world(strict=True)), row, Rights.ALL & ~right & ~implying(right)) == "NOTCAPABLE"
    assert call_with(populated(world(strict=True)), row, row.rights | SECOND.get(row.name, 0)) != "NOTCAPABLE"
    k = world(strict=True)
    arguments = [99 if name.endswith("fd") else PREPARED[type][0] for name, type in row.parameters]
    assert errno(getattr(k.sys, row.name), *arguments) == "BADF"


SECOND = {"linkat": Rights.PATH_LINK_TARGET, "renameat": Rights.PATH_RENAME_TARGET}
"""What the second directory needs; here it is the first one again."""


def implying(right: int) -> int:
    return Rights.FD_SEEK if right == Rights.FD_TELL else 0


@provokes("tell", "BADF")
def test_who_may_seek_may_tell() -> None:
    k = populated(world(strict=True))
    fd = k.sys.openat(ROOT, b"f", True, 0, 0, Rights.FD_READ | Rights.FD_SEEK, 0)
    assert k.sys.tell(fd) == 0
    assert errno(k.sys.tell, 99) == "BADF"


def test_without_strict_rights_nothing_is_missing() -> None:
    k = populated()
    k.process.fds[ROOT].rights = 0
    fd = k.open("f", "rw")
    k.process.fds[fd].rights = 0
    assert k.read(fd, 9) == b"hello"


def test_what_is_opened_gets_what_was_asked_for_and_no_more() -> None:
    k = populated(world(strict=True))
    asked = Rights.FD_READ | Rights.FD_READDIR | Rights.FD_WRITE | Rights.PATH_OPEN
    file = k.sys.descriptor(k.sys.openat(ROOT, b"f", True, 0, 0, asked, Rights.FD_READ))
    assert (file.rights, file.inheriting) == (asked, Rights.FD_READ)
    d = k.sys.openat(ROOT, b"d", True, 0, 0, Rights.FD_READDIR | Rights.PATH_OPEN, Rights.FD_READ)
    assert k.sys.descriptor(d).inode.type == FileType.DIRECTORY
    x = k.sys.openat(d, b"x", True, 0, 0, Rights.FD_READ, 0)
    assert k.read(x, 3) == b"012"
    assert errno(k.sys.openat, d, b"x", True, 0, 0, Rights.FD_WRITE, 0) == "NOTCAPABLE"
    assert errno(k.sys.openat, d, b"x", True, 0, 0, 0, Rights.FD_WRITE) == "NOTCAPABLE"
    writer = k.sys.openat(ROOT, b"f", True, 0, 0, Rights.FD_ALLOCATE, 0)
    k.sys.fallocate(writer, 0, 9)
    assert errno(k.write, writer, b"x") == "NOTCAPABLE"


@pytest.mark.parametrize(
    "status, held, answer",
    [
        (Status.SYNC, Rights.FD_SYNC, ""), (Status.RSYNC, Rights.FD_DATASYNC, "NOTCAPABLE"), (Status.DSYNC, 0, "NOTCAPABLE"),
        (Status.DSYNC, Rights.FD_SYNC, ""), (Status.DSYNC, Rights.FD_DATASYNC, ""), (Status.APPEND, 0, ""),
    ],
)  # fmt: skip
def test_synchronised_files_need_a_right_of_the_directory(status: int, held: int, answer: str) -> None:
    k = populated(world(strict=True))
    k.process.fds[ROOT].rights = Rights.PATH_OPEN | held
    assert errno(k.sys.openat, ROOT, b"f", True, 0, status, Rights.FD_READ, 0) == answer


def test_strict_streams_can_be_polled() -> None:
    k = world(strict=True, stdin=[b"x"])
    assert [each.index for each in k.sys.poll([Subscription(0), Subscription(1, True)])] == [0, 1]


def test_strict_is_a_subclass_that_changes_nothing_else() -> None:
    kind = strict(Syscalls)
    assert issubclass(kind, Syscalls) and kind.__name__ == "StrictSyscalls"
    assert [row.name for row in table() if getattr(kind, row.name) is not getattr(Syscalls, row.name)] == [
        row.name for row in GUARDED
    ]
