"""Code for what a plain gate can't do, since it doesn't only pass words: each calls a gate, and then does something of its own.

Both use words of the trap frame's page behind the frame itself.
"""

from __future__ import annotations

from struct import pack

from agave_wasi.engines.x86.space import STUBS
from kernel_sim.cpu.layout import FRAME

ENTRY_WORD, ENTRY_WORDS = 64, 6
"""Words for rsp, the registers of an array call, and where it begins."""
LANDING_WORD, LANDING_WORDS = 72, 3
"""Words for rsp, rbp and rip."""
VECTOR_WORD, VECTOR_WORDS = 80, 6
"""Words for three vectors, of which the first one is the result."""


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


def entry_stub(exit_stub: int) -> bytes:
    """Code that enters compiled code with what the entry words say, and leaves through the exit gate."""
    loads = ["498b23", "498b7b08", "498b7310", "498b5318", "498b4b20"]  # rsp, rdi, rsi, rdx, rcx
    code = b"\x49\xbb" + pack("<Q", FRAME + 8 * ENTRY_WORD) + b"".join(map(bytes.fromhex, loads)) + bytes.fromhex("41ff5328")
    at = STUBS + len(code)
    return code + b"\xe9" + pack("<i", exit_stub - at - 5)
