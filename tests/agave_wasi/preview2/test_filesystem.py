"""Descriptors: what they can do, and every error that the file system's kernel can answer."""

from __future__ import annotations

import pytest

from agave_wasi.component.types import Case
from agave_wasi.preview2.clocks import SECOND
from agave_wasi.preview2.filesystem import Descriptor, Filesystem
from agave_wasi.preview2.io import Error
from agave_wasi.preview2.streams import READ_MAX, SharedFd
from kernel_sim.errors import KernelError
from kernel_sim.fs.inode import FileType
from tests.agave_wasi.preview2.guest import FOLLOW, NO_FOLLOW, files, outcome
from tests.kernel_sim.scripts import ROOT, FaultyDirectory, FaultyInode, world

NO_CHANGE, NOW = Case("no-change"), Case("now")
LAST = (1 << 64) - 1


def at(seconds: int, nanoseconds: int = 0) -> Case:
    return Case("timestamp", (seconds, nanoseconds))


class TestReading:
    def test_at_an_offset(self) -> None:
        f = files()
        file = f.open("f")
        assert file.read(3, 1) == (b"ell", False) and file.read(99, 3) == (b"lo", False)
        assert file.read(9, 5) == (b"", True) == file.read(9, 99) == file.read(0, 0)

    def test_any_length_may_be_asked_for(self) -> None:
        f = files()
        f.k.kernel.root.fs.max_bytes = 2 * READ_MAX
        f.k.put("big", b"x" * (READ_MAX + 1))
        assert len(f.open("big").read(LAST, 0)[0]) == READ_MAX

    def test_errors(self) -> None:
        f = files()
        assert f.did(f.root.read, 1, 0) == "bad-descriptor"
        assert f.did(f.open("g", "write").read, 1, 0) == "bad-descriptor"
        assert f.did(f.open("f").read, 1, LAST) == "invalid"
        f.k.kernel.make_dev(f.k.kernel.root.make_directory(b"dev"))
        assert f.did(f.open("dev/null").read, 1, 0) == "invalid-seek"
        f.k.plant("broken", FaultyInode(f.k.kernel.root, "IO"))
        assert f.did(Descriptor(f.k.sys, SharedFd(f.k.holding(f.k.kernel.root.lookup(b"broken"))), False).read, 1, 0) == "io"


class TestWriting:
    def test_at_an_offset(self) -> None:
        f = files()
        file = f.open("f", "read write")
        assert file.write(b"EL", 1) == 2 and file.write(b"!", 7) == 1 and file.write(b"", 0) == 0
        assert f.k.get("f") == b"hELlo\0\0!"

    def test_what_finds_no_room(self) -> None:
        f = files(max_bytes=50)
        file = f.open("f", "write")
        room = f.k.kernel.root.fs.room(99)
        assert f.did(file.write, b"x" * 60, 0) == 5 + room
        assert f.did(file.write, b"x", 5 + room) == "insufficient-space"

    def test_errors(self) -> None:
        f = files()
        assert f.did(f.root.write, b"x", 0) == f.did(f.open("f").write, b"x", 0) == "bad-descriptor"
        assert f.did(f.open("f", "write").write, b"x", LAST) == "invalid"
        assert f.did(f.open("f", "write").write, b"x", (1 << 63) - 1) == "file-too-large"


