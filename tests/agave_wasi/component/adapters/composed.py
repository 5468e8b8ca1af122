"""Two components composed into one, in text: a caller whose core code is constants, and a callee that notes what it gets.

The same core modules run under the reference, which makes its own adapter, and round ours; memory must be the same then.
"""

from __future__ import annotations

from agave_wasi.component import types as t
from agave_wasi.component.layout import core_type
from tests.agave_wasi.component.adapters.reference import fields

ALIASES = """(alias core export $m "memory" (core memory $memory))
    (alias core export $m "realloc" (core func $realloc))"""
START = 0x400
"""Where a side's realloc begins when nothing is there yet."""
NOTES = 0x100
"""Where core values are noted, 8 bytes each."""
CORE = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}
FROM_BITS = {
    "i": "i32.const {}", "I": "i64.const {}", "f": "i32.const {} f32.reinterpret_i32", "F": "i64.const {} f64.reinterpret_i64",
}  # fmt: skip


def library(data: bytes, heap: int) -> str:
    """A side's memory: its bytes, a realloc from `heap` on, and `dump`, which lists all up to where that is."""
    text = "".join(f"\\{each:02x}" for each in data.rstrip(b"\0"))
    return f"""(module
  (memory (export "memory") 1) (global $next (mut i32) (i32.const {heap})) (data (i32.const 0) "{text}")
  (func (export "realloc")
    (param $old i32) (param $before i32) (param $align i32) (param $count i32) (result i32) (local $at i32)
    (local.set $at (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1))))
    (local.set $at (i32.and (local.get $at) (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $count)))
    (memory.copy (local.get $at) (local.get $old)
      (select (local.get $before) (local.get $count) (i32.lt_u (local.get $before) (local.get $count))))
    (local.get $at))
  (func (export "dump") (result i32)
    (i32.store (i32.const 16) (i32.const 0)) (i32.store (i32.const 20) (global.get $next)) (i32.const 16)))"""


def notes(letters: str) -> str:
    """Store parameters, or what is on the stack as `$r`."""
    return "\n    ".join(
        f"(i32.const {NOTES + 8 * at}) (local.get {at}) {CORE[letter]}.store" for at, letter in enumerate(letters)
    )


def signature(parameters: str, results: str) -> str:
    """A core type."""
    return "".join([f" (param {CORE[each]})" for each in parameters] + [f" (result {CORE[each]})" for each in results])


def callee(type: t.FuncType, raw: list[int]) -> str:
    """The core code of the callee: notes what it gets, and answers `raw`."""
    parameters, results = core_type(type, "lift")
    shown = signature(parameters, results)
    answer = " ".join(FROM_BITS[letter].format(value) for letter, value in zip(results, raw))
    return f'(module (import "m" "memory" (memory 1)) (func (export "f"){shown}\n    {notes(parameters)} {answer}))'


def caller(type: t.FuncType, values: list[int]) -> str:
    """The core code of the caller: calls with `values`, and notes the result."""
    parameters, results = core_type(type, "lower")
    shown = signature(parameters, results)
    pushes = " ".join(FROM_BITS[letter].format(value) for letter, value in zip(parameters, values))
    note = f"{CORE[results]}.store" if results else ""
    return f"""(module (import "m" "memory" (memory 1)) (import "m" "f" (func $f{shown}))
  (func (export "run") {f"i32.const {NOTES}" if results else ""} {pushes} call $f {note}))"""


def fields_of(module: str) -> str:
    """What stands in a module, for one that stands in a component."""
    return module.strip().removeprefix("(module").removesuffix(")")


class Names:
    """Types in component text; records, variants, enums and flags get names, which must be exported."""

    def __init__(self) -> None:
        self.defined: dict[t.ValType, int] = {}
        self.lines: list[str] = []

    def text(self, type: t.ValType) -> str:
        """How the type is written where it is used."""
        if isinstance(type, t.Record | t.Variant | t.Enum | t.Flags):
            if type not in self.defined:
                body = self.body(type)
                self.defined[type] = len(self.defined)
                self.lines.append(body)
            return f"$e{self.defined[type]}"
        return self.body(type)

    def body(self, type: t.ValType) -> str:
        """The type itself."""
        if isinstance(type, t.Record):
            return "(record " + " ".join(f'(field "{name}" {self.text(each)})' for name, each in type.fields) + ")"
        if isinstance(type, t.Variant):
            payloads = [(name, "" if each is None else self.text(each)) for name, each in type.cases]
            return "(variant " + " ".join(f'(case "{name}" {each})' for name, each in payloads) + ")"
        if isinstance(type, t.Enum | t.Flags):
            return f"({type.kind} " + " ".join(f'"{name}"' for name in type.names) + ")"
        if isinstance(type, t.List):
            return f"(list {self.text(type.element)})"
        if isinstance(type, t.Map):
            return f"(map {self.text(type.name)} {self.text(type.value)})"
        if isinstance(type, t.Tuple):
            return "(tuple " + " ".join(self.text(each) for each in fields(type) or ()) + ")"
        if isinstance(type, t.Option):
            return f"(option {self.text(type.some)})"
        if isinstance(type, t.Result):
            ok = "" if type.ok is None else f" {self.text(type.ok)}"
            return f"(result{ok}" + ("" if type.err is None else f" (error {self.text(type.err)})") + ")"
        return type.kind

    def declarations(self, exported: str) -> str:
        """All named types: defined, and exported in the way that stands here."""
        return "\n    ".join(f'(type $t{at} {body}) {exported.format(at=at)}' for at, body in enumerate(self.lines))


def component(
    type: t.FuncType, encodings: tuple[str, str], libraries: tuple[str, str], cores: tuple[str, str]
) -> bytes:
    """The composed component; it exports run, caller-dump and callee-dump."""
    names = Names()
    parameters = " ".join([f'(param "{name}" {names.text(each)})' for name, each in type.parameters])
    result = "" if type.result is None else f"(result {names.text(type.result)})"
    dump = '(canon lift (core func $m "dump") (memory $memory))'
    return f"""(component
  (component $Callee
    {names.declarations('(export $e{at} "t{at}" (type $t{at}))')}
    (core module $M {fields_of(libraries[1])}) (core instance $m (instantiate $M)) {ALIASES}
    (core module $C {fields_of(cores[1])}) (core instance $c (instantiate $C (with "m" (instance $m))))
    (func (export "f") {parameters} {result} (canon lift (core func $c "f") (memory $memory)
      (realloc $realloc) string-encoding={encodings[1]}))
    (func (export "dump") (result (list u8)) {dump}))
  (component $Caller
    (import "callee" (instance $callee
      {names.declarations('(export "t{at}" (type $e{at} (eq $t{at})))')}
      (export "f" (func {parameters} {result}))))
    (core module $M {fields_of(libraries[0])}) (core instance $m (instantiate $M)) {ALIASES}
    (core func $f (canon lower (func $callee "f") (memory $memory) (realloc $realloc)
      string-encoding={encodings[0]}))
    (core module $C {fields_of(cores[0])})
    (core instance $c (instantiate $C (with "m" (instance (export "memory" (memory $memory)) (export "f" (func $f))))))
    (func (export "run") (canon lift (core func $c "run")))
    (func (export "dump") (result (list u8)) {dump}))
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "callee" (instance $callee))))
  (export "run" (func $caller "run"))
  (export "caller-dump" (func $caller "dump"))
  (export "callee-dump" (func $callee "dump")))""".encode()
