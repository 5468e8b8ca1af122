"""Operations on paths: opening, making, moving and removing; what leads out of a directory; rights that are strict."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component.types import Case
from agave_wasi.preview2.filesystem import Descriptor
from tests.agave_wasi.preview2.guest import FOLLOW, NO_FOLLOW, Files, files, outcome
from tests.kernel_sim.scripts import FaultyDirectory, populated, world

NOW = Case("now")


class TestOpening:
    def test_creating(self) -> None:
        f = files()
        f.open("new", "create write").write(b"x", 0)
        assert f.k.get("new") == b"x"
        assert f.open("new", "create exclusive write") == f.open("dang", "create exclusive", follow=False) == "exist"
        f.open("new", "truncate write")
        assert f.k.get("new") == b""
        assert f.open("dang", "create write").write(b"y", 0) == 1 and f.k.get("gone") == b"y"

    def test_links(self) -> None:
        f = files()
        assert f.open("l").read(9, 0)[0] == b"hello" and f.open("l", follow=False) == "loop"
        assert f.open("loop") == "loop" and f.open("ld").get_type() == "directory"

    @pytest.mark.parametrize(
        ("path", "how", "code"),
        [
            ("gone", "read", "no-entry"), ("", "read", "no-entry"), ("gone/x", "create", "no-entry"),
            ("f/x", "read", "not-directory"), ("f", "directory", "not-directory"), ("f/", "read", "not-directory"),
            ("d", "write", "is-directory"),
            ("d", "truncate", "is-directory"), ("d", "create", "is-directory"), ("new/", "create", "is-directory"),
            ("d", "directory create", "invalid"), ("d", "directory truncate", "invalid"),
            ("d", "directory exclusive", "invalid"), ("a\0b", "read", "invalid"),
            ("x" * 256, "read", "name-too-long"), ("d/" * 3000, "read", "name-too-long"),
            ("..", "read", "not-permitted"), ("d/../..", "read", "not-permitted"), ("/f", "read", "not-permitted"),
            ("abs", "read", "not-permitted"), ("esc", "read", "not-permitted"), ("up/f", "read", "not-permitted"),
        ],
    )  # fmt: skip
    def test_errors(self, path: str, how: str, code: str) -> None:
        assert files().open(path, how) == code

    def test_no_file_can_be_opened_from_a_file(self) -> None:
        f = files()
        assert f.open("x", at=f.open("f")) == "not-directory"
        f.k.kernel.make_dev(f.k.kernel.root.make_directory(b"dev"))
        assert f.open("x", at=f.open("dev/stdin")) == "not-directory"

    def test_limits(self) -> None:
        f = files()
        f.k.process.fds.limit = 4
        assert f.open("f") == "insufficient-memory"
        f.k.process.fds.limit = 5
        f.k.kernel.root.fs.max_inodes = f.k.kernel.root.fs.used_inodes
        assert f.open("new", "create") == "insufficient-space"

    def test_a_mount_that_is_read_only(self) -> None:
        f = files()
        f.k.kernel.root.fs.writable = False
        for path, how in (("f", "write"), ("f", "truncate"), ("new", "create")):
            assert f.open(path, how) == "not-permitted"
        assert f.open("f").read(9, 0)[0] == b"hello"


class TestPaths:
    def test_directories(self) -> None:
        f = files()
        assert f.did(f.root.create_directory_at, "n") is None and f.did(f.root.create_directory_at, "n/m/") is None
        assert f.did(f.root.create_directory_at, "n") == "exist" and f.did(f.root.create_directory_at, "o/p") == "no-entry"
        assert f.did(f.root.remove_directory_at, "n") == "not-empty" and f.did(f.root.remove_directory_at, "n/m/") is None
        assert f.did(f.root.remove_directory_at, "f") == "not-directory"
        assert f.did(f.root.remove_directory_at, "n/.") == "invalid"
        f.k.kernel.mount(b"mounted", f.k.kernel.new_memory_tree())
        assert f.did(f.root.remove_directory_at, "mounted") == "busy"

    def test_unlinking(self) -> None:
        f = files()
        assert f.did(f.root.unlink_file_at, "f") is None and f.did(f.root.unlink_file_at, "f") == "no-entry"
        assert f.did(f.root.unlink_file_at, "d") == "is-directory" and f.did(f.root.unlink_file_at, "g/") == "not-directory"

    def test_links(self) -> None:
        f = files()
        assert f.did(f.root.link_at, NO_FOLLOW, "f", f.open("d"), "hard") is None and f.k.get("d/hard") == b"hello"
        assert f.did(f.root.link_at, NO_FOLLOW, "f", f.root, "g") == "exist"
        assert f.did(f.root.link_at, NO_FOLLOW, "gone", f.root, "n") == "no-entry"
        assert f.did(f.root.link_at, NO_FOLLOW, "d", f.root, "n") == "not-permitted"
        assert f.did(f.root.link_at, FOLLOW, "l", f.root, "n") == "invalid"
        f.k.kernel.mount(b"mounted", f.k.kernel.new_memory_tree())
        assert f.did(f.root.link_at, NO_FOLLOW, "f", f.open("mounted"), "n") == "cross-device"

    def test_symbolic_links(self) -> None:
        f = files()
        assert f.did(f.root.symlink_at, "d/x", "s") is None and f.did(f.root.readlink_at, "s") == "d/x"
        assert f.did(f.root.symlink_at, "/f", "n") == "not-permitted" and f.did(f.root.symlink_at, "x", "s") == "exist"
        assert f.did(f.root.symlink_at, "", "n") == "no-entry" and f.did(f.root.symlink_at, "x" * 5000, "n") == "name-too-long"
        assert f.did(f.root.readlink_at, "f") == "invalid" and f.did(f.root.readlink_at, "abs") == "not-permitted"
        f.k.kernel.root.symlink(b"odd", b"\xff")
        assert f.did(f.root.readlink_at, "odd") == "illegal-byte-sequence"

    def test_renaming(self) -> None:
        f = files()
        assert f.did(f.root.rename_at, "f", f.open("d"), "moved") is None and f.k.get("d/moved") == b"hello"
        assert f.did(f.root.rename_at, "gone", f.root, "n") == "no-entry"
        assert f.did(f.root.rename_at, "g", f.root, "d") == "is-directory"
        assert f.did(f.root.rename_at, "d", f.root, "g") == "not-directory"
        assert f.did(f.root.rename_at, "e", f.root, "d") == "not-empty"
        assert f.did(f.root.rename_at, "d", f.root, "d/in") == "invalid"
        assert f.did(f.root.rename_at, ".", f.root, "n") == "busy"
        f.k.kernel.mount(b"mounted", f.k.kernel.new_memory_tree())
        assert f.did(f.root.rename_at, "g", f.open("mounted"), "n") == "cross-device"

    def test_every_operation_on_a_path_needs_a_directory_and_stays_in_it(self) -> None:
        f = files()
        file, other = f.open("f"), f.open("d")
        tried = set()
        for base, code, path in (
            (file, "not-directory", "x"), (other, "not-permitted", "../f"), (other, "not-permitted", "/f"),
        ):  # fmt: skip
            calls: list[tuple[Any, ...]] = [
                (base.create_directory_at, path), (base.stat_at, FOLLOW, path), (base.set_times_at, FOLLOW, path, NOW, NOW),
                (base.link_at, NO_FOLLOW, path, other, "n"), (base.open_at, FOLLOW, path, NO_FOLLOW, frozenset({"read"})),
                (base.readlink_at, path), (base.remove_directory_at, path), (base.rename_at, path, other, "n"),
                (base.symlink_at, "t", path), (base.unlink_file_at, path), (base.metadata_hash_at, FOLLOW, path),
                (other.link_at, NO_FOLLOW, "x", base, path), (other.rename_at, "x", base, path),
            ]  # fmt: skip
            for call, *values in calls:
                assert f.did(call, *values) == code, call
                tried.add(call.__name__)
        assert tried == {name for name in dir(Descriptor) if name.endswith("_at")}

    @pytest.mark.parametrize(
        ("failure", "code"), [("IO", "io"), ("ACCES", "access"), ("NOTSUP", "unsupported"), ("MLINK", "too-many-links")]
    )
    def test_what_a_host_answers(self, failure: str, code: str) -> None:
        f = files()
        f.k.kernel.root.attach(b"broken", FaultyDirectory(f.k.kernel.root, failure))
        assert f.did(f.root.stat_at, FOLLOW, "broken/x") == code == f.open("broken/x")


class TestStrictRights:
    def test_a_directory_that_is_not_for_changing_is_not_changed(self) -> None:
        f = Files(populated(world(strict=True)))
        f.k.mkdir("d/sub")
        plain, own = f.open("d"), f.open("d", "read mutate-directory")
        for call, *values in (
            (plain.create_directory_at, "n"), (plain.unlink_file_at, "x"), (plain.rename_at, "x", own, "n"),
            (own.rename_at, "x", plain, "n"), (own.link_at, NO_FOLLOW, "x", plain, "n"), (plain.symlink_at, "t", "n"),
            (plain.set_times, NOW, NOW), (plain.set_times_at, FOLLOW, "x", NOW, NOW), (plain.remove_directory_at, "n"),
        ):  # fmt: skip
            assert f.did(call, *values) == "read-only", call
        for how in ("write", "create", "truncate", "read mutate-directory"):
            assert f.open("x", how, at=plain) == "read-only"
        assert f.open("x", at=plain).read(2, 0) == (b"01", False) and f.names(plain) == ["x", "sub"]
        assert f.did(own.create_directory_at, "n") is None and f.open("x", "write", at=own).write(b"!", 0) == 1
        assert f.open("sub", "read mutate-directory", at=own).get_flags() == {"read", "mutate-directory"}

    def test_a_file_is_for_what_it_was_opened_for(self) -> None:
        f = Files(populated(world(strict=True)))
        for call, *values in (
            (f.root.read, 1, 0), (f.root.write, b"x", 0), (f.root.set_size, 0), (f.root.advise, 0, 0, "normal"),
        ):  # fmt: skip
            assert f.did(call, *values) == "bad-descriptor"
        file = f.open("f", "write")
        assert f.did(file.write, b"J", 0) == 1 and f.did(file.set_size, 3) is None and f.did(file.sync) is None
        assert f.did(file.read, 1, 0) == "not-permitted" and f.did(f.open("f").write, b"x", 0) == "not-permitted"
        assert f.open("f").stat().size == 3 and f.open("f").metadata_hash() == f.root.metadata_hash_at(FOLLOW, "f")
        assert outcome(f.open("f").read_via_stream(0).blocking_read, 9) == b"Jel"
