"""The benchmark guest as WebAssembly text: every export `(n: i32, fd: i32) -> i32` makes its calls `n` times.

The answer is the bitwise or of all errnos, so 0 means that everything worked. `setup` makes the files and returns the
fd that the file exports want. The text is generated, so that an export is one line of the table at the end and
nothing about the measured loop differs between two of them.

    memory     0  results and small structs      0x1000  paths      0x4000  args and environ
         0x40000  readdir buffer                0x100000  the 1 MiB of file contents
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

I32, I64 = "i32", "i64"
SIGNATURES = {
    "args_get": (I32, I32),
    "args_sizes_get": (I32, I32),
    "environ_get": (I32, I32),
    "environ_sizes_get": (I32, I32),
    "clock_time_get": (I32, I64, I32),
    "random_get": (I32, I32),
    "sched_yield": (),
    "poll_oneoff": (I32, I32, I32, I32),
    "fd_prestat_get": (I32, I32),
    "fd_read": (I32, I32, I32, I32),
    "fd_write": (I32, I32, I32, I32),
    "fd_pread": (I32, I32, I32, I64, I32),
    "fd_pwrite": (I32, I32, I32, I64, I32),
    "fd_seek": (I32, I64, I32, I32),
    "fd_tell": (I32, I32),
    "fd_fdstat_get": (I32, I32),
    "fd_filestat_get": (I32, I32),
    "fd_close": (I32,),
    "fd_readdir": (I32, I32, I32, I64, I32),
    "path_open": (I32, I32, I32, I32, I32, I64, I64, I32, I32),
    "path_filestat_get": (I32, I32, I32, I32, I32),
    "path_create_directory": (I32, I32, I32),
    "path_remove_directory": (I32, I32, I32),
    "path_rename": (I32, I32, I32, I32, I32, I32),
    "path_unlink_file": (I32, I32, I32),
}

RESULT, OPENED, STATS, EVENTS = 0, 16, 64, 192
SUBSCRIPTION, IOVEC = 320, 400
PATHS, STRINGS = 0x1000, 0x4000
ENTRIES, CONTENTS = 0x40000, 0x100000
PAGES = 48
FILE_SIZE = 4 << 20
PREOPEN = 3
CREATE, DIRECTORY = 1, 2
"""oflags of path_open."""

NAMES = ("file", "new", "room", "left", "right", "full", "full/entry000")
NAME_AT = {name: PATHS + 32 * index for index, name in enumerate(NAMES)}
FD = "(local.get $fd)"
OPENED_FD = f"(i32.load (i32.const {OPENED}))"


@dataclass(frozen=True)
class Call:
    """One measured export."""

    name: str
    """What the table shows."""
    body: tuple[str, ...]
    """Expressions that leave an errno each, done once a turn."""
    group: str
    rewind_every: int = 0
    """Turns after which the file's offset goes back to 0, so that reads never meet the end; 0 means never."""
    most: int = 1 << 20
    """Turns in one measured batch at most: for calls that take long."""

    @property
    def export(self) -> str:
        """The export's name."""
        return "".join(letter if letter.isalnum() else "_" for letter in self.name)


def call(function: str, *arguments: int | str) -> str:
    """One call; an int is a constant of the parameter's type, a str an expression."""
    types = SIGNATURES[function]
    pairs = zip(types, arguments, strict=True)
    given = [f"({kind}.const {value})" if isinstance(value, int) else value for kind, value in pairs]
    return f"(call ${function} {' '.join(given)})"


def path(name: str) -> tuple[int, int]:
    """Where a path is in memory, and its length."""
    return NAME_AT[name], len(name)


def path_open(name: str, oflags: int) -> str:
    """Open `name` with all rights that the preopen can pass on; the fd goes to OPENED."""
    rights = ("(global.get $base)", "(global.get $inheriting)")
    return call("path_open", PREOPEN, 0, *path(name), oflags, *rights, 0, OPENED)


