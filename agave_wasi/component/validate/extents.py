"""How many bytes a value takes in memory at most, which has a limit of its own: MAX_BYTES.

Pointers count as 64 bits wide, so that a type is valid for both kinds of memories or for none. Source: Component Model,
CanonicalABI.md, "Element Size" and "Alignment".
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Extent = tuple[int, int]

MAX_BYTES = (1 << 28) - 1
POINTERS: Extent = (16, 8)
"""A list or string: an address and a length."""
HANDLE: Extent = (4, 4)
_PRIMITIVES: dict[str, Extent] = {
    "bool": (1, 1), "s8": (1, 1), "u8": (1, 1), "s16": (2, 2), "u16": (2, 2), "s32": (4, 4), "u32": (4, 4), "s64": (8, 8),
    "u64": (8, 8), "f32": (4, 4), "f64": (8, 8), "char": (4, 4), "string": POINTERS, "error-context": HANDLE,
}  # fmt: skip


def primitive(name: str) -> Extent:
    """Size and alignment of a primitive type."""
    return _PRIMITIVES[name]


def row(extents: Iterable[Extent]) -> Extent:
    """Of values one after the other, each at its alignment."""
    size, most = 0, 1
    for each, align in extents:
        size = _aligned(size, align) + each
        most = max(most, align)
    return _aligned(size, most), most


def cases(extents: Iterable[Extent | None]) -> Extent:
    """Of one of several values behind a number that says which; None for a case without a value."""
    found = list(extents)
    size, most, payload = labels(len(found)), labels(len(found)), 0
    for each in found:
        if each is not None:
            payload, most = max(payload, each[0]), max(most, each[1])
    return _aligned(_aligned(size, max([each[1] for each in found if each is not None], default=1)) + payload, most), most


def labels(count: int) -> int:
    """The bytes of a number that tells so many cases apart."""
    return 1 if count <= 1 << 8 else 2 if count <= 1 << 16 else 4


def flags(count: int) -> Extent:
    """Of so many flags."""
    size = 1 if count <= 8 else 2 if count <= 16 else 4
    return size, size


def _aligned(size: int, align: int) -> int:
    return -(-size // align) * align
