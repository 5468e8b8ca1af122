"""Where things are in a machine's address space.

    0x1_0000 ...              the program, at the addresses that it is linked for
    0x8_0000_0000 ...         heap: memory that is free from the start
    ... 0xE_0000_0000         stack, which grows down to an unmapped page
    0xF_0000_0000             the gate: code through which a program enters the kernel
    0xF_0000_1000             the trap frame, which the gate fills

All of it lies below 64 GiB, and page 0 is never there, so null pointers are found.
"""

from __future__ import annotations

PAGE = 4096
LOWEST = 0x1_0000
"""Where a program may begin."""
HEAP = 0x8_0000_0000
"""Where the heap begins, and where a program must have ended."""
STACK_TOP = 0xE_0000_0000
GATE = 0xF_0000_0000
FRAME = GATE + PAGE

DEFAULT_STACK = 1 << 20
DEFAULT_HEAP = 16 << 20
"""Bytes of stack and heap, unless something else is asked for."""
LARGEST = STACK_TOP - HEAP
"""More than this no region can have."""


def up(size: int) -> int:
    """`size`, rounded up to whole pages."""
    return -size // PAGE * -PAGE


def down(address: int) -> int:
    """The page that holds `address`."""
    return address // PAGE * PAGE
