"""Which features the function bodies of a module use: every instruction decoded, at the speed of the `re` module.

An instruction is an opcode and immediates of known shapes, so a run of instructions is a regular language. Those that
tell nothing new (the first version's, and those whose features have been seen already) are one alternation, repeated
without backtracking; it swallows a body in one call until something new stands there. Only then does Python look at
it, notes its features and moves it to the familiar ones. So each feature stops the scan once, and the instructions with
a vector (`br_table`, `try_table`), which no regular expression can count, each time.
"""

from __future__ import annotations

import re

from agave_wasi.binary.opcodes import COUNTED, IMMEDIATES, TABLE
from agave_wasi.binary.reader import MalformedModule, Reader, function_bodies
from agave_wasi.binary.types import features_of_value, value_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.binary.reader import Data, Section

_PREFIXES = ("fb", "fc", "fd", "fe")
_END = 0x0B
_I32_AND_FRIENDS = range(0x7C, 0x80)


def features_of_bodies(data: Data, code: Section) -> set[str]:
    """The features that the bodies in the code section `code` need.

    Raises MalformedModule for an unknown instruction, or a body that does not end with an `end` where its size says.
    """
    scan = _Scan(data)
    for start, end in function_bodies(data, code):
        scan.body(start, end)
    return scan.seen


class _Scan:
    """The features seen so far, and the patterns that follow from them."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.seen: set[str] = set()
        self.learn(frozenset())

    def learn(self, features: frozenset[str]) -> None:
        """Features have been seen: what needs no others tells nothing new from now on."""
        self.seen |= features
        known = [pattern for pattern, needs in _ROWS if needs <= self.seen]
        self.familiar = re.compile(b"(?:" + b"|".join(known) + b")*+")
        self.news = [(re.compile(pattern), needs) for pattern, needs in _ROWS if not needs <= self.seen]

    def body(self, start: int, end: int) -> None:
        """Read one function body."""
        data = self.data
        pos = self.locals(start, end)
        while True:
            run = self.familiar.match(data, pos, end)
            pos = run.end() if run else pos
            if pos == end:
                break
            pos = self.step(pos, end)
        if data[end - 1] != _END:
            raise MalformedModule(end, "a function body does not close with an end")

    def step(self, pos: int, end: int) -> int:
        """One instruction that stopped the run: the position behind it."""
        rows = _COUNTED.get(self.data[pos])
        if rows is not None:
            return self.counted(rows, pos, end)
        for pattern, needs in self.news:
            match = pattern.match(self.data, pos, end)
            if match:
                self.learn(needs)
                return match.end()
        shown = bytes(self.data[pos : min(pos + 4, end)]).hex(" ")
        raise MalformedModule(pos, f"no instruction begins with the bytes {shown}")

    def counted(self, rows: list[_Counted], pos: int, end: int) -> int:
        """An instruction with a vector: the position behind it."""
        for head, item, tail, needs in rows:
            match = head.match(self.data, pos, end)
            if not match:
                continue
            reader = Reader(self.data, match.end(), end)
            for part, times in ((item, reader.count()), (tail, 1)):
                for _ in range(times):
                    match = part.match(self.data, reader.pos, end)
                    if not match:
                        raise MalformedModule(reader.pos, "malformed vector in an instruction")
                    reader.pos = match.end()
            if not needs <= self.seen:
                self.learn(needs)
            return reader.pos
        raise MalformedModule(pos, "malformed instruction with a vector")

    def locals(self, start: int, end: int) -> int:
        """Read the declarations of a body's locals; the position of its first instruction."""
        reader = Reader(self.data, start, end)
        for _ in range(reader.count(2)):
            reader.u32()
            if reader and self.data[reader.pos] in _I32_AND_FRIENDS:
                reader.pos += 1
                continue
            value = value_type(reader)
            feature = "reference-types" if value == "funcref" else features_of_value(value)
            if feature not in self.seen:
                self.learn(frozenset((feature,)))
        return reader.pos


_Counted = tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes], frozenset[str]]


def _opcodes(text: str) -> bytes:
    """A pattern of the opcodes that `text` lists, as in `opcodes.TABLE`."""
    first, *rest = text.split()
    prefixed = first in _PREFIXES
    found: set[int] = set()
    for item in rest if prefixed else (first, *rest):
        low, _, high = item.partition("-")
        found |= set(range(int(low, 16), int(high or low, 16) + 1))
    if not prefixed:
        return _any_of(found)
    return _byte(int(first, 16)) + _leb_any_of(found)


def _leb_any_of(numbers: set[int]) -> bytes:
    """A pattern of the LEB128 encodings of these numbers, also the longer ones that end in zero groups."""
    short = {number for number in numbers if number < 0x80}
    ways = [_any_of(short), _any_of({number | 0x80 for number in short}) + rb"\x80{0,3}+\x00"] if short else []
    for high in sorted({number >> 7 for number in numbers} - {0}):
        low = _any_of({number & 0x7F | 0x80 for number in numbers if number >> 7 == high})
        ways += [low + _byte(high), low + _byte(high | 0x80) + rb"\x80{0,2}+\x00"]
    return b"(?:" + b"|".join(ways) + b")"


def _any_of(numbers: set[int]) -> bytes:
    return b"[" + b"".join(map(_byte, sorted(numbers))) + b"]"


def _byte(number: int) -> bytes:
    return b"\\x%02x" % number


def _immediates(letters: str) -> bytes:
    return b"".join(IMMEDIATES[letter] for letter in letters)


_ROWS = [(_opcodes(codes) + _immediates(letters), frozenset(needs.split())) for codes, letters, needs in TABLE]

_COUNTED: dict[int, list[_Counted]] = {}
for _code, _before, _item, _behind, _needs in COUNTED:
    _COUNTED.setdefault(_code, []).append(
        (
            re.compile(_byte(_code) + _immediates(_before)),
            re.compile(_item),
            re.compile(_immediates(_behind)),
            frozenset(_needs.split()),
        )
    )
