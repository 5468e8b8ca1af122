"""Values of WIT's types as JSON has them: into the records of a program, and out of what the interpreter tells.

Numbers, booleans and strings are themselves, bytes a string of Latin-1, flags a list of names, an enum's case its name, a
variant's case {"case": value}, an option None or [value], a record a dictionary, a tuple or list a list; a handle is
{"of": step} where it goes in and "handle" where it comes out; a result is {"ok": value} or {"err": value}.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import calcsize, pack, unpack, unpack_from
from typing import Any

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components import layout
from conformance.components.fuzz.functions import callees
from conformance.components.fuzz.interpreter import HEADER, MOST_PLACES, RESULT, SKIPPED
from conformance.fuzz.steps import Step

HANDLE = "handle"
NOWHERE = MOST_PLACES
"""A place in which there is never a handle."""
NUMBERS = {"u8": "<B", "s8": "<b", "u16": "<H", "s16": "<h", "u32": "<I", "s32": "<i", "u64": "<Q", "s64": "<q"}


class BadValue(ValueError):
    """A value doesn't fit the type it is for; the text says where."""


def record(step: Step) -> bytes:
    """The record of a step; BadValue, KeyError for a function that there isn't."""
    callee = callees()[step.name]
    slots: list[int] = []
    data = bytearray()
    start = HEADER + 8 * sum(len(layout.flat(type)) for type in callee.params.values())
    for name, type in callee.params.items():
        try:
            slots += _lowered(type, step.values[name], start, data)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadValue(f"{step.name}, {name}: {error!r}") from None
    data += bytes(-len(data) % 8)
    head = pack("<IIII", start + len(data), callee.number, step.number, 0)
    return head + pack(f"<{len(slots)}Q", *slots) + data


def _place(value: Any) -> int:
    place = int(value["of"])
    return place if 0 <= place < MOST_PLACES else NOWHERE


def _lowered(type: t.Type, value: Any, start: int, data: bytearray) -> list[int]:
    """The core numbers of a value; bytes go to `data`, which begins at `start`."""
    match type:
        case t.Borrow():
            return [_place(value)]
        case t.List(t.Borrow()):
            data += bytes(-len(data) % 4)
            at = start + len(data)
            data += pack(f"<{len(value)}I", *map(_place, value))
            return [at, len(value)]
        case t.Primitive("string") | t.List(t.Primitive("u8")):
            octets = value.encode("utf-8" if isinstance(type, t.Primitive) else "latin-1")
            at = start + len(data)
            data += octets
            return [at, len(octets)]
        case t.Primitive():
            return [int(value) & 0xFFFF_FFFF_FFFF_FFFF]
        case model.Flags():
            return [sum(1 << type.flags.index(each) for each in value)]
        case model.Enum():
            return [type.cases.index(value)]
        case model.Record():
            return [each for field in type.fields for each in _lowered(_typed(field), value[field.name], start, data)]
    payloads, names = layout.cases(type), _names(type)
    if payloads is None:
        raise BadValue(f"no value of {type!r} can be given")
    (name, inner), = value.items() if isinstance(value, dict) else ((value, None),)
    number = names.index(name)
    payload = payloads[number]
    found = [number, *(_lowered(payload, inner, start, data) if payload is not None else ())]
    return found + [0] * (len(layout.flat(type)) - len(found))


def _typed(case: model.Case) -> t.Type:
    assert case.type is not None
    return case.type


def _names(type: t.Type) -> tuple[str, ...]:
    """The names of the cases of a variant or what is like one."""
    match type:
        case model.Variant():
            return tuple(each.name for each in type.cases)
        case model.Enum():
            return type.cases
        case t.Option():
            return ("none", "some")
    return ("ok", "err")


class Told:
    """What the interpreter tells of one call: the result area, and what the host has put into memory, with its address."""

    __slots__ = ("size", "area", "data", "base")

    def __init__(self, size: int, area: bytes, data: bytes, base: int) -> None:
        self.size = size
        self.area = area
        self.data = data
        self.base = base

    @property
    def skipped(self) -> bool:
        """Was there no call, for want of a handle?"""
        return self.size == SKIPPED

    def value(self, name: str) -> Any:
        """The result of the function of that name."""
        type = callees()[name].result
        return None if type is None or self.skipped else self._lifted(type, RESULT)

    def _bytes(self, at: int, size: int) -> bytes:
        source, at = (self.area, at - RESULT) if at < self.base else (self.data, at - self.base)
        if at < 0 or at + size > len(source):
            raise BadValue(f"a result points to {size} bytes at {at}, where nothing was put")
        return source[at : at + size]

    def _number(self, at: int, form: str) -> int:
        return int(unpack(form, self._bytes(at, calcsize(form)))[0])

    def _lifted(self, type: t.Type, at: int) -> Any:
        match type:
            case t.Primitive("bool"):
                return bool(self._number(at, "<B"))
            case t.Primitive() if type.name in NUMBERS:
                return self._number(at, NUMBERS[type.name])
            case t.Primitive("string"):
                return self._span(at).decode("utf-8", "backslashreplace")
            case t.List(t.Primitive("u8")):
                return self._span(at).decode("latin-1")
            case t.List():
                size = layout.measure(type.item)[0]
                start, count = self._number(at, "<I"), self._number(at + 4, "<I")
                return [self._lifted(type.item, start + size * each) for each in range(count)]
            case t.Own() | model.Resource():
                return HANDLE
            case model.Flags():
                bits = self._number(at, {1: "<B", 2: "<H", 4: "<I"}[layout.flags_size(len(type.flags))])
                return [each for place, each in enumerate(type.flags) if bits >> place & 1]
        if (parts := layout.fields(type)) is not None:
            values = []
            for part in parts:
                size, align = layout.measure(part)
                at = layout.aligned(at, align)
                values.append(self._lifted(part, at))
                at += size
            return dict(zip((each.name for each in type.fields), values)) if isinstance(type, model.Record) else values
        payloads = layout.cases(type)
        if payloads is None:
            raise BadValue(f"no result of {type!r} can be read")
        number = self._number(at, "<B")
        if number >= len(payloads):
            raise BadValue(f"a result has case {number} of {len(payloads)}")
        payload = payloads[number]
        inside = layout.aligned(1, max((layout.measure(each)[1] for each in payloads if each is not None), default=1))
        inner = self._lifted(payload, at + inside) if payload is not None else None
        if isinstance(type, t.Option):
            return [inner] if number else None
        name = _names(type)[number]
        return name if payload is None and not isinstance(type, t.Result) else {name: inner}

    def _span(self, at: int) -> bytes:
        start, size = self._number(at, "<I"), self._number(at + 4, "<I")
        return self._bytes(start, size) if size else b""


def program(steps: Sequence[Step]) -> str:
    """Some steps as the interpreter takes them."""
    return b"".join(map(record, steps)).hex()


def told(text: str) -> list[Told]:
    """What the interpreter has told, call by call."""
    data = bytes.fromhex(text)
    found, at = [], 0
    while at < len(data):
        size, more, base = unpack_from("<III", data, at)
        at += 12
        area = 0 if size == SKIPPED else size
        found.append(Told(size, data[at : at + area], data[at + area : at + area + more], base))
        at += area + more
    return found
