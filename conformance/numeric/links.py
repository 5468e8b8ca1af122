"""Plans for what three instances share, tables, memories and tags, each of which changes what all see; and for exceptions.

The libraries `one` and `two` and the module itself have the same functions: they write, fill, copy, grow and begin the same two
tables and memories, of which one belongs to each library. So what is done to a table happens in its owner, in an instance that
imports it, and in one that has it from one that imports it.

An exception goes up a chain of calls, through functions of all three, which lie in a table: some hand on what is thrown, some
catch it by its tag, by any, throw it again or another one instead, some are left by tail calls, and some call by way of the
host. Which these are is told by a number, so a chain is a case like any other.
"""

from __future__ import annotations

from conformance.numeric.modules import DUMP, Host, Plan, Run, Step
from conformance.numeric.operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from conformance.numeric.modules import Values

INSTANCES = "one", "two", "main"
TABLES = {"one": (6, 20), "two": (3, 30)}
"""Least and most elements of the table of each library."""
MOST = 32
"""So many elements of each are dumped."""
FUNCTIONS = 4
"""Of each instance, which tell a number of their own."""
MEMORIES = {"one": (1, 3), "two": (2, 2)}
PAGE = 1 << 16
WINDOW = 256
"""So many bytes at the beginning and at the end of the first page of each memory are dumped, and changed."""
RELAYS = ("plain", "first", "second", "any", "again", "other", "tail", "count")
"""What a function of a chain does with what is thrown: hands it on, catches the first tag, the second one, any, throws it
again, throws the other tag instead, isn't there any more, adds to what is returned."""
ENDS = ("first", "second", "own", "trap", "return", "null")
DUMPED = 4 * (MOST + 1) * len(TABLES) + 4 * WINDOW


