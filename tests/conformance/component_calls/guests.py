"""Small components for tests, and both their recorded runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agave_wasi.engines.capi import to_wasm
from conformance.calls.equal import Equal
from conformance.calls.recorder import Recording
from conformance.component_calls.record import Recorded, here, there
from conformance.components.build import RUN, command
from conformance.components.wasi import interfaces

IMPORTS = {
    "get": ("cli/stdout", "get-stdout", "(result i32)"),
    "write": ("io/streams", "[method]output-stream.blocking-write-and-flush", "(param i32 i32 i32 i32)"),
    "drop_stream": ("io/streams", "[resource-drop]output-stream", "(param i32)"),
    "directories": ("filesystem/preopens", "get-directories", "(param i32)"),
    "make": ("filesystem/types", "[method]descriptor.create-directory-at", "(param i32 i32 i32 i32)"),
    "unlink": ("filesystem/types", "[method]descriptor.unlink-file-at", "(param i32 i32 i32 i32)"),
    "stat": ("filesystem/types", "[method]descriptor.stat", "(param i32 i32)"),
    "drop_descriptor": ("filesystem/types", "[resource-drop]descriptor", "(param i32)"),
    "now": ("clocks/monotonic-clock", "now", "(result i64)"),
    "wait": ("clocks/monotonic-clock", "subscribe-duration", "(param i64) (result i32)"),
    "block": ("io/poll", "[method]pollable.block", "(param i32)"),
    "wall": ("clocks/wall-clock", "now", "(param i32)"),
    "bytes": ("random/random", "get-random-bytes", "(param i64 i32)"),
    "number": ("random/random", "get-random-u64", "(result i64)"),
    "seed": ("random/insecure-seed", "insecure-seed", "(param i32)"),
    "environment": ("cli/environment", "get-environment", "(param i32)"),
    "exit": ("cli/exit", "exit", "(param i32)"),
}  # fmt: skip
PLACES = """
  (data (i32.const 64) "folder") (data (i32.const 80) "missing") (data (i32.const 96) "caf\\c3\\a9\\00\\n")"""
"""Names at 64 and 80, a text at 96. Results go to 128 and 256, the directory's handle lies where 128 points to."""


def component(body: str, locals: str = "") -> bytes:
    """A command whose `run` is this body, with imports by the names above; `(call $print at size)` prints."""
    words = body.replace("(", " ").replace(")", " ").split()
    used = {name: each for name, each in IMPORTS.items() if f"${name}" in words or name in ("get", "write")}
    lines = [
        f'  (import "wasi:{space}@0.2.12" "{name}" (func ${key} {kind}))' for key, (space, name, kind) in used.items()
    ]
    return command(
        to_wasm(f"""(module
  (import "env" "memory" (memory 1))
{chr(10).join(lines)}{PLACES}
  (func $print (param $at i32) (param $size i32)
    (call $write (call $get) (local.get $at) (local.get $size) (i32.const 16)))
  (func (export "{RUN}#run") (result i32) (local $top i32) {locals}
    {body}
    (i32.const 0)))""".encode()),
        interfaces(),
    )


OPENED = "(call $directories (i32.const 128)) (local.set $top (i32.load (i32.load (i32.const 128))))"
FILES = component(f"""
  {OPENED}
  (call $make (local.get $top) (i32.const 64) (i32.const 6) (i32.const 256))
  (call $unlink (local.get $top) (i32.const 80) (i32.const 7) (i32.const 256))
  (call $print (i32.const 96) (i32.const 7))
  (call $drop_descriptor (local.get $top))""")
TOLD = component("""
  (i64.store (i32.const 512) (call $now))
  (i64.store (i32.const 520) (call $number))
  (call $wall (i32.const 528))
  (call $seed (i32.const 544))
  (call $block (call $wait (i64.const 3600000000000)))
  (call $bytes (i64.const 24) (i32.const 128))
  (memory.copy (i32.const 560) (i32.load (i32.const 128)) (i32.const 24))
  (call $print (i32.const 512) (i32.const 72))""")


def sides(wasm: bytes, folder: Path, env: Mapping[str, str] | None = None) -> tuple[Recording, Recording]:
    """Both recorded runs of a component."""
    path = folder / "guest.wasm"
    path.write_bytes(wasm)
    equal, made = Equal(str(path), env=dict(env or {})), Recorded(wasm)
    ours = here(equal, made)
    return ours, there(equal, made, ours.calls)
