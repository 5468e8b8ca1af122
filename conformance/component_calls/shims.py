"""A component with a shim behind each function that it lowers: what is called, with what, and what came of it is shown outside.

    guest's core module -> shim -> lowered function of the host
                            |
                            v  step(message) -> answer, before the call and behind it
                          Python

A message has the function's number, the core values, and bytes of the guest's memory that the last answer asked for; an answer
asks for more bytes, writes some, changes a core value, or lets the call go on. Both are strings in Latin-1, a byte a character:
strings cross into Python at once, lists byte by byte. What is between costs time, and changes nothing that the guest can see:
the shim has a memory of its own, and the guest's handles, memory and realloc are those of the function that it calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from agave_wasi.component import model
from agave_wasi.engines.capi import to_wasm
from conformance.component_calls.lowered import TRACE, Lowered
from conformance.components.write import Placed, Writer, added, assemble

HEAD = 256
"""Bytes of a message before the guest's: number, phase (0 before the call, 1 behind it), pages of the guest's memory, how many
bytes of it follow, all u32; then the core values, 8 bytes each, the result behind the parameters."""
SLOTS = 16
RESULT = 17
"""The slot of the result."""
ANSWER = 192
GO, READ, WRITE, SET = range(4)
"""Answers: their first byte. READ and WRITE go on with address and size (WRITE with the bytes), SET with the slot (u32) and a
u64."""
_STORE = f"""(module
  (memory (export "memory") 2)
  (global $top (export "top") (mut i32) (i32.const {1 << 16}))
  (func (export "room") (param $end i32) (local $pages i32)
    (local.set $pages (i32.sub (i32.shr_u (i32.add (local.get $end) (i32.const 65535)) (i32.const 16)) (memory.size)))
    (if (i32.gt_s (local.get $pages) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1)) (then unreachable)))))
  (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $at i32)
    (if (i32.and (i32.ne (local.get $size) (i32.const 0)) (i32.le_u (local.get $new) (local.get $size)))
      (then (return (local.get $old))))
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 15)) (i32.const -16)))
    (global.set $top (i32.add (local.get $at) (local.get $new)))
    (call 0 (i32.add (global.get $top) (i32.const 16)))
    (memory.copy (local.get $at) (local.get $old) (local.get $size))
    (local.get $at)))"""
_TYPES = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}
_TRACE_TYPE: tuple[Any, ...] = (
    "instance",
    (
        model.TypeDefinition(0, ("func", (("message", "string"),), "string", False)),
        model.ExportDeclaration(0, "step", model.ExternType("func", 0)),
    ),
)


@cache
def _store() -> bytes:
    return to_wasm(_STORE.encode())


@cache
def shim(number: int, parameters: str, results: str, has_memory: bool) -> bytes:
    """The core module that stands before function `number`: imports `real`, `store`; exports `call`."""
    kind = " ".join(f"(param {_TYPES[each]})" for each in parameters) + (f" (result {_TYPES[results]})" if results else "")
    places = [(place, _TYPES[letter]) for place, letter in enumerate(parameters)]
    kept = [f"({type}.store $own (i32.const {SLOTS + 8 * at}) (local.get {at}))" for at, type in places]
    given = " ".join(f"({type}.load $own (i32.const {SLOTS + 8 * at}))" for at, type in places)
    call = f"(call $real {given})"
    behind = "(call $show (i32.const 1))"
    if results:
        at, type = f"(i32.const {SLOTS + 8 * RESULT})", _TYPES[results]
        call, behind = f"({type}.store $own {at} {call})", f"{behind} ({type}.load $own {at})"
    guest = '(import "real" "memory" (memory $guest 0))' if has_memory else ""
    pages = "(memory.size $guest)" if has_memory else "(i32.const 0)"
    into, out = (
        ("(memory.copy $own $guest", "(memory.copy $guest $own") if has_memory else ("(memory.copy $own $own",) * 2
    )
    return to_wasm(f"""(module
  (import "store" "memory" (memory $own 1))
  (import "store" "top" (global $top (mut i32)))
  (import "store" "room" (func $room (param i32)))
  (import "real" "step" (func $step (param i32 i32 i32)))
  (import "real" "call" (func $real {kind}))
  {guest}
  (func $show (param $phase i32) (local $size i32) (local $answer i32) (local $code i32) (local $at i32) (local $count i32)
    (loop $again
      (i32.store $own (i32.const 0) (i32.const {number}))
      (i32.store $own (i32.const 4) (local.get $phase))
      (i32.store $own (i32.const 8) {pages})
      (i32.store $own (i32.const 12) (local.get $size))
      (local.set $size (i32.add (local.get $size) (i32.const {HEAD})))
      (global.set $top (local.get $size))
      (call $step (i32.const 0) (local.get $size) (i32.const {ANSWER}))
      (local.set $size (i32.const 0))
      (local.set $answer (i32.load $own (i32.const {ANSWER})))
      (local.set $code (i32.load8_u $own (local.get $answer)))
      (if (i32.eqz (local.get $code)) (then return))
      (local.set $at (i32.load $own offset=1 (local.get $answer)))
      (local.set $count (i32.load $own offset=5 (local.get $answer)))
      (if (i32.eq (local.get $code) (i32.const {SET}))
        (then (i64.store $own offset={SLOTS} (i32.shl (local.get $at) (i32.const 3))
          (i64.load $own offset=5 (local.get $answer)))))
      (if (i32.eq (local.get $code) (i32.const {WRITE}))
        (then {out} (local.get $at) (i32.add (local.get $answer) (i32.const 9)) (local.get $count))))
      (if (i32.eq (local.get $code) (i32.const {READ}))
        (then
          (call $room (i32.add (local.get $count) (i32.const {HEAD})))
          {into} (i32.const {HEAD}) (local.get $at) (local.get $count))
          (local.set $size (local.get $count))))
      (br $again)))
  (func (export "call") {kind} {" ".join(kept)} (call $show (i32.const 0)) {call} {behind}))""".encode())


class _Rewriting:
    """Definitions as they are written anew, and what each index of the original has become."""

    def __init__(self) -> None:
        self.placed: list[Placed] = []
        self.counts: dict[str, int] = {}
        self.moved: dict[str, list[int]] = {}
        self.new = Writer()
        self.old = Writer(lambda sort, index: self.moved[sort][index])

    def insert(self, definition: Any) -> int:
        """Add a definition of ours, with indices as they are now; its own index."""
        self.placed.append(self.new.definition(definition))
        return self._count(added(definition))

    def keep(self, definition: Any, hidden: bool = False) -> int:
        """Add one of the original's; with `hidden`, something else will take its index there. Its own index now."""
        self.placed.append(self.old.definition(definition))
        sort = added(definition)
        index = self._count(sort)
        if sort is not None and not hidden:
            self.stand_in(sort, index)
        return index

    def stand_in(self, sort: str, index: int) -> None:
        """What the original's next index of a sort has become."""
        self.moved.setdefault(sort, []).append(index)

    def _count(self, sort: str | None) -> int:
        if sort is None:
            return 0
        self.counts[sort] = self.counts.get(sort, 0) + 1
        return self.counts[sort] - 1


