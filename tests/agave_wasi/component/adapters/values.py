"""Hypothesis strategies: types, function types, and raw values of them, as sloppy as a guest may be."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agave_wasi.component import types as t
from tests.agave_wasi.component.adapters.reference import (
    TAG,
    Memory,
    align,
    cases,
    disc,
    element,
    fields,
    flat,
    payload,
    size,
    up,
)

HANDLES = [t.ResourceType("file"), t.ResourceType("window")]
SCALARS = [
    t.BOOL, t.U8, t.S8, t.U16, t.S16, t.U32, t.S32, t.U64, t.S64, t.F32, t.F64, t.CHAR, t.STRING, t.Flags(("a", "b", "c")),
    t.Flags(tuple(f"f{at}" for at in range(9))), t.Flags(tuple(f"f{at}" for at in range(32))), t.Enum(("x", "y", "z")),
    t.Own(HANDLES[0]), t.Own(HANDLES[1]),
]  # fmt: skip
NAMES = [f"n{at}" for at in range(40)]


def _named(parts: list[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(zip(NAMES, parts))


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    maybe = st.none() | inner
    return st.one_of(
        st.builds(t.List, inner),
        st.builds(t.List, inner, st.integers(1, 5)),
        st.builds(t.Map, st.sampled_from(SCALARS), inner),
        st.builds(lambda parts: t.Record(_named(parts)), st.lists(inner, min_size=1, max_size=5)),
        st.builds(lambda parts: t.Tuple(tuple(parts)), st.lists(inner, min_size=1, max_size=10)),
        st.builds(lambda parts: t.Variant(_named(parts)), st.lists(maybe, min_size=1, max_size=5)),
        st.builds(t.Option, inner),
        st.builds(t.Result, maybe, maybe),
    )


TYPES = st.recursive(st.sampled_from(SCALARS), _larger, max_leaves=8)
BORROWS: list[t.ValType] = [t.Borrow(each) for each in HANDLES]
FUNCTIONS = st.builds(
    lambda parts, result: t.FuncType(_named(parts), result),
    st.lists(TYPES | st.sampled_from(BORROWS), max_size=5),
    st.none() | TYPES,
)
ENCODINGS = st.sampled_from(["utf8", "utf16", "latin1+utf16"])
TEXTS = st.text(max_size=6) | st.text(st.sampled_from("aé€😀\0"), max_size=30) | st.text(st.sampled_from("ab\x7f"), max_size=30)


class Sloppy:
    """Puts drawn values into one side's memory, with whatever a guest may leave where it doesn't count."""

    def __init__(self, draw: Any, memory: Memory) -> None:
        self.draw = draw
        self.memory = memory

    def scalar(self, type: t.ValType, bits: int) -> int:
        """A raw value, `bits` wide."""
        if type.kind == "char":
            return ord(self.draw(st.characters(exclude_categories=["Cs"])))
        if type.kind in ("f32", "f64") and self.draw(st.booleans()):
            special = [0, 1, 1 << (bits - 1), -1, -2, (0x7F8 if bits == 32 else 0x7FF) << (bits - 12)]
            return int(self.draw(st.sampled_from(special))) & ((1 << bits) - 1)
        if type.kind in ("own", "borrow"):
            return int(self.draw(st.integers(0, 0xFFFF)))
        return int(self.draw(st.integers(0, (1 << bits) - 1)))

    def text(self) -> tuple[int, int]:
        """A string in memory: where, and how long."""
        text: str = self.draw(TEXTS)
        encoding, tag = self.memory.encoding, 0
        if encoding == "latin1+utf16":
            if all(ord(each) < 256 for each in text) and self.draw(st.booleans()):
                encoding = "latin-1"
            else:
                encoding, tag = "utf16", TAG
        data = text.encode("utf-16-le" if encoding == "utf16" else encoding)
        at = self.memory.allocate(0, 0, 2, len(data))
        self.memory.data[at : at + len(data)] = data
        return at, len(data) // (2 if encoding == "utf16" else 1) | tag

    def sequence(self, type: t.ValType) -> tuple[int, int]:
        """A list in memory."""
        if type.kind == "string":
            return self.text()
        each = element(type)
        assert each is not None
        count = self.draw(st.integers(0, 3))
        at = self.memory.allocate(0, 0, align(each), count * size(each))
        for place in range(count):
            self.store(each, at + place * size(each))
        return at, count

    def store(self, type: t.ValType, at: int) -> None:
        """A value in memory."""
        some, parts = fields(type), cases(type)
        if some is not None:
            for each in some:
                at = up(at, align(each))
                self.store(each, at)
                at += size(each)
        elif parts is not None:
            case = self.draw(st.integers(0, len(parts) - 1))
            self.memory.put(at, case, disc(parts))
            arm = parts[case]
            if arm is not None:
                self.store(arm, at + payload(parts))
        elif element(type) or type.kind == "string":
            begin, length = self.sequence(type)
            self.memory.put(at, begin, 4)
            self.memory.put(at + 4, length, 4)
        else:
            self.memory.put(at, self.scalar(type, 8 * size(type)), size(type))

    def core(self, type: t.ValType) -> list[int]:
        """A value as core values."""
        some, parts = fields(type), cases(type)
        if some is not None:
            return [value for each in some for value in self.core(each)]
        if parts is not None:
            case = self.draw(st.integers(0, len(parts) - 1))
            arm = parts[case]
            letters = flat(type)
            values = [case] + ([] if arm is None else self.core(arm))
            for at, letter in enumerate(flat(arm) if arm is not None else "", 1):
                if letters[at] == "I" and letter in "if" and self.draw(st.booleans()):
                    values[at] |= 0xDEAD << 32
            return values + [self.scalar(t.U64, 64 if each in "IF" else 32) for each in letters[len(values) :]]
        if element(type) or type.kind == "string":
            return list(self.sequence(type))
        return [self.scalar(type, 64 if flat(type) in "IF" else 32)]
