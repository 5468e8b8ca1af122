"""Sizes, until the room's own are there."""
from __future__ import annotations

from agave_wasi.component import types as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SIZES = {"bool": 1, "s8": 1, "u8": 1, "s16": 2, "u16": 2, "s64": 8, "u64": 8, "f64": 8, "string": 8}
FLAT = {"s64": "I", "u64": "I", "f32": "f", "f64": "F", "string": "ii"}


def width(count: int) -> int:
    return 1 if count <= 1 << 8 else 2 if count <= 1 << 16 else 4


def cases(type: t.ValType) -> list[t.ValType | None] | None:
    if isinstance(type, t.Variant):
        return [each for _, each in type.cases]
    if isinstance(type, t.Enum):
        return [None] * len(type.names)
    if isinstance(type, t.Option):
        return [None, type.some]
    if isinstance(type, t.Result):
        return [type.ok, type.err]
    return None


def fields(type: t.ValType) -> list[t.ValType] | None:
    if isinstance(type, t.Record):
        return [each for _, each in type.fields]
    if isinstance(type, t.Tuple):
        return list(type.types)
    if isinstance(type, t.List) and type.length is not None:
        return [type.element] * type.length
    return None


def size_align(type: t.ValType) -> tuple[int, int]:
    if isinstance(type, t.List) and type.length is not None:
        size, align = size_align(type.element)
        return size * type.length, align
    if isinstance(type, t.Map | t.List):
        return 8, 4
    if isinstance(type, t.Flags):
        n = 1 if len(type.names) <= 8 else 2 if len(type.names) <= 16 else 4
        return n, n
    parts: Any = fields(type)
    if parts is not None:
        at, most = 0, 1
        for each in parts:
            size, align = size_align(each)
            at = -(-at // align) * align + size
            most = max(most, align)
        return -(-at // most) * most, most
    parts = cases(type)
    if parts is not None:
        n = width(len(parts))
        some = [size_align(each) for each in parts if each is not None]
        most = max([align for _, align in some], default=1)
        size = -(-n // most) * most + max([size for size, _ in some], default=0)
        most = max(most, n)
        return -(-size // most) * most, most
    size = SIZES.get(type.kind, 4)
    return size, 4 if type.kind == "string" else size


def size(type: t.ValType) -> int:
    return size_align(type)[0]


def align(type: t.ValType) -> int:
    return size_align(type)[1]


def flat(type: t.ValType) -> str:
    if isinstance(type, t.List) and type.length is not None:
        return flat(type.element) * type.length
    if isinstance(type, t.Map | t.List):
        return "ii"
    parts: Any = fields(type)
    if parts is not None:
        return "".join(map(flat, parts))
    parts = cases(type)
    if parts is not None:
        joined: list[str] = []
        for each in parts:
            for at, letter in enumerate(flat(each) if each is not None else ""):
                if at == len(joined):
                    joined.append(letter)
                elif joined[at] != letter:
                    joined[at] = "i" if {joined[at], letter} == {"i", "f"} else "I"
        return "i" + "".join(joined)
    return FLAT.get(type.kind, "i")


def is_pair(type: t.ValType) -> bool:
    return type.kind in ("string", "map") or (isinstance(type, t.List) and type.length is None)


def offsets(type: t.ValType) -> list[int]:
    found = []
    at = 0
    for each in fields(type):
        size, align = size_align(each)
        at = -(-at // align) * align
        found.append(at)
        at += size
    return found


def payload_offset(type: t.ValType) -> int:
    parts = cases(type)
    n = width(len(parts))
    most = max([size_align(each)[1] for each in parts if each is not None], default=1)
    return -(-n // most) * most


PLAIN = ("u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64")


def is_plain(type: t.ValType) -> bool:
    """Whether any bytes are a value, and none are padding."""
    if isinstance(type, t.List) and type.length is not None:
        return is_plain(type.element)
    parts = fields(type)
    if parts is not None:
        return all(map(is_plain, parts)) and sum(map(size, parts)) == size(type)
    return type.kind in PLAIN or (type.kind == "flags" and len(type.names) == 8 * size(type))
