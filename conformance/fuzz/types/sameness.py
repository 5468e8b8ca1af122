"""Are two values the same? Floats by their bits, but a NaN is a NaN; True is no 1, and an Ok no Some."""

from __future__ import annotations

from struct import pack
from typing import Any

from agave_wasi.component import types as t

_MADE = (t.Case, t.Some, t.Ok, t.Err)


def plain(value: Any) -> Any:
    """A value as something that is equal if the values are the same."""
    if isinstance(value, float):
        return "nan" if value != value else pack("<d", value)
    if isinstance(value, _MADE):
        return type(value).__name__, [plain(each) for each in value]
    if isinstance(value, tuple):
        return tuple([plain(each) for each in value])
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return "map", sorted([(repr(name), plain(each)) for name, each in value.items()], key=lambda pair: pair[0])
    if isinstance(value, bool | int):
        return type(value).__name__, value
    return value


def same(one: Any, other: Any) -> bool:
    """Whether they are."""
    return bool(plain(one) == plain(other))
