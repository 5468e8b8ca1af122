"""Plans for functions of the host's: random types with up to 20 parameters and results, called in every way, also calling back.

What such a function returns is made of all the bytes that it has been given, so that a wrong one shows. v128 isn't among their
types: the C API through which the JIT engine is reached has no functions of the host's with vectors.
"""

from __future__ import annotations

from ctypes import c_char
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from agave_wasi.engines.base import HostFunction
from agave_wasi.functions import HostModule
from conformance.numeric.calls import DATA, DATA_SIZE, MOST, keeping, shape
from conformance.numeric.modules import Host, Plan, Run, Step, constant
from conformance.numeric.operations import NAMES, Operation
from conformance.numeric.values import SIZES, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from agave_wasi.program import Guest

TYPES = 16
"""So many types a module has."""
WAYS = ("direct", "indirect", "tail", "handed", "back")
"""A call; one through a table; a tail call; of what a library has imported and exports; of one that calls the guest."""


class HostFunctions(HostModule):
    """The functions of a plan, as a world takes them."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        super().__init__("host")
        self.hosts = hosts

    def makers(self) -> dict[tuple[str, str], Callable[[Guest], HostFunction]]:
        return {(self.name, host.name): _maker(host) for host in self.hosts}


def _maker(host: Host) -> Callable[[Guest], HostFunction]:
    array = c_char * (16 * max(len(host.parameters), len(host.results), 1))

    def make(guest: Guest) -> HostFunction:
        def callback(env: int, caller: int, args: int) -> int:
            slots = memoryview(array.from_address(args)).cast("B")
            given = [bytes(slots[16 * at : 16 * at + SIZES[letter]]) for at, letter in enumerate(host.parameters)]
            try:
                found = answer(host.results, given) if not host.back else _called(guest, host, given)
                for at, data in enumerate(found):
                    slots[16 * at : 16 * at + len(data)] = data
                return 0
            except BaseException as error:
                guest.store.pending = error
                trap: int = guest.store.spare
                guest.store.spare = 0
                return trap

        return HostFunction(host.parameters, host.results, callback)

    return make


def answer(results: str, given: Sequence[bytes]) -> list[bytes]:
    """Values of these types, made of all that was given."""
    seed = b"".join(len(data).to_bytes(1, "little") + data for data in given)
    return [sha256(seed + bytes([at])).digest()[: SIZES[letter]] for at, letter in enumerate(results)]


def _called(guest: Guest, host: Host, given: Sequence[bytes]) -> list[bytes]:
    """What an export of the guest's returns."""
    from struct import pack, unpack

    codes = {"i": "<i", "I": "<q", "f": "<f", "F": "<d"}
    arguments: list[Any] = [unpack(codes[letter], data)[0] for letter, data in zip(host.parameters, given)]
    results = guest.call(host.back, tuple(arguments))
    return [pack(codes[letter], result) for letter, result in zip(host.results, results, strict=True)]


def plans(random: Random, count: int) -> Iterator[Plan]:
    """Several modules, with about `count` calls of each type in each way in all."""
    modules = 4
    for number in range(modules):
        types = [_type(random) for _ in range(TYPES)]
        steps = [Step(Operation(f"call ${way}{at}", "i", "i")) for at in range(TYPES) for way in WAYS]
        runs = []
        for _ in range(max(len(steps), count * len(steps) // modules // 3)):
            address = DATA + 16 * random.randrange(DATA_SIZE // 16 - MOST)
            runs.append(Run(random.randrange(len(steps)), [(address.to_bytes(4, "little"),)]))
        hosts = [Host(f"f{at}", *type) for at, type in enumerate(types)]
        hosts += [Host(f"b{at}", *type, f"guest{at}") for at, type in enumerate(types)]
        texts = [_text(random, at, *type) for at, type in enumerate(types)]
        prelude = "\n".join([*(_import("host", each.name, each) for each in hosts), *(_handed(each) for each in hosts[:TYPES]),
                             _data(random), *texts])  # fmt: skip
        libraries = (("library", "\n".join(["(module", *(_handing(each) for each in hosts[:TYPES]), ")"])),)
        yield Plan(f"hosts {number}", steps, runs, prelude, MOST << 4, libraries, tuple(hosts))


def _type(random: Random) -> tuple[str, str]:
    letters = random.choice(("iIfF", "iI", "fF", "i", "f"))
    sizes = 0, 1, 2, 3, 6, 7, 9, 15, 17, MOST
    parameters, results = ("".join(random.choices(letters, k=random.choice(sizes))) for _ in range(2))
    return parameters, results


def _import(module: str, name: str, host: Host) -> str:
    return f'(import "{module}" "{name}" (func ${name} {shape("param", host.parameters)}{shape("result", host.results)}))'


def _handing(host: Host) -> str:
    return f'{_import("host", host.name, host)} (export "{host.name}" (func ${host.name}))'


def _handed(host: Host) -> str:
    return _import("library", host.name, host).replace(f"(func ${host.name}", f"(func $handed_{host.name}")


def _data(random: Random) -> str:
    data = b"".join(value(random, random.choice("iIfF")).ljust(16, b"\xa5") for _ in range(DATA_SIZE // 16))
    text = "".join(f"\\{byte:02x}" for byte in data)
    functions = " ".join(f"$f{at}" for at in range(TYPES))
    return f'''(data (memory $control) (i32.const {DATA}) "{text}")
(table $functions funcref (elem {functions})) (func (export "dump"))'''


def _text(random: Random, at: int, parameters: str, results: str) -> str:
    """Everything of one type."""
    own = shape("param", parameters) + shape("result", results)
    loads = " ".join(
        f"({NAMES[letter]}.load $control offset={16 * slot} (local.get 0))" for slot, letter in enumerate(parameters)
    )
    returned = []
    for letter in results:
        places = [place for place, other in enumerate(parameters) if other == letter]
        returned.append(f"(local.get {random.choice(places)})" if places else constant(letter, value(random, letter)))
    return "\n".join([
        f"(type $t{at} (func {own})) (func $guest{at} (export \"guest{at}\") (type $t{at}) {' '.join(returned)})",
        f"(func $last{at} (param i32) {shape('result', results)} (return_call $f{at} {loads}))",
        keeping(f"$direct{at}", f"(call $f{at} {loads})", results),
        keeping(f"$indirect{at}", f"(call_indirect $functions (type $t{at}) {loads} (i32.const {at}))", results),
        keeping(f"$tail{at}", f"(call $last{at} (local.get 0))", results),
        keeping(f"$handed{at}", f"(call $handed_f{at} {loads})", results),
        keeping(f"$back{at}", f"(call $b{at} {loads})", results),
    ])  # fmt: skip
