"""What adapters ask of a type beyond its layout: which of a few shapes its values have, whatever WIT calls them."""

from __future__ import annotations

from agave_wasi.component import layout
from agave_wasi.component.types import Enum, Flags, List, Option, Record, Result, Tuple, Variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.component.types import ValType

ANY_BYTES = frozenset(("u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"))
"""Types of which any bytes are a value."""


def is_pair(type: ValType) -> bool:
    """Whether a value is pointer and length: a string, a list of any length, a map."""
    return type.kind in ("string", "map") or (isinstance(type, List) and type.length is None)


def payloads(type: ValType) -> list[ValType | None] | None:
    """The payload's type of each case of what is a variant at heart, else None."""
    if isinstance(type, Variant | Enum | Option | Result):
        return [each for _, each in layout.cases(type)]
    return None


def fields(type: ValType) -> Sequence[ValType]:
    """The types of the fields of what is a record at heart; of a list of fixed length, which may be very long, its elements."""
    if isinstance(type, List):
        assert type.length is not None
        return [type.element] * type.length
    return layout.fields(type)


def offsets(type: ValType) -> Sequence[int]:
    """Where in memory each of the `fields` is."""
    if isinstance(type, List):
        whole, part = layout.layout(type).size, layout.layout(type.element).size
        return range(0, whole, part)
    return layout.layout(type).offsets


def is_plain(type: ValType) -> bool:
    """Whether values may be copied byte by byte: nothing is checked, changed, or left out as padding is."""
    if isinstance(type, List):
        return type.length is not None and is_plain(type.element)
    if isinstance(type, Record | Tuple):
        parts = layout.fields(type)
        size = sum([layout.layout(each).size for each in parts])
        return size == layout.layout(type).size and all(is_plain(each) for each in parts)
    if isinstance(type, Flags):
        return len(type.names) == 8 * layout.layout(type).size
    return type.kind in ANY_BYTES
