"""Comparing: the suites are identical but for what is known, and a defect that is put in is found where it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.preview1 import compiled, layout
from conformance.calls import ours
from conformance.calls.compare import Comparison, compare
from conformance.calls.equal import Equal, of_case
from conformance.calls.known import known
from conformance.case import Case
from kernel_sim.errors import KernelError
from kernel_sim.fs.memfs import MemFile
from kernel_sim.kernel import Kernel
from kernel_sim.syscalls import Syscalls
from tests.conformance.calls.running import both, comparable, module, on_reference

CLEAN = 60
"""So many cases at least are the same without anything that is known."""


@cache
def compared(name: str) -> Comparison:
    """A case on both sides; what is the same isn't kept, as there are cases that make ten thousand calls."""
    case = next(case for case in comparable() if case.name == name)
    comparison = compare(*both(of_case(case)), known())
    comparison.pairs = [pair for pair in comparison.pairs if pair.known or pair.unknown or pair.follows]
    comparison.ours.calls, comparison.theirs.calls = [], []
    return comparison


@pytest.mark.parametrize("case", comparable(), ids=str)
def test_the_suites_are_identical_but_for_what_is_known(case: Case) -> None:
    comparison = compared(case.name)
    first = comparison.first()
    assert first is None, (first.call, first.unknown)
    assert not comparison.ending and not comparison.files
    assert comparison.same()
    if comparison.same(strict=True):
        assert not comparison.known and not comparison.known_ending


def test_most_need_nothing_that_is_known() -> None:
    clean = [case.name for case in comparable() if compared(case.name).same(strict=True)]
    assert len(clean) >= CLEAN


def test_the_known_divergences_that_suites_show_are_recognised() -> None:
    met = {id for case in comparable() for id in compared(case.name).known}
    assert {"allocate", "cpu-clocks", "first-buffer-only", "pread-in-pieces", "synchronous-flags", "raise-a-signal",
            "remove-with-slash", "bytes-that-can-be-read", "long-paths", "offsets-at-the-limit", "two-mistakes",
            "due-clock-beside-ready-file", "results-at-one-place", "times-at-the-limit"} <= met  # fmt: skip


# Defects that are put in

FILES = """(module
 (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_tell" (func $tell (param i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
 (memory (export "memory") 1)
 (data (i32.const 0) "file") (data (i32.const 16) "\\20\\00\\00\\00\\05\\00\\00\\00") (data (i32.const 32) "hello")
 (data (i32.const 48) "\\40\\00\\00\\00\\08\\00\\00\\00")
 (func (export "_start")
  (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 1) (i64.const 0x20006f)
    (i64.const 0) (i32.const 0) (i32.const 100)))
  (drop (call $write (i32.load (i32.const 100)) (i32.const 16) (i32.const 1) (i32.const 104)))
  (drop (call $tell (i32.load (i32.const 100)) (i32.const 112)))
  (drop (call $seek (i32.load (i32.const 100)) (i64.const 0) (i32.const 0) (i32.const 120)))
  (drop (call $read (i32.load (i32.const 100)) (i32.const 48) (i32.const 1) (i32.const 128)))
  (drop (call $stat (i32.load (i32.const 100)) (i32.const 256)))
  (drop (call $unlink (i32.const 3) (i32.const 32) (i32.const 5)))))"""


def test_without_a_defect_it_is_identical(tmp_path: Path) -> None:
    comparison = compare(*both(Equal(module(tmp_path, FILES))))
    assert comparison.same(strict=True) and len(comparison.pairs) == 7
    assert comparison.pairs[-1].call.errno == "NOENT"
    assert {"times", "access-time", "device-number"} <= set(comparison.allowed)


def wrong_errno(patch: pytest.MonkeyPatch) -> None:
    def unlinkat(self: Any, fd: int, path: bytes) -> None:
        raise KernelError("ACCES")

    patch.setattr(Syscalls, "unlinkat", unlinkat)


def wrong_byte(patch: pytest.MonkeyPatch) -> None:
    read_at = MemFile.read_at

    def spoilt(self: Any, offset: int, buffers: Any) -> Any:
        count = read_at(self, offset, buffers)
        buffers[0][2] = ord("L")
        return count

    patch.setattr(MemFile, "read_at", spoilt)


def wrong_offset(patch: pytest.MonkeyPatch) -> None:
    tell = Syscalls.tell
    patch.setattr(Syscalls, "tell", lambda self, fd: tell(self, fd) + 1)


def wrong_size(patch: pytest.MonkeyPatch) -> None:
    spoil_stat(patch, "size", 1)


def wrong_time(patch: pytest.MonkeyPatch) -> None:
    spoil_stat(patch, "mtime", -3600 * 10**9)


def spoil_stat(patch: pytest.MonkeyPatch, field: str, by: int) -> None:
    stat = MemFile.stat

    def spoilt(self: Any) -> Any:
        found = stat(self)
        setattr(found, field, getattr(found, field) + by)
        return found

    patch.setattr(MemFile, "stat", spoilt)


