"""Names of instructions, against an assembler that knows them, and against the table of what exists."""

from __future__ import annotations

import pytest

from agave_wasi.binary.mnemonics import NUMERIC, PLAIN, VECTOR
from agave_wasi.binary.opcodes import COUNTED, TABLE
from tests.agave_wasi.binary.conftest import Assemble

WITHOUT_OPERANDS = [(bytes([opcode]), name) for opcode, name in PLAIN.items() if opcode >= 0x45 and not opcode >= 0xD0]
WITHOUT_OPERANDS += [(bytes([0xFC, number]), name) for number, name in NUMERIC.items() if number < 8 or number > 0x11]
WITHOUT_OPERANDS += [
    (b"\xfd" + (bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])), name)
    for number, name in VECTOR.items()
    if number > 0x0D and not 0x15 <= number <= 0x22 and not 0x54 <= number <= 0x5D
]


def test_the_assembler_writes_them_so(assemble: Assemble) -> None:
    """All at once: one function, instruction by instruction."""
    wasm = assemble(f"(module (func {' '.join(name for _, name in WITHOUT_OPERANDS)}))")
    assert b"".join(code for code, _ in WITHOUT_OPERANDS) + b"\x0b" in wasm
    assert len(WITHOUT_OPERANDS) > 330


def exist(prefix: str) -> set[int]:
    """The opcodes that `agave_wasi.binary.opcodes` has, of one byte or behind a prefix."""
    found = set()
    for opcodes, _, _ in TABLE:
        words = opcodes.split()
        if (words[0] in ("fb", "fc", "fd", "fe")) != bool(prefix) or (prefix and words[0] != prefix):
            continue
        for word in words[1:] if prefix else words:
            first, _, last = word.partition("-")
            found |= set(range(int(first, 16), int(last or first, 16) + 1))
    return found


@pytest.mark.parametrize(("prefix", "names"), [("", PLAIN), ("fc", NUMERIC), ("fd", VECTOR)])
def test_none_is_missing(prefix: str, names: dict[int, str]) -> None:
    counted = {opcode for opcode, *_ in COUNTED} if not prefix else set()
    stack_switching = set(range(0xE0, 0xE7)) if not prefix else set()  # which no engine here has
    assert (exist(prefix) | counted) - stack_switching == set(names)
