"""Machine code as text, with symbols: capstone does the decoding."""

from __future__ import annotations

from bisect import bisect_right

from capstone import CS_ARCH_X86, CS_MODE_64, Cs

LONGEST = 15
"""Bytes of the longest x86 instruction."""


class Symbols:
    """Names of addresses; each holds until the next one."""

    __slots__ = ("_addresses", "_names")

    def __init__(self, names: dict[int, str]) -> None:
        self._addresses = sorted(names)
        self._names = names

    def start(self, address: int) -> int | None:
        """Where the symbol that holds `address` begins; None before the first."""
        at = bisect_right(self._addresses, address)
        return self._addresses[at - 1] if at else None

    def name(self, address: int) -> str:
        """The address as `name+0x10`, or as a bare number."""
        start = self.start(address)
        if start is None:
            return f"{address:#x}"
        return self._names[start] + (f"+{address - start:#x}" if address > start else "")


class Instruction:
    """One line: `text` is the instruction, "(bad)" for bytes that are none."""

    __slots__ = ("address", "code", "text")

    def __init__(self, address: int, code: bytes, text: str) -> None:
        self.address = address
        self.code = code
        self.text = text

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.address + len(self.code)


_decoder = Cs(CS_ARCH_X86, CS_MODE_64)


def disassemble(code: bytes, address: int, limit: int = 0) -> list[Instruction]:
    """The instructions in `code`, which stands at `address`; at most `limit`, 0 for all. Bad bytes are lines of their own."""
    found: list[Instruction] = []
    at = 0
    while at < len(code) and (not limit or len(found) < limit):
        left = limit - len(found) if limit else 0
        for where, size, name, operands in _decoder.disasm_lite(code[at:], address + at, left):
            found.append(Instruction(where, code[at : at + size], f"{name} {operands}".rstrip()))
            at += size
        if at < len(code) and (not limit or len(found) < limit):
            found.append(Instruction(address + at, code[at : at + 1], "(bad)"))
            at += 1
    return found


def around(code: bytes, address: int, pc: int, symbols: Symbols, before: int = 3, after: int = 3) -> list[str]:
    """A few lines about `pc`, which is marked; `code` stands at `address`. x86 can't be read backwards, so reading
    begins at the symbol that holds it."""
    start = symbols.start(pc)
    start = max(address, start if start is not None else address)
    offset = min(pc, address + len(code)) - address
    earlier = disassemble(code[start - address : offset], start)
    found = earlier[max(0, len(earlier) - before) :]
    found += disassemble(code[offset : offset + (after + 1) * LONGEST], pc, after + 1)
    width = max((len(symbols.name(each.address)) for each in found), default=0)
    return [
        f"{'=>' if each.address == pc else '  '} {each.address:#x} {symbols.name(each.address):<{width}}  {each.text}"
        for each in found
    ]
