"""The component of the benchmark: what it calls of the host and of WASI, in loops of its own, and what Python calls.

`consume`, `produce`, `write`, `write-and-flush` and `read` make their calls `count` times and answer how many failed. `swap`
and `forward` are called from outside: a record comes and goes, in the second one by way of the host.

    memory   0  results      0x100  the file's name      0x10000  64 KiB of data
"""

from __future__ import annotations

from collections.abc import Iterator

from agave_wasi.engines.capi import to_wasm
from agave_wasi.witparse import wasi
from agave_wasi.witparse.layout import load_text
from conformance.components.text import LIFTING, Imports, called, component, core_type, identifier

CALLS = "bench:host/calls"
WIT = """\
package bench:host;
interface calls {
  record point { x: s32, y: s32 }
  consume: func(data: list<u8>);
  produce: func() -> list<u8>;
  swap: func(point: point) -> point;
}
"""
LARGE, BLOCK = 64 << 10, 4 << 10
"""Bytes of a list that goes to the host or comes from it, and of one write or read."""
DATA, NAME = 0x10000, 0x100
REWIND = 256
"""After so many writes a new stream begins at the file's beginning, so that the file doesn't grow."""
FILES, STREAMS, POLL, PREOPENS = (
    f"wasi:{name}@{wasi.VERSION}" for name in ("filesystem/types", "io/streams", "io/poll", "filesystem/preopens")
)
WANTED = (
    (CALLS, "consume"), (CALLS, "produce"), (CALLS, "swap"),
    (PREOPENS, "get-directories"),
    (FILES, "[method]descriptor.open-at"), (FILES, "[method]descriptor.read"), (FILES, "[method]descriptor.write-via-stream"),
    (STREAMS, "[method]output-stream.check-write"), (STREAMS, "[method]output-stream.write"),
    (STREAMS, "[method]output-stream.blocking-write-and-flush"), (STREAMS, "[method]output-stream.subscribe"),
    (POLL, "[method]pollable.block"), (STREAMS, "[resource-drop]output-stream"), (POLL, "[resource-drop]pollable"),
)  # fmt: skip
LOOPS = ("consume", "produce", "write", "write-and-flush", "read")


def call(interface: str, name: str, *arguments: str | int) -> str:
    """A call of an import; integers become i32 constants."""
    values = [f"(i32.const {each})" if isinstance(each, int) else each for each in arguments]
    return f"(call {called(interface, name)} {' '.join(values)})"


FILE, STREAM, READY, COUNT = "(global.get $file)", "(global.get $stream)", "(local.get $ready)", "(local.get $count)"
FAILED = "(i32.load8_u (i32.const 0))"
START, SIZE = "(i64.const 0)", f"(i64.const {BLOCK})"
BEGIN = f"""(if (i32.eqz (i32.and {COUNT} (i32.const {REWIND - 1}))) (then (call $begin)))"""
BODIES = {
    "consume": call(CALLS, "consume", DATA, LARGE),
    "produce": f"""{call(CALLS, "produce", 0)}
      (local.set $failed (i32.add (local.get $failed) (i32.ne (i32.load (i32.const 4)) (i32.const {LARGE}))))
      (call $release (local.get $mark))""",
    "write": f"""{BEGIN}
      (block $room (loop $wait
        {call(STREAMS, "[method]output-stream.check-write", STREAM, 0)}
        (br_if $room (i64.ge_u (i64.load (i32.const 8)) {SIZE}))
        (local.set $ready {call(STREAMS, "[method]output-stream.subscribe", STREAM)})
        {call(POLL, "[method]pollable.block", READY)} {call(POLL, "[resource-drop]pollable", READY)}
        (br $wait)))
      {call(STREAMS, "[method]output-stream.write", STREAM, DATA, BLOCK, 0)}
      (local.set $failed (i32.add (local.get $failed) {FAILED}))""",
    "write-and-flush": f"""{BEGIN}
      {call(STREAMS, "[method]output-stream.blocking-write-and-flush", STREAM, DATA, BLOCK, 0)}
      (local.set $failed (i32.add (local.get $failed) {FAILED}))""",
    "read": f"""{call(FILES, "[method]descriptor.read", FILE, SIZE, START, 0)}
      (local.set $failed (i32.add (local.get $failed)
        (i32.or {FAILED} (i32.ne (i32.load (i32.const 8)) (i32.const {BLOCK})))))
      (call $release (local.get $mark))""",
}


