"""Modules of steps: functions that go over operands that lie in memory, and leave results there.

A step takes where its operands are, where results go and how many cases there are; each value takes 16 bytes. How far it has
come is in memory at `DONE`, so one can go on behind a case that traps. That memory is called $control and exported; what
steps work on may be another one. A `dump` function, if there is one, copies what they have changed to `DUMP`.
"""

from __future__ import annotations

from typing import NamedTuple

from conformance.numeric.operations import NAMES, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Values = tuple[bytes, ...]

SLOT = 16
DONE = 0
"""Where a step says, in 4 bytes, how many cases are left, that under way included."""
OPERANDS = 64
DUMP = 1 << 20
PAGES = 20
"""Of $control: operands and results below `DUMP`, and room for what is dumped."""
MOST_CASES = (DUMP - OPERANDS) // (SLOT * 5)
"""So many cases of up to four operands have room."""


class Step(NamedTuple):
    """An operation in a module; `constants` are its last operands' bytes where those are constants of the code."""

    operation: Operation
    constants: tuple[bytes, ...] = ()

    @property
    def parameters(self) -> str:
        """The types of the operands that are read from memory."""
        return self.operation.parameters[: len(self.operation.parameters) - len(self.constants)]

    def __str__(self) -> str:
        constants = "".join(f" {data.hex()}" for data in self.constants)
        return self.operation.text + constants

    def text(self, number: int) -> str:
        """The step as WebAssembly text, exported by its number."""
        text, types, result = self.operation
        letters = self.parameters
        operands = [f"({NAMES[letter]}.load $control offset={SLOT * at} (local.get $in))" for at, letter in enumerate(letters)]
        operands += [constant(letter, data) for letter, data in zip(types[len(letters) :], self.constants)]
        body = f"({text} {' '.join(operands)})"
        if result:
            body = f"({NAMES[result]}.store $control (local.get $out) {body})"
        return f"""(func (export "{number}") (param $in i32) (param $out i32) (param $n i32)
  (loop $more
    (i32.store $control (i32.const {DONE}) (local.get $n))
    {body}
    (local.set $in (i32.add (local.get $in) (i32.const {SLOT * len(letters)})))
    (local.set $out (i32.add (local.get $out) (i32.const {SLOT})))
    (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))"""


def constant(letter: str, data: bytes) -> str:
    """A constant of a type, from its bytes."""
    number = int.from_bytes(data, "little")
    if letter in "iI":
        return f"({NAMES[letter]}.const {number})"
    if letter == "V":
        return f"(v128.const i8x16 {' '.join(map(str, data))})"
    integer = "i32" if letter == "f" else "i64"
    return f"({NAMES[letter]}.reinterpret_{integer} ({integer}.const {number}))"


class Run(NamedTuple):
    """A step of a plan, by its number, and the cases that it is given at one go."""

    step: int
    cases: list[Values]


class Host(NamedTuple):
    """A function `name` of the host's, in the module "host", with a core type. What it does is in `hosts.answer`.

    With `back` it calls that export of the guest with what it got, and answers what that returns.
    """

    name: str
    parameters: str
    results: str
    back: str = ""


class Plan(NamedTuple):
    """A module and what is to be done with it. `prelude` is its text before the steps; `dump` how many bytes its dump has.

    It may import from `libraries`, which are modules by name, each of which may import from those before it, and from `hosts`.
    """

    name: str
    steps: list[Step]
    runs: list[Run]
    prelude: str = ""
    dump: int = 0
    libraries: tuple[tuple[str, str], ...] = ()
    hosts: tuple[Host, ...] = ()

    def module(self) -> str:
        """The module as text."""
        return module(self.steps, self.prelude)


def module(steps: Sequence[Step], prelude: str = "") -> str:
    """A module of steps behind a prelude, which may not have more imports."""
    texts = (step.text(number) for number, step in enumerate(steps))
    return "\n".join(["(module", prelude, f'(memory $control (export "memory") {PAGES})', *texts, ")"])
