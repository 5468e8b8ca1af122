"""Where a run can be stopped: after a number of instructions, before a host call, at the beginning of a function.

Only an outermost call of the guest can be stopped, since below a call within a host function lies a Python frame. So host calls
and functions within such a call don't count; a number of instructions that is reached within one stops the guest behind it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.engines.x86.store import Store
    from agave_wasi.loader import Program

ICOUNT, CALL, FUNC = "icount", "call", "func"
FORMS = "icount:N, call:NAME, call:NAME:K or func:NAME"
EXAMPLE = "call:fd_write:3"
_LARGEST = (1 << 63) - 1


class Reached(BaseException):
    """The guest stands at the point. No host function's `except Exception` may take it for something of its own."""


class Point:
    """`icount:N`: N instructions have run. `call:NAME:K`: right before the K-th call of a host function, the first if K isn't
    said. `func:NAME`: at the first instruction of a function, by its export's name, its name or its number."""

    __slots__ = ("text", "kind", "name", "number")

    def __init__(self, text: str) -> None:
        """ValueError says what is wrong with the text."""
        self.text = text
        kind, _, rest = text.partition(":")
        name, number = rest, "1"
        if kind == ICOUNT:
            name, number = "", rest
        elif kind == CALL and ":" in rest:
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
    """Stops a store's guest at a point, once it is `armed`. Host calls of the point's name tell it by `called`; `found` says
    whether the programs import one."""

    __slots__ = ("point", "armed", "calls", "found")

    def __init__(self, point: Point) -> None:
        self.point = point
        self.armed = False
        self.calls = 0
        self.found = False

    def arm(self, store: Store, program: Program) -> None:
        """From now on; LookupError if the program has nothing that the point names."""
        if not self.armed and self.point.kind == FUNC:
            module = program.module
            index = function_index(program, self.point.name)
            text = next(text for text, _, known in store.images if known is module)
            store.machine.break_at(text + module.image.functions[index])
        if self.point.kind == CALL and not self.found:
            raise LookupError(f"{program.name} imports no function {self.point.name!r}")
        self.armed = True

    def slice(self, store: Store, slice: int) -> int:
        """No more instructions than there are up to the point; Reached."""
        if self.armed and store.depth == 1 and self.point.kind == ICOUNT:
            slice = min(slice, self.point.number - store.machine.count)
            if slice <= 0:
                raise Reached
        return slice

    def broke(self, store: Store) -> None:
        """The machine stands at a breakpoint, which is the point's; Reached."""
        if store.depth == 1:
            raise Reached

    def called(self, store: Store) -> None:
        """The host function of the point's name is about to be called; Reached."""
        if self.armed and store.depth == 1:
            self.calls += 1
            if self.calls == self.point.number:
                raise Reached


def function_index(program: Program, name: str) -> int:
    """The number of a function that is in the program; LookupError."""
    core, image, names = program.module.core, program.module.image, program.module.names
    kind, index = core.exports.get(name, ("", 0))
    if kind != "func":
        index = int(name) if name.isascii() and name.isdecimal() else -1
        index = next((each for each in image.functions if names.function(each) == name), index)
    if index not in image.functions:
        raise LookupError(f"{program.name} has no function {name!r}; agave-wasi inspect shows what there is")
    found: int = index
    return found
