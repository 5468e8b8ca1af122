"""Stubs: code of ours round compiled code. How it is entered, how it enters the kernel, and what a plain gate can't do.

Some use words of the trap frame's page behind the frame itself.
"""

from __future__ import annotations

from struct import pack

from kernel_sim.cpu.layout import FRAME, GATE

ENTRY_WORD, ENTRY_WORDS = 64, 6
"""Words for rsp, rdi, rsi, rdx, rcx and rip."""
LANDING_WORD, LANDING_WORDS = 72, 3
"""Words for rsp, rbp and rip."""
VECTOR_WORD, VECTOR_WORDS = 80, 6
"""Words for three vectors, of which the first one is the result."""


def entry_stub(at: int, leave: int) -> bytes:
    """The stub at `at` that calls compiled code with what the entry words say, and then goes on at `leave`."""
    loads = "498b23 498b7b08 498b7310 498b5318 498b4b20 41ff5328"  # mov rsp, [r11]; ... call [r11+40]
    code = _at(ENTRY_WORD) + bytes.fromhex(loads)
    return code + _jump(at + len(code), leave)


def gate_stub(at: int, number: int) -> bytes:
    """The stub at `at`, 16 bytes, that enters the kernel through the gate of that number."""
    code = b"\x49\x89\xca\xb8" + pack("<I", number)  # mov r10, rcx; mov eax, number
    return (code + _jump(at + len(code), GATE)).ljust(16, b"\xcc")


def _jump(at: int, to: int) -> bytes:
    return b"\xe9" + pack("<i", to - at - 5)


def _through(gate: int) -> bytes:
    """mov r11, gate; call r11"""
    return b"\x49\xbb" + pack("<Q", gate) + b"\x41\xff\xd3"


def _at(word: int) -> bytes:
    """mov r11, address of a word in the frame's page"""
    return b"\x49\xbb" + pack("<Q", FRAME + 8 * word)


def landing_stub(gate: int) -> bytes:
    """Ask the gate, and go on where the landing words say."""
    loads = "498b23 498b6b08 41ff6310"  # mov rsp, [r11]; mov rbp, [r11+8]; jmp [r11+16]
    return _through(gate) + _at(LANDING_WORD) + bytes.fromhex(loads)


def vector_stub(gate: int) -> bytes:
    """Give the gate xmm0 to xmm2 in the vector words, and return what it leaves there in xmm0."""
    stores = "410f1103 410f114b10 410f115320"  # movups [r11], xmm0; movups [r11+16], xmm1; movups [r11+32], xmm2
    load = "410f1003 c3"  # movups xmm0, [r11]; ret
    return _at(VECTOR_WORD) + bytes.fromhex(stores) + _through(gate) + _at(VECTOR_WORD) + bytes.fromhex(load)
