"""A batch as a component's text.

    the host's instance: the types, and a function tN for each echo
      $Inner  calls the host's functions with what its own got        $Raw    returns raw memory: rN
      $Outer  calls those of $Inner (where there are two encodings)   $Across calls those of $Raw
      $Giver  calls the innermost with raw arguments: gN

The exports are instances: echo, raw and give.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agave_wasi.component import types as t
from agave_wasi.component.layout import core_type
from conformance.fuzz.types.batch import CHOSEN, Batch, RawFunction
from conformance.fuzz.types.raw import PAGES, SLOT

HOST = "host"
CORE = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}
HEAP = (1 << 16) - 300
"""Where a forwarder's realloc begins: so little below the end of its memory that it grows in the middle of a call."""
SCRATCH = 16
"""Where results are put."""
REALLOC = """(func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $new)))
      (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
        (then (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $new) (i32.const 16)))))))
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $size) (local.get $new) (i32.lt_u (local.get $size) (local.get $new))))
      (local.get $at))"""


class Named:
    """Types that need a name to be exported: records, variants, enums and flags; those first that others are made of."""

    def __init__(self, types: Sequence[t.FuncType]) -> None:
        self.bodies: dict[t.ValType, tuple[str, str]] = {}
        for each in types:
            self.signature(each)

    def text(self, type: t.ValType) -> str:
        """A type where it is used."""
        if not isinstance(type, t.Record | t.Variant | t.Enum | t.Flags):
            return self._body(type)
        if type not in self.bodies:
            body = self._body(type)
            self.bodies[type] = f"$e{len(self.bodies)}", body
        return self.bodies[type][0]

    def signature(self, type: t.FuncType) -> str:
        """A function's parameters and result."""
        found = [f'(param "{name}" {self.text(each)})' for name, each in type.parameters]
        return " ".join(found + ([] if type.result is None else [f"(result {self.text(type.result)})"]))

    def _body(self, type: t.ValType) -> str:
        match type:
            case t.Record():
                inner = (f'(field "{name}" {self.text(each)})' for name, each in type.fields)
                return f"(record {' '.join(inner)})"
            case t.Variant():
                inner = (f'(case "{name}"{"" if each is None else " " + self.text(each)})' for name, each in type.cases)
                return f"(variant {' '.join(inner)})"
            case t.Enum() | t.Flags():
                return f"({type.kind} " + " ".join(f'"{name}"' for name in type.names) + ")"
            case t.List():
                return f"(list {self.text(type.element)})"
            case t.Map():
                return f"(map {self.text(type.name)} {self.text(type.value)})"
            case t.Tuple():
                return f"(tuple {' '.join(map(self.text, type.types))})"
            case t.Option():
                return f"(option {self.text(type.some)})"
            case t.Result():
                ok = "" if type.ok is None else f" {self.text(type.ok)}"
                return f"(result{ok}{'' if type.err is None else f' (error {self.text(type.err)})'})"
        return type.kind

    def imported(self, functions: Sequence[tuple[str, t.FuncType]]) -> Iterator[str]:
        """An imported instance $from with the types and some functions, and all of that aliased."""
        yield f'(import "{HOST}" (instance $from'
        for name, body in self.bodies.values():
            yield f'  (type $d{name[1:]} {body}) (export "{name[1:]}" (type {name} (eq $d{name[1:]})))'
        for name, type in functions:
            yield f'  (export "{name}" (func {self.signature(type)}))'
        yield "))"
        for name, _ in self.bodies.values():
            yield f'(alias export $from "{name[1:]}" (type {name}))'
        for name, _ in functions:
            yield f'(alias export $from "{name}" (func ${name}))'

    def exported(self) -> Iterator[str]:
        """The types, defined anew and exported: what is exported must use them by these names."""
        for name, body in self.bodies.values():
            yield f'(type $y{name[2:]} {body}) (export $x{name[2:]} "{name[1:]}" (type $y{name[2:]}))'.replace("$e", "$x")

    def exported_signature(self, type: t.FuncType) -> str:
        """The signature of a function that is exported behind them."""
        return self.signature(type).replace("$e", "$x")


def component(batch: Batch) -> str:
    """The batch's component."""
    echoes = [(each.name, each.type) for each in batch.echoes]
    raws = [(each.name, each.type) for each in batch.returned]
    named = Named([type for _, type in (*echoes, *raws)])
    two = len(batch.encodings) > 1
    first, last = batch.encodings[0], batch.encodings[-1]
    lines = ["(component", *named.imported(echoes)]
    lines += ["(component $Inner", *_forwarder(named, echoes, first), ")"]
    lines += [f'(instance $inner (instantiate $Inner (with "{HOST}" (instance $from))))']
    if two:
        lines += ["(component $Outer", *_forwarder(named, echoes, last), ")"]
        lines += [f'(instance $outer (instantiate $Outer (with "{HOST}" (instance $inner))))']
    lines += [f'(export "echo" (instance {"$outer" if two else "$inner"}))']
    if raws:
        lines += ["(component $Raw", *_raw(named, batch, first), ")", "(instance $raw (instantiate $Raw))"]
        if two:
            lines += ["(component $Across", *_forwarder(named, raws, last), ")"]
            lines += [f'(instance $across (instantiate $Across (with "{HOST}" (instance $raw))))']
        lines += [f'(export "raw" (instance {"$across" if two else "$raw"}))']
    if batch.given:
        lines += ["(component $Giver", *_giver(named, batch, last), ")"]
        source = "$inner" if two else "$from"
        lines += [f'(instance $giver (instantiate $Giver (with "{HOST}" (instance {source}))))']
        lines += ['(export "give" (instance $giver))']
    return "\n".join([*lines, ")", ""])