def plans(random: Random, count: int) -> Iterator[Plan]:
    """Several lives of what is shared, and chains of calls."""
    steps = [Step(operation) for operation in OPERATIONS]
    for life in range(8):
        runs = []
        for _ in range(count * len(steps) // 24):
            number = random.randrange(len(steps))
            text = OPERATIONS[number].text
            if ("drop" in text and random.randrange(20)) or ("grow" in text and random.randrange(4)):
                continue  # what can't be undone is done seldom
            runs.append(Run(number, [_arguments(random, OPERATIONS[number]) for _ in range(random.randrange(1, 6))]))
        yield Plan(f"shared life {life}", steps, runs, _shared(), DUMPED, LIBRARIES)
    chains = [_chain(random) for _ in range(count * 10)]
    runs = [Run(0, chains[at : at + 40]) for at in range(0, len(chains), 40)]
    yield Plan("chains", [Step(Operation("call $chain", "Ii", "i"))], runs, _chains("main"), 0, CHAINED, HOSTS)


def _chain(random: Random) -> Values:
    """The functions of a chain, 5 bits each, and how it ends; and the number that is thrown or returned."""
    length = random.randrange(1, 9)
    path = 0
    for _ in range(length):
        path = path << 5 | random.randrange(len(INSTANCES)) << 3 | random.randrange(len(RELAYS))
    ending = random.randrange(len(ENDS)) | random.randrange(len(INSTANCES)) << 3
    return ((path << 14 | length << 5 | ending).to_bytes(8, "little"), random.randrange(1 << 16).to_bytes(4, "little"))


def _arguments(random: Random, operation: Operation) -> Values:
    """Mostly what fits: places near the edges of what is dumped, or among the first elements, and short lengths."""
    memory, count = "memory" in operation.text, len(operation.parameters)
    numbers = []
    for at in range(count):
        kind = random.randrange(20)
        if kind > 18:
            number = -1 - random.randrange(3)
        elif kind > 16:
            number = random.randrange(2 * PAGE if memory else 26)
        elif (count == 3 and at == 2) or ("init" in operation.text and at == 1):
            number = random.randrange(24 if memory else 4)
        else:
            edge = random.choice((8, 8, WINDOW, PAGE - WINDOW, PAGE)) if memory else 0
            number = edge + random.randrange(-8, 8) if memory else random.randrange(7)
        numbers.append(number)
    if "grow" in operation.text:
        numbers[-1] = random.choice((0, 1, 1, 2, 3, -1))
    return tuple((number % (1 << 32)).to_bytes(4, "little") for number in numbers)


def _operations() -> list[Operation]:
    found = []
    for who in INSTANCES:
        for table in TABLES:
            found += [
                Operation(f"call $get_table_{table}_{who}", "i", "i"), Operation(f"call $tail_table_{table}_{who}", "i", "i"),
                Operation(f"call $set_table_{table}_{who}", "ii", ""), Operation(f"call $fill_table_{table}_{who}", "iii", ""),
                Operation(f"call $grow_table_{table}_{who}", "ii", "i"), Operation(f"call $size_table_{table}_{who}", "", "i"),
                Operation(f"call $init_table_{table}_{who}", "iii", ""),
            ]  # fmt: skip
        for memory in MEMORIES:
            found += [
                Operation(f"call $load_memory_{memory}_{who}", "i", "i"),
                Operation(f"call $store_memory_{memory}_{who}", "ii", ""),
                Operation(f"call $fill_memory_{memory}_{who}", "iii", ""),
                Operation(f"call $init_memory_{memory}_{who}", "iii", ""),
                Operation(f"call $grow_memory_{memory}_{who}", "i", "i"),
                Operation(f"call $size_memory_{memory}_{who}", "", "i"),
            ]
        for what in ("table", "memory"):
            found += [Operation(f"call $copy_{what}_{to}_{source}_{who}", "iii", "") for to in TABLES for source in TABLES]
        found += [Operation(f"call $drop_{who}", "", ""), Operation(f"call $hand_{who}", "ii", "i")]
    return found


OPERATIONS = tuple(_operations())


def _items(names: str) -> str:
    """Null and functions, as the items of a segment."""
    return " ".join(["(ref.null func)", *(f"(ref.func {name})" for name in names.split())])


def _functions(who: str) -> str:
    """What each instance has to change what is shared."""
    first = INSTANCES.index(who) * FUNCTIONS
    own = " ".join(f"$f{at}_{who}" for at in range(FUNCTIONS))
    lines = [f"(func $f{at}_{who} (result i32) (i32.const {100 + first + at}))" for at in range(FUNCTIONS)]
    lines += [
        "(type $number (func (result i32)))",
        f"(table $known_{who} funcref (elem {_items(own)}))",
        f"(elem $segment_{who} funcref {_items(own)})",
        f'(data $data_{who} "the bytes of {who}, to begin memories with")',
        f"(func $function_{who} (param i32) (result funcref) (table.get $known_{who} "
        f"(i32.rem_u (local.get 0) (i32.const {FUNCTIONS + 1}))))",
        f"(func $drop_{who} (elem.drop $segment_{who}) (data.drop $data_{who}))",
        f"(table $last_{who} 4 funcref)",
        f"(func $keep_{who} (param i32 funcref i64 funcref) (result funcref i32 funcref) (table.get $last_{who} (local.get 0)) "
        f"(table.set $last_{who} (local.get 0) (local.get 1)) (i32.wrap_i64 (local.get 2)) (local.get 3))",
    ]
    three = "(local.get 0) (local.get 1) (local.get 2)"
    for table in TABLES:
        name, place = f"$table_{table}", f"_table_{table}_{who}"
        lines += [
            f"(func $get{place} (param i32) (result i32) (if (result i32) (ref.is_null (table.get {name} (local.get 0))) "
            f"(then (i32.const -1)) (else (call_indirect {name} (type $number) (local.get 0)))))",
            f"(func $tail{place} (param i32) (result i32) (return_call_indirect {name} (type $number) (local.get 0)))",
            f"(func $set{place} (param i32 i32) (table.set {name} (local.get 0) (call $function_{who} (local.get 1))))",
            f"(func $fill{place} (param i32 i32 i32) (table.fill {name} (local.get 0) (call $function_{who} (local.get 1)) "
            "(local.get 2)))",
            f"(func $grow{place} (param i32 i32) (result i32) (table.grow {name} (call $function_{who} (local.get 0)) "
            "(local.get 1)))",
            f"(func $init{place} (param i32 i32 i32) (table.init {name} $segment_{who} {three}))",
            f"(func $size{place} (result i32) (table.size {name}))",
        ]
    for memory in MEMORIES:
        name, place = f"$memory_{memory}", f"_memory_{memory}_{who}"
        lines += [
            f"(func $load{place} (param i32) (result i32) (i32.load {name} (local.get 0)))",
            f"(func $store{place} (param i32 i32) (i32.store {name} (local.get 0) (local.get 1)))",
            f"(func $fill{place} (param i32 i32 i32) (memory.fill {name} {three}))",
            f"(func $init{place} (param i32 i32 i32) (memory.init {name} $data_{who} {three}))",
            f"(func $grow{place} (param i32) (result i32) (memory.grow {name} (local.get 0)))",
            f"(func $size{place} (result i32) (memory.size {name}))",
        ]
    for what in ("table", "memory"):
        lines += [
            f"(func $copy_{what}_{to}_{source}_{who} (param i32 i32 i32) ({what}.copy ${what}_{to} ${what}_{source} {three}))"
            for to in TABLES
            for source in TABLES
        ]
    return "\n".join(lines)


def _exported(who: str) -> str:
    """The exports of a library: its functions, and both tables and memories, its own and the other's."""
    names = [each.text.removeprefix("call $") for each in OPERATIONS if each.text.endswith(f"_{who}")]
    names = [f"keep_{who}", *(name for name in names if not name.startswith("hand"))]
    have = [library for library in TABLES if library <= who]  # `one` comes first and can't know what `two` has
    lines = [f'(export "{name}" (func ${name}))' for name in names if _known(name, have)]
    lines += [f'(export "{what}_{each}" ({what} ${what}_{each}))' for what in ("table", "memory") for each in have]
    return "\n".join(lines)


def _known(name: str, have: list[str]) -> bool:
    """Is a function about tables and memories that an instance has?"""
    return all(part in have for part in name.split("_")[:-1] if part in TABLES)


def _own(who: str) -> str:
    table, memory = TABLES[who], MEMORIES[who]
    return f"""(table $table_{who} {table[0]} {table[1]} funcref) (memory $memory_{who} {memory[0]} {memory[1]})
(elem (table $table_{who}) (i32.const 1) func $f0_{who} $f2_{who}) (data (memory $memory_{who}) (i32.const 8) "of {who}")"""


def _imported(library: str, what: str, each: str) -> str:
    least, most = (TABLES if what == "table" else MEMORIES)[each]
    return f'(import "{library}" "{what}_{each}" ({what} ${what}_{each} {least} {most}{" funcref" if what == "table" else ""}))'


def _without_the_others(who: str, text: str) -> str:
    """The functions of a library, without those about what it doesn't have."""
    have = [library for library in TABLES if library <= who]
    return "\n".join(
        line for line in text.splitlines() if not any(f"_{other}" in line for other in TABLES if other not in (*have, who))
    )


def _library(who: str) -> str:
    imports = [_imported("one", what, "one") for what in ("table", "memory")] if who == "two" else []
    functions = _without_the_others(who, _functions(who))
    return "\n".join(["(module", *imports, _own(who), functions, _exported(who), ")"])


def _shared() -> str:
    """The prelude of the module: what it imports, its own functions, and the dump of everything."""
    lines = []
    for who in TABLES:
        have = [library for library in TABLES if library <= who]
        for each in OPERATIONS:
            name = each.text.removeprefix("call $")
            if name.endswith(f"_{who}") and not name.startswith("hand"):
                own = name if _known(name, have) else name.removesuffix(who) + "two"  # `one` knows nothing of `two`
                library = own.rpartition("_")[2]
                types = f"(param {' '.join(['i32'] * len(each.parameters))}) (result {' '.join(['i32'] * len(each.result))})"
                lines.append(f'(import "{library}" "{own}" (func ${name} {types}))')
        lines.append(f'(import "{who}" "keep_{who}" (func $keep_{who} {_KEPT}))')
    lines += [_imported("two", what, each) for what in ("table", "memory") for each in TABLES]
    lines += [_functions("main"), *map(_handing, INSTANCES), _TOLD]
    dumps, at = [], DUMP
    for table in TABLES:
        dumps.append(f"(call $dump_table_{table} (i32.const {at}))")
        at += 4 * (MOST + 1)
        lines.append(f"""(func $dump_table_{table} (param $at i32) (local $i i32)
  (i32.store $control (local.get $at) (table.size $table_{table}))
  (loop $more
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (if (i32.lt_u (local.get $i) (table.size $table_{table}))
      (then
        (i32.store $control (local.get $at) (call $get_table_{table}_main (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $more)))))""")
    for memory in MEMORIES:
        for start in (0, PAGE - WINDOW):
            dumps.append(f"(memory.copy $control $memory_{memory} (i32.const {at}) (i32.const {start}) (i32.const {WINDOW}))")
            at += WINDOW
    assert at == DUMP + DUMPED
    return "\n".join([*lines, f'(func (export "dump") {" ".join(dumps)})'])


_KEPT = "(param i32 funcref i64 funcref) (result funcref i32 funcref)"
_TOLD = """(table $told 1 funcref)
(func $tell (param funcref) (result i32)
  (if (ref.is_null (local.get 0)) (then (return (i32.const 1))))
  (table.set $told (i32.const 0) (local.get 0)) (call_indirect $told (type $number) (i32.const 0)))"""


def _handing(who: str) -> str:
    """Gives an instance references, and adds up which it gives back: of four places, the one before and the same."""
    return f"""(func $hand_{who} (param i32 i32) (result i32) (local $f funcref) (local $n i32)
  (call $keep_{who} (i32.and (local.get 0) (i32.const 3)) (call $function_main (local.get 1)) (i64.const 0x700000005)
    (table.get $table_one (i32.rem_u (local.get 1) (table.size $table_one))))
  (local.set $f) (local.set $n) (call $tell)
  (i32.add (i32.mul (local.get $n) (i32.const 1000))) (i32.add (i32.mul (call $tell (local.get $f)) (i32.const 100000))))"""


LIBRARIES = tuple((who, _library(who)) for who in TABLES)

# Chains

HOSTS = (Host("hop", "Ii", "i", "relay"),)
_RELAY = "(call_indirect $relays (type $relay) (local.get 0) (local.get 1) (call $next (local.get 0)))"
_BODIES = {
    "plain": _RELAY,
    "first": f"(block $h (result i32) (return (try_table (result i32) (catch $first $h) {_RELAY}))) (i32.const 1000) (i32.add)",
    "second": f"(block $h (result i32) (return (try_table (result i32) (catch $second $h) {_RELAY}))) "
    "(i32.const 20000) (i32.add)",
    "any": f"(block $h (return (try_table (result i32) (catch_all $h) {_RELAY}))) (i32.add (local.get 1) (i32.const 7))",
    "again": f"(block $h (result exnref) (return (try_table (result i32) (catch_all_ref $h) {_RELAY}))) (throw_ref)",
    "other": f"""(block $b (result i32) (block $a (result i32)
      (return (try_table (result i32) (catch $first $a) (catch $second $b) {_RELAY})))
    (throw $second (i32.add (i32.const 1)))) (throw $first (i32.add (i32.const 2)))""",
    "tail": "(return_call_indirect $relays (type $relay) (local.get 0) (local.get 1) (call $next (local.get 0)))",
    "count": f"(i32.add {_RELAY} (i32.const 3))",
}
_THROWN = {
    "first": "(throw $first (local.get 1))", "second": "(throw $second (local.get 1))", "own": "(throw $own (local.get 1))",
    "trap": "(unreachable)", "return": "(return (local.get 1))", "null": "(throw_ref (ref.null exn))",
}  # fmt: skip


def _chains(who: str) -> str:
    """Functions of chains, in the part of the table that is theirs. A path has its end lowest, then its length, then them."""
    imports = [] if who == "one" else [
        '(import "one" "relays" (table $relays 96 funcref))', '(import "one" "first" (tag $first (param i32)))',
        '(import "one" "second" (tag $second (param i32)))', '(import "one" "next" (func $next (param i64) (result i32)))',
    ]  # fmt: skip
    own = [] if who != "one" else [
        '(table $relays (export "relays") 96 funcref)', '(tag $first (export "first") (param i32))',
        '(tag $second (export "second") (param i32))', _NEXT,
    ]  # fmt: skip
    place = INSTANCES.index(who)
    lines = ["(tag $own (param i32)) (type $relay (func (param i64 i32) (result i32)))"]
    for name, body in _BODIES.items():
        lines.append(f"(func ${name} (type $relay) {_ONWARD} {body})")
    for name, body in _THROWN.items():
        lines.append(f"(func $end_{name} (type $relay) {body})")
    relays, ends = (" ".join(f"${prefix}{each}" for each in names) for prefix, names in (("", RELAYS), ("end_", ENDS)))
    lines += [f"(elem (table $relays) (i32.const {8 * place}) func {relays})",
              f"(elem (table $relays) (i32.const {32 + 8 * place}) func {ends})"]  # fmt: skip
    if who == "main":
        imports.append('(import "host" "hop" (func $hop (param i64 i32) (result i32)))')
        lines += [
            '(func (export "relay") (param i64 i32) (result i32) (call_indirect $relays (type $relay) (local.get 0) '
            "(local.get 1) (call $next (local.get 0))))",
            f"(func $chain (param i64 i32) (result i32) (if (result i32) (i32.and (local.get 1) (i32.const 1)) "
            f"(then (call $hop (local.get 0) (local.get 1))) (else {_RELAY})))",
        ]
    return "\n".join([*imports, *own, *lines])


_NEXT = """(func $next (export "next") (param i64) (result i32)
  (if (result i32) (i64.eqz (i64.and (i64.shr_u (local.get 0) (i64.const 5)) (i64.const 15)))
    (then (i32.add (i32.const 32) (i32.wrap_i64 (i64.and (local.get 0) (i64.const 31)))))
    (else (i32.wrap_i64 (i64.and (i64.shr_u (local.get 0) (i64.const 14)) (i64.const 31))))))"""
"""Where in the table the function is that comes next: of the chain, or its end."""
_ONWARD = """(local.set 0 (i64.or (i64.or (i64.and (local.get 0) (i64.const 31))
    (i64.and (i64.sub (local.get 0) (i64.const 32)) (i64.const 0x1e0)))
    (i64.shl (i64.shr_u (local.get 0) (i64.const 19)) (i64.const 14))))"""
"""A function of a chain takes itself off the path."""
CHAINED = tuple((who, f"(module {_chains(who)})") for who in TABLES)
