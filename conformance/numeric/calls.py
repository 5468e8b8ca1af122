"""Plans for calls: random types with up to 20 parameters and results, more than there are registers, handed on in every way.

Of each type there is a function that gives its parameters back in another order; it is called directly, through a table, as a
tail call out of a smaller frame, by way of another tail call, and its parameters are thrown and caught. Parameters are read
from $control at an address, results are left where the dump begins.
"""

from __future__ import annotations

from conformance.numeric.modules import DUMP, Plan, Run, Step, constant
from conformance.numeric.operations import NAMES, Operation
from conformance.numeric.values import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

TYPES = 24
"""So many types a module has."""
MOST = 20
"""Parameters, and results."""
DATA = DUMP + (MOST << 4)
DATA_SIZE = 1 << 14
WAYS = ("direct", "indirect", "tail", "tails", "thrown")


def plans(random: Random, count: int) -> Iterator[Plan]:
    """Several modules, with about `count` calls of each type in each way in all."""
    modules = 4
    for number in range(modules):
        types = [_type(random) for _ in range(TYPES)]
        names = [f"${way}{at}" for at in range(TYPES) for way in WAYS]
        steps = [Step(Operation(f"call {name}", "i", "i")) for name in names]
        runs = []
        for _ in range(max(len(steps), count * len(steps) // modules // 3)):
            address = DATA + 16 * random.randrange(DATA_SIZE // 16 - MOST)
            runs.append(Run(random.randrange(len(steps)), [(address.to_bytes(4, "little"),)]))
        texts = [_text(random, at, parameters, results) for at, (parameters, results) in enumerate(types)]
        yield Plan(f"calls {number}", steps, runs, "\n".join([_prelude(random), *texts]), MOST << 4)


def _type(random: Random) -> tuple[str, str]:
    """Letters of parameters and results."""
    letters = random.choice(("iIfFV", "iI", "fF", "V", "iIfF", "iV"))
    parameters, results = ("".join(random.choices(letters, k=random.choice((0, 1, 3, 7, 9, 14, MOST)))) for _ in range(2))
    return parameters, results


def _prelude(random: Random) -> str:
    data = b"".join(value(random, random.choice("iIfFV")).ljust(16, b"\xa5") for _ in range(DATA_SIZE // 16))
    text = "".join(f"\\{byte:02x}" for byte in data)
    functions = " ".join(f"$f{at}" for at in range(TYPES))
    return f"""(data (memory $control) (i32.const {DATA}) "{text}")
(table $functions funcref (elem {functions})) (func (export "dump"))"""


def _text(random: Random, at: int, parameters: str, results: str) -> str:
    """Everything of one type."""
    own_shape = shape("param", parameters) + shape("result", results)
    own = " ".join(f"(local.get {number})" for number in range(len(parameters)))
    loads = " ".join(
        f"({NAMES[letter]}.load $control offset={16 * slot} (local.get 0))" for slot, letter in enumerate(parameters)
    )
    returned = []
    for letter in results:
        places = [place for place, other in enumerate(parameters) if other == letter]
        returned.append(f"(local.get {random.choice(places)})" if places else constant(letter, value(random, letter)))
    thrown = (
        f"""(block $h {shape("result", parameters)} (try_table (catch $e{at} $h) (call $throw{at} {loads})) unreachable)"""
    )
    return "\n".join([
        f"(type $t{at} (func {own_shape})) (tag $e{at} {shape('param', parameters)})",
        f"(func $f{at} (type $t{at}) {' '.join(returned)})",
        f"(func $throw{at} {shape('param', parameters)} (throw $e{at} {own}))",
        f"(func $small{at} (param i32) {shape('result', results)} (return_call $f{at} {loads}))",
        f"(func $large{at} {own_shape} (return_call_indirect $functions (type $t{at}) {own} (i32.const {at})))",
        f"(func $twice{at} (param i32) {shape('result', results)} (return_call $large{at} {loads}))",
        keeping(f"$direct{at}", f"(call $f{at} {loads})", results),
        keeping(f"$indirect{at}", f"(call_indirect $functions (type $t{at}) {loads} (i32.const {at}))", results),
        keeping(f"$tail{at}", f"(call $small{at} (local.get 0))", results),
        keeping(f"$tails{at}", f"(call $twice{at} (local.get 0))", results),
        keeping(f"$thrown{at}", thrown, parameters),
    ])  # fmt: skip


def shape(what: str, letters: str) -> str:
    """Parameters or results in text."""
    return f"({what} {' '.join(NAMES[letter] for letter in letters)}) " if letters else ""


def keeping(name: str, body: str, results: str) -> str:
    """A function that leaves what `body` gives in memory, and returns a number that it has kept over the call."""
    locals = "".join(f" {NAMES[letter]}" for letter in results)
    kept = " ".join(f"(local.set {1 + slot})" for slot in reversed(range(len(results))))
    stores = " ".join(
        f"({NAMES[letter]}.store $control (i32.const {DUMP + 16 * slot}) (local.get {1 + slot}))"
        for slot, letter in enumerate(results)
    )
    return (
        f"(func {name} (param i32) (result i32) (local{locals}) {body} {kept} {stores} (i32.mul (local.get 0) (i32.const 3)))"
    )
