"""Lowering: from Python values to core values and guest memory, as closures that are made once for each type.

A `Lowerer` has `flat(cx, value, out)`, which appends core values to `out` (i32 and i64 unsigned), and `store(cx, value, at)`,
which writes to memory at `at`: aligned and within bounds. Misfit if the value isn't of the type. A NaN is written as the
canonical one. Source: Component Model, CanonicalABI.md, "Storing" and "Flat Lowering".
"""

from __future__ import annotations

from struct import Struct, error, pack_into

from agave_wasi.abi.memory import Trap
from agave_wasi.component.layout import MAX_FLAT_PARAMS, cases, fields, layout, remembered
from agave_wasi.component.lift import NUMBERS
from agave_wasi.component.lower_scalars import (
    NAN,
    TAGS,
    Lowerer,
    bool_lowerer,
    char_lowerer,
    enum_lowerer,
    flags_lowerer,
    float_lowerer,
    integer_lowerer,
)  # fmt: skip
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.types import Err, Ok, Option, Record, Result, Some, Tuple, Variant, python_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.component.context import Context
    from agave_wasi.component.types import Borrow, List, Map, Own, ValType

    Flat = Callable[[Context, Any, list[Any]], None]
    Store = Callable[[Context, Any, int], None]

MAX_BYTES = (1 << 32) - 1
_pack_pair = Struct("<II").pack_into


def lowerer(type: ValType) -> Lowerer:
    """The lowerer of a type, made once; LinkError as `layout` has it."""
    layout(type)
    found: Lowerer = remembered("lowerer", type, _known, _lowerer)
    return found


def _lowerer(type: ValType) -> Lowerer:
    return _LOWERERS[type.kind](type)


def _own(type: Own) -> Lowerer:
    resource, pack = type.resource, TAGS[4]
    return Lowerer(
        lambda cx, value, out: out.append(cx.give(value, resource)),
        lambda cx, value, at: pack(cx.memory, at, cx.give(value, resource)),
    )


def _borrow(type: Borrow) -> Lowerer:
    resource, pack = type.resource, TAGS[4]
    return Lowerer(
        lambda cx, value, out: out.append(cx.lend(value, resource)),
        lambda cx, value, at: pack(cx.memory, at, cx.lend(value, resource)),
    )


def _pointed(write: Callable[[Context, Any], tuple[int, int]]) -> Lowerer:
    """A lowerer of what is (pointer, count)."""

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        out += write(cx, value)

    def store(cx: Context, value: Any, at: int) -> None:
        pointer, count = write(cx, value)
        _pack_pair(cx.memory, at, pointer, count)

    return Lowerer(flat, store)


def _string(type: ValType) -> Lowerer:
    return _pointed(lambda cx, value: cx.write_text(cx, value))


def _record(type: ValType) -> Lowerer:
    parts, places = [lowerer(each) for each in fields(type)], layout(type)
    in_order = _field_values(type)
    stores = [(part.store, offset) for part, offset in zip(parts, places.offsets)]
    flats = [part.flat for part in parts]
    count = len(parts)

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        for flat, each in zip(flats, in_order(value)):
            flat(cx, each, out)

    def store(cx: Context, value: Any, at: int) -> None:
        if value.__class__ is not tuple or len(value) != count:
            value = in_order(value)
        for (store, offset), each in zip(stores, value):
            store(cx, each, at + offset)

    if count == 2:
        (first, _), (second, distance) = stores

        def store(cx: Context, value: Any, at: int) -> None:
            one, other = value if value.__class__ is tuple and len(value) == 2 else in_order(value)
            first(cx, one, at)
            second(cx, other, at + distance)

    return Lowerer(flat, store)


def _field_values(type: ValType) -> Callable[[Any], Sequence[Any]]:
    """What gives the values of the fields in order."""
    count = len(fields(type))
    names = [name for name, _ in type.fields] if isinstance(type, Record) else []

    def in_order(value: Any) -> Sequence[Any]:
        if isinstance(value, tuple | list):
            if len(value) == count:
                return value
        elif isinstance(value, dict) and names and len(value) == count:
            try:
                return [value[name] if name in value else value[python_name(name)] for name in names]
            except KeyError:
                pass
        raise Misfit(type, value)

    return in_order


