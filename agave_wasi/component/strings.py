"""Strings in guest memory: UTF-8, UTF-16, and Latin-1 or UTF-16 by a tag in the length.

A string is (pointer, code units). Reading checks the region and the encoding; writing asks the guest for as many bytes as the
text needs. Source: Component Model, CanonicalABI.md, "Loading" and "Storing", strings.
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.context import Context

MAX_BYTES = (1 << 31) - 1
UTF16_TAG = 1 << 31


def _read(cx: Context, pointer: int, size: int, align: int, encoding: str) -> str:
    if pointer & (align - 1) or pointer + size > cx.size:
        cx.require(pointer, size, align)
    if size > MAX_BYTES:
        raise Trap(f"a string of {size} bytes is longer than {MAX_BYTES}")
    cx.charge(size)
    try:
        return str(cx.memory[pointer : pointer + size], encoding)
    except UnicodeDecodeError as error:
        raise Trap(f"a string isn't {encoding}: {error.reason} at byte {error.start} of {size}") from None


def read_utf8(cx: Context, pointer: int, units: int) -> str:
    """The string of so many bytes."""
    return _read(cx, pointer, units, 1, "utf-8")


def read_utf16(cx: Context, pointer: int, units: int) -> str:
    """The string of so many 16-bit units."""
    return _read(cx, pointer, 2 * units, 2, "utf-16-le")


def read_latin1_utf16(cx: Context, pointer: int, units: int) -> str:
    """The string of so many 16-bit units if the tag is there, else of so many bytes."""
    if units & UTF16_TAG:
        return _read(cx, pointer, 2 * (units ^ UTF16_TAG), 2, "utf-16-le")
    return _read(cx, pointer, units, 2, "latin-1")


def _write(cx: Context, text: str, encoding: str, align: int) -> tuple[int, int]:
    """(pointer, bytes) of the encoded text."""
    try:
        encoded = text.encode(encoding)
    except (UnicodeEncodeError, AttributeError, TypeError):  # a lone surrogate, or no text
        raise Misfit(STRING, text) from None
    size = len(encoded)
    if size > MAX_BYTES:
        raise Trap(f"a string of {size} bytes is longer than {MAX_BYTES}")
    pointer = cx.allocate(align, size)
    cx.memory[pointer : pointer + size] = encoded
    return pointer, size


def write_utf8(cx: Context, text: str) -> tuple[int, int]:
    """Store `text`: (pointer, bytes)."""
    return _write(cx, text, "utf-8", 1)


def write_utf16(cx: Context, text: str) -> tuple[int, int]:
    """Store `text`: (pointer, 16-bit units)."""
    pointer, size = _write(cx, text, "utf-16-le", 2)
    return pointer, size >> 1


def write_latin1_utf16(cx: Context, text: str) -> tuple[int, int]:
    """Store `text` as Latin-1 where that has all of it: (pointer, bytes), or (pointer, 16-bit units and the tag)."""
    if isinstance(text, str) and (text.isascii() or max(text) <= "\xff"):
        return _write(cx, text, "latin-1", 2)
    pointer, size = _write(cx, text, "utf-16-le", 2)
    return pointer, size >> 1 | UTF16_TAG


CODECS = {
    "utf8": (read_utf8, write_utf8),
    "utf16": (read_utf16, write_utf16),
    "latin1+utf16": (read_latin1_utf16, write_latin1_utf16),
}
"""How each encoding of the canonical options is read and written."""
