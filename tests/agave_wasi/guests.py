"""Guests for tests: programs in text, and the raw functions of Preview 1 callable one by one from outside."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from agave_wasi import LiveInstance, World
from agave_wasi.engines.capi import to_wasm
from agave_wasi.engines.store import GuestStore
from agave_wasi.engines.x86.store import Store
from agave_wasi.preview1.errno import NAMES
from kernel_sim.process import Process

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / "conformance" / "suites" / "preview1"
RAW_CALLS = SUITE / "raw_calls.wasm"
FILE = 4
"""The descriptor that `Raw` has opened."""
F = TypeVar("F", bound=Callable[..., Any])


def slow(test: F) -> F:
    """Mark a test that takes longer than a few seconds; it runs when AGAVE_SLOW=1."""
    skipped = pytest.mark.skipif(os.environ.get("AGAVE_SLOW") != "1", reason="slow: set AGAVE_SLOW=1")
    marked: F = pytest.mark.slow(skipped(test))
    return marked


@cache
def wat(text: str) -> bytes:
    """A module from text."""
    return to_wasm(text.encode())


def imported(*functions: str) -> str:
    """Import declarations of Preview 1 functions, each as `$name`."""
    from agave_wasi.preview1.compiled import SIGNATURES

    kinds = {"i": "i32", "I": "i64"}
    lines = []
    for name in functions:
        parameters, results, _ = SIGNATURES[name]
        shown = " ".join(kinds[letter] for letter in parameters)
        result = " (result i32)" if results else ""
        lines.append(f'(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {shown}){result}))')
    return "\n".join(lines)


def little(value: int, size: int = 4) -> str:
    """A number as a string of WebAssembly text, least byte first."""
    return "".join(f"\\{byte:02x}" for byte in value.to_bytes(size, "little"))


def prints(text: str, code: int = 0) -> bytes:
    """A program that writes `text` to stdout and exits with `code`."""
    body = "".join(f"\\{byte:02x}" for byte in text.encode())
    return wat(
        f"""(module {imported("fd_write", "proc_exit")} (memory (export "memory") 1)
        (data (i32.const 0) "{little(16)}{little(len(text.encode()))}") (data (i32.const 16) "{body}")
        (func (export "_start")
          (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (call $proc_exit (i32.const {code}))))"""
    )


LOOP = '(module (func (export "_start") (loop $l (br $l))))'


def sleeps(nanoseconds: int) -> bytes:
    """A program that polls a monotonic clock once."""
    return wat(
        f"""(module {imported("poll_oneoff")} (memory (export "memory") 1)
        (data (i32.const 16) "\\01") (data (i32.const 24) "{little(nanoseconds, 8)}")
        (func (export "_start")
          (if (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable))))"""
    )


READS_STDIN = f"""(module {imported("fd_read", "proc_exit")} (memory (export "memory") 1)
    (data (i32.const 0) "{little(16)}{little(16)}")
    (func (export "_start")
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (call $proc_exit (i32.load (i32.const 8)))))"""
"""Reads stdin once, at most 16 bytes; exits with their number."""


COPIES = f"""(module {imported("fd_read", "fd_write", "path_open", "proc_exit")} (memory (export "memory") 1)
    (data (i32.const 0) "\\40\\00\\00\\00\\64\\00\\00\\00") (data (i32.const 32) "in.txtdir/out.txt")
    (func (export "_start") (local $in i32)
      (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 6) (i32.const 0) (i64.const 2) (i64.const 0)
        (i32.const 0) (i32.const 16)) (then (call $proc_exit (i32.const 1))))
      (local.set $in (i32.load (i32.const 16)))
      (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 38) (i32.const 11) (i32.const 9) (i64.const 64) (i64.const 0)
        (i32.const 0) (i32.const 16)) (then (call $proc_exit (i32.const 2))))
      (if (call $fd_read (local.get $in) (i32.const 0) (i32.const 1) (i32.const 20)) (then (call $proc_exit (i32.const 3))))
      (i32.store (i32.const 4) (i32.load (i32.const 20)))
      (if (call $fd_write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20)) (then unreachable))))"""
"""Copies /in.txt to the file dir/out.txt, whose folder must be there; at most 100 bytes."""
RANDOM = f"""(module {imported("random_get", "fd_write")} (memory (export "memory") 1)
    (data (i32.const 0) "\\40\\00\\00\\00\\08\\00\\00\\00")
    (func (export "_start") (drop (call $random_get (i32.const 64) (i32.const 8)))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"""
"""Writes eight random bytes to stdout."""
ENVIRONMENT = f"""(module {imported("environ_get", "environ_sizes_get", "args_get", "args_sizes_get", "fd_write")}
    (memory (export "memory") 1)
    (func $show (param $size i32) (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (local.get $size))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start")
      (drop (call $args_sizes_get (i32.const 16) (i32.const 20))) (drop (call $args_get (i32.const 512) (i32.const 1024)))
      (call $show (i32.load (i32.const 20)))
      (drop (call $environ_sizes_get (i32.const 16) (i32.const 20))) (drop (call $environ_get (i32.const 512) (i32.const 1024)))
      (call $show (i32.load (i32.const 20)))))"""
"""Writes its arguments, then its environment, each with its NUL."""


def live(text: str, **options: Any) -> LiveInstance:
    """A program in text, instantiated in a world of its own."""
    return World(**options).instantiate(wat(text))


@cache
def modelled(store: GuestStore) -> Store:
    """The store of a guest that runs on the CPU model."""
    assert isinstance(store, Store)
    return store


def trap_table() -> dict[str, Any]:
    """conformance/suites/preview1/traps.toml: functions with sound arguments, and what breaks each of them."""
    return tomllib.loads((SUITE / "traps.toml").read_text(encoding="utf-8"))


class Raw:
    """A world as traps.toml sets it up, and the 46 functions as wrappers that are called with plain numbers."""

    def __init__(self, poison: int = 0, trace: bool = False, **options: Any) -> None:
        setup = trap_table()["setup"]
        self.world = World(setup["files"], env=setup["env"], **options)
        root = self.world.kernel.root
        for name, target in setup["links"].items():
            root.symlink(name.encode(), target.encode())
        for name in setup["directories"]:
            root.make_directory(name.encode())
        self.live: LiveInstance = self.world.instantiate(
            str(RAW_CALLS), setup["args"][1:], setup["stdin"], trace=trace
        )
        self.write(0, bytes([poison]) * self.size)
        for at, text in setup["memory"]:
            self.write(at, bytes.fromhex(text))
        self.write(0x600, bytes(48))
        rights = 1 << 1 | 1 << 6
        assert self.errno("path_open", 3, 0, 0x500, 1, 0, rights, rights, 0, 0x300) == "SUCCESS"
        assert self.number(0x300) == FILE
        self.write(0x300, bytes([poison]) * 4)

    @property
    def size(self) -> int:
        """Bytes of guest memory."""
        return int(trap_table()["setup"]["memory_size"])

    @property
    def process(self) -> Process:
        """The guest's process."""
        (process,) = self.world.kernel.processes.values()
        return process

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function; "file" stands for the open file."""
        return self.live.call(name, *[FILE if each == "file" else each for each in arguments])

    def errno(self, name: str, *arguments: Any) -> str:
        """Call a function; the name of its answer."""
        return NAMES[self.call(name, *arguments)]

    def read(self, at: int, length: int) -> bytes:
        """Guest memory."""
        return self.live.read(at, length)

    def write(self, at: int, data: bytes) -> None:
        """Change guest memory."""
        self.live.write(at, data)

    def number(self, at: int, size: int = 4) -> int:
        """A number in guest memory."""
        return int.from_bytes(self.read(at, size), "little")

    def state(self) -> object:
        """Everything that a call could change: memory, descriptors, files, clock, entropy, streams."""
        kernel: Any = self.world.kernel
        fds = {
            fd: (id(file.inode), file.offset, file.status, file.rights, file.inheriting)
            for fd, file in self.process.fds.items()
        }
        names = sorted(entry.name for entry in kernel.root.entries(0, 1 << 20))
        stdin = self.process.streams[0].readiness(False)
        streams = self.live.stdout, self.live.stderr, stdin
        files = dict(self.world.files)
        return self.read(0, self.size), fds, names, files, kernel.clock.elapsed, kernel.entropy.taken, streams

    def close(self) -> None:
        """End the guest."""
        self.live.close()
