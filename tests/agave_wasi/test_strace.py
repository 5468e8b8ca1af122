"""The trace for people: lines made from events, and those of whole runs, which never change."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.preview1.types import RIGHTS
from agave_wasi.strace import Lines, Summary, duration, ended, escaped, moment, rights

PROGRAM = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_renumber" (func $renumber (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\40\\00\\00\\00\\06\\00\\00\\00") (data (i32.const 64) "hello\\n")
  (data (i32.const 128) "new\\22.txtnowhere")
  (data (i32.const 264) "\\00") (data (i32.const 272) "\\01") (data (i32.const 280) "\\00\\94\\35\\77")
  (func (export "_start")
    (drop (call $sizes (i32.const 512) (i32.const 516)))
    (drop (call $open (i32.const 3) (i32.const 1) (i32.const 128) (i32.const 8) (i32.const 9) (i64.const 66)
      (i64.const 0x3fffffff) (i32.const 1) (i32.const 512)))
    (drop (call $write (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 512)))
    (drop (call $stat (i32.const 4) (i32.const 1024)))
    (drop (call $renumber (i32.const 4) (i32.const 2)))
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 136) (i32.const 7) (i32.const 0) (i64.const 2) (i64.const 0)
      (i32.const 0) (i32.const 512)))
    (drop (call $close (i32.const 9)))
    (drop (call $close (i32.const 2)))
    (drop (call $time (i32.const 0) (i64.const 0) (i32.const 512)))
    (drop (call $poll (i32.const 256) (i32.const 320) (i32.const 1) (i32.const 512)))
    (call $exit (i32.const 3))))"""

GOLDEN = r"""
args_sizes_get() = {count=1, buffer_size=5}
path_open(3</>, symlink_follow, "new\".txt", creat|trunc, fd_read|fd_write, all, append) = 4</new\".txt>
fd_write(4</new\".txt>, "hello\n", 6) = 6
fd_filestat_get(4</new\".txt>) = {device=2, inode=12, type=regular-file, nlink=1, size=6, atime=2026-01-01T00:00:00.000000000Z, mtime=2026-01-01T00:00:00.000000000Z, ctime=2026-01-01T00:00:00.000000000Z}
fd_renumber(4</new\".txt>, 2<stderr>) = 0
path_open(3</>, 0, "nowhere", 0, fd_read, 0, 0) = NOENT (no such file or directory)
fd_close(9) = BADF (bad file descriptor)
fd_close(2</new\".txt>) = 0
clock_time_get(realtime, 0) = 1767225600000001000 (2026-01-01T00:00:00.000001000Z)
poll_oneoff([{monotonic in 2s}]) = 1 [{clock, userdata=0x0}]
proc_exit(3) = ?
+++ exited with 3 +++
""".strip().splitlines()  # noqa: E501


def traced(nested: bool = False, **options: Any) -> list[str]:
    found: list[str] = []
    lines = Lines(found.append, ["/"], nested=nested, **options)
    result = World(cache=False).run(PROGRAM.encode(), arg0="prog", trace=lines.event, trace_syscalls=nested)
    lines.end(ended(result))
    return found


def test_a_run_is_what_it_always_was() -> None:
    assert traced() == GOLDEN
    assert traced() == GOLDEN


def test_syscalls_are_below_their_host_calls() -> None:
    found = traced(nested=True)
    assert [line for line in found if not line.startswith(" ")] == GOLDEN
    at = found.index("fd_close(9) = BADF (bad file descriptor)")
    assert found[at + 1] == "    close(fd=9) = BADF (bad file descriptor)"
    assert "(waits)" in "\n".join(found)


def test_flags_and_times_of_syscalls_have_names_too() -> None:
    found = traced(nested=True)
    opened = [line for line in found if line.startswith("    openat")]
    assert "flags=creat|trunc, status=append, rights=fd_read|fd_write, inheriting=all) = 4" in opened[0]
    assert "flags=0, status=0, rights=fd_read, inheriting=0) = NOENT" in opened[1]
    assert any("fstat" in line and "atime=2026-01-01T00:00:00.000000000Z" in line for line in found)

    def below(call: str, args: dict[str, Any], result: Any = None) -> str:
        lines: list[str] = []
        nested = {"call": call, "args": args, "result": result, "errno": "SUCCESS"}
        event = {"call": "x", "args": {}, "result": {}, "errno": "SUCCESS", "time": 0, "syscalls": [nested]}
        Lines(lines.append, [], nested=True).event(event)
        return lines[1].strip()

    assert below("recv", {"fd": 3, "flags": 3}) == "recv(fd=3, flags=recv_peek|recv_waitall) = 0"
    assert below("recv", {"fd": 3, "flags": 6}) == "recv(fd=3, flags=recv_waitall|0x4) = 0"
    status = {"offset": 4, "status": 5, "rights": 0, "inheriting": 64}
    assert below("descriptor", {"fd": 1}, status) == (
        "descriptor(fd=1<stdout>) = {offset=4, status=append|nonblock, rights=0, inheriting=fd_write}"
    )


