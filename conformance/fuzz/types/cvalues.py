"""Component values as wasmtime's C API has them, from and to what `agave_wasi.component.types` says they are in Python.

The package's own conversion guesses a variant's case from the class of its value, and asks for the type with each call.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import byref
from typing import Any

from wasmtime import _bindings as c

from agave_wasi.component import types as t

Value = c.wasmtime_component_val_t
_ORDER = (
    "bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string", "list", "record", "tuple",
    "variant", "enum", "option", "result", "flags", "resource", "map",
)  # fmt: skip
KINDS = {name: number for number, name in enumerate(_ORDER)}
"""The number of each kind, in the order of wasmtime/component/val.h."""


class WrongKind(Exception):
    """A value of another kind than its type."""


def put(type: t.ValType, value: Any, at: Any) -> None:
    """Write a value into a `Value` that has none."""
    at.kind = KINDS[type.kind]
    _PUT[type.kind](type, value, at.of)


def take(type: t.ValType, at: Any) -> Any:
    """Read a value, which stays."""
    if at.kind != KINDS[type.kind]:
        raise WrongKind(f"a value of kind {at.kind}, where {type} is wanted")
    return _TAKE[type.kind](type, at.of)


def _put_text(out: Any, text: str) -> None:
    data = text.encode()
    c.wasm_byte_vec_new(byref(out), len(data), (c.wasm_byte_t * len(data)).from_buffer_copy(data))


def _text(raw: Any) -> str:
    return ctypes.string_at(raw.data, raw.size).decode() if raw.size else ""


def _new(type: t.ValType, value: Any) -> Any:
    """A value on the heap of the library."""
    found = Value()
    put(type, value, found)
    return c.wasmtime_component_val_new(byref(found))


def _put_list(type: t.List, value: Any, of: Any) -> None:
    raw, element = of.list, type.element
    c.wasmtime_component_vallist_new_uninit(byref(raw), len(value))
    data = raw.data
    for place, each in enumerate(value):
        put(element, each, data[place])


def _take_list(type: t.List, of: Any) -> Any:
    raw, element = of.list, type.element
    data = raw.data
    found = [take(element, data[place]) for place in range(raw.size)]
    return bytes(found) if element.kind == "u8" else found


def _put_map(type: t.Map, value: Any, of: Any) -> None:
    raw = of.map
    c.wasmtime_component_valmap_new_uninit(byref(raw), len(value))
    for place, (name, each) in enumerate(value.items()):
        put(type.name, name, raw.data[place].key)
        put(type.value, each, raw.data[place].value)


def _take_map(type: t.Map, of: Any) -> Any:
    raw = of.map
    return {take(type.name, raw.data[at].key): take(type.value, raw.data[at].value) for at in range(raw.size)}


def _put_record(type: t.Record, value: Any, of: Any) -> None:
    raw = of.record
    c.wasmtime_component_valrecord_new_uninit(byref(raw), len(type.fields))
    for place, ((name, kind), each) in enumerate(zip(type.fields, value)):
        _put_text(raw.data[place].name, name)
        put(kind, each, raw.data[place].val)


def _take_record(type: t.Record, of: Any) -> Any:
    raw = of.record
    names = [_text(raw.data[place].name) for place in range(raw.size)]
    if names != [name for name, _ in type.fields]:
        raise WrongKind(f"a record of {names}, where {type} is wanted")
    return type.make(*[take(kind, raw.data[place].val) for place, (_, kind) in enumerate(type.fields)])


def _put_tuple(type: t.Tuple, value: Any, of: Any) -> None:
    raw = of.tuple
    c.wasmtime_component_valtuple_new_uninit(byref(raw), len(type.types))
    for place, (kind, each) in enumerate(zip(type.types, value)):
        put(kind, each, raw.data[place])


def _take_tuple(type: t.Tuple, of: Any) -> Any:
    raw = of.tuple
    if raw.size != len(type.types):
        raise WrongKind(f"a tuple of {raw.size}, where {type} is wanted")
    return tuple([take(kind, raw.data[place]) for place, kind in enumerate(type.types)])


def _put_variant(type: t.Variant, value: Any, of: Any) -> None:
    payload = dict(type.cases)[value.name]
    _put_text(of.variant.discriminant, value.name)
    of.variant.val = None if payload is None else _new(payload, value.value)


def _take_variant(type: t.Variant, of: Any) -> Any:
    name = _text(of.variant.discriminant)
    payload = dict(type.cases)[name]
    return t.Case(name, None if payload is None else take(payload, of.variant.val.contents))


def _put_option(type: t.Option, value: Any, of: Any) -> None:
    inner = value.value if isinstance(value, t.Some) else value
    of.option = None if value is None else _new(type.some, inner)


def _take_option(type: t.Option, of: Any) -> Any:
    if not of.option:
        return None
    found = take(type.some, of.option.contents)
    return t.Some(found) if type.some.kind == "option" else found


def _put_result(type: t.Result, value: Any, of: Any) -> None:
    payload = type.ok if isinstance(value, t.Ok) else type.err
    of.result.is_ok = isinstance(value, t.Ok)
    of.result.val = None if payload is None else _new(payload, value.value)


def _take_result(type: t.Result, of: Any) -> Any:
    make, payload = (t.Ok, type.ok) if of.result.is_ok else (t.Err, type.err)
    return make(None if payload is None else take(payload, of.result.val.contents))


def _put_flags(type: t.Flags, value: Any, of: Any) -> None:
    raw = of.flags
    c.wasmtime_component_valflags_new_uninit(byref(raw), len(value))
    for place, name in enumerate(sorted(value)):
        _put_text(raw.data[place], name)


def _take_flags(type: t.Flags, of: Any) -> Any:
    raw = of.flags
    return frozenset([_text(raw.data[place]) for place in range(raw.size)])


def _field(name: str) -> tuple[Callable[..., None], Callable[..., Any]]:
    def put_in(type: t.ValType, value: Any, of: Any) -> None:
        setattr(of, name, value)

    return put_in, lambda type, of: getattr(of, name)


_BOTH: dict[str, tuple[Callable[..., None], Callable[..., Any]]] = {
    **{kind: _field(kind) for kind in _ORDER[1:11]},
    "bool": _field("boolean"),
    "char": (lambda type, value, of: setattr(of, "character", ord(value)), lambda type, of: chr(of.character)),
    "string": (lambda type, value, of: _put_text(of.string, value), lambda type, of: _text(of.string)),
    "enum": (lambda type, value, of: _put_text(of.enumeration, value), lambda type, of: _text(of.enumeration)),
    "list": (_put_list, _take_list),
    "map": (_put_map, _take_map),
    "record": (_put_record, _take_record),
    "tuple": (_put_tuple, _take_tuple),
    "variant": (_put_variant, _take_variant),
    "option": (_put_option, _take_option),
    "result": (_put_result, _take_result),
    "flags": (_put_flags, _take_flags),
}
_PUT = {kind: put for kind, (put, _) in _BOTH.items()}
_TAKE = {kind: take for kind, (_, take) in _BOTH.items()}
