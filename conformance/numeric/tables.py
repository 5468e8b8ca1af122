"""Plans for tables: of functions, of exceptions and of host references, through random calls that change them.

What is in an element is told by a number: of the function by calling it, of the exception by catching it. Behind each run all
tables are told so, and compared.
"""

from __future__ import annotations

from conformance.numeric.modules import DUMP, Plan, Run, Step
from conformance.numeric.operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from conformance.numeric.modules import Values

FUNCTIONS = 6
SIZES = {"a": (8, 24), "b": (5, 40), "e": (6, 30), "x": (3, 9)}
"""Each table's least and most elements; a and b have functions, e exceptions, x host references, which can only be null."""
MOST = 64
"""So many elements of each are dumped."""
SEGMENTS = {"p": 9, "q": 4, "r": 3}
"""Passive segments and their elements; the last one's are null exceptions."""


def _steps() -> list[Operation]:
    found = []
    for table in SIZES:
        found += [
            Operation(f"call $get_{table}", "i", "i"), Operation(f"call $set_{table}", "ii", ""),
            Operation(f"call $fill_{table}", "iii", ""), Operation(f"call $grow_{table}", "ii", "i"),
            Operation(f"table.size ${table}", "", "i"),
        ]  # fmt: skip
    pairs = ("a", "a"), ("a", "b"), ("b", "a"), ("b", "b"), ("e", "e"), ("x", "x")
    found += [Operation(f"table.copy ${to} ${source}", "iii", "") for to, source in pairs]
    found += [Operation(f"table.init ${table} ${segment}", "iii", "") for table, segment in _INITS]
    found += [Operation(f"elem.drop ${segment}", "", "") for segment in SEGMENTS]
    for table in "ab":
        found += [
            Operation(f"call_indirect ${table} (type $number)", "i", "i"),
            Operation(f"call_indirect ${table} (type $other)", "Ii", "I"),
            Operation(f"call $tail_{table}", "i", "i"),
        ]
    return found


_INITS = (("a", "p"), ("a", "q"), ("b", "p"), ("b", "q"), ("e", "r"))
OPERATIONS = tuple(_steps())


def plans(random: Random, count: int) -> Iterator[Plan]:
    """Several lives of the tables, each with about `count` steps for each kind of step in all."""
    lives = 12
    steps = [Step(operation) for operation in OPERATIONS]
    for life in range(lives):
        runs = []
        for _ in range(count * len(steps) // lives // 3):
            step = random.randrange(len(steps))
            text = OPERATIONS[step].text
            if random.randrange(20 if text.startswith("elem.drop") else 4 if "grow" in text else 1):
                continue  # what can't be undone is done seldom
            runs.append(Run(step, [_arguments(random, OPERATIONS[step]) for _ in range(random.randrange(1, 6))]))
        yield Plan(f"tables life {life}", steps, runs, PRELUDE, 4 * (MOST + 1) * len(SIZES))


def _arguments(random: Random, operation: Operation) -> Values:
    return tuple(_number(random).to_bytes(8 if letter == "I" else 4, "little") for letter in operation.parameters)


def _number(random: Random) -> int:
    kind = random.randrange(20)
    return random.randrange(8) if kind < 14 else random.randrange(32) if kind < 19 else 0xFFFF_FFFF - random.randrange(3)


def _prelude() -> str:
    numbers = range(1, FUNCTIONS + 1)
    known = " ".join(f"(ref.func $f{number})" for number in numbers)
    functions = "\n".join(f"(func $f{number} (type $number) (i32.const {number}))" for number in numbers)
    tables = "\n".join(
        f"(table ${table} {least} {most} {'exnref' if table == 'e' else 'externref' if table == 'x' else 'funcref'})"
        for table, (least, most) in SIZES.items()
    )
    items = "(ref.func $f1) (ref.null func) (ref.func $f2) (ref.func $f3) (ref.func $f4) (ref.func $f5)"
    values = {"a": "(call $function (local.get {}))", "b": "(call $function (local.get {}))",
              "e": "(call $exception (local.get {}))", "x": "(ref.null extern)"}  # fmt: skip
    told = {"a": "$tell_function", "b": "$tell_function", "e": "$tell_exception", "x": "$tell_extern"}
    changing = "\n".join(
        f"""(func $get_{table} (param i32) (result i32) (call {told[table]} (table.get ${table} (local.get 0))))
(func $set_{table} (param i32 i32) (table.set ${table} (local.get 0) {value.format(1)}))
(func $fill_{table} (param i32 i32 i32) (table.fill ${table} (local.get 0) {value.format(1)} (local.get 2)))
(func $grow_{table} (param i32 i32) (result i32) (table.grow ${table} {value.format(0)} (local.get 1)))
(func $dump_{table} (param $at i32) (local $i i32)
  (i32.store $control (local.get $at) (table.size ${table}))
  (loop $more
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (if (i32.lt_u (local.get $i) (table.size ${table}))
      (then
        (i32.store $control (local.get $at) (call $get_{table} (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $more)))))"""
        for table, value in values.items()
    )
    dumps = " ".join(f"(call $dump_{table} (i32.const {DUMP + 4 * (MOST + 1) * at}))" for at, table in enumerate(SIZES))
    return f"""(type $number (func (result i32))) (type $other (func (param i64) (result i64)))
{tables}
(table $known funcref (elem (ref.null func) {known}))
(table $told 1 funcref)
(elem $p funcref {items} (ref.null func) (ref.func $f6))
(elem $q func $f3 $f6 $f2 $f1)
(elem $r exnref (ref.null exn) (ref.null exn) (ref.null exn))
(elem (table $a) (i32.const 2) func $f1 $f2 $f4)
(tag $e (param i32))
{functions}
(func $function (param i32) (result funcref)
  (table.get $known (i32.rem_u (local.get 0) (i32.const {FUNCTIONS + 1}))))
(func $exception (param i32) (result exnref)
  (if (i32.eqz (i32.and (local.get 0) (i32.const 3))) (then (return (ref.null exn))))
  (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e (local.get 0))) unreachable))
(func $tell_function (param funcref) (result i32)
  (if (ref.is_null (local.get 0)) (then (return (i32.const -1))))
  (table.set $told (i32.const 0) (local.get 0))
  (call_indirect $told (type $number) (i32.const 0)))
(func $tell_exception (param exnref) (result i32)
  (if (ref.is_null (local.get 0)) (then (return (i32.const -1))))
  (block $h (result i32) (try_table (catch $e $h) (throw_ref (local.get 0))) unreachable))
(func $tell_extern (param externref) (result i32) (ref.is_null (local.get 0)))
(func $tail_a (param i32) (result i32) (return_call_indirect $a (type $number) (local.get 0)))
(func $tail_b (param i32) (result i32) (return_call_indirect $b (type $number) (local.get 0)))
{changing}
(func (export "dump") {dumps})"""


PRELUDE = _prelude()
