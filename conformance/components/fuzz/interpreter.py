"""The guest: a component that imports every function of `functions`, and exports one that makes the calls of a program.

    run(program: string) -> string

Both are bytes in hexadecimal, because a string crosses any embedder's door at once where a list goes byte by byte. A program
is a row of records, each a call:

    u32 bytes of the record   u32 the callee's number   u32 the place to keep a new handle in   u32 0
    u64 for each core parameter: a number, the place of a handle, or where in this record bytes lie
    those bytes

What it tells has a piece for each record: the size of the result area or SKIPPED, how many bytes the host has put into memory
and where, then the result area and those bytes. Handles stay inside, in places that the program numbers; a call whose
place has no handle is skipped. So host resources needn't cross the embedder's API, and two hosts that number handles
differently run the same program.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from agave_wasi.engines.capi import to_wasm
from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components import layout
from conformance.components.fuzz.functions import Callee, callees, interfaces
from conformance.components.text import LIFTING, Imports, called, component, core_type

RESULT, ROOM = 0x800, 256
"""Where results are put, and how large they may be."""
PLACES, MOST_PLACES = 0x1000, 8192
"""Where handles are kept, a number of 4 bytes each."""
TOLD, TOLD_END = 0x10000, 0xF0000
HEADER = 16
SKIPPED = 0xFFFF_FFFF
MAIN = f"""\
    (global $before (mut i32) (i32.const 0)) (func $start (global.set $before (call $mark))) (start $start)
    (global $told (mut i32) (i32.const 0))
    (func $held (param $at i32) (result i32)
      (local $place i32)
      (local.set $place (i32.load (local.get $at)))
      (if (result i32) (i32.lt_u (local.get $place) (i32.const {MOST_PLACES}))
        (then (i32.load offset={PLACES} (i32.shl (local.get $place) (i32.const 2)))) (else (i32.const 0))))
    (func $keep (param $place i32) (param $handle i32)
      (if (i32.lt_u (local.get $place) (i32.const {MOST_PLACES}))
        (then (i32.store offset={PLACES} (i32.shl (local.get $place) (i32.const 2)) (local.get $handle)))))
    (func $digit (param $letter i32) (result i32)
      (i32.add (i32.and (local.get $letter) (i32.const 15))
        (i32.mul (i32.const 9) (i32.shr_u (local.get $letter) (i32.const 6)))))
    (func $letter (param $digit i32) (result i32)
      (i32.add (local.get $digit) (select (i32.const 87) (i32.const 48) (i32.gt_u (local.get $digit) (i32.const 9)))))
    (func $tell (param $value i32)
      (i32.store (global.get $told) (local.get $value)) (global.set $told (i32.add (global.get $told) (i32.const 4))))
    (func $copy (param $from i32) (param $size i32)
      (if (i32.gt_u (i32.add (global.get $told) (local.get $size)) (i32.const {TOLD_END})) (then unreachable))
      (memory.copy (global.get $told) (local.get $from) (local.get $size))
      (global.set $told (i32.add (global.get $told) (local.get $size))))
    (func $call (param $at i32)
      (local $size i32) (local $top i32) (local $new i32)
      (local.set $top (call $mark))
      (memory.fill (i32.const {RESULT}) (i32.const 0) (i32.const {ROOM}))
      (local.set $size (call_indirect (type $thunk) (local.get $at) (i32.load offset=4 (local.get $at))))
      (call $tell (local.get $size))
      (if (i32.eq (local.get $size) (i32.const -1)) (then (local.set $size (i32.const 0))))
      (local.set $new (i32.sub (call $mark) (local.get $top)))
      (call $tell (local.get $new)) (call $tell (local.get $top))
      (call $copy (i32.const {RESULT}) (local.get $size))
      (call $copy (local.get $top) (local.get $new))
      (call $release (local.get $top)))
    (func (export "run") (param $text i32) (param $letters i32) (result i32)
      (local $at i32) (local $end i32) (local $size i32) (local $out i32)
      (if (i32.and (local.get $text) (i32.const 7)) (then unreachable))
      (local.set $end (i32.add (local.get $text) (i32.shr_u (local.get $letters) (i32.const 1))))
      (local.set $at (local.get $text)) (local.set $out (local.get $text))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (i32.store8 (local.get $at) (i32.or
          (i32.shl (call $digit (i32.load8_u (local.get $out))) (i32.const 4))
          (call $digit (i32.load8_u offset=1 (local.get $out)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1))) (local.set $out (i32.add (local.get $out) (i32.const 2)))
        (br $next)))
      (global.set $told (i32.const {TOLD}))
      (local.set $at (local.get $text))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $size (i32.load (local.get $at)))
        (call $call (local.get $at))
        (local.set $at (i32.add (local.get $at) (local.get $size)))
        (br $next)))
      (local.set $size (i32.sub (global.get $told) (i32.const {TOLD})))
      (local.set $out (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (i32.shl (local.get $size) (i32.const 1))))
      (i32.store (i32.const {RESULT}) (local.get $out))
      (i32.store offset=4 (i32.const {RESULT}) (i32.shl (local.get $size) (i32.const 1)))
      (local.set $at (i32.const {TOLD}))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $at) (global.get $told)))
        (local.set $size (i32.load8_u (local.get $at)))
        (i32.store8 (local.get $out) (call $letter (i32.shr_u (local.get $size) (i32.const 4))))
        (i32.store8 offset=1 (local.get $out) (call $letter (i32.and (local.get $size) (i32.const 15))))
        (local.set $at (i32.add (local.get $at) (i32.const 1))) (local.set $out (i32.add (local.get $out) (i32.const 2)))
        (br $next)))
      (i32.const {RESULT}))
    (func (export "behind-run") (param i32) (call $release (global.get $before)))"""


@cache
def wasm() -> bytes:
    """The component's bytes."""
    return to_wasm(text().encode())


