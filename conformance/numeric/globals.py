"""Plans for globals: of every type, constant and mutable, own, imported, handed on, written in one instance, read in another.

A value goes through a global unchanged, whatever its bits are. The first library defines globals, the second one hands them on,
and begins its own with what they hold.
"""

from __future__ import annotations

from conformance.numeric.modules import DUMP, Plan, Run, Step, constant
from conformance.numeric.operations import NAMES, Operation
from conformance.numeric.values import cases, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

LETTERS = "iIfFV"
PLACES = ("own", "given", "handed")
"""Mutable globals of each type: the module's own, the first library's, and the same under the second one's name."""
CONSTANTS = ("fixed", "copied", "late")
"""Constant ones: imported, begun with an imported one, imported from a library that has begun it so."""


def plans(random: Random, count: int) -> Iterator[Plan]:
    """Two lives of all globals: about `count` values of each type for each way through them."""
    for life in range(2):
        operations = _operations()
        runs = []
        for number, operation in enumerate(operations):
            found = cases(random, operation.parameters, max(1, count // 4) if operation.parameters else 1)
            runs += [Run(number, found[at : at + 25]) for at in range(0, len(found), 25)]
        random.shuffle(runs)
        libraries = (("first", _first(random)), ("second", _second()))
        steps = [Step(operation) for operation in operations]
        yield Plan(f"globals life {life}", steps, runs, _prelude(random), 16 * len(_told()), libraries)


def _operations() -> list[Operation]:
    found = []
    for letter in LETTERS:
        for place in PLACES:
            found += [Operation(f"call ${way}_{place}_{letter}", letter, letter) for way in ("here", "swap")]
        found += [Operation(f"call ${way}_{letter}", letter, letter) for way in ("there", "back", "over")]
        found += [Operation(f"global.get ${name}_{letter}", "", letter) for name in CONSTANTS]
    found += [Operation("call $function", "i", "i"), Operation("call $exception", "i", "i")]
    return [*found, Operation("call $null", "", "i")]


def literal(letter: str, data: bytes) -> str:
    """A constant that a global may begin with: numbers of floating point by their bits, too."""
    if letter not in "fF":
        return constant(letter, data)
    bits, mantissa, most = int.from_bytes(data, "little"), *((23, 255) if letter == "f" else (52, 2047))
    sign = "-" if data[-1] & 0x80 else ""
    exponent, fraction = bits >> mantissa & most, bits & (1 << mantissa) - 1
    if exponent == most:
        number = f"nan:{fraction:#x}" if fraction else "inf"
    else:
        power = max(exponent, 1) - (most >> 1) - mantissa
        number = f"{fraction | (1 << mantissa if exponent else 0):#x}p{power:+d}"
    return f"({NAMES[letter]}.const {sign}{number})"


def _first(random: Random) -> str:
    """Defines and exports a constant and a mutable global of each type, and functions that read and write the latter."""
    lines = []
    for letter in LETTERS:
        type = NAMES[letter]
        lines += [
            f'(global (export "fixed_{letter}") {type} {literal(letter, value(random, letter))})',
            f'(global $g_{letter} (export "given_{letter}") (mut {type}) {literal(letter, value(random, letter))})',
            f'(func (export "get_{letter}") (result {type}) (global.get $g_{letter}))',
            f'(func (export "set_{letter}") (param {type}) (global.set $g_{letter} (local.get 0)))',
        ]
    return f"""(module {" ".join(lines)}
(type $number (func (result i32))) (tag (export "e") (param i32))
(global (export "function") (mut funcref) (ref.null func))
(global (export "exception") (mut exnref) (ref.null exn))
(global (export "extern") (mut externref) (ref.null extern)))"""


def _second() -> str:
    """Hands on the first one's, begins its own with them, and writes there."""
    lines = []
    for letter in LETTERS:
        type = NAMES[letter]
        lines += [
            f'(import "first" "fixed_{letter}" (global $fixed_{letter} {type}))',
            f'(import "first" "given_{letter}" (global $given_{letter} (mut {type})))',
        ]
    for letter in LETTERS:
        type = NAMES[letter]
        lines += [
            f'(export "handed_{letter}" (global $given_{letter}))',
            f'(global (export "late_{letter}") {type} (global.get $fixed_{letter}))',
            f'(func (export "put_{letter}") (param {type}) (global.set $given_{letter} (local.get 0)))',
        ]
    return f"(module {' '.join(lines)})"


def _prelude(random: Random) -> str:
    imports, own, functions = [], [], []
    for letter in LETTERS:
        type = NAMES[letter]
        imports += [
            f'(import "first" "fixed_{letter}" (global $fixed_{letter} {type}))',
            f'(import "first" "given_{letter}" (global $given_{letter} (mut {type})))',
            f'(import "first" "get_{letter}" (func $get_{letter} (result {type})))',
            f'(import "first" "set_{letter}" (func $set_{letter} (param {type})))',
            f'(import "second" "handed_{letter}" (global $handed_{letter} (mut {type})))',
            f'(import "second" "late_{letter}" (global $late_{letter} {type}))',
            f'(import "second" "put_{letter}" (func $put_{letter} (param {type})))',
        ]
        own += [
            f"(global $copied_{letter} {type} (global.get $late_{letter}))",
            f'(global $own_{letter} (export "own_{letter}") (mut {type}) {literal(letter, value(random, letter))})',
        ]
        functions += [_through(f"there_{letter}", type, f"global.set $given_{letter}", f"call $get_{letter}"),
                      _through(f"back_{letter}", type, f"call $set_{letter}", f"global.get $handed_{letter}"),
                      _through(f"over_{letter}", type, f"call $put_{letter}", f"call $get_{letter}")]  # fmt: skip
        for place in PLACES:
            name = f"${place}_{letter}"
            functions += [
                _through(f"here_{place}_{letter}", type, f"global.set {name}", f"global.get {name}"),
                f"(func $swap_{place}_{letter} (param {type}) (result {type}) (global.get {name}) "
                f"(global.set {name} (local.get 0)))",
            ]
    stores = " ".join(
        f"({NAMES[letter]}.store $control (i32.const {DUMP + 16 * at}) (global.get ${place}_{letter}))"
        for at, (place, letter) in enumerate(_told())
    )
    return f"""{" ".join(imports)}
(import "first" "function" (global $f (mut funcref))) (import "first" "exception" (global $x (mut exnref)))
(import "first" "extern" (global $n (mut externref))) (import "first" "e" (tag $e (param i32)))
{" ".join(own)}
(type $number (func (result i32))) (table $one 1 funcref) (table $both funcref (elem $seven $eight))
(func $seven (result i32) (i32.const 7)) (func $eight (result i32) (i32.const 8))
(func $function (param i32) (result i32)
  (if (i32.and (local.get 0) (i32.const 2))
    (then (global.set $f (table.get $both (i32.and (local.get 0) (i32.const 1))))))
  (table.set $one (i32.const 0) (global.get $f))
  (call_indirect $one (type $number) (i32.const 0)))
(func $exception (param i32) (result i32)
  (block $old (result i32)
    (if (i32.and (local.get 0) (i32.const 1))
      (then (global.set $x
        (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e (local.get 0))) unreachable))))
    (try_table (catch $e $old) (throw_ref (global.get $x))) unreachable))
(func $null (result i32) (global.set $n (ref.null extern)) (ref.is_null (global.get $n)))
{" ".join(functions)}
(func (export "dump") {stores})"""


def _told() -> list[tuple[str, str]]:
    """The globals that a dump has."""
    return [(place, letter) for letter in LETTERS for place in (*PLACES, *CONSTANTS)]


def _through(name: str, type: str, write: str, read: str) -> str:
    return f"(func ${name} (param {type}) (result {type}) ({write} (local.get 0)) ({read}))"
