"""Lifting: from core values and guest memory to Python values, as closures that are made once for each type.

A `Lifter` has `flat(cx, values, at)`, which lifts from core values beginning with number `at` (i32 and i64 unsigned), and
`load(cx, at)`, which lifts from memory at `at`: aligned and within bounds, which whoever has the pointer checks for all that it
points to. Source: Component Model, CanonicalABI.md, "Loading" and "Flat Lifting".
"""

from __future__ import annotations

from struct import Struct

from agave_wasi.abi.memory import Trap
from agave_wasi.component.layout import MAX_FLAT_PARAMS, brief, cases, fields, layout, remembered
from agave_wasi.component.types import Case, Err, Ok, Option, Record, Result, Some, Tuple, Variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.component.context import Context
    from agave_wasi.component.types import Borrow, Enum, Flags, List, Map, Own, ValType

    Flat = Callable[[Context, Sequence[Any], int], Any]
    Load = Callable[[Context, int], Any]

MANY_FLAGS = 256
"""So many values of a flags type are remembered."""
_new = tuple.__new__
_unpack_pair = Struct("<II").unpack_from
_TAGS = {1: Struct("<B").unpack_from, 2: Struct("<H").unpack_from, 4: Struct("<I").unpack_from}
NUMBERS = {
    "u8": "B", "s8": "b", "u16": "H", "s16": "h", "u32": "I", "s32": "i", "u64": "Q", "s64": "q", "f32": "f", "f64": "d",
}  # fmt: skip
"""Types whose values are numbers, with their letter for struct."""
UNCHANGED = ("u32", "u64", "f32", "f64")
"""Types whose flat value is the value."""


class Lifter:
    """How a type is lifted. `code` is struct's letter where that alone loads it; `unchanged` if its flat value is its value."""

    __slots__ = ("flat", "load", "code", "unchanged")

    def __init__(self, flat: Flat, load: Load, code: str = "", unchanged: bool = False) -> None:
        self.flat = flat
        self.load = load
        self.code = code
        self.unchanged = unchanged


def lifter(type: ValType) -> Lifter:
    """The lifter of a type, made once; LinkError as `layout` has it."""
    layout(type)
    found: Lifter = remembered("lifter", type, _known, _lifter)
    return found


def _lifter(type: ValType) -> Lifter:
    return _LIFTERS[type.kind](type)


def _number(type: ValType) -> Lifter:
    code = NUMBERS[type.kind]
    unpack = Struct("<" + code).unpack_from
    mask = (1 << 8 * layout(type).size) - 1
    sign = (mask + 1) >> 1

    def same(cx: Context, values: Sequence[Any], at: int) -> Any:
        return values[at]

    def unsigned(cx: Context, values: Sequence[Any], at: int) -> Any:
        return values[at] & mask

    def signed(cx: Context, values: Sequence[Any], at: int) -> Any:
        return ((values[at] & mask) ^ sign) - sign

    def load(cx: Context, at: int) -> Any:
        return unpack(cx.memory, at)[0]

    unchanged = type.kind in UNCHANGED
    return Lifter(same if unchanged else signed if code.islower() else unsigned, load, code, unchanged)


def _bool(type: ValType) -> Lifter:
    return Lifter(lambda cx, values, at: values[at] != 0, lambda cx, at: cx.memory[at] != 0, "?")


def _char(type: ValType) -> Lifter:
    unpack = _TAGS[4]

    def character(code: int) -> str:
        if code >= 0x110000 or 0xD800 <= code < 0xE000:
            raise Trap(f"{code:#x} is no Unicode scalar value, as a char must be")
        return chr(code)

    return Lifter(lambda cx, values, at: character(values[at]), lambda cx, at: character(unpack(cx.memory, at)[0]))


def _string(type: ValType) -> Lifter:
    return Lifter(
        lambda cx, values, at: cx.read_text(cx, values[at], values[at + 1]),
        lambda cx, at: cx.read_text(cx, *_unpack_pair(cx.memory, at)),
    )


def _own(type: Own) -> Lifter:
    resource, unpack = type.resource, _TAGS[4]
    return Lifter(
        lambda cx, values, at: cx.take(values[at], resource), lambda cx, at: cx.take(unpack(cx.memory, at)[0], resource)
    )


def _borrow(type: Borrow) -> Lifter:
    resource, unpack = type.resource, _TAGS[4]
    return Lifter(
        lambda cx, values, at: cx.borrow(values[at], resource), lambda cx, at: cx.borrow(unpack(cx.memory, at)[0], resource)
    )