def shimmed(component: model.Component, lowered: Sequence[Lowered]) -> bytes:
    """The component with a shim behind each of these functions; Unwritable if it can't be written.

    It imports `agave:trace/calls` besides, which has `step`.
    """
    made = _Rewriting()
    type = made.insert(model.TypeDefinition(0, _TRACE_TYPE))
    trace = made.insert(model.Import(0, TRACE, model.ExternType("instance", type)))
    step = made.insert(model.AliasExport(0, "func", trace, "step"))
    module = made.insert(model.CoreModule(0, memoryview(_store())))
    store = made.insert(model.CoreInstantiate(0, module, ()))
    memory = made.insert(model.AliasCoreExport(0, "core memory", store, "memory"))
    realloc = made.insert(model.AliasCoreExport(0, "core func", store, "realloc"))
    told = made.insert(model.CanonLower(0, step, model.Options("latin1+utf16", memory, realloc)))
    shims = {each.place: (number, each) for number, each in enumerate(lowered)}
    for place, definition in enumerate(component.definitions):
        if place not in shims:
            made.keep(definition)
            continue
        number, each = shims[place]
        real = made.keep(definition, hidden=True)
        has_memory = each.options.memory is not None
        code = shim(number, each.parameters, each.results, has_memory)
        module = made.insert(model.CoreModule(0, memoryview(code)))
        exports = [("step", "core func", told), ("call", "core func", real)]
        if each.options.memory is not None:
            exports.append(("memory", "core memory", made.moved["core memory"][each.options.memory]))
        bundle = made.insert(model.CoreBundle(0, tuple(exports)))
        instance = made.insert(model.CoreInstantiate(0, module, (("real", bundle), ("store", store))))
        made.stand_in("core func", made.insert(model.AliasCoreExport(0, "core func", instance, "call")))
    return assemble(made.placed)
