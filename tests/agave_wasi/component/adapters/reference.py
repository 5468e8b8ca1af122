"""The meaning of the canonical ABI, written slowly and straight from the specification, for tests to compare with.

A value in the middle is what lifting makes: integers (floats as their bits), a string with the encoding it came in, tuples
for records and lists, (case, payload) for variants. `Memory` has the bytes of one side and its realloc.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agave_wasi.component import types as t

MAX = (1 << 31) - 1
TAG = 1 << 31
WIDTHS = {"bool": 1, "s8": 1, "u8": 1, "s16": 2, "u16": 2, "s64": 8, "u64": 8, "f64": 8}
LETTERS = {"s64": "I", "u64": "I", "f32": "f", "f64": "F", "string": "ii"}
NANS = {4: (0x7F80_0000, 0x7FC0_0000), 8: (0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0000)}


class Wrong(Exception):
    """The specification says trap."""


def need(condition: object) -> None:
    """Trap if not."""
    if not condition:
        raise Wrong


def fields(type: t.ValType) -> list[t.ValType] | None:
    """What a record consists of."""
    if isinstance(type, t.Record):
        return [each for _, each in type.fields]
    if isinstance(type, t.Tuple):
        return list(type.types)
    if isinstance(type, t.List) and type.length is not None:
        return [type.element] * type.length
    return None


def cases(type: t.ValType) -> list[t.ValType | None] | None:
    """The payloads of a variant."""
    if isinstance(type, t.Variant):
        return [each for _, each in type.cases]
    if isinstance(type, t.Enum):
        return [None for _ in type.names]
    if isinstance(type, t.Option):
        return [None, type.some]
    if isinstance(type, t.Result):
        return [type.ok, type.err]
    return None


def element(type: t.ValType) -> t.ValType | None:
    """What a list of any length consists of."""
    if isinstance(type, t.Map):
        return t.Tuple((type.name, type.value))
    return type.element if isinstance(type, t.List) and type.length is None else None


def up(at: int, align: int) -> int:
    """The next multiple."""
    return (at + align - 1) // align * align


def disc(parts: list[Any]) -> int:
    """Bytes of a discriminant."""
    return 1 if len(parts) <= 256 else 2 if len(parts) <= 65536 else 4


def align(type: t.ValType) -> int:
    """Alignment."""
    some = fields(type)
    if some is not None:
        return max(map(align, some))
    parts = cases(type)
    if parts is not None:
        return max([disc(parts), *(align(each) for each in parts if each is not None)])
    return min(size(type), 4) if element(type) or type.kind == "string" else size(type)


def size(type: t.ValType) -> int:
    """Bytes in memory."""
    some = fields(type)
    if some is not None:
        at = 0
        for each in some:
            at = up(at, align(each)) + size(each)
        return up(at, align(type))
    parts = cases(type)
    if parts is not None:
        most = max([size(each) for each in parts if each is not None], default=0)
        return up(payload(parts) + most, align(type))
    if isinstance(type, t.Flags):
        return 1 if len(type.names) <= 8 else 2 if len(type.names) <= 16 else 4
    return 8 if element(type) or type.kind == "string" else WIDTHS.get(type.kind, 4)


def payload(parts: list[t.ValType | None]) -> int:
    """Where the payload of a variant is."""
    return up(disc(parts), max([align(each) for each in parts if each is not None], default=1))


def flat(type: t.ValType) -> str:
    """Core types."""
    some = fields(type)
    if some is not None:
        return "".join(map(flat, some))
    parts = cases(type)
    if parts is None:
        return "ii" if element(type) else LETTERS.get(type.kind, "i")
    joined: list[str] = []
    for each in parts:
        for at, letter in enumerate(flat(each) if each is not None else ""):
            if at == len(joined):
                joined.append(letter)
            elif joined[at] != letter:
                joined[at] = "i" if joined[at] + letter in ("if", "fi") else "I"
    return "i" + "".join(joined)


class Memory:
    """One side: its bytes, the encoding of its strings, and `realloc(old, before, align, bytes)`."""

    def __init__(self, data: Any, encoding: str, realloc: Callable[[int, int, int, int], int], move: int = 0) -> None:
        self.data = data
        self.encoding = encoding
        self.realloc = realloc
        self.move = move
        """What numbers of handles change by when they get here."""

    def number(self, at: int, count: int) -> int:
        """An integer."""
        return int.from_bytes(self.data[at : at + count], "little")

    def put(self, at: int, value: int, count: int) -> None:
        """Store an integer."""
        self.data[at : at + count] = (value & ((1 << (8 * count)) - 1)).to_bytes(count, "little")

    def allocate(self, old: int, before: int, align: int, count: int) -> int:
        """Checked."""
        at = self.realloc(old, before, align, count)
        need(at % align == 0)
        need(at + count <= len(self.data))
        return at

    # Lifting

    def scalar(self, type: t.ValType, raw: int) -> Any:
        """What an integer, as wide as it is where it comes from, means."""
        kind = type.kind
        if kind == "bool":
            return int(raw != 0)
        if kind == "char":
            need(raw < 0x110000 and not 0xD800 <= raw < 0xE000)
        elif kind in ("f32", "f64"):
            infinity, nan = NANS[size(type)]
            return nan if raw & ((1 << (8 * size(type) - 1)) - 1) > infinity else raw
        elif isinstance(type, t.Flags):
            return raw & ((1 << len(type.names)) - 1)
        elif kind[0] in "su":
            bits = 8 * size(type)
            raw &= (1 << bits) - 1
            return raw - (1 << bits) if kind[0] == "s" and raw >> (bits - 1) else raw
        return raw

    def load(self, type: t.ValType, at: int) -> Any:
        """A value in memory."""
        some = fields(type)
        if some is not None:
            found = []
            for each in some:
                at = up(at, align(each))
                found.append(self.load(each, at))
                at += size(each)
            return tuple(found)
        parts = cases(type)
        if parts is not None:
            case = self.number(at, disc(parts))
            need(case < len(parts))
            arm = parts[case]
            return case, None if arm is None else self.load(arm, at + payload(parts))
        if element(type) or type.kind == "string":
            return self.region(type, self.number(at, 4), self.number(at + 4, 4))
        return self.scalar(type, self.number(at, size(type)))

    def lift(self, type: t.ValType, values: list[int], letters: str) -> Any:
        """A value of core values, of which it takes what it needs."""
        some = fields(type)
        if some is not None:
            found = []
            for each in some:
                count = len(flat(each))
                found.append(self.lift(each, values[:count], letters[:count]))
                values, letters = values[count:], letters[count:]
            return tuple(found)
        parts = cases(type)
        if parts is not None:
            need(values[0] < len(parts))
            arm = parts[values[0]]
            if arm is None:
                return values[0], None
            wanted = flat(arm)
            inner = [value & 0xFFFF_FFFF if want in "if" else value for value, want in zip(values[1:], wanted)]
            return values[0], self.lift(arm, inner, wanted)
        if element(type) or type.kind == "string":
            return self.region(type, values[0], values[1])
        return self.scalar(type, values[0])

    def region(self, type: t.ValType, at: int, length: int) -> Any:
        """A list or a string."""
        each = element(type)
        if each is not None:
            need(at % align(each) == 0)
            need(at + length * size(each) <= len(self.data))
            return tuple([self.load(each, at + place * size(each)) for place in range(length)])
        encoding, units = self.encoding, length
        if encoding == "latin1+utf16":
            encoding, units = ("utf16", length ^ TAG) if length & TAG else ("latin1", length)
        count = units * (2 if encoding == "utf16" else 1)
        need(count <= MAX)
        need(at % (1 if encoding == "utf8" else 2) == 0)
        need(at + count <= len(self.data))
        try:
            text = bytes(self.data[at : at + count]).decode({"utf16": "utf-16-le"}.get(encoding, encoding))
        except UnicodeError:
            raise Wrong from None
        return text, encoding, units, self.encoding

    # Lowering

    def store(self, type: t.ValType, value: Any, at: int) -> None:
        """Into memory."""
        some = fields(type)
        parts = cases(type)
        if some is not None:
            for each, part in zip(some, value):
                at = up(at, align(each))
                self.store(each, part, at)
                at += size(each)
        elif parts is not None:
            self.put(at, value[0], disc(parts))
            arm = parts[value[0]]
            if arm is not None:
                self.store(arm, value[1], at + payload(parts))
        elif element(type) or type.kind == "string":
            begin, length = self.place(type, value)
            self.put(at, begin, 4)
            self.put(at + 4, length, 4)
        else:
            self.put(at, self.handle(type, value), size(type))

    def handle(self, type: t.ValType, value: int) -> int:
        """Handles have other numbers here."""
        return value + self.move if type.kind in ("own", "borrow") else value

    def lower(self, type: t.ValType, value: Any) -> list[int]:
        """Core values, as unsigned integers."""
        some = fields(type)
        if some is not None:
            return [number for each, part in zip(some, value) for number in self.lower(each, part)]
        parts = cases(type)
        if parts is not None:
            arm = parts[value[0]]
            inner = [] if arm is None else self.lower(arm, value[1])
            return [value[0], *inner] + [0] * (len(flat(type)) - 1 - len(inner))
        if element(type) or type.kind == "string":
            return list(self.place(type, value))
        return [self.handle(type, value) & ((1 << (64 if flat(type) in "IF" else 32)) - 1)]

    def place(self, type: t.ValType, value: Any) -> tuple[int, int]:
        """A list or a string in new memory."""
        each = element(type)
        if each is None:
            return self.string(*value)
        count = len(value) * size(each)
        begin = self.allocate(0, 0, align(each), count)
        for place, part in enumerate(value):
            self.store(each, part, begin + place * size(each))
        return begin, len(value)

    def string(self, text: str, source: str, units: int, whole: str) -> tuple[int, int]:
        """A string, with the steps of memory that the specification prescribes."""
        wide = text.encode("utf-16-le")
        if self.encoding == "utf8" and source == "utf8":
            return self.write(0, 0, 1, text.encode()), units
        if self.encoding == "utf8":
            encoded = text.encode()
            at = self.allocate(0, 0, 1, units)
            if len(encoded) == units:
                self.data[at : at + units] = encoded
                return at, units
            plain = next(place for place, each in enumerate(text) if ord(each) >= 0x80)
            self.data[at : at + plain] = encoded[:plain]
            return self.grow(at, units, units * (2 if source == "latin1" else 3), 1, plain, encoded), len(encoded)
        if self.encoding == "utf16" and source == "utf8":
            need(2 * units <= MAX)
            at = self.allocate(0, 0, 2, 2 * units)
            self.data[at : at + len(wide)] = wide
            if len(wide) < 2 * units:
                at = self.allocate(at, 2 * units, 2, len(wide))
            return at, len(wide) // 2
        if self.encoding == "utf16":
            return self.write(0, 0, 2, wide), units
        if source == "latin1":
            return self.write(0, 0, 2, text.encode("latin-1")), units
        fits = all(ord(each) < 0x100 for each in text)
        if whole == "latin1+utf16":
            at = self.write(0, 0, 2, wide)
            if not fits:
                return at, units | TAG
            self.data[at : at + units] = text.encode("latin-1")
            return self.allocate(at, 2 * units, 1, units), units
        at = self.allocate(0, 0, 2, units)
        if fits:
            self.data[at : at + len(text)] = text.encode("latin-1")
            return (self.allocate(at, units, 2, len(text)) if len(text) < units else at), len(text)
        narrow = next(place for place, each in enumerate(text) if ord(each) >= 0x100)
        self.data[at : at + narrow] = text[:narrow].encode("latin-1")
        need(2 * units <= MAX)
        at = self.allocate(at, units, 2, 2 * units)
        self.data[at : at + len(wide)] = wide
        if len(wide) < 2 * units:
            at = self.allocate(at, 2 * units, 2, len(wide))
        return at, len(wide) // 2 | TAG

    def write(self, old: int, before: int, align: int, data: bytes) -> int:
        """Allocate, and write."""
        at = self.allocate(old, before, align, len(data))
        self.data[at : at + len(data)] = data
        return at

    def grow(self, at: int, before: int, worst: int, align: int, done: int, data: bytes) -> int:
        """Allocate for the worst case, write the rest, and give back what is left."""
        need(worst <= MAX)
        at = self.allocate(at, before, align, worst)
        self.data[at + done : at + len(data)] = data[done:]
        if worst > len(data):
            at = self.allocate(at, worst, align, len(data))
        return at