def _variant(type: ValType) -> Lowerer:
    parts = tuple([_case(type, place, payload) for place, (_, payload) in enumerate(cases(type))])
    case_of = _case_of(type)

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        place, payload = case_of(value)
        parts[place].flat(cx, payload, out)

    def store(cx: Context, value: Any, at: int) -> None:
        place, payload = case_of(value)
        parts[place].store(cx, payload, at)

    return Lowerer(flat, store, parts)


def _case(type: ValType, place: int, payload: ValType | None) -> Lowerer:
    """What lowers the payload of one case."""
    places = layout(type)
    offset, joined, pack = places.offsets[0], places.flat[1:], TAGS[places.tag]
    padding = [0.0 if letter in "fF" else 0 for letter in joined]
    if payload is None:

        def flat_alone(cx: Context, value: Any, out: list[Any]) -> None:
            if value is not None:
                raise Misfit(type, value)
            out.append(place)
            out += padding

        def store_alone(cx: Context, value: Any, at: int) -> None:
            if value is not None:
                raise Misfit(type, value)
            pack(cx.memory, at, place)

        return Lowerer(flat_alone, store_alone)
    inner = lowerer(payload)
    store_payload, width = inner.store, len(layout(payload).flat)
    flat_payload, rest = _converted(inner.flat, layout(payload).flat, joined), padding[width:]

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        out.append(place)
        flat_payload(cx, value, out)
        out += rest

    def store(cx: Context, value: Any, at: int) -> None:
        cx.memory[at] = place
        store_payload(cx, value, at + offset)

    def store_wide(cx: Context, value: Any, at: int) -> None:
        pack(cx.memory, at, place)
        store_payload(cx, value, at + offset)

    return Lowerer(flat, store if places.tag == 1 else store_wide)


def _case_of(type: ValType) -> Callable[[Any], tuple[int, Any]]:
    """What gives the number of a value's case, and its payload."""
    if isinstance(type, Variant):
        numbers = {name: place for place, (name, _) in enumerate(type.cases)}

        def variant(value: Any) -> tuple[int, Any]:
            try:
                name, payload = value
                return numbers[name], payload
            except (TypeError, ValueError, KeyError):
                raise Misfit(type, value) from None

        return variant
    if isinstance(type, Result):

        def result(value: Any) -> tuple[int, Any]:
            if isinstance(value, Ok):
                return 0, value.value
            if isinstance(value, Err):
                return 1, value.value
            raise Misfit(type, value)

        return result
    assert isinstance(type, Option)
    if type.some.kind != "option":
        return lambda value: (0, None) if value is None else (1, value)

    def nested(value: Any) -> tuple[int, Any]:
        if value is None:
            return 0, None
        if isinstance(value, Some):
            return 1, value.value
        raise Misfit(type, value)

    return nested


_F32, _F64, _U32, _U64 = Struct("<f"), Struct("<d"), Struct("<I"), Struct("<Q")
_CONVERSIONS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("f", "i"): lambda value: _U32.unpack(_F32.pack(value))[0],
    ("f", "I"): lambda value: _U32.unpack(_F32.pack(value))[0],
    ("F", "I"): lambda value: _U64.unpack(_F64.pack(value))[0],
}
"""From the core type of one payload to what all payloads of a variant fit into; an i32 becomes an i64 as it is."""


def _converted(flat: Flat, own: str, joined: str) -> Flat:
    """`flat` for core values of the types `joined`, where it gives `own`."""
    steps = [(place, _CONVERSIONS[pair]) for place, pair in enumerate(zip(own, joined)) if pair in _CONVERSIONS]
    if not steps or len(joined) >= MAX_FLAT_PARAMS:
        return flat

    def convert(cx: Context, value: Any, out: list[Any]) -> None:
        start = len(out)
        flat(cx, value, out)
        for place, step in steps:
            out[start + place] = step(out[start + place])

    return convert