def test_unwanted_calls_are_followed_though_not_shown() -> None:
    assert traced(wanted=lambda name: name == "fd_write")[0] == r'fd_write(4</new\".txt>, "hello\n", 6) = 6'


def line(call: str, args: dict[str, Any], result: dict[str, Any], errno: str = "SUCCESS") -> str:
    found: list[str] = []
    Lines(found.append, ["/", "."]).event({"call": call, "args": args, "result": result, "errno": errno, "time": 0})
    return found[0]


def test_what_was_read_is_shown_when_it_is_known() -> None:
    assert line("fd_read", {"fd": 0, "iovs": [4, 4]}, {"result": 3}) == "fd_read(0<stdin>, [4, 4]) = 3"
    assert line("fd_read", {"fd": 0, "iovs": [4]}, {"result": 3, "data": "a\0\xff"}) == r'fd_read(0<stdin>, [4]) = 3 "a\0\xff"'
    long = {"result": 100, "data": "x" * 32}
    assert line("fd_read", {"fd": 0, "iovs": [100]}, long).endswith(f'= 100 "{"x" * 32}"...')
    assert line("random_get", {"buf": 2}, {"data": "\x01\x02"}) == r'random_get(2) = 0 "\x01\x02"'


def test_shapes() -> None:
    cut = {"bytes": 40, "data": "y" * 32}
    assert line("fd_write", {"fd": 7, "iovs": cut}, {"result": 40}) == f'fd_write(7, "{"y" * 32}"..., 40) = 40'
    assert line("fd_read", {"fd": 0, "iovs": []}, {"result": 0}) == "fd_read(0<stdin>, []) = 0"
    assert line("fd_read", {"fd": 0, "iovs": [1] * 9}, {"result": 9}) == "fd_read(0<stdin>, [1, 1, 1, 1, 1, 1, ... 3 more]) = 9"
    assert line("args_get", {}, {"result": ["a b", "é\x1b"]}) == r'args_get() = ["a b", "é\x1b"]'
    assert line("fd_advise", {"fd": 3, "advice": "normal"}, {}) == "fd_advise(3</>, normal) = 0"
    opened = line("path_open", {"fd": 4, "path": "x", "oflags": []}, {"result": 9})
    assert opened == 'path_open(4<.>, "x", 0) = 9<x>'


def test_rights() -> None:
    assert rights([]) == "0" and rights(list(RIGHTS)) == "all"
    assert rights(["fd_read", "fd_seek"]) == "fd_read|fd_seek"
    assert rights([name for name in RIGHTS if name != "fd_read"]) == f"fd_write|{len(RIGHTS) - 2} more"


@pytest.mark.parametrize(
    ("nanoseconds", "text"), [(0, "0"), (1, "1ns"), (1000, "1us"), (1_500_000, "1500us"), (2_000_000_000, "2s")]
)
def test_durations(nanoseconds: int, text: str) -> None:
    assert duration(nanoseconds) == text


def test_moments_beyond_the_calendar_are_numbers() -> None:
    assert moment(0) == "1970-01-01T00:00:00.000000000Z"
    assert moment((1 << 64) - 1).startswith("2554-")


def test_escapes() -> None:
    assert escaped('a"\\\n\t\r\0\x1b\u202e') == r"a\"\\\n\t\r\0\x1b\xe2\x80\xae"


def test_summary() -> None:
    summary = Summary()
    World(cache=False).run(PROGRAM.encode(), trace=summary.event)
    rows = [each.split() for each in summary.lines()]
    assert rows[0] == ["calls", "errors", "bytes", "read", "bytes", "written", "function"]
    assert ["2", "1", "fd_close"] in rows and ["1", "6", "fd_write"] in rows and rows[-1] == ["11", "2", "6", "total"]


def test_summary_with_times() -> None:
    summary = Summary(clock=lambda: 3_000_000)
    summary.event({"call": "sched_yield", "args": {}, "result": {}, "errno": "SUCCESS", "time": 1_000_000})
    assert summary.lines()[2].split() == ["1", "2.000", "sched_yield"]
