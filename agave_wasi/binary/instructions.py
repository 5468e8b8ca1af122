"""The instructions of a function as text, one after the other, with their offsets.

They are written as the text format has them, with indices as numbers, except that a call is written with the name of what is
called, where that is known. Where an opcode is met that isn't here (threads and the collected heap, which no engine here runs),
the rest of the function can't be read: its bytes are shown instead.
"""

from __future__ import annotations

import struct

from agave_wasi.binary.mnemonics import NUMERIC, PLAIN, VECTOR
from agave_wasi.binary.reader import MalformedModule, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.binary.reader import Data

VALUES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128", 0x70: "funcref", 0x6F: "externref", 0x69: "exnref"}
HEAPS = {0x70: "func", 0x6F: "extern", 0x69: "exn", 0x74: "noexn", 0x73: "nofunc", 0x72: "noextern"}
_EMPTY = 0x40
_NULL, _NOT_NULL = 0x63, 0x64
_SHOWN = 16
"""Bytes that are shown of what can't be read."""


class Instruction:
    """An instruction at `offset` of the module; `depth` is how many blocks it lies in."""

    __slots__ = ("offset", "text", "depth")

    def __init__(self, offset: int, text: str, depth: int) -> None:
        self.offset = offset
        self.text = text
        self.depth = depth


def instructions(data: Data, start: int, end: int, name: Callable[[int], str | None]) -> list[Instruction]:
    """Those of the function whose body is there; `name` is that of a function by its index."""
    reader = Reader(data, start, end)
    found: list[Instruction] = []
    at = start
    depth = 0
    try:
        for _ in range(reader.count(2)):  # the locals
            reader.u32()
            _value_type(reader)
        while reader:
            at = reader.pos
            text = _one(reader, name)
            opener = text.partition(" ")[0]
            if opener in ("end", "else", "catch", "catch_all", "delegate"):
                depth = max(0, depth - 1)
            found.append(Instruction(at, text, depth))
            if opener in ("block", "loop", "if", "else", "try", "catch", "catch_all", "try_table"):
                depth += 1
    except (MalformedModule, KeyError):
        rest = bytes(data[at : min(end, at + _SHOWN)])
        more = " ..." if end - at > _SHOWN else ""
        found.append(Instruction(at, f"(can't be read: {rest.hex(' ')}{more})", depth))
    return found


def _one(reader: Reader, name: Callable[[int], str | None]) -> str:
    opcode = reader.u8()
    if opcode == 0xFC:
        number = reader.u32()
        return " ".join([NUMERIC[number], *_numeric(reader, number)])
    if opcode == 0xFD:
        number = reader.u32()
        return " ".join([VECTOR[number], *_vector(reader, number)])
    return " ".join([PLAIN[opcode], *_plain(reader, opcode, name)])


def _plain(reader: Reader, opcode: int, name: Callable[[int], str | None]) -> list[str]:
    if opcode in (0x02, 0x03, 0x04, 0x06, 0x1F):
        type = _block_type(reader)
        return type + _catches(reader) if opcode == 0x1F else type
    if opcode in (0x10, 0x12, 0xD2):
        index = reader.u32()
        known = name(index)
        return [str(index), f"(; {known} ;)"] if known else [str(index)]
    if opcode in (0x11, 0x13):
        type_index, table = reader.u32(), reader.u32()
        return ([str(table)] if table else []) + [f"(type {type_index})"]
    if opcode == 0x0E:
        return [str(reader.u32()) for _ in range(reader.count() + 1)]
    if opcode == 0x1C:
        return [f"(result {' '.join(_value_type(reader) for _ in range(reader.count()))})"]
    if 0x28 <= opcode <= 0x3E:
        return _memory(reader)
    if opcode in (0x3F, 0x40):
        memory = reader.u32()
        return [str(memory)] if memory else []
    if opcode == 0x41:
        return [str(reader.signed(32))]
    if opcode == 0x42:
        return [str(reader.signed(64))]
    if opcode == 0x43:
        return [_float(reader, "<f", 4)]
    if opcode == 0x44:
        return [_float(reader, "<d", 8)]
    if opcode == 0xD0:
        return [_heap_type(reader)]
    if opcode in _INDEXED:
        return [str(reader.u32())]
    return []


_INDEXED = frozenset((
    0x07, 0x08, 0x09, 0x0C, 0x0D, 0x14, 0x15, 0x18, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0xD5, 0xD6,
))  # fmt: skip
"""Instructions with one index or label."""


def _numeric(reader: Reader, number: int) -> list[str]:
    if number in (0x08, 0x0C):  # segment, then memory or table; the text has them the other way round
        segment, target = reader.u32(), reader.u32()
        return ([str(target)] if target else []) + [str(segment)]
    if number in (0x0A, 0x0E):
        target, source = reader.u32(), reader.u32()
        return [str(target), str(source)] if target or source else []
    if number in (0x09, 0x0D, 0x0F, 0x10, 0x11):
        return [str(reader.u32())]
    if number == 0x0B:
        memory = reader.u32()
        return [str(memory)] if memory else []
    return []


def _vector(reader: Reader, number: int) -> list[str]:
    if number <= 0x0B or number in (0x5C, 0x5D):
        return _memory(reader)
    if number == 0x0C:
        lanes = struct.unpack("<4I", reader.take(16))
        return ["i32x4", *(f"{lane:#010x}" for lane in lanes)]
    if number == 0x0D:
        return [str(lane) for lane in reader.take(16)]
    if 0x15 <= number <= 0x22:
        return [str(reader.u8())]
    if 0x54 <= number <= 0x5B:
        return [*_memory(reader), str(reader.u8())]
    return []


def _memory(reader: Reader) -> list[str]:
    flags = reader.u32()
    memory = [str(reader.u32())] if flags & 0x40 else []
    offset = reader.unsigned(64)
    return memory + ([f"offset={offset}"] if offset else []) + [f"align={1 << (flags & 0x3F)}"]


def _block_type(reader: Reader) -> list[str]:
    first = reader.data[reader.pos] if reader else 0
    if first == _EMPTY:
        reader.u8()
        return []
    if first in VALUES or first in (_NULL, _NOT_NULL):
        return [f"(result {_value_type(reader)})"]
    return [f"(type {reader.signed(33)})"]


def _value_type(reader: Reader) -> str:
    byte = reader.u8()
    if byte in (_NULL, _NOT_NULL):
        return f"(ref {'null ' if byte == _NULL else ''}{_heap_type(reader)})"
    return VALUES[byte]


def _heap_type(reader: Reader) -> str:
    number = reader.signed(33)
    return str(number) if number >= 0 else HEAPS[number & 0x7F]


def _catches(reader: Reader) -> list[str]:
    found = []
    for _ in range(reader.count()):
        kind = reader.u8()
        words = [("catch", "catch_ref", "catch_all", "catch_all_ref")[kind] if kind < 4 else str(kind)]
        found.append(f"({' '.join(words + [str(reader.u32()) for _ in range(2 if kind < 2 else 1)])})")
    return found


def _float(reader: Reader, format: str, size: int) -> str:
    raw = reader.take(size)
    value = struct.unpack(format, raw)[0]
    if value != value:
        bits = int.from_bytes(raw, "little")
        digits = 23 if size == 4 else 52
        return f"{'-' if bits >> (8 * size - 1) else ''}nan:{bits & (1 << digits) - 1:#x}"
    return repr(value)