def _module(imports: Imports) -> Iterator[str]:
    yield '  (core module $main (import "env" "memory" (memory 1))'
    yield '    (import "arena" "mark" (func $mark (result i32))) (import "arena" "release" (func $release (param i32)))'
    for interface, name in WANTED:
        if name.startswith("[resource-drop]"):
            kind = "(param i32)"
        else:
            kind = core_type(imports.functions[interface][name])
        yield f'    (import "{interface}" "{name}" (func {called(interface, name)} {kind}))'
    yield f'    (data (i32.const {NAME}) "file")'
    yield "    (global $file (mut i32) (i32.const 0)) (global $stream (mut i32) (i32.const 0))"
    yield "    (func $must (if (i32.load8_u (i32.const 0)) (then unreachable)))"
    yield f"""    (func $begin
      (if {STREAM} (then {call(STREAMS, "[resource-drop]output-stream", STREAM)}))
      {call(FILES, "[method]descriptor.write-via-stream", FILE, START, 0)} (call $must)
      (global.set $stream (i32.load (i32.const 4))))"""
    directory = "(i32.load (i32.load (i32.const 0)))"
    yield f"""    (func (export "setup") (param i32) (result i32)
      {call(PREOPENS, "get-directories", 0)}
      {call(FILES, "[method]descriptor.open-at", directory, 0, NAME, 4, 1, 3, 0)} (call $must)
      (global.set $file (i32.load (i32.const 4)))
      (call $begin) {call(STREAMS, "[method]output-stream.blocking-write-and-flush", STREAM, DATA, BLOCK, 0)} (call $must)
      (i32.const 0))"""
    for name, body in BODIES.items():
        yield f"""    (func (export "{name}") (param $count i32) (result i32)
      (local $failed i32) (local $ready i32) (local $mark i32)
      (local.set $mark (call $mark))
      (loop $turn
      {body}
      (br_if $turn (local.tee $count (i32.sub {COUNT} (i32.const 1)))))
      (local.get $failed))"""
    yield """    (func (export "swap") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 1)) (i32.store (i32.const 4) (local.get 0)) (i32.const 0))"""
    yield f"""    (func (export "forward") (param i32 i32) (result i32)
      {call(CALLS, "swap", "(local.get 0)", "(local.get 1)", 0)} (i32.const 0))"""
    yield "  )"


def component_bytes() -> bytes:
    """The whole component."""
    names = ("io/error", "io/poll", "io/streams", "clocks/wall-clock", "filesystem/types", "filesystem/preopens")
    known = [found for name in names if (found := wasi.interface(f"wasi:{name}@{wasi.VERSION}")) is not None]
    own = [each for package in load_text(WIT).values() for each in package.interfaces.values()]
    imports = Imports([*own, *known])
    for interface, name in WANTED:
        imports.want(interface, name)
    count = '(param "count" u32) (result u32)'
    (point,) = (each for each in imports.types[CALLS] if each.name == "point")
    record = f'(param "point" {identifier(point)}) (result {identifier(point)})'
    types = dict.fromkeys(("setup", *LOOPS), count) | dict.fromkeys(("swap", "forward"), record)
    lifted = [
        f'  (func (export "{name}") {kind} (canon lift (core func $main "{name}") {LIFTING}))' for name, kind in types.items()
    ]
    return to_wasm(component(imports, "\n".join(_module(imports)), lifted).encode())
