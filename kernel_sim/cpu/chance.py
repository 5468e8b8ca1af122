"""Where code may execute `rdrand` or `rdseed`: their chance would be the host's, and a run no longer repeatable.

Unicorn answers them by itself and has no hook for them. So the machine watches every place at which one of them would begin,
if the code were read from there; most such places are in the middle of other instructions and are never executed as a start.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel_sim.cpu.memory import Region

OPCODE = b"\x0f\xc7"
"""Followed by a byte that names a register and the operation 6 or 7."""
PREFIXES = frozenset(b"\x26\x2e\x36\x3e\x64\x65\x66\x67\xf2\xf3") | frozenset(range(0x40, 0x50))
MOST_PREFIXES = 12
"""An instruction has 15 bytes at most."""
SEAM = MOST_PREFIXES + len(OPCODE)
"""So many bytes on either side of where two regions meet can be one instruction with bytes of the other."""


def within(region: Region, read: Callable[[int, int], bytes]) -> set[int]:
    """The addresses at which one would begin that has bytes of `region`; `read(address, size)` gives what is beside it."""
    before, behind = read(region.start - SEAM, SEAM), read(region.end, SEAM)
    return {region.start - len(before) + offset for offset in places(before + bytes(region.view) + behind)}


def places(code: bytes) -> list[int]:
    """The offsets in `code` at which such an instruction would begin, with its prefixes or without."""
    found = []
    at = code.find(OPCODE)
    while at >= 0:
        if at + 2 < len(code) and code[at + 2] >= 0xF0:
            start = at
            found.append(start)
            while start and at - start < MOST_PREFIXES and code[start - 1] in PREFIXES:
                start -= 1
                found.append(start)
        at = code.find(OPCODE, at + 1)
    return found