def _list(type: List) -> Lowerer:
    element, size, align = type.element, layout(type.element).size, layout(type.element).align
    letter = NUMBERS.get(element.kind, "")
    part = lowerer(element)
    prepared = _bytes_of if letter == "B" else _sequence_of

    def fill(cx: Context, values: Any, at: int) -> None:
        if letter == "B":
            cx.memory[at : at + len(values)] = values
        elif letter:
            _pack_numbers(cx, letter, values, at, element)
        else:
            for value in values:
                part.store(cx, value, at)
                at += size

    def write(cx: Context, value: Any) -> tuple[int, int]:
        values = prepared(type, value)
        count = len(values)
        if count * size > MAX_BYTES:
            raise Trap(f"a list of {count * size} bytes doesn't fit into memory")
        at = cx.allocate(align, count * size)
        fill(cx, values, at)
        return at, count

    if type.length is None:
        return _bytes(type) if letter == "B" else _pointed(write)
    length = type.length

    def exactly(value: Any) -> Any:
        values = prepared(type, value)
        if len(values) != length:
            raise Misfit(type, value)
        return values

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        for each in exactly(value):
            part.flat(cx, each, out)

    return Lowerer(flat, lambda cx, value, at: fill(cx, exactly(value), at))


def _bytes(type: List) -> Lowerer:
    """list<u8>, which is what data is made of."""

    def write(cx: Context, value: Any) -> tuple[int, int]:
        kind = value.__class__
        if kind is not bytes and kind is not bytearray:
            value = _bytes_of(type, value)
        count = len(value)
        if count > MAX_BYTES:
            raise Trap(f"a list of {count} bytes doesn't fit into memory")
        at = cx.allocate(1, count)
        cx.memory[at : at + count] = value
        return at, count

    return _pointed(write)


def _bytes_of(type: ValType, value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return value
    try:
        if isinstance(value, memoryview):
            return value if value.format == "B" and value.ndim == 1 else value.cast("B")
        if isinstance(value, list | tuple):
            return bytes(value)
        return memoryview(value).cast("B")
    except (TypeError, ValueError):
        raise Misfit(type, value) from None


def _sequence_of(type: ValType, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, str | bytes | dict):  # sequences of another kind, and a mistake here
        raise Misfit(type, value)
    try:
        return list(value)
    except TypeError:
        raise Misfit(type, value) from None


def _pack_numbers(cx: Context, letter: str, values: Any, at: int, element: ValType) -> None:
    try:
        if letter in "fd" and any(value != value for value in values):
            values = [value if value == value else NAN for value in values]
        pack_into(f"<{len(values)}{letter}", cx.memory, at, *values)
    except (error, OverflowError):
        size = layout(element).size
        for place, value in enumerate(values):  # slower, and finds the one that is wrong
            lowerer(element).store(cx, value, at + place * size)


def _map(type: Map) -> Lowerer:
    pair = Tuple((type.name, type.value))
    store, size, align = lowerer(pair).store, layout(pair).size, layout(pair).align

    def write(cx: Context, value: Any) -> tuple[int, int]:
        if not isinstance(value, dict):
            raise Misfit(type, value)
        count = len(value)
        if count * size > MAX_BYTES:
            raise Trap(f"a map of {count * size} bytes doesn't fit into memory")
        start = at = cx.allocate(align, count * size)
        for each in value.items():
            store(cx, each, at)
            at += size
        return start, count

    return _pointed(write)


_LOWERERS: dict[str, Callable[[Any], Lowerer]] = {
    **{name: float_lowerer if code in "fd" else integer_lowerer for name, code in NUMBERS.items()}, "bool": bool_lowerer,
    "char": char_lowerer, "flags": flags_lowerer, "enum": enum_lowerer, "string": _string, "own": _own, "borrow": _borrow,
    "record": _record, "tuple": _record, "variant": _variant, "option": _variant, "result": _variant, "list": _list,
    "map": _map,
}  # fmt: skip
_known: dict[ValType, Lowerer] = {}
