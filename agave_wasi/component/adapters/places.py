"""Where a value is while an adapter copies it: in core values, or in memory."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

CASTS = {
    "if": "f32.reinterpret_i32", "Ii": "i32.wrap_i64", "If": "i32.wrap_i64 f32.reinterpret_i32", "IF": "f64.reinterpret_i64",
    "fi": "i32.reinterpret_f32", "iI": "i64.extend_i32_u", "fI": "i32.reinterpret_f32 i64.extend_i32_u",
    "FI": "i64.reinterpret_f64",
}  # fmt: skip
"""From one core type to another, where cases of a variant share a place."""
ZEROS = {"i": "i32.const 0", "I": "i64.const 0", "f": "f32.const 0", "F": "f64.const 0"}


class Flat:
    """Core values: one or more instructions that push each, and their types as letters."""

    __slots__ = ("pushes", "letters")

    def __init__(self, pushes: Sequence[str], letters: str) -> None:
        self.pushes = pushes
        self.letters = letters

    def part(self, start: int, letters: str) -> Flat:
        """Those from `start` on, as `letters` want them."""
        found = []
        for have, want, push in zip(self.letters[start:], letters, self.pushes[start:]):
            found.append(push if have == want else f"{push} {CASTS[have + want]}")
        return Flat(found, letters)


class Place:
    """Memory at a pointer, which is a local, plus an offset."""

    __slots__ = ("pointer", "offset")

    def __init__(self, pointer: str, offset: int = 0) -> None:
        self.pointer = pointer
        self.offset = offset

    def plus(self, offset: int) -> Place:
        """The place so many bytes further on."""
        return Place(self.pointer, self.offset + offset)

    def push(self) -> str:
        """Pushes the address."""
        return f"local.get {self.pointer}" + (f" i32.const {self.offset} i32.add" if self.offset else "")