class TestStreams:
    def test_they_share_the_descriptor_and_outlive_it(self) -> None:
        f = files()
        file = f.open("f", "read write")
        fd = file.fd
        reading, writing, appending = file.read_via_stream(1), file.write_via_stream(2), file.append_via_stream()
        file.drop()
        assert outcome(reading.read, 2) == b"el"
        assert outcome(writing.blocking_write_and_flush, b"LL") is None
        assert outcome(appending.blocking_write_and_flush, b"!") is None
        assert f.k.get("f") == b"heLLo!" and outcome(reading.read, 9) == b"Lo!"
        for each in (reading, writing, appending):
            assert fd in f.k.process.fds
            each.drop()
        assert fd not in f.k.process.fds

    def test_what_has_no_offsets(self) -> None:
        f = files()
        f.k.kernel.make_dev(f.k.kernel.root.make_directory(b"dev"))
        zero, full = f.open("dev/zero"), f.open("dev/full", "write")
        assert outcome(zero.read_via_stream(99).read, 3) == b"\0\0\0"
        assert outcome(f.open("dev/null").read_via_stream(0).read, 3) == "closed"
        failing = full.write_via_stream(7)
        assert outcome(failing.blocking_write_and_flush, b"x") == "last-operation-failed: NOSPC"
        assert outcome(full.append_via_stream().blocking_write_and_flush, b"x") == "last-operation-failed: NOSPC"
        stdout = f.open("dev/stdout", "write").append_via_stream()
        assert outcome(stdout.blocking_write_and_flush, b"out") is None and f.k.stdout.written == b"out"

    def test_errors(self) -> None:
        f = files()
        readable, writable = f.open("f"), f.open("f", "write")
        for wrong, method, *offset in (
            (writable, "read_via_stream", 0), (readable, "write_via_stream", 0), (readable, "append_via_stream"),
            (f.root, "write_via_stream", 0), (f.root, "append_via_stream"),
        ):  # fmt: skip
            assert f.did(getattr(wrong, method), *offset) == "bad-descriptor"
        assert f.did(f.root.read_via_stream, 0) == "is-directory"
        assert outcome(readable.read_via_stream(LAST).read, 1) == "last-operation-failed: INVAL"

    def test_what_an_error_of_a_stream_was(self) -> None:
        k = world()
        host = Filesystem(k.sys)
        assert host.filesystem_error_code(Error(k.sys, "NOSPC")) == "insufficient-space"
        assert host.filesystem_error_code(Error(k.sys, "")) is None