@pytest.mark.parametrize(
    "defect, number, call, what, here, there",
    [
        (wrong_errno, 6, "path_unlink_file", "errno", "ACCES", "NOENT"),
        (wrong_byte, 4, "fd_read", "memory iovs, from byte 2 of 5", "4c 6c 6f", "6c 6c 6f"),
        (wrong_offset, 2, "fd_tell", "result", 6, 5),
        (wrong_size, 5, "fd_filestat_get", "field size", 6, 5),
        (wrong_time, 5, "fd_filestat_get", "field mtime", None, None),
    ],
)
def test_a_defect_is_found_at_its_call(
    defect: Callable[[pytest.MonkeyPatch], None], number: int, call: str, what: str, here: Any, there: Any,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    equal = Equal(module(tmp_path, FILES))
    there_recording = on_reference(equal, ours.record(equal).calls)
    defect(monkeypatch)
    first = compare(ours.record(equal), there_recording, known()).first()
    assert first is not None
    assert (first.our_number, first.call.name, first.unknown[0].what) == (number, call, what)
    if here is not None:
        assert (first.unknown[0].ours, first.unknown[0].theirs) == (here, there)


def test_a_result_that_goes_to_the_wrong_place_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    equal = Equal(module(tmp_path, FILES))
    there = on_reference(equal, ours.record(equal).calls)
    source = Path(compiled.__file__).read_text(encoding="utf-8")
    begin = source.index("def fd_tell(")
    wrong = source[begin:].replace("memory_64[result >> 3] = value", "memory_64[(result >> 3) + 1] = value", 1)
    namespace: dict[str, Any] = {}
    exec(compile(source[:begin] + wrong, "<spoilt>", "exec"), namespace)
    monkeypatch.setattr(compiled, "link", namespace["link"])
    first = compare(ours.record(equal), there, known()).first()
    assert first is not None and first.call.name == "fd_tell"
    assert (first.unknown[0].ours, first.unknown[0].theirs) == (0, 5)


def test_a_defect_that_makes_the_guest_go_another_way_is_told_where_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = next(case for case in comparable() if case.name == "readdir_entries")
    equal = of_case(case)
    there = on_reference(equal, ours.record(equal).calls)
    monkeypatch.setitem(layout.FILETYPES, "regular-file", 2)
    first = compare(ours.record(equal), there, known()).first()
    assert first is not None
    assert first.unknown[0].what.startswith(("entry ", "field type"))


def test_files_that_differ_at_the_end_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    equal = Equal(module(tmp_path, FILES))
    there = on_reference(equal, ours.record(equal).calls)
    reap = Kernel.reap

    def leaving(self: Any, process: Any) -> None:
        process.fds.get(3).inode.make_directory(b"left over")
        reap(self, process)

    monkeypatch.setattr(Kernel, "reap", leaving)
    here = ours.record(equal)
    comparison = compare(here, there, known())
    assert comparison.first() is None and not comparison.same()
    assert comparison.files == [("/left over", "a directory", "nothing")]


# Ends

ENDS = """(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
 (import "wasi_snapshot_preview1" "fd_prestat_get" (func $tell (param i32 i32) (result i32)))
 (memory (export "memory") {pages}) {start}
 (func $go {body}) (func (export "_start") (call $go)))"""


@pytest.mark.parametrize(
    "body, pages, calls, ends, same",
    [
        ("unreachable", 1, 0, "trap", True),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", 1, 0, "trap", True),
        ("(call $exit (i32.const 7))", 1, 1, "exit", True),
        ("(call $exit (i32.const 200))", 1, 1, "exit", True),  # a trap there, which is known
        ("(drop (call $tell (i32.const 3) (i32.const 65532)))", 1, 1, "trap", True),
        ("(drop (call $tell (i32.const 3) (i32.const 0)))", 0, 1, "trap", True),
        ("(drop (memory.grow (i32.const 9))) (drop (call $tell (i32.const 3) (i32.const 589824)))", 1, 1, "exit", True),
    ],
)
@pytest.mark.parametrize("start", ["", "(start $go)"])
def test_ends_are_compared(
    body: str, pages: int, calls: int, ends: str, same: bool, start: str, tmp_path: Path
) -> None:
    here, there = both(Equal(module(tmp_path, ENDS.format(body=body, pages=pages, start=start))))
    assert (here.ended_by, len(here.calls), len(there.calls)) == (ends, len(there.calls), len(here.calls))
    assert here.calls or not calls
    comparison = compare(here, there, known())
    assert comparison.same() is same, (comparison.ending, comparison.first())
    assert bool(comparison.known_ending) is ("200" in body)


def test_another_end_is_a_difference(tmp_path: Path) -> None:
    equal = Equal(module(tmp_path, ENDS.format(body="(call $exit (i32.const 7))", pages=1, start="")))
    here, there = both(equal)
    there.exit_code = 8
    assert [(each.what, each.ours, each.theirs) for each in compare(here, there).ending] == [("exit code", 7, 8)]
    here.ended_by, here.message = "trap", "unreachable"
    assert [each.what for each in compare(here, there).ending] == ["ending"]


def test_a_function_that_is_imported_twice_and_a_memory_of_another_name(tmp_path: Path) -> None:
    text = """(module (import "wasi_snapshot_preview1" "sched_yield" (func $a (result i32)))
     (import "wasi_snapshot_preview1" "sched_yield" (func $b (result i32)))
     (memory (export "memory") 1) (memory $two 1) (export "other" (memory $two))
     (func (export "_start") (drop (call $a)) (drop (call $b))))"""
    comparison = compare(*both(Equal(module(tmp_path, text))), known())
    assert comparison.same(strict=True) and [each.call.name for each in comparison.pairs] == ["sched_yield"] * 2


def test_without_an_exported_memory_calls_that_need_one_trap_on_both_sides(tmp_path: Path) -> None:
    text = """(module (import "wasi_snapshot_preview1" "fd_tell" (func $tell (param i32 i32) (result i32)))
     (memory 1) (func (export "_start") (drop (call $tell (i32.const 3) (i32.const 0)))))"""
    here, there = both(Equal(module(tmp_path, text)))
    assert here.ended_by == there.ended_by == "trap"
    assert compare(here, there, known()).same()