def _flags(type: Flags) -> Lifter:
    names, unpack = type.names, _TAGS[layout(type).size]
    known: dict[int, frozenset[str]] = {}

    def names_of(bits: int) -> frozenset[str]:
        found = known.get(bits)
        if found is None:
            found = frozenset([name for place, name in enumerate(names) if bits >> place & 1])
            if len(known) < MANY_FLAGS:
                known[bits] = found
        return found

    return Lifter(lambda cx, values, at: names_of(values[at]), lambda cx, at: names_of(unpack(cx.memory, at)[0]))


def _record(type: ValType) -> Lifter:
    parts, places = [lifter(each) for each in fields(type)], layout(type)
    make: Any = type.make if isinstance(type, Record) else None
    loads = [(part.load, offset) for part, offset in zip(parts, places.offsets)]

    def load(cx: Context, at: int) -> Any:
        found = tuple([load(cx, at + offset) for load, offset in loads])
        return found if make is None else _new(make, found)

    if all(part.code for part in parts):
        unpack = Struct(_format(type)).unpack_from
        if make is None:
            load = lambda cx, at: unpack(cx.memory, at)  # noqa: E731
        else:
            load = lambda cx, at: _new(make, unpack(cx.memory, at))  # noqa: E731
    if len(places.flat) > MAX_FLAT_PARAMS:
        return Lifter(_never, load)
    flats, offset = [], 0
    for part, each in zip(parts, fields(type)):
        flats.append((part.flat, offset))
        offset += len(layout(each).flat)
    count = offset

    def flat(cx: Context, values: Sequence[Any], at: int) -> Any:
        found = tuple([flat(cx, values, at + offset) for flat, offset in flats])
        return found if make is None else _new(make, found)

    if all(part.unchanged for part in parts):

        def flat(cx: Context, values: Sequence[Any], at: int) -> Any:
            return tuple(values[at : at + count]) if make is None else _new(make, values[at : at + count])

    return Lifter(flat, load)


def _format(type: ValType) -> str:
    """Struct's format of a record whose fields all have a letter."""
    found, end = "<", 0
    for each, offset in zip(fields(type), layout(type).offsets):
        found += "x" * (offset - end) + lifter(each).code
        end = offset + layout(each).size
    return found


def _never(cx: Context, values: Sequence[Any], at: int) -> Any:
    raise AssertionError("a type with too many core values was lifted from them")


def _variant(type: ValType) -> Lifter:
    places = layout(type)
    offset, count, unpack = places.offsets[0], len(cases(type)), _TAGS[places.tag]
    loads: list[Load] = []
    flats: list[Flat] = []
    for place, (name, payload) in enumerate(cases(type)):
        make = _maker(type, place, name)
        if payload is None:
            constant = make(None)
            loads.append(lambda cx, at, constant=constant: constant)  # type: ignore[misc]
            flats.append(lambda cx, values, at, constant=constant: constant)  # type: ignore[misc]
        else:
            part = lifter(payload)
            loads.append(_made(make, part.load))
            flats.append(_made_flat(make, _converted(part.flat, places.flat[1:], layout(payload).flat)))

    def load(cx: Context, at: int) -> Any:
        tag = unpack(cx.memory, at)[0]
        if tag >= count:
            raise _bad_case(type, tag)
        return loads[tag](cx, at + offset)

    def flat(cx: Context, values: Sequence[Any], at: int) -> Any:
        tag = values[at]
        if tag >= count:
            raise _bad_case(type, tag)
        return flats[tag](cx, values, at + 1)

    return Lifter(flat, load)


def _enum(type: Enum) -> Lifter:
    names, count, unpack = type.names, len(type.names), _TAGS[layout(type).tag]

    def name_of(tag: int) -> str:
        if tag >= count:
            raise _bad_case(type, tag)
        return names[tag]

    return Lifter(lambda cx, values, at: name_of(values[at]), lambda cx, at: name_of(unpack(cx.memory, at)[0]))


def _bad_case(type: ValType, tag: int) -> Trap:
    return Trap(f"{tag} is no case of {brief(type)}")


def _maker(type: ValType, place: int, name: str) -> Callable[[Any], Any]:
    """What makes a case's value of its payload."""
    if isinstance(type, Variant):
        return lambda payload: Case(name, payload)
    if isinstance(type, Result):
        return Err if place else Ok
    if isinstance(type, Option) and type.some.kind == "option" and place:
        return Some
    return lambda payload: payload


def _made(make: Callable[[Any], Any], load: Load) -> Load:
    if make in (Ok, Err, Some) or make.__closure__:
        return lambda cx, at: make(load(cx, at))
    return load