def _forwarder(named: Named, functions: Sequence[tuple[str, t.FuncType]], encoding: str) -> Iterator[str]:
    """What stands in a component whose functions call those that it imports."""
    yield from named.imported(functions)
    yield from _memory(1, HEAP, b"")
    options = f"(memory $memory) (realloc $realloc) string-encoding={encoding}"
    yield from _lowered([name for name, _ in functions], options)
    yield '(core module $M (import "m" "memory" (memory 1)) (import "m" "release" (func $release))'
    for name, type in functions:
        parameters, results = core_type(type, "lower")
        yield f'  (import "m" "{name}" (func ${name} {_core(parameters, results)}))'
    for name, type in functions:
        inside, outside = core_type(type, "lower"), core_type(type, "lift")
        through = len(inside[0]) > len(outside[0])
        arguments = [f"(local.get {at})" for at in range(len(outside[0]))] + [f"(i32.const {SCRATCH})"] * through
        after = f" (i32.const {SCRATCH})" if through else ""
        yield f'  (func (export "{name}") {_core(*outside)} (call ${name} {" ".join(arguments)}){after})'
    for letters in sorted({core_type(type, "lift")[1] for _, type in functions}):
        yield f'  (func (export "after-{letters}") {_core(letters, "")} (call $release))'
    yield ")"
    yield from _made([name for name, _ in functions])
    yield from named.exported()
    for name, type in functions:
        after = f'(post-return (core func $c "after-{core_type(type, "lift")[1]}"))'
        lift = f'(canon lift (core func $c "{name}") {options} {after})'
        yield f'(func (export "{name}") {named.exported_signature(type)} {lift})'


def _raw(named: Named, batch: Batch, encoding: str) -> Iterator[str]:
    """What stands in the component whose functions return raw memory."""
    yield from named.exported()
    yield from _memory(PAGES, 0, batch.returned_memory)
    yield '(core module $M (import "m" "memory" (memory 1))'
    for each in batch.returned:
        letter = core_type(each.type, "lift")[1]
        yield f'  (func (export "{each.name}") {_core("i", letter)} {_loaded(each, letter)})'
    yield ")"
    yield '(core instance $c (instantiate $M (with "m" (instance $m))))'
    for each in batch.returned:
        lift = f'(canon lift (core func $c "{each.name}") (memory $memory) string-encoding={encoding})'
        yield f'(func (export "{each.name}") {named.exported_signature(each.type)} {lift})'


def _giver(named: Named, batch: Batch, encoding: str) -> Iterator[str]:
    """What stands in the component whose functions call with raw arguments."""
    functions = [(each.name, each.type) for each in map(batch.echo_of, batch.given)]
    yield from named.imported(functions)
    yield from _memory(PAGES, len(batch.given_memory), batch.given_memory)
    yield from _lowered([name for name, _ in functions], f"(memory $memory) (realloc $realloc) string-encoding={encoding}")
    yield '(core module $M (import "m" "memory" (memory 1))'
    for name, type in functions:
        yield f'  (import "m" "{name}" (func ${name} {_core(*core_type(type, "lower"))}))'
    for each, (name, type) in zip(batch.given, functions):
        parameters, results = core_type(type, "lower")
        through = len(parameters) > len(core_type(type, "lift")[0])
        loaded = _loaded(each, parameters[: -1 if through else None])
        call = f"(call ${name} {loaded}{f' (i32.const {SCRATCH})' if through else ''})"
        yield f'  (func (export "{each.name}") (param i32) {f"(drop {call})" if results else call})'
    yield ")"
    yield from _made([name for name, _ in functions])
    for each in batch.given:
        yield f'(func (export "{each.name}") {named.signature(CHOSEN)} (canon lift (core func $c "{each.name}")))'


def _loaded(function: RawFunction, letters: str) -> str:
    """The core values of the raw value whose number is the first parameter."""
    at = f"(i32.mul (local.get 0) (i32.const {function.stride}))"
    return " ".join(
        f"({CORE[letter]}.load offset={function.table + SLOT * place} {at})" for place, letter in enumerate(letters)
    )


def _memory(pages: int, heap: int, data: bytes) -> Iterator[str]:
    """A core instance with a memory, a realloc in it from `heap` on, and `release`, which forgets what that has given."""
    begin = len(data) - len(data.lstrip(b"\0"))
    written = "".join(f"\\{each:02x}" for each in data[begin:])
    yield f'(core module $Memory (memory (export "memory") {pages}) (global $next (mut i32) (i32.const {heap}))'
    yield f'  (data (i32.const {begin}) "{written}")'
    yield f'  (func (export "release") (global.set $next (i32.const {heap})))'
    yield f"  {REALLOC})"
    yield "(core instance $m (instantiate $Memory))"
    yield '(alias core export $m "memory" (core memory $memory)) (alias core export $m "realloc" (core func $realloc))'
    yield '(alias core export $m "release" (core func $release))'


def _lowered(names: Sequence[str], options: str) -> Iterator[str]:
    for name in names:
        yield f"(core func ${name} (canon lower (func ${name}) {options}))"


def _made(names: Sequence[str]) -> Iterator[str]:
    given = " ".join(f'(export "{name}" (func ${name}))' for name in names)
    shared = '(export "memory" (memory $memory)) (export "release" (func $release))'
    yield f'(core instance $c (instantiate $M (with "m" (instance {shared} {given}))))'


def _core(parameters: str, results: str) -> str:
    """A core type."""
    return "".join(f"(param {CORE[each]})" for each in parameters) + "".join(f"(result {CORE[each]})" for each in results)