def text() -> str:
    """The component's text."""
    imports = Imports(interfaces())
    for callee in callees().values():
        imports.want(callee.interface.id, callee.import_name)
    lifted = [
        f'  (func (export "run") (param "program" string) (result string) (canon lift (core func $main "run") {LIFTING}'
        ' (post-return (core func $main "behind-run"))))'
    ]
    return component(imports, "\n".join(_module()), lifted)


def _module() -> Iterator[str]:
    yield '  (core module $main (type $thunk (func (param i32) (result i32))) (import "env" "memory" (memory 1))'
    yield '    (import "arena" "mark" (func $mark (result i32))) (import "arena" "release" (func $release (param i32)))'
    yield '    (import "arena" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))'
    for callee in callees().values():
        name = called(callee.interface.id, callee.import_name)
        yield f'    (import "{callee.interface.id}" "{callee.import_name}" (func {name} {core_type(callee.function)}))'
    yield MAIN
    for callee in callees().values():
        yield from _thunk(callee)
    count = len(callees())
    yield f"    (table {count} {count} funcref) (elem (i32.const 0) {' '.join(f'$thunk{at}' for at in range(count))}))"


def kinds(type: t.Type) -> list[str]:
    """What each core parameter of a value is: "handle", "bytes" (a pointer into the record), "handles" or "number"."""
    match type:
        case t.Borrow():
            return ["handle"]
        case t.List(t.Borrow()):
            return ["handles", "number"]
        case t.List(t.Primitive()) | t.Primitive("string"):
            return ["bytes", "number"]
    assert not layout.needs_memory(type), type
    return ["number"] * len(layout.flat(type))