def transfer(function: str, size: int, turns: int = 1 << 20) -> Call:
    """Move `size` bytes with one iovec; a runtime that moves less is asked again, as libc's callers do."""
    positional = function in ("fd_pread", "fd_pwrite")
    extra = ("(i64.extend_i32_u (local.get $moved))",) if positional else ()
    one = call(function, FD, IOVEC, 1, *extra, RESULT)
    body = f"""(block (result i32) (local.set $moved (i32.const 0))
    (loop $again (result i32)
     (i32.store (i32.const {IOVEC}) (i32.add (i32.const {CONTENTS}) (local.get $moved)))
     (i32.store (i32.const {IOVEC + 4}) (i32.sub (i32.const {size}) (local.get $moved)))
     (if (result i32) (local.tee $answer {one})
      (then (local.get $answer))
      (else
       (local.set $moved (i32.add (local.get $moved) (i32.load (i32.const {RESULT}))))
       (if (i32.eqz (i32.load (i32.const {RESULT}))) (then unreachable))
       (br_if $again (i32.lt_u (local.get $moved) (i32.const {size})))
       (i32.const 0)))))"""
    label = {1: "1 B", 4096: "4 KiB", 1 << 20: "1 MiB"}[size]
    return Call(f"{function} {label}", (body,), "file data", 0 if positional else FILE_SIZE // size, turns)


def walk_directory(buffer_length: int) -> Call:
    """Read the whole of a folder with 1000 entries, from the last whole entry's cookie on each time."""
    one = call("fd_readdir", "(global.get $folder)", ENTRIES, buffer_length, "(local.get $cookie)", RESULT)
    after_name = "(i32.add (i32.add (local.get $at) (i32.const 24)) (i32.load offset=16 (local.get $at)))"
    body = f"""(block $done (result i32) (local.set $cookie (i64.const 0)) (local.set $moved (i32.const 0))
    (loop $again
     (br_if $done (local.tee $answer {one}) (local.get $answer)) (drop)
     (local.set $at (i32.const {ENTRIES}))
     (local.set $end (i32.add (local.get $at) (i32.load (i32.const {RESULT}))))
     (block $partial
      (loop $entry
       (br_if $partial (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $end)))
       (br_if $partial (i32.gt_u {after_name} (local.get $end)))
       (local.set $cookie (i64.load (local.get $at)))
       (local.set $at {after_name})
       (local.set $moved (i32.add (local.get $moved) (i32.const 1)))
       (br $entry)))
     (br_if $again (i32.eq (i32.load (i32.const {RESULT})) (i32.const {buffer_length}))))
    (if (result i32) (i32.lt_u (local.get $moved) (i32.const 1000)) (then (unreachable)) (else (i32.const 0))))"""
    return Call(f"fd_readdir 1000, {buffer_length >> 10} KiB", (body,), "directories", most=512)


CALLS: Sequence[Call] = (
    Call("sched_yield", (call("sched_yield"),), "process"),
    Call("args_sizes_get", (call("args_sizes_get", RESULT, RESULT + 4),), "process"),
    Call("args_get", (call("args_get", STRINGS, STRINGS + 256),), "process"),
    Call("environ_sizes_get", (call("environ_sizes_get", RESULT, RESULT + 4),), "process"),
    Call("environ_get", (call("environ_get", STRINGS, STRINGS + 256),), "process"),
    Call("clock_time_get", (call("clock_time_get", 1, 1, RESULT),), "clock and entropy"),
    Call("random_get 8 B", (call("random_get", RESULT, 8),), "clock and entropy"),
    Call("random_get 64 KiB", (call("random_get", CONTENTS, 65536),), "clock and entropy", most=4096),
    Call("poll_oneoff clock 0", (call("poll_oneoff", SUBSCRIPTION, EVENTS, 1, RESULT),), "clock and entropy"),
    Call("fd_prestat_get", (call("fd_prestat_get", PREOPEN, RESULT),), "file state"),
    Call("fd_seek", (call("fd_seek", FD, 0, 1, RESULT),), "file state"),
    Call("fd_tell", (call("fd_tell", FD, RESULT),), "file state"),
    Call("fd_fdstat_get", (call("fd_fdstat_get", FD, STATS),), "file state"),
    Call("fd_filestat_get", (call("fd_filestat_get", FD, STATS),), "file state"),
    *(
        transfer(function, size, turns)
        for size, turns in ((1, 1 << 20), (4096, 1 << 16), (1 << 20, 256))
        for function in ("fd_read", "fd_pread", "fd_write", "fd_pwrite")
    ),
    Call("path_filestat_get", (call("path_filestat_get", PREOPEN, 0, *path("file"), STATS),), "paths"),
    Call("path_open+close", (path_open("file", 0), call("fd_close", OPENED_FD)), "paths"),
    Call(
        "create+close+unlink",
        (path_open("new", CREATE), call("fd_close", OPENED_FD), call("path_unlink_file", PREOPEN, *path("new"))),
        "paths",
    ),
    Call(
        "rename there+back",
        (
            call("path_rename", PREOPEN, *path("left"), PREOPEN, *path("right")),
            call("path_rename", PREOPEN, *path("right"), PREOPEN, *path("left")),
        ),
        "paths",
    ),
    Call(
        "mkdir+rmdir",
        (
            call("path_create_directory", PREOPEN, *path("room")),
            call("path_remove_directory", PREOPEN, *path("room")),
        ),
        "directories",
    ),
    walk_directory(4096),
    walk_directory(65536),
)


def export_text(measured: Call) -> str:
    """The function of one measured call."""
    turns = "\n   ".join(f"(local.set $errno (i32.or (local.get $errno) {one}))" for one in measured.body)
    rewind = ""
    if measured.rewind_every:
        rewind = f"""(if (i32.ge_u (local.tee $since (i32.add (local.get $since) (i32.const 1)))
     (i32.const {measured.rewind_every})) (then (local.set $since (i32.const 0)) (call $rewind {FD})))"""
    return f"""
 (func (export "{measured.export}") (param $n i32) (param $fd i32) (result i32)
  (local $errno i32) (local $since i32) (local $moved i32) (local $answer i32)
  (local $at i32) (local $end i32) (local $cookie i64)
  (call $rewind {FD})
  (loop $turn
   {turns}
   {rewind}
   (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (local.get $errno))"""


def setup_text() -> str:
    """The function that makes the files: 4 MiB of zeros, two small ones, a folder of 1000 entries."""
    number = NAME_AT["full/entry000"] + len("full/entry")
    digits = "\n   ".join(
        f"(i32.store8 (i32.const {number + place}) (i32.add (i32.const 48)"
        f" (i32.rem_u (i32.div_u (local.get $i) (i32.const {10 ** (2 - place)})) (i32.const 10))))"
        for place in range(3)
    )
    close = f"(call $must {call('fd_close', OPENED_FD)})"
    return f"""
 (func (export "setup") (param i32 i32) (result i32) (local $i i32) (local $fd i32)
  (i32.store (i32.const {SUBSCRIPTION + 16}) (i32.const 1))
  (call $must {call("fd_fdstat_get", PREOPEN, STATS)})
  (global.set $inheriting (i64.load offset=16 (i32.const {STATS})))
  (global.set $base (i64.and (global.get $inheriting) (i64.const 0x0fffffff)))
  (call $must {path_open("left", CREATE)}) {close}
  (call $must {call("path_create_directory", PREOPEN, *path("full"))})
  (loop $entry
   {digits}
   (call $must {path_open("full/entry000", CREATE)}) {close}
   (br_if $entry (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
  (call $must {call("path_open", PREOPEN, 0, *path("full"), DIRECTORY, 0x4000, 0, 0, OPENED)})
  (global.set $folder {OPENED_FD})
  (call $must {path_open("file", CREATE)})
  (local.set $fd {OPENED_FD})
  (i32.store (i32.const {IOVEC}) (i32.const {CONTENTS}))
  (i32.store (i32.const {IOVEC + 4}) (i32.const 65536))
  (local.set $i (i32.const {FILE_SIZE >> 16}))
  (loop $fill
   (call $must {call("fd_write", FD, IOVEC, 1, RESULT)})
   (br_if $fill (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
  {FD})"""


def module_text() -> str:
    """The whole guest."""
    imports = "\n".join(
        f' (import "wasi_snapshot_preview1" "{name}" (func ${name} (param {" ".join(types)}) (result i32)))'
        for name, types in SIGNATURES.items()
    )
    data = "\n".join(f' (data (i32.const {at}) "{name}")' for name, at in NAME_AT.items())
    exports = "".join(export_text(measured) for measured in CALLS)
    return f"""(module
{imports}
 (memory (export "memory") {PAGES})
 (global $base (mut i64) (i64.const 0))
 (global $inheriting (mut i64) (i64.const 0))
 (global $folder (mut i32) (i32.const 0))
{data}
 (func $must (param $errno i32) (if (local.get $errno) (then unreachable)))
 (func $rewind (param $fd i32) (call $must {call("fd_seek", FD, 0, 0, RESULT)}))
{setup_text()}
{exports}
)
"""
