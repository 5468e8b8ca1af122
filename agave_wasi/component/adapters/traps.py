"""What can be wrong with values on their way through an adapter, as numbers for its wasm and as sentences for people.

An adapter calls `trap(kind, site, a, b, c)`. The site says what was being copied; a, b and c are what the sentence is about.
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap, bad_region
from agave_wasi.component.layout import brief

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.types import ValType

MISALIGNED, OUT_OF_BOUNDS, REALLOC_MISALIGNED, REALLOC_OUT_OF_BOUNDS, CASE, CHAR, TOO_LONG, UTF8, UTF16, EXCEPTION = range(10)
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
        return f"{brief(self.type)} in {whole}"


def trap_of(kind: int, site: Site | None, a: int, b: int, c: int) -> Trap:
    """The Trap for what an adapter has found."""
    if kind == MISALIGNED:
        text = str(bad_region(a, 0, b, 0))
    elif kind == OUT_OF_BOUNDS:
        text = str(bad_region(a, b, 1, c))
    elif kind == REALLOC_MISALIGNED:
        text = f"realloc returned a bad pointer: {bad_region(a, 0, b, 0)}"
    elif kind == REALLOC_OUT_OF_BOUNDS:
        text = f"realloc returned a bad pointer: {bad_region(a, b, 1, c)}"
    elif kind == CASE:
        text = f"{a} is no case, there are {b}"
    elif kind == CHAR:
        text = f"{a:#x} is no Unicode scalar value, as a char must be"
    elif kind == TOO_LONG:
        text = f"{a} bytes are more than {b}"
    elif kind == UTF8:
        text = f"a string isn't utf-8: malformed at {a:#x}"
    elif kind == UTF16:
        text = f"a string isn't utf-16: a surrogate alone at {a:#x}"
    else:
        text = "the callee threw an exception, which can't leave its component"
    return Trap(f"{text} ({site})" if site is not None else text)
