"""Raw values as a guest may leave them: core values in slots of eight bytes, and what they point to, with one place spoiled."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from agave_wasi.component import types as t
from agave_wasi.component.layout import cases, fields, layout

SLOT = 8
TAG = 1 << 31
PAGE = 1 << 16
PAGES = 16
"""Pages of the memory that raw values are in: most of it is free, so that what is too long by a little is still there."""
START = 1 << 15
"""Where it begins to be used; below is room for results."""
TEXTS = ("", "a", "ab", "é", "a€😀", "\0", "\xff" * 3, "abcdefghijklmnop", "aé€\ud7ff\ue000")


class Raw:
    """Puts drawn values into a memory. `spots` has the places of the last value that can be spoiled, and how."""

    def __init__(self, random: Random, encoding: str) -> None:
        self.random = random
        self.encoding = encoding
        self.memory = bytearray(START)
        self.spots: list[tuple[str, int, int, int]] = []
        """(what, where, bytes of it, number of cases or alignment)"""

    def allocate(self, size: int, align: int) -> int:
        """Room in memory."""
        at = (len(self.memory) + align - 1) // align * align
        self.memory.extend(bytes(at + size - len(self.memory)))
        return at

    def slots(self, kinds: Sequence[t.ValType], most: int) -> int:
        """How many core values these values are, which lie in memory if they are more than `most`."""
        count = sum(_flat(each) for each in kinds)
        return max(1, count if count <= most else 1)

    def values(self, kinds: Sequence[t.ValType], at: int, most: int) -> None:
        """Put values into slots, or into memory with a slot that points there."""
        if sum(_flat(each) for each in kinds) <= most:
            for each in kinds:
                self.flat(each, at)
                at += SLOT * _flat(each)
            return
        whole = kinds[0] if most == 1 else t.Tuple(tuple(kinds))
        place = self.allocate(layout(whole).size, layout(whole).align)
        self.store(whole, place)
        self.put(at, place, 4)
        self.spots.append(("pointer", at, 4, layout(whole).align))

    def put(self, at: int, value: int, size: int) -> None:
        """Write a number."""
        self.memory[at : at + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")

    def flat(self, type: t.ValType, at: int) -> None:
        """A value as core values in slots, with junk wherever that doesn't count."""
        self.memory[at : at + SLOT * _flat(type)] = self.random.randbytes(SLOT * _flat(type))
        arms = _arms(type)
        if type.kind in ("record", "tuple"):
            for each in fields(type):
                self.flat(each, at)
                at += SLOT * _flat(each)
        elif arms:
            case = self.random.randrange(len(arms))
            self.put(at, case, 4)
            self.spots.append(("case", at, 4, len(arms)))
            payload = arms[case][1]
            if payload is not None:
                self.flat(payload, at + SLOT)
        elif type.kind in ("string", "list", "map"):
            self.sequence(type, at, at + SLOT)
        elif type.kind in ("u8", "s8", "u16", "s16", "flags", "bool"):
            pass  # every bit may be there
        elif isinstance(type, t.Enum):
            self.put(at, self.random.randrange(len(type.names)), 4)
            self.spots.append(("case", at, 4, len(type.names)))
        else:
            self.scalar(type, at)

    def store(self, type: t.ValType, at: int) -> None:
        """A value in memory."""
        arms = _arms(type)
        if type.kind in ("record", "tuple"):
            for each, offset in zip(fields(type), layout(type).offsets):
                self.store(each, at + offset)
        elif arms:
            case = self.random.randrange(len(arms))
            self.put(at, case, layout(type).tag)
            self.spots.append(("case", at, layout(type).tag, len(arms)))
            payload = arms[case][1]
            if payload is not None:
                self.store(payload, at + layout(type).offsets[0])
        elif type.kind in ("string", "list", "map"):
            self.sequence(type, at, at + 4)
        else:
            self.scalar(type, at)

    def scalar(self, type: t.ValType, at: int) -> None:
        """A number, char, flags or enum."""
        size = layout(type).size
        if type.kind == "char":
            self.put(at, ord(self.random.choice("a\0é\ud7ff\ue000😀\U0010ffff")), 4)
            self.spots.append(("char", at, 4, 0))
        elif isinstance(type, t.Enum):
            self.put(at, self.random.randrange(len(type.names)), size)
            self.spots.append(("case", at, size, len(type.names)))
        else:
            self.memory[at : at + size] = self.random.randbytes(size)

    def sequence(self, type: t.ValType, pointer: int, length: int) -> None:
        """A string, list or map: where it begins, and how much is there."""
        if type.kind == "string":
            place, count = self.text()
            align = 1 if self.encoding == "utf8" else 2
        else:
            each: Any = t.Tuple((type.name, type.value)) if isinstance(type, t.Map) else type.element  # type: ignore[attr-defined]
            count, align = self.random.randrange(4), layout(each).align
            place = self.allocate(count * layout(each).size, align)
            for number in range(count):
                self.store(each, place + number * layout(each).size)
        self.put(pointer, place, 4)
        self.put(length, count, 4)
        self.spots += [("pointer", pointer, 4, align), ("length", length, 4, count)]

    def text(self) -> tuple[int, int]:
        """A string: where, and its length with its tag."""
        text, encoding, tag = self.random.choice(TEXTS), self.encoding, 0
        if encoding == "latin1+utf16":
            encoding = "latin-1"
            if max(text, default="") > "\xff" or self.random.random() < 0.4:
                encoding, tag = "utf16", TAG
        data = text.encode("utf-16-le" if encoding == "utf16" else encoding)
        place = self.allocate(len(data), 2)
        self.memory[place : place + len(data)] = data
        if data:
            self.spots.append(("text", place, len(data), encoding == "utf16"))
        return place, len(data) // (2 if encoding == "utf16" else 1) | tag

    def spoil(self) -> str:
        """Spoil one of the spots, or none; what was done."""
        if not self.spots or self.random.random() < 0.15:
            return "nothing"
        what, at, size, about = self.random.choice(self.spots)
        old, high = int.from_bytes(self.memory[at : at + size], "little"), (1 << 8 * size) - 1
        new = old
        if what == "case":
            new = self.random.choice((about, about, high, self.random.randint(about, high))) if about <= high else old
        elif what == "char":
            new = self.random.choice((0xD800, 0xDFFF, 0x110000, 0xFFFF_FFFF, 0x8000_0041))
        elif what == "pointer":
            end = PAGES * PAGE
            new = self.random.choice((old + 1, old + about // 2, end - about, end, end - 1, high, high & -about, 1 << 31))
        elif what == "length":
            new = self.random.choice((old + 1, PAGES * PAGE, high, TAG, TAG - 1, old ^ TAG, 1 << 29, 1 << 28, high >> 2))
        else:
            place = at + self.random.randrange(size)
            self.memory[place] = self.random.choice((0xFF, 0x80, 0xC0, 0xED, 0xD8, 0xDC, 0xF5, 0xE0))
            return f"text: byte {place - at}"
        self.put(at, new, size)
        return f"{what}: {old:#x} becomes {new:#x}"


def _arms(type: t.ValType) -> Sequence[tuple[str, t.ValType | None]]:
    """The cases of a type that has payloads."""
    return cases(type) if type.kind in ("variant", "option", "result") else ()


def _flat(type: t.ValType) -> int:
    """How many core values a value is; one more than calls may have where it lies in memory in any case."""
    return len(layout(type).flat)