def _thunk(callee: Callee) -> Iterator[str]:
    """A function that takes a record's address, makes its call, and answers how large the result is, or that there was none."""
    core = layout.Signature(callee.function)
    assert not core.spilled
    sorts = [each for type in callee.params.values() for each in kinds(type)]
    types = core.params[:-1] if core.through else core.params
    yield f"    (func $thunk{callee.number} (type $thunk) (param $at i32) (result i32) (local $next i32) (local $left i32)"
    arguments = []
    for place, (sort, type) in enumerate(zip(sorts, types, strict=True)):
        slot = HEADER + 8 * place
        if sort == "handle":
            here = f"(i32.add (local.get $at) (i32.const {slot}))"
            yield f"      (if (i32.eqz (call $held {here})) (then (return (i32.const -1))))"
            arguments.append(f"(call $held {here})")
        elif sort in ("bytes", "handles"):
            arguments.append(f"(i32.add (local.get $at) (i32.load offset={slot} (local.get $at)))")
            if sort == "handles":
                yield from _put_handles(slot)
        else:
            arguments.append(f"({type}.load offset={slot} (local.get $at))")
    if core.through:
        arguments.append(f"(i32.const {RESULT})")
    call = f"(call {called(callee.interface.id, callee.import_name)} {' '.join(arguments)})"
    yield f"      ({core.results[0]}.store (i32.const {RESULT}) {call})" if core.results else f"      {call}"
    if callee.dropped:
        yield f"      (call $keep (i32.load offset={HEADER} (local.get $at)) (i32.const 0))"
    size = 0
    if callee.result is not None:
        size = layout.measure(callee.result)[0]
        assert size <= ROOM, callee.name
        yield from _kept(callee.result, 0, [])
    yield f"      (i32.const {size}))"


def _put_handles(slot: int) -> Iterator[str]:
    """Puts handles where a list has the places of handles."""
    yield f"      (local.set $next (i32.add (local.get $at) (i32.load offset={slot} (local.get $at))))"
    yield f"      (local.set $left (i32.load offset={slot + 8} (local.get $at)))"
    yield "      (block $done (loop $again (br_if $done (i32.eqz (local.get $left)))"
    yield "        (if (i32.eqz (call $held (local.get $next))) (then (return (i32.const -1))))"
    yield "        (i32.store (local.get $next) (call $held (local.get $next)))"
    yield "        (local.set $next (i32.add (local.get $next) (i32.const 4)))"
    yield "        (local.set $left (i32.sub (local.get $left) (i32.const 1))) (br $again)))"


def _kept(type: t.Type, at: int, conditions: list[str]) -> Iterator[str]:
    """Keeps the handle that a result has, in whichever case of it; of a list, the first item's."""
    if isinstance(type, t.Own | model.Resource):
        place, handle = "(i32.load offset=8 (local.get $at))", f"(i32.load (i32.const {RESULT + at}))"
        yield "      " + "".join(f"(if {each} (then " for each in conditions)
        yield f"        (call $keep {place} {handle}){'))' * len(conditions)}"
    elif isinstance(type, t.List) and type.length is None and isinstance(layout.fields(type.item), tuple):
        first = (layout.fields(type.item) or ())[0]
        if isinstance(first, t.Own):
            yield f"      (if (i32.load (i32.const {RESULT + at + 4})) (then"
            yield f"        (call $keep (i32.load offset=8 (local.get $at)) (i32.load (i32.load (i32.const {RESULT + at}))))))"
    elif (parts := layout.fields(type)) is not None:
        for part in parts:
            size, align = layout.measure(part)
            at = layout.aligned(at, align)
            yield from _kept(part, at, conditions)
            at += size
    elif (payloads := layout.cases(type)) is not None:
        assert len(payloads) <= 256
        inside = layout.aligned(1, max((layout.measure(each)[1] for each in payloads if each is not None), default=1))
        for number, payload in enumerate(payloads):
            if payload is not None:
                condition = f"(i32.eq (i32.load8_u (i32.const {RESULT + at})) (i32.const {number}))"
                yield from _kept(payload, at + inside, [*conditions, condition])
