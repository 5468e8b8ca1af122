"""Faults: what a guest's own code did that the CPU can't go on from. They are endings, as traps are in WebAssembly."""

from __future__ import annotations

EXCEPTIONS = {
    0: "divide error",
    1: "debug exception",
    3: "breakpoint instruction",
    4: "overflow exception",
    5: "bound range exceeded",
    6: "undefined instruction",
    8: "double fault",
    10: "invalid task state",
    11: "segment not present",
    12: "stack segment fault",
    13: "general protection fault",
    14: "page fault",
    16: "x87 floating-point exception",
    17: "alignment check",
    18: "machine check",
    19: "SIMD floating-point exception",
}
"""The architecture's own exceptions, by vector."""
TRAPS = (1, 3, 4)
FIRST_INTERRUPT = 32
"""From this vector on there are only interrupts that code asks for."""


class Fault(Exception):
    """A guest's code stopped at `pc`, for the reason `cause`; a page fault also has the `access` and the `address`."""

    def __init__(self, cause: str, pc: int, access: str = "", address: int = 0) -> None:
        self.cause = cause
        self.pc = pc
        self.access = access
        self.address = address

    def __str__(self) -> str:
        if self.access == "execute":
            return f"{self.cause}: there is no code at {self.address:#x}"
        if self.access:
            return f"{self.cause}: {self.access} at {self.address:#x}, by the instruction at {self.pc:#x}"
        return f"{self.cause} at {self.pc:#x}"


def exception(vector: int, pc: int) -> Fault:
    """The fault of an exception or interrupt that nothing handles."""
    return Fault(EXCEPTIONS.get(vector, f"interrupt {vector:#x}, which nothing answers,"), pc)


def is_trap(vector: int) -> bool:
    """Is the instruction over that has raised it? Of a fault it isn't."""
    return vector in TRAPS or vector >= FIRST_INTERRUPT


def page_fault(access: str, mapped: bool, address: int, pc: int) -> Fault:
    """The fault of an access (read, write or execute) to memory that isn't there, or that doesn't allow it."""
    return Fault("protection fault" if mapped else "page fault", pc, access, address)


def undefined(pc: int) -> Fault:
    """The fault of an instruction that the CPU doesn't know."""
    return exception(6, pc)


def halted(pc: int) -> Fault:
    """The fault of `hlt`, which only a kernel may execute."""
    return Fault("halt instruction", pc)
