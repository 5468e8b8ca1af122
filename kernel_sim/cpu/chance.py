"""Where code may begin an instruction that brings the host's chance into a run, which would no longer be repeatable.

`rdrand` and `rdseed` are answered by the model itself, which has no hook for them. So the machine watches every place at which
one of them would begin, if the code were read from there; most such places are in the middle of other instructions and are
never executed as a start. With them goes writing to control register 0: with paging, other addresses would lead to that code.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel_sim.cpu.memory import Region

RANDOM = b"\x0f\xc7"
"""Followed by a byte that names a register and the operation 6 or 7."""
CONTROL = b"\x0f\x22"
"""Followed by a byte that names two registers, of which the control register is 0 (8, with a prefix)."""
REGISTERS, OPERATION, CONTROL_REGISTER = 0xF0, 0x38, 0
PREFIXES = frozenset(b"\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3") | frozenset(range(0x40, 0x50))
LONGEST = 15
"""Bytes of an instruction."""
MOST_PREFIXES = 12
SEAM = MOST_PREFIXES + len(RANDOM)
"""So many bytes on either side of where two regions meet can be one instruction with bytes of the other."""


def within(region: Region, read: Callable[[int, int], bytes]) -> Iterator[int]:
    """The addresses at which one would begin that has bytes of `region`; `read(address, size)` gives what is beside it."""
    before, behind = read(region.start - SEAM, SEAM), read(region.end, SEAM)
    start = region.start - len(before)
    return (start + offset for offset in places(before + bytes(region.view) + behind))


def places(code: bytes) -> Iterator[int]:
    """The offsets in `code` at which such an instruction would begin, with its prefixes or without."""
    for opcode in (RANDOM, CONTROL):
        at = code.find(opcode)
        while at >= 0:
            if _is_one(code, at):
                start = at
                yield start
                while start and at - start < MOST_PREFIXES and code[start - 1] in PREFIXES:
                    start -= 1
                    yield start
            at = code.find(opcode, at + 1)


def begins(code: bytes) -> bool:
    """Is the first instruction of `code` such a one?"""
    at = 0
    while at < min(MOST_PREFIXES, len(code)) and code[at] in PREFIXES:
        at += 1
    return _is_one(code, at)


def _is_one(code: bytes, at: int) -> bool:
    opcode, more = code[at : at + len(RANDOM)], code[at + len(RANDOM) : at + len(RANDOM) + 1]
    if opcode == RANDOM:
        return more >= bytes([REGISTERS])
    return opcode == CONTROL and bool(more) and more[0] & OPERATION == CONTROL_REGISTER
