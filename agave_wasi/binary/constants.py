"""Constant expressions: the few instructions that may compute an initial value or an offset.

An expression is kept as what it says, a tuple of (instruction, immediate), for example `(("i32.const", 1024),)`; the
closing `end` is left out. Source: core specification 3.3.10 (Constant Expressions), with extended constants and the
collected heap.
"""

from __future__ import annotations

from struct import unpack

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.binary.types import heap_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.binary.reader import Reader

    Expression = tuple[tuple[str, int | float | str | bytes | tuple[int, ...] | None], ...]
    Immediate = int | float | str | bytes | tuple[int, ...] | None

_END = 0x0B


def _f32(reader: Reader) -> float:
    value: float = unpack("<f", reader.take(4))[0]
    return value


def _f64(reader: Reader) -> float:
    value: float = unpack("<d", reader.take(8))[0]
    return value


def _none(reader: Reader) -> None:
    return None


def _index(reader: Reader) -> int:
    return reader.u32()


def _pair(reader: Reader) -> tuple[int, ...]:
    return reader.u32(), reader.u32()


_PLAIN: dict[int, tuple[str, Callable[[Reader], Immediate], str]] = {
    0x23: ("global.get", _index, ""),
    0x41: ("i32.const", lambda reader: reader.signed(32), ""),
    0x42: ("i64.const", lambda reader: reader.signed(64), ""),
    0x43: ("f32.const", _f32, ""),
    0x44: ("f64.const", _f64, ""),
    0x6A: ("i32.add", _none, "extended-const"),
    0x6B: ("i32.sub", _none, "extended-const"),
    0x6C: ("i32.mul", _none, "extended-const"),
    0x7C: ("i64.add", _none, "extended-const"),
    0x7D: ("i64.sub", _none, "extended-const"),
    0x7E: ("i64.mul", _none, "extended-const"),
    0xD0: ("ref.null", heap_type, "reference-types"),
    0xD2: ("ref.func", _index, "reference-types"),
}

_PREFIXED: dict[tuple[int, int], tuple[str, Callable[[Reader], Immediate], str]] = {
    (0xFB, 0): ("struct.new", _index, "gc"),
    (0xFB, 1): ("struct.new_default", _index, "gc"),
    (0xFB, 6): ("array.new", _index, "gc"),
    (0xFB, 7): ("array.new_default", _index, "gc"),
    (0xFB, 8): ("array.new_fixed", _pair, "gc"),
    (0xFB, 26): ("any.convert_extern", _none, "gc"),
    (0xFB, 27): ("extern.convert_any", _none, "gc"),
    (0xFB, 28): ("ref.i31", _none, "gc"),
    (0xFD, 12): ("v128.const", lambda reader: reader.take(16), "simd"),
}


def constant_expression(reader: Reader, features: set[str]) -> Expression:
    """Read an expression up to its `end`; what it needs is added to `features`."""
    found: list[tuple[str, Immediate]] = []
    while True:
        start = reader.pos
        code = reader.u8()
        if code == _END:
            return tuple(found)
        row = _PREFIXED.get((code, reader.u32())) if code in (0xFB, 0xFD) else _PLAIN.get(code)
        if row is None:
            raise MalformedModule(start, f"instruction {code:#04x} in a constant expression")
        name, immediate, feature = row
        found.append((name, immediate(reader)))
        if feature:
            features.add(feature)
