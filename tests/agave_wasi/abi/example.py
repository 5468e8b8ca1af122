"""A small interface of its own, for tests of signatures and of the code that is generated from them."""

from __future__ import annotations

from typing import Annotated, Any, Never

from agave_wasi.abi import types as abi

Number = Annotated[int, abi.U32]


Wide = Annotated[int, abi.U64]


Signed = Annotated[int, abi.S64]


Colour = Annotated[str, abi.Enum("colour", ("red", "green"))]


Bits = Annotated[int, abi.Flags("bits", ("a", "b", "c"))]


Yes = Annotated[bool, abi.Bool("yes", ("yes",))]


Word = Annotated[bytes, abi.Text()]


Room = Annotated[memoryview, abi.Buffer()]


Views = Annotated[tuple[memoryview, ...], abi.IoVecs(write=False)]
Small = Annotated[int, abi.Scalar(2)]


Two = Annotated[tuple[int, int], abi.Pair(abi.Scalar(4, "one"), abi.Scalar(8, "two"))]


TYPES: dict[str, Any] = {
    "Number": Number, "Wide": Wide, "Signed": Signed, "Colour": Colour, "Bits": Bits, "Yes": Yes, "Word": Word,
    "Room": Room, "Small": Small, "Two": Two, "Views": Views,
}  # fmt: skip


class Example:
    def everything(self, n: Number, w: Wide, s: Signed, c: Colour, b: Bits, y: Yes, t: Word, r: Room) -> Two:
        """Does it all.

        More text.
        """
        return 1, 2

    def short(self) -> Small:
        return 3

    def end(self, n: Number) -> Never:
        raise SystemExit

    def vectored(self, v: Views) -> Small:
        return len(v)

    def unknown(self, n: int) -> None: ...