class TestAttributes:
    def test_what_it_was_opened_for(self) -> None:
        f = files()
        for how, shown in (
            ("read", "read"), ("", "read"), ("write", "write"), ("read write", "read write"), ("create", "read write"),
            ("truncate", "read write"), ("write file-integrity-sync data-integrity-sync requested-write-sync",) * 2,
            ("read mutate-directory", "read"),
        ):  # fmt: skip
            assert f.open("f", how).get_flags() == set(shown.split()), how
        assert f.root.get_flags() == {"read", "mutate-directory"}
        assert f.open("d", "directory").get_flags() == {"read"}
        assert f.open("d", "read mutate-directory").get_flags() == {"read", "mutate-directory"}

    def test_kinds(self) -> None:
        f = files()
        f.k.kernel.make_dev(f.k.kernel.root.make_directory(b"dev"))
        f.k.plant("pipe", f.k.kernel.new_pipe())
        kinds = {"f": "regular-file", "d": "directory", "dev/null": "character-device", "pipe": "fifo", "dev/stdout": "unknown"}
        for path, kind in kinds.items():
            assert f.open(path).get_type() == kind, path
        assert f.root.stat_at(NO_FOLLOW, "l").type == "symbolic-link" and f.root.stat_at(FOLLOW, "l").type == "regular-file"
        for kind in (FileType.SOCKET_STREAM, FileType.SOCKET_DGRAM, FileType.BLOCK_DEVICE):
            inode = f.k.kernel.new_pipe()
            inode.__class__ = type("Other", (type(inode),), {"type": kind, "__slots__": ()})
            shown = Descriptor(f.k.sys, SharedFd(f.k.holding(inode)), False).get_type()
            assert shown == {"block-device": "block-device"}.get(kind, "socket")

    def test_stat(self) -> None:
        f = files()
        stat, same = f.open("f").stat(), f.k.stat("f")
        assert (stat.type, stat.link_count, stat.size) == ("regular-file", 1, 5)
        assert stat.data_modification_timestamp == divmod(same.mtime, SECOND)
        assert stat.data_access_timestamp == divmod(same.atime, SECOND)
        assert stat.status_change_timestamp == divmod(same.ctime, SECOND)
        assert f.root.stat_at(FOLLOW, "l") == stat != f.root.stat_at(NO_FOLLOW, "l") == f.root.stat_at(NO_FOLLOW, "./l")
        assert f.root.stat().type == "directory"

    def test_size(self) -> None:
        f = files(max_bytes=1000)
        file = f.open("f", "write")
        assert f.did(file.set_size, 2) is None and f.did(file.set_size, 4) is None and f.k.get("f") == b"he\0\0"
        assert f.did(f.root.set_size, 0) == "bad-descriptor" and f.did(f.open("f").set_size, 0) == "invalid"
        assert f.did(file.set_size, LAST) == "invalid" and f.did(file.set_size, 1 << 62) == "file-too-large"

    @pytest.mark.parametrize("by_path", [False, True])
    @pytest.mark.parametrize(
        ("access", "modification", "expected"),
        [
            (NO_CHANGE, NO_CHANGE, (None, None)), (at(5, 6), NO_CHANGE, (5 * SECOND + 6, None)), (NOW, at(0), ("now", 0)),
            (at(LAST // SECOND, LAST % SECOND), NOW, (LAST, "now")),
        ],
    )  # fmt: skip
    def test_times(self, by_path: bool, access: Case, modification: Case, expected: tuple[object, object]) -> None:
        f = files()
        before, now = f.k.stat("f"), f.k.kernel.clock.now()
        if by_path:
            f.root.set_times_at(FOLLOW, "l", access, modification)
        else:
            f.open("f").set_times(access, modification)
        after = f.k.stat("f")
        for old, new, wanted in zip((before.atime, before.mtime), (after.atime, after.mtime), expected):
            assert new == (old if wanted is None else now if wanted == "now" else wanted)
        if by_path:
            f.root.set_times_at(NO_FOLLOW, "l", at(7), at(8))
            assert f.k.stat("l", follow=False).mtime == 8 * SECOND and f.k.stat("f").mtime == after.mtime

    def test_times_that_are_none(self) -> None:
        f = files()
        latest = at(LAST // SECOND, LAST % SECOND + 1)
        for wrong, code in ((at(0, SECOND), "invalid"), (at(LAST), "overflow"), (latest, "overflow")):
            assert f.did(f.root.set_times, NOW, wrong) == f.did(f.root.set_times_at, FOLLOW, "f", wrong, NOW) == code
        f.k.kernel.make_dev(f.k.kernel.root.make_directory(b"dev"))
        assert f.did(f.open("dev/stdin").set_times, NOW, NOW) == "bad-descriptor"
        assert f.did(f.root.set_times_at, FOLLOW, "gone", NOW, NOW) == "no-entry"
        assert f.did(f.open("f").set_times_at, FOLLOW, "x", NOW, NOW) == "not-directory"

    def test_advice_and_synchronizing(self) -> None:
        f = files()
        file = f.open("f", "write")
        for advice in ("normal", "sequential", "random", "will-need", "dont-need", "no-reuse"):
            assert f.did(file.advise, 0, 9, advice) is None
        assert f.did(f.root.advise, 0, 9, "normal") == "bad-descriptor"
        assert f.did(file.advise, 0, LAST, "normal") == "invalid"
        f.k.plant("pipe", f.k.kernel.new_pipe())
        assert f.did(f.open("pipe", "write").advise, 0, 0, "normal") == "invalid-seek"
        for each in (file, f.root, f.open("f")):
            assert f.did(each.sync) is f.did(each.sync_data) is None
        broken = Descriptor(f.k.sys, SharedFd(f.k.holding(FaultyInode(f.k.kernel.root, "IO"))), False)
        assert f.did(broken.sync) == f.did(broken.sync_data) == "io"

    def test_what_is_the_same(self) -> None:
        f = files()
        f.k.link("f", "f2")
        one = f.open("f")
        assert one.is_same_object(one) and one.is_same_object(f.open("f2", "write")) and not one.is_same_object(f.open("g"))
        assert f.root.is_same_object(f.open(".")) and not f.root.is_same_object(f.open("d"))
        f.k.kernel.make_dev(f.k.kernel.root.make_directory(b"dev"))
        out, err = f.open("dev/stdout", "write"), f.open("dev/stderr", "write")
        assert out.is_same_object(f.open("dev/stdout", "write")) and not out.is_same_object(err)

    def test_nothing_is_the_same_as_what_a_host_does_not_know(self) -> None:
        def broken(_: object) -> int:
            raise KernelError("IO")

        f = files()
        inodes = [f.k.kernel.new_pipe() for _ in range(2)]
        for inode in inodes:
            inode.__class__ = type("Silent", (type(inode),), {"number": property(broken), "__slots__": ()})
        one, other = (Descriptor(f.k.sys, SharedFd(f.k.holding(inode)), False) for inode in inodes)
        assert not one.is_same_object(other) and one.is_same_object(one)

    def test_hashes_of_metadata(self) -> None:
        f = files()
        first = f.open("f").metadata_hash()
        assert first == f.root.metadata_hash_at(FOLLOW, "l") and first != f.root.metadata_hash_at(NO_FOLLOW, "l")
        f.k.rename("f", "moved")
        assert f.root.metadata_hash_at(NO_FOLLOW, "moved") == first
        f.open("moved", "write").write(b"!", 5)
        changed = f.open("moved").metadata_hash()
        assert changed.lower == first.lower and changed.upper != first.upper
        f.root.set_times_at(FOLLOW, "moved", NO_CHANGE, at(1))
        assert f.open("moved").metadata_hash().upper != changed.upper
        hashes = [f.root.metadata_hash_at(NO_FOLLOW, name) for name in f.names()]
        assert len({each.lower for each in hashes}) == len(hashes) == len({each.upper for each in hashes})
        assert f.did(f.root.metadata_hash_at, FOLLOW, "gone") == "no-entry"


class TestListings:
    def test_entries_without_dots(self) -> None:
        f = files()
        assert f.names() == f.k.names() and set(f.names()) >= {"f", "d", "l"}
        listing = f.open("d").read_directory()
        assert listing.read_directory_entry() == ("regular-file", "x")
        assert listing.read_directory_entry() is listing.read_directory_entry() is None

    def test_each_listing_begins_anew_and_outlives_its_descriptor(self) -> None:
        f = files()
        directory = f.open(".")
        one, other = directory.read_directory(), directory.read_directory()
        directory.drop()
        first = one.read_directory_entry()
        assert other.read_directory_entry() == first and one.read_directory_entry() != first
        for each in (one, other):
            assert directory.fd in f.k.process.fds
            each.drop()
        assert directory.fd not in f.k.process.fds

    def test_entries_that_come_and_go(self) -> None:
        f = files()
        listing = f.root.read_directory()
        first = listing.read_directory_entry()
        f.k.put("late")
        f.k.unlink("g")
        rest = [each.name for each in iter(listing.read_directory_entry, None)]
        assert "late" in rest and "g" not in rest and first is not None and first.name not in rest

    def test_a_name_that_is_no_text(self) -> None:
        f = files()
        f.k.mkdir("names")
        for name in (b"names/a", b"names/\xff", b"names/b"):
            f.k.put(name)
        listing = f.open("names").read_directory()
        assert [f.did(listing.read_directory_entry) for _ in range(4)] == [
            ("regular-file", "a"), "illegal-byte-sequence", ("regular-file", "b"), None,
        ]  # fmt: skip

    def test_errors(self) -> None:
        f = files()
        assert f.did(f.open("f").read_directory) == "not-directory"
        f.k.kernel.root.attach(b"broken", FaultyDirectory(f.k.kernel.root, "IO"))
        assert f.did(f.open("broken").read_directory) == "io"


def test_closing() -> None:
    f = files()
    file = f.open("f")
    file.drop()
    assert file.fd not in f.k.process.fds
    assert ROOT in f.k.process.fds