def _made_flat(make: Callable[[Any], Any], flat: Flat) -> Flat:
    if make in (Ok, Err, Some) or make.__closure__:
        return lambda cx, values, at: make(flat(cx, values, at))
    return flat


_F32, _F64, _U32, _U64 = Struct("<f"), Struct("<d"), Struct("<I"), Struct("<Q")
_CONVERSIONS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("i", "f"): lambda value: _F32.unpack(_U32.pack(value))[0],
    ("I", "f"): lambda value: _F32.unpack(_U32.pack(value & 0xFFFF_FFFF))[0],
    ("I", "F"): lambda value: _F64.unpack(_U64.pack(value))[0],
    ("I", "i"): lambda value: value & 0xFFFF_FFFF,
}
"""From the core type that all payloads of a variant fit into to that of one payload."""


def _converted(flat: Flat, joined: str, own: str) -> Flat:
    """`flat` for core values of the types `joined`, where it wants `own`."""
    if joined[: len(own)] == own or len(joined) >= MAX_FLAT_PARAMS:
        return flat
    steps = [_CONVERSIONS.get(pair) for pair in zip(joined, own)]

    def convert(cx: Context, values: Sequence[Any], at: int) -> Any:
        found = [values[at + place] if step is None else step(values[at + place]) for place, step in enumerate(steps)]
        return flat(cx, found, 0)

    return convert


def _list(type: List) -> Lifter:
    element, size, align = type.element, layout(type.element).size, layout(type.element).align
    part = lifter(element)
    letter = NUMBERS.get(element.kind, "")
    load_one, weight = part.load, 1 if element.kind == "u8" else size + WEIGHT

    def elements(cx: Context, at: int, count: int) -> Any:
        if letter == "B":
            return cx.memory[at : at + count].tobytes()
        if letter:
            return cx.memory[at : at + count * size].cast(letter).tolist()  # type: ignore[call-overload]
        return [load_one(cx, each) for each in range(at, at + count * size, size)]

    if type.length is not None:
        return _fixed_list(type, elements)

    def read(cx: Context, pointer: int, count: int) -> Any:
        if pointer & (align - 1) or pointer + count * size > cx.size:
            cx.require(pointer, count * size, align)
        cx.charge(count * weight)
        return elements(cx, pointer, count)

    def read_bytes(cx: Context, pointer: int, count: int) -> bytes:
        if pointer + count > cx.size:
            cx.require(pointer, count)
        cx.room -= count
        if cx.room < 0:
            cx.charge(0)
        return cx.memory[pointer : pointer + count].tobytes()

    return _pointed(read_bytes if letter == "B" else read)


def _pointed(read: Callable[[Context, int, int], Any]) -> Lifter:
    """A lifter of what is (pointer, count)."""
    return Lifter(
        lambda cx, values, at: read(cx, values[at], values[at + 1]),
        lambda cx, at: read(cx, *_unpack_pair(cx.memory, at)),
    )


def _fixed_list(type: List, elements: Callable[[Context, int, int], Any]) -> Lifter:
    count = type.length or 0
    one, width = lifter(type.element).flat, len(layout(type.element).flat)
    make: Any = bytes if type.element.kind == "u8" else list
    weight = count * (1 if make is bytes else layout(type.element).size + WEIGHT)

    def flat(cx: Context, values: Sequence[Any], at: int) -> Any:
        return make([one(cx, values, each) for each in range(at, at + count * width, width)])

    def load(cx: Context, at: int) -> Any:
        cx.charge(weight)
        return elements(cx, at, count)

    return Lifter(flat if count * width <= MAX_FLAT_PARAMS else _never, load)


def _map(type: Map) -> Lifter:
    pair = Tuple((type.name, type.value))
    load, size, align = lifter(pair).load, layout(pair).size, layout(pair).align

    def read(cx: Context, pointer: int, count: int) -> dict[Any, Any]:
        if pointer & (align - 1) or pointer + count * size > cx.size:
            cx.require(pointer, count * size, align)
        cx.charge(count * (size + WEIGHT))
        return dict([load(cx, each) for each in range(pointer, pointer + count * size, size)])

    return _pointed(read)


WEIGHT = 16
"""Bytes that an element of a list counts on top of its own, unless it is a byte: it becomes an object."""
_LIFTERS: dict[str, Callable[[Any], Lifter]] = {
    **dict.fromkeys(NUMBERS, _number), "bool": _bool, "char": _char, "string": _string, "own": _own, "borrow": _borrow,
    "flags": _flags, "record": _record, "tuple": _record, "variant": _variant, "enum": _enum, "option": _variant,
    "result": _variant, "list": _list, "map": _map,
}  # fmt: skip
_known: dict[ValType, Lifter] = {}
