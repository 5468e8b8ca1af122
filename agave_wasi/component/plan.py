"""What follows from a function's type alone, made once for all functions of that type."""

from __future__ import annotations

from struct import Struct

from agave_wasi.component.layout import MAX_FLAT_PARAMS, core_type, layout, remembered
from agave_wasi.component.lift import lifter
from agave_wasi.component.lower import lowerer
from agave_wasi.component.types import Result, Tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.component.context import Context
    from agave_wasi.component.types import FuncType, ValType

    LiftParameters = Callable[[Context, tuple[Any, ...]], Sequence[Any]]

_SLOTS = {"i": "I12x", "I": "Q8x", "f": "f12x", "F": "d8x"}
_PADDING = {"i": "12x", "I": "8x", "f": "12x", "F": "8x"}
_CODES = {"i": "I", "I": "Q", "f": "f", "F": "d"}


class Plan:
    """How functions of a type are called.

    `lowered` and `lifted` are the core types as letters. `unpack(slots)` gives the core values that a lowered function is
    called with, and `lift_parameters(cx, those)` the values. `result` is the result's layout, None where there is none, and
    `lift_result` and `lower_result` its closures; `in_memory` says that it goes through a pointer, else `pack(slots, 0, core
    value)` puts it into the slots. `fallible` functions have a `result` type as their whole result. `spilled` is the layout of
    all parameters as a tuple, where they lie in memory.
    """

    __slots__ = (
        "names", "lowered", "lifted", "unpack", "pack", "unpack_result", "lift_parameters", "lower_parameters", "spilled",
        "result", "in_memory", "lift_result", "lower_result", "fallible",
    )  # fmt: skip

    def __init__(self, type: FuncType) -> None:
        types = [each for _, each in type.parameters]
        self.names = [name for name, _ in type.parameters]
        self.lifted = core_type(type, "lift")
        self.lowered = core_type(type, "lower")
        self.unpack = unpacker(self.lowered[0])
        self.unpack_result = unpacker(self.lowered[1])
        self.pack = Struct("<" + "".join([_CODES[letter] for letter in self.lowered[1]])).pack_into
        if sum([len(layout(each).flat) for each in types]) <= MAX_FLAT_PARAMS:
            self.spilled = None
            self.lift_parameters = _flat_parameters(types)
        else:
            whole = Tuple(tuple(types))
            self.spilled = layout(whole)
            self.lift_parameters = _spilled_parameters(whole)
        self.lower_parameters = [lowerer(each) for each in types]
        self.fallible = isinstance(type.result, Result)
        self.result = None if type.result is None else layout(type.result)
        self.in_memory = self.result is not None and not self.lowered[1]
        self.lift_result = None if type.result is None else lifter(type.result)
        self.lower_result = None if type.result is None else lowerer(type.result)


def plan(type: FuncType) -> Plan:
    """The plan of a type, made once; LinkError if it can't be called in this version."""
    found: Plan = remembered("plan", type, _known, Plan)
    return found


_known: dict[FuncType, Plan] = {}


def unpacker(letters: str) -> Callable[[Any], tuple[Any, ...]]:
    """What takes core values of those types out of slots."""
    if not letters:
        return lambda slots: ()
    form = "<" + "".join([_SLOTS[letter] for letter in letters])
    return Struct(form.removesuffix(_PADDING[letters[-1]])).unpack_from


def _flat_parameters(types: Sequence[ValType]) -> LiftParameters:
    """Without a loop where there are few parameters, or where all but a method's `self` are numbers."""
    parts = [lifter(each) for each in types]
    count = len(parts)
    if all(part.unchanged for part in parts):
        return lambda cx, flat: flat[:count]
    steps, at = [], 0
    for part, each in zip(parts, types):
        steps.append((part.flat, at))
        at += len(layout(each).flat)
    first, width = parts[0].flat, len(layout(types[0]).flat)
    if count == 1:
        return lambda cx, flat: (first(cx, flat, 0),)
    if all(part.unchanged for part in parts[1:]):
        rest = slice(width, width + count - 1)
        return lambda cx, flat: (first(cx, flat, 0), *flat[rest])
    if count == 2:
        second = parts[1].flat
        return lambda cx, flat: (first(cx, flat, 0), second(cx, flat, width))
    return lambda cx, flat: [lift(cx, flat, at) for lift, at in steps]


def _spilled_parameters(whole: Tuple) -> LiftParameters:
    load, size, align = lifter(whole).load, layout(whole).size, layout(whole).align

    def lift(cx: Context, flat: tuple[Any, ...]) -> Sequence[Any]:
        at = flat[0]
        if at & (align - 1) or at + size > cx.size:
            cx.require(at, size, align)
        found: Sequence[Any] = load(cx, at)
        return found

    return lift
