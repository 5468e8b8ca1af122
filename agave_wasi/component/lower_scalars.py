"""Lowering of what is one core value: numbers, bool, char, flags, enum. See `lower`."""

from __future__ import annotations

from operator import index
from struct import Struct, error

from agave_wasi.component.layout import layout
from agave_wasi.component.lift import NUMBERS
from agave_wasi.component.misfit import Misfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.component.context import Context
    from agave_wasi.component.types import Enum, Flags, ValType

    Flat = Callable[[Context, Any, list[Any]], None]
    Store = Callable[[Context, Any, int], None]

NAN = float("nan")
"""The canonical one, as struct writes it."""
TAGS = {1: Struct("<B").pack_into, 2: Struct("<H").pack_into, 4: Struct("<I").pack_into}
"""What writes an unsigned number of so many bytes."""


class Lowerer:
    """How a type is lowered. Of a variant, `cases` lower the payload of each case, with the discriminant before it."""

    __slots__ = ("flat", "store", "cases")

    def __init__(self, flat: Flat, store: Store, cases: tuple[Lowerer, ...] = ()) -> None:
        self.flat = flat
        self.store = store
        self.cases = cases


def integer_lowerer(type: ValType) -> Lowerer:
    """A whole number."""
    code, bits = NUMBERS[type.kind], 8 * layout(type).size
    pack = Struct("<" + code).pack_into
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if code.islower() else (0, (1 << bits) - 1)
    mask = 0xFFFF_FFFF_FFFF_FFFF if bits == 64 else 0xFFFF_FFFF

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        if value.__class__ is not int:
            try:
                value = index(value)
            except TypeError:
                raise Misfit(type, value) from None
        if not low <= value <= high:
            raise Misfit(type, value)
        out.append(value & mask)

    def store(cx: Context, value: Any, at: int) -> None:
        try:
            pack(cx.memory, at, value)
        except error:
            raise Misfit(type, value) from None

    return Lowerer(flat, store)


def float_lowerer(type: ValType) -> Lowerer:
    """A float; a NaN becomes the canonical one."""
    each = Struct("<" + NUMBERS[type.kind])
    pack, pack_into, unpack = each.pack, each.pack_into, each.unpack

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        try:
            out.append(unpack(pack(value if value == value else NAN))[0])  # an f32 is rounded, whatever becomes of it
        except (error, OverflowError):
            raise Misfit(type, value) from None

    def store(cx: Context, value: Any, at: int) -> None:
        try:
            pack_into(cx.memory, at, value if value == value else NAN)
        except (error, OverflowError):
            raise Misfit(type, value) from None

    return Lowerer(flat, store)


def _coded(type: ValType, size: int, code_of: Callable[[Any], int]) -> Lowerer:
    """A type whose value is one number that `code_of` gives."""
    pack = TAGS[size]

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        out.append(code_of(value))

    def store(cx: Context, value: Any, at: int) -> None:
        pack(cx.memory, at, code_of(value))

    return Lowerer(flat, store)


def bool_lowerer(type: ValType) -> Lowerer:
    """True or False, and nothing else."""

    def flat(cx: Context, value: Any, out: list[Any]) -> None:
        if value is not True and value is not False:
            raise Misfit(type, value)
        out.append(1 if value else 0)

    def store(cx: Context, value: Any, at: int) -> None:
        if value is not True and value is not False:
            raise Misfit(type, value)
        cx.memory[at] = value

    return Lowerer(flat, store)


def char_lowerer(type: ValType) -> Lowerer:
    """A string of one character."""
    def code_of(value: Any) -> int:
        if not isinstance(value, str) or len(value) != 1 or "\ud800" <= value <= "\udfff":
            raise Misfit(type, value)
        return ord(value)

    return _coded(type, 4, code_of)


def flags_lowerer(type: Flags) -> Lowerer:
    """A set of names."""
    bits = {name: 1 << place for place, name in enumerate(type.names)}

    def code_of(value: Any) -> int:
        if isinstance(value, str):  # which would be taken for its letters
            raise Misfit(type, value)
        try:
            return sum([bits[name] for name in set(value)])
        except (TypeError, KeyError):
            raise Misfit(type, value) from None

    return _coded(type, layout(type).size, code_of)


def enum_lowerer(type: Enum) -> Lowerer:
    """A case's name."""
    codes = {name: place for place, name in enumerate(type.names)}

    def code_of(value: Any) -> int:
        try:
            return codes[value]
        except (KeyError, TypeError):
            raise Misfit(type, value) from None

    return _coded(type, layout(type).tag, code_of)
