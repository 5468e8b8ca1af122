"""What can be wrong with values on their way through an adapter, as numbers for its wasm and as sentences for people.

An adapter calls `trap(kind, site, a, b, c)`. The site says what was being copied; a, b and c are what the sentence is about.
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap, bad_region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from agave_wasi.component.types import ValType

MISALIGNED, OUT_OF_BOUNDS, REALLOC_MISALIGNED, REALLOC_OUT_OF_BOUNDS, CASE, CHAR, TOO_LONG, UTF8, UTF16, EXCEPTION = range(10)
MAX_SHOWN = 60
"""So many characters of a type are shown: types come from guests, and may be very long."""


class Site:
    """What an adapter copies in one place: a value of `type` (None: all of them together) in the arguments or the result."""

    __slots__ = ("type", "result")

    def __init__(self, type: ValType | None, result: bool) -> None:
        self.type = type
        self.result = result

    def __str__(self) -> str:
        whole = "the result" if self.result else "the arguments"
        if self.type is None:
            return whole
        return f"{shown(self.type)} in {whole}"


def shown(type: ValType) -> str:
    """A type in WIT, cut off where it gets long."""
    text = type.kind if sum(1 for _ in zip(range(MAX_SHOWN), _walk(type))) == MAX_SHOWN else str(type)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def _walk(type: ValType) -> Iterator[ValType]:
    """A type and all its parts, one after the other: the same part may come very often."""
    open_types = [type]
    while open_types:
        each = open_types.pop()
        yield each
        open_types.extend(each.parts())


def trap(name: str, kind: int, site: Site | None, a: int, b: int, c: int) -> Trap:
    """The Trap for what an adapter of the function `name` has found."""
    if kind == MISALIGNED:
        text = str(bad_region(a, 0, b, 0))
    elif kind == OUT_OF_BOUNDS:
        text = str(bad_region(a, b, 1, c))
    elif kind == REALLOC_MISALIGNED:
        text = f"realloc returned a misaligned pointer: {a:#x} must be a multiple of {b}"
    elif kind == REALLOC_OUT_OF_BOUNDS:
        text = f"realloc returned a pointer out of bounds: {b} bytes at {a:#x}, memory has {c:#x}"
    elif kind == CASE:
        text = f"unknown case: {a}, there are {b}"
    elif kind == CHAR:
        text = f"not a character: {a:#x}"
    elif kind == TOO_LONG:
        text = f"too long: {a} bytes, at most {b} are possible"
    elif kind == UTF8:
        text = f"malformed UTF-8 at {a:#x}"
    elif kind == UTF16:
        text = f"malformed UTF-16, a surrogate alone, at {a:#x}"
    else:
        text = "the callee threw an exception, which can't leave its component"
    return Trap(f"{name}: {text}" + (f" ({site})" if site is not None else ""))
