"""Which core values stand for a value, and how large it is in memory: the canonical ABI's rules, as they are written down.

Specification: component-model, CanonicalABI.md, "Alignment", "Element size" and "Flattening".
"""

from __future__ import annotations

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t

MOST_PARAMS = 16
"""Core parameters that a call may have; more of them are passed in memory."""
SIZES = {
    "bool": 1, "u8": 1, "s8": 1, "u16": 2, "s16": 2, "u32": 4, "s32": 4, "u64": 8, "s64": 8, "f32": 4, "f64": 8, "char": 4,
    "error-context": 4,
}  # fmt: skip
CORE = {"u64": "i64", "s64": "i64", "f32": "f32", "f64": "f64"}

Type = t.Type


def fields(type: Type) -> tuple[Type, ...] | None:
    """The types that lie one behind the other in a record or tuple; None for any other type."""
    match type:
        case model.Record():
            return tuple(each.type for each in type.fields if each.type is not None)
        case t.Tuple():
            return type.items
        case t.List() if type.length is not None:
            return (type.item,) * type.length
    return None


def cases(type: Type) -> tuple[Type | None, ...] | None:
    """The payloads of which a value has one, with a number in front that says which; None for any other type."""
    match type:
        case model.Variant():
            return tuple(each.type for each in type.cases)
        case model.Enum():
            return (None,) * len(type.cases)
        case t.Option():
            return (None, type.item)
        case t.Result():
            return (type.ok, type.error)
    return None


def number_size(count: int) -> int:
    """Bytes of the number that tells `count` cases apart."""
    return 1 if count <= 1 << 8 else 2 if count <= 1 << 16 else 4


def flags_size(count: int) -> int:
    """Bytes of `count` flags."""
    return 1 if count <= 8 else 2 if count <= 16 else 4


def measure(type: Type) -> tuple[int, int]:
    """Size and alignment in bytes."""
    if (parts := fields(type)) is not None:
        at, most = 0, 1
        for size, align in map(measure, parts):
            at, most = aligned(at, align) + size, max(most, align)
        return aligned(at, most), most
    if (payloads := cases(type)) is not None:
        number = number_size(len(payloads))
        measured = [measure(each) for each in payloads if each is not None]
        largest = max((size for size, _ in measured), default=0)
        inner = max((align for _, align in measured), default=1)
        return aligned(aligned(number, inner) + largest, max(number, inner)), max(number, inner)
    match type:
        case t.Primitive() if type.name in SIZES:
            return SIZES[type.name], SIZES[type.name]
        case t.Primitive() | t.List() | t.Map():  # a pointer and a number
            return 8, 4
        case model.Flags():
            size = flags_size(len(type.flags))
            return size, size
    return 4, 4  # a handle


def aligned(at: int, align: int) -> int:
    """The next multiple of `align`."""
    return (at + align - 1) // align * align


def flat(type: Type) -> list[str]:
    """The core types of a value that is passed without memory."""
    if (parts := fields(type)) is not None:
        return [each for part in parts for each in flat(part)]
    if (payloads := cases(type)) is not None:
        found: list[str] = []
        for payload in payloads:
            for number, each in enumerate(flat(payload) if payload is not None else ()):
                if number < len(found):
                    found[number] = joined(found[number], each)
                else:
                    found.append(each)
        return ["i32", *found]
    match type:
        case t.Primitive() if type.name in SIZES:
            return [CORE.get(type.name, "i32")]
        case t.Primitive() | t.List() | t.Map():
            return ["i32", "i32"]
    return ["i32"]


def joined(one: str, other: str) -> str:
    """The core type that holds either."""
    return one if one == other else "i32" if {one, other} == {"i32", "f32"} else "i64"


class Signature:
    """A function as core code calls it: `spilled` if its parameters lie in memory, `through` if its result does.

    The place of such a result is a further parameter, the last one.
    """

    __slots__ = ("params", "results", "spilled", "through")

    def __init__(self, function: model.Function) -> None:
        params = [each for param in function.params if param.type is not None for each in flat(param.type)]
        results = flat(function.result) if function.result is not None else []
        self.spilled = len(params) > MOST_PARAMS
        self.through = len(results) > 1
        self.params = (["i32"] if self.spilled else params) + (["i32"] if self.through else [])
        self.results = [] if self.through else results


def needs_memory(type: Type | None) -> bool:
    """Has a value parts that lie in memory however it is passed?"""
    match type:
        case None:
            return False
        case t.Primitive():
            return type.name == "string"
        case t.List() if type.length is None:
            return True
        case t.Map():
            return True
    return any(needs_memory(each) for each in (fields(type) or cases(type) or ()))
