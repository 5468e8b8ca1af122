"""Plans for memories: every load and store at the edges of pages and of the memory, and copying, filling, growing.

Steps work on $tested, of two pages and at most four, whose content is compared behind each run.
"""

from __future__ import annotations

from conformance.numeric.modules import DUMP, MOST_CASES, PAGES, Plan, Run, Step
from conformance.numeric.operations import Operation
from conformance.numeric.values import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from conformance.numeric.modules import Values

PAGE = 1 << 16
SIZE = 2 * PAGE
MOST = 4
ROOM = (PAGES << 16) - DUMP
OFFSETS = (0, 1, 7, 16, PAGE - 1, PAGE, SIZE - 16, SIZE - 1, SIZE, 0x7FFF_FFFF, 0xFFFF_FFF0, 0xFFFF_FFFF)
SEGMENT = 300
"""Bytes of the passive data segment."""
_NARROW = {"8": 1, "16": 2, "32": 4, "64": 8}


def accesses() -> list[Operation]:
    """Every load and store, without offset: "NAME{}" with a place for it."""
    found = []
    for letter, name, width in (("i", "i32", 32), ("I", "i64", 64), ("f", "f32", 32), ("F", "f64", 64), ("V", "v128", 128)):
        found += [Operation(f"{name}.load{{}}", "i", letter), Operation(f"{name}.store{{}}", "i" + letter, "")]
        for narrow in (8, 16, 32):
            if letter in "iI" and narrow < width:
                found += [Operation(f"{name}.load{narrow}_{sign}{{}}", "i", letter) for sign in "su"]
                found.append(Operation(f"{name}.store{narrow}{{}}", "i" + letter, ""))
    for shape in ("8x8", "16x4", "32x2"):
        found += [Operation(f"v128.load{shape}_{sign}{{}}", "i", "V") for sign in "su"]
    found += [Operation(f"v128.load{bits}_splat{{}}", "i", "V") for bits in _NARROW]
    found += [Operation(f"v128.load{bits}_zero{{}}", "i", "V") for bits in ("32", "64")]
    for bits, size in _NARROW.items():
        for lane in sorted({0, 16 // size // 2, 16 // size - 1}):
            found.append(Operation(f"v128.load{bits}_lane{{}} {lane}", "iV", "V"))
            found.append(Operation(f"v128.store{bits}_lane{{}} {lane}", "iV", ""))
    return found


def plans(random: Random, count: int) -> Iterator[Plan]:
    """A plan with about `count` cases for each access, at every offset together; and one of random calls that change it all."""
    chosen = [(operation, offset) for operation in accesses() for offset in OFFSETS]
    steps = [Step(operation._replace(text=operation.text.format(f" offset={offset}"))) for operation, offset in chosen]
    each = -(-count // len(OFFSETS))
    runs = []
    for number, (operation, offset) in enumerate(chosen):
        letters = operation.parameters[1:]
        found: list[Values] = []
        for _ in range(each):
            address = _address(random, offset)
            found.append((_word(address), *(value(random, letter) for letter in letters)))
        runs.append(Run(number, found))
    yield Plan("memory accesses", steps, runs, _prelude(random), SIZE)
    yield from _bulk(random, count)


def _address(random: Random, offset: int) -> int:
    """Mostly where the end of the memory, a page's, or that of all addresses is not far."""
    edge = random.choice((0, PAGE, SIZE, SIZE, SIZE, 1 << 31, 1 << 32, random.randrange(SIZE)))
    near = edge + random.randrange(-20, 20)
    return (near - (offset if random.randrange(4) else 0)) % (1 << 32)


def _word(number: int) -> bytes:
    return number.to_bytes(4, "little")


BULK = (
    Operation("call $fill", "iii", ""), Operation("call $copy", "iii", ""), Operation("call $init", "iii", ""),
    Operation("call $copy_out", "iii", ""), Operation("call $copy_in", "iii", ""), Operation("call $init_end", "iii", ""),
    Operation("call $size", "", "i"), Operation("call $grow", "i", "i"), Operation("call $drop", "", ""),
)  # fmt: skip


def _bulk(random: Random, count: int) -> Iterator[Plan]:
    """Several short lives of a memory, since dropping a segment and growing can't be undone."""
    for life in range(6):
        runs = []
        for _ in range(count // 2):
            step = random.randrange(6) if random.randrange(40) else random.randrange(6, len(BULK))
            if BULK[step].text == "call $drop" and random.randrange(4):
                continue
            runs.append(Run(step, [_arguments(random, BULK[step]) for _ in range(random.randrange(1, 4))]))
        yield Plan(f"memory life {life}", [Step(operation) for operation in BULK], runs, _prelude(random), MOST * PAGE)


def _arguments(random: Random, operation: Operation) -> Values:
    if operation.parameters == "i":
        return (_word(random.choice((0, 0, 1, 1, 2, 3, 1 << 16, 0xFFFF_FFFF))),)
    bounds = SIZE, SEGMENT if "init" in operation.text else SIZE, SEGMENT if "init" in operation.text else SIZE
    found = []
    for bound in bounds[: len(operation.parameters)]:
        kind = random.randrange(10)
        number = random.randrange(bound) if kind < 6 else random.randrange(20) if kind < 8 else bound + random.randrange(-8, 8)
        found.append(_word(number % (1 << 32) if random.randrange(60) else 0xFFFF_FFF0))
    return tuple(found)


def _prelude(random: Random) -> str:
    data = "".join(f"\\{byte:02x}" for byte in random.randbytes(SIZE))
    passive = "".join(f"\\{byte:02x}" for byte in random.randbytes(SEGMENT))
    return f"""(memory $tested 2 {MOST}) (data (memory $tested) (i32.const 0) "{data}")
(data $passive "{passive}") (data $end "x")
(func $fill (param i32 i32 i32) (memory.fill $tested (local.get 0) (local.get 1) (local.get 2)))
(func $copy (param i32 i32 i32) (memory.copy $tested $tested (local.get 0) (local.get 1) (local.get 2)))
(func $copy_out (param i32 i32 i32)
  (memory.copy $control $tested (i32.add (local.get 0) (i32.const {DUMP})) (local.get 1) (local.get 2)))
(func $copy_in (param i32 i32 i32)
  (memory.copy $tested $control (local.get 0) (i32.add (local.get 1) (i32.const {DUMP})) (local.get 2)))
(func $init (param i32 i32 i32) (memory.init $tested $passive (local.get 0) (local.get 1) (local.get 2)))
(func $init_end (param i32 i32 i32) (memory.init $tested $end (local.get 0) (local.get 1) (local.get 2)))
(func $size (result i32) (memory.size $tested))
(func $grow (param i32) (result i32) (memory.grow $tested (local.get 0)))
(func $drop (data.drop $passive) (data.drop $end))
(func (export "dump") (memory.copy $control $tested (i32.const {DUMP}) (i32.const 0)
  (i32.shl (memory.size $tested) (i32.const 16))))"""


assert max(SIZE, MOST * PAGE) <= ROOM and MOST_CASES >= 10_000
