"""Where a run can be stopped: after a number of instructions, before a host call, at the beginning of a function.

Only an outermost call of the guest can be stopped, since below a call within a host function lies a Python frame. So host calls
and functions within such a call don't count; a number of instructions that is reached within one stops the guest behind it.
What an instance begins with is such an outermost call, too.
"""

from __future__ import annotations

from agave_wasi import core_modules
from agave_wasi.nearest import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from agave_wasi.components import ComponentProgram
    from agave_wasi.engines.base import Engine
    from agave_wasi.engines.x86.engine import Module
    from agave_wasi.loader import Program
    from kernel_sim.cpu.machine import Machine

    class Standing(Protocol):
        """A guest on a machine; `depth` counts calls of its functions that lie one inside the other."""

        @property
        def depth(self) -> int: ...

        @property
        def machine(self) -> Machine: ...

ICOUNT, CALL, FUNC = "icount", "call", "func"
FORMS = "icount:N, call:NAME, call:NAME:K or func:NAME"
EXAMPLE = "call:fd_write:3"
LISTED = "agave-wasi disasm lists all code"
_LARGEST = (1 << 63) - 1


class Reached(BaseException):
    """The guest stands at the point. No host function's `except Exception` may take it for something of its own."""


class Point:
    """`icount:N`: N instructions have run. `call:NAME:K`: right before the K-th call of a host function, the first if K isn't
    said. `func:NAME`: at the first instruction of a function, by its export's name, its name or its number, in a
    component `MODULE/FUNCTION` if need be."""

    __slots__ = ("text", "kind", "name", "number")

    def __init__(self, text: str) -> None:
        """ValueError says what is wrong with the text."""
        self.text = text
        kind, _, rest = text.partition(":")
        name, number = rest, "1"
        if kind == ICOUNT:
            name, number = "", rest
        elif kind == CALL and ":" in rest and "/" not in rest.rpartition(":")[2]:  # where the colon is an interface's own
            name, _, number = rest.rpartition(":")
        elif kind not in (CALL, FUNC):
            raise ValueError(f"a point is {FORMS}")
        if kind != ICOUNT and not name:
            raise ValueError(f"{kind}: needs the name of a function")
        if not number.isascii() or not number.isdecimal() or not 0 < int(number[:20]) <= _LARGEST:
            raise ValueError(f"{number!r} is no number from 1 on")
        self.kind = kind
        self.name = name
        self.number = int(number)

    @property
    def counts(self) -> bool:
        """Does the machine have to count instructions?"""
        return self.kind == ICOUNT


class Pause:
    """Stops a guest at a point while it is `armed`. It is told of host calls by `called`; `found` says whether there is one
    that the point means, `others` has those that it doesn't."""

    __slots__ = ("point", "armed", "calls", "found", "others")

    def __init__(self, point: Point) -> None:
        self.point = point
        self.armed = False
        self.calls = 0
        self.found = False
        self.others: list[str] = []

    def slice(self, guest: Standing, slice: int) -> int:
        """No more instructions than there are up to the point; Reached."""
        if self.armed and guest.depth == 1 and self.point.kind == ICOUNT:
            slice = min(slice, self.point.number - guest.machine.count)
            if slice <= 0:
                raise Reached
        return slice

    def broke(self, guest: Standing) -> None:
        """The machine stands at a breakpoint, which is the point's; Reached."""
        if self.armed and guest.depth == 1:
            raise Reached

    def means(self, name: str) -> bool:
        """Does the point mean calls of that host function?"""
        return self.point.kind == CALL and self.point.name in names(name)

    def called(self, guest: Standing, name: str) -> None:
        """A host function is about to be called; Reached."""
        if self.armed and guest.depth == 1 and self.means(name):
            self.calls += 1
            if self.calls == self.point.number:
                raise Reached


def names(call: str) -> set[str]:
    """What a host call may be called in a point: `fd_write`, or of a component `wasi:io/poll@0.2.1#[method]pollable.block`, the
    same without the version, with a dot in place of the #, or the short name of traces, `pollable.block`."""
    interface, hash, function = call.partition("#")
    if not hash and " " not in call:
        return {call}
    from agave_wasi.component.shown import short

    found = {call, short(call)}
    if hash:
        found |= {f"{each}{mark}{function}" for each in (interface, interface.partition("@")[0]) for mark in "#."}
    return found


def function_index(program: Program, name: str) -> int:
    """The number of a function with code in a core module: that of an export, of a name, or itself. LookupError."""
    module: Module = program.module
    found = core_modules.find(module.core, module.names, name)
    if not found:
        known = [each for each in map(module.names.function, core_modules.functions(module.core)) if each]
        raise LookupError(unknown(f"{program.name} has no code of a function", name, known, LISTED))
    return found[0]


def index_within(program: ComponentProgram, engine: Engine, name: str) -> tuple[Module, int]:
    """The module of a component and the number of a function in it, by what `core_modules` takes for names; LookupError."""
    inner = core_modules.inner_modules(program)
    meant = [(each, index) for each, indices in core_modules.chosen(inner, name) for index in (indices or ())]
    if not meant:
        known = [named for each in inner for index in each.functions if (named := each.names.function(index))]
        raise LookupError(unknown(f"no module within {program.name} has code of a function", name, known, LISTED))
    if len({each.number for each, _ in meant}) > 1:
        which = ", ".join(f"func:{each.number}/{index}" for each, index in meant[:8])
        raise LookupError(f"several modules within {program.name} have a function {name}: say which, {which}")
    compiled = {number: module for number, _, module in program.compiled(engine)}
    module, index = meant[0]
    return compiled[module.number], index
