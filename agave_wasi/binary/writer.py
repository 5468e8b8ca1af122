"""Encoding: LEB128, names, vectors, sections. The counterpart of `reader`, for the few files that we write."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def unsigned(value: int) -> bytes:
    """An unsigned integer as LEB128, as short as possible."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """A signed integer as LEB128, as short as possible."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


def name(text: str) -> bytes:
    """A name: its length in bytes, then UTF-8."""
    encoded = text.encode()
    return unsigned(len(encoded)) + encoded


def vector(items: Sequence[bytes]) -> bytes:
    """A vector: how many, then each."""
    return unsigned(len(items)) + b"".join(items)


def section(id: int, parts: Iterable[bytes | memoryview]) -> list[bytes | memoryview]:
    """A section whose payload is these parts, which are not copied."""
    payload = list(parts)
    return [bytes((id,)) + unsigned(sum(map(len, payload))), *payload]


def custom(title: str, payload: bytes) -> list[bytes | memoryview]:
    """A custom section."""
    return section(0, (name(title), payload))
