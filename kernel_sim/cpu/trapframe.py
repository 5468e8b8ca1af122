"""The trap frame: a page in which the gate leaves a guest's registers, so that the kernel reads memory and not the CPU model.

Reading one register of the model takes as long as a whole system call. So `GATE_CODE` (at `layout.GATE`) stores them in the
page at `layout.FRAME`, executes `syscall`, and loads the results. A guest may also execute `syscall` itself: the frame's
word FILLED is 0 then, and `Frame.enter` is given the registers. A frame is the guest's own memory: what is in it is as
little to be trusted as registers are.
"""

from __future__ import annotations

import struct

from kernel_sim.cpu.layout import FRAME, GATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REGISTERS = ("rax", "rdi", "rsi", "rdx", "r10", "r8", "r9", "r12", "r13")
"""In the order of the frame's words: the number of the call, then its arguments."""
FILLED = len(REGISTERS)
ERROR = FILLED + 1
"""The words behind the registers: did the gate fill the frame, and the error that it returns in rdx."""
STACK = ERROR + 1
"""The guest's stack pointer, at the gate."""
WORDS = STACK + 1
FIRST_GATE = 4096
"""Numbers below are the kernel's own system calls; from here on they are gates of what a machine has loaded."""
SYSCALL_SIZE = 2
"""Bytes of the instruction."""
MASK = (1 << 64) - 1

_STORES = ("498903", "49897b08", "49897310", "49895318", "4d895320", "4d894328", "4d894b30", "4d896338", "4d896b40")
"""mov [r11+8*i], register; one for each of REGISTERS."""
GATE_CODE = b"".join([
    b"\x49\xbb", struct.pack("<Q", FRAME),                   # mov r11, FRAME
    *map(bytes.fromhex, _STORES),
    b"\x49\xc7\x43", bytes([8 * FILLED]), b"\x01\0\0\0",     # mov qword [r11+FILLED], 1
    b"\x49\x89\x63", bytes([8 * STACK]),                    # mov [r11+STACK], rsp
    b"\x0f\x05",                                             # syscall
    b"\x49\x8b\x03",                                         # mov rax, [r11]
    b"\x49\x8b\x53", bytes([8 * ERROR]),                     # mov rdx, [r11+ERROR]
    b"\xc3",                                                 # ret
])  # fmt: skip
"""What a guest calls; it keeps all registers but rax, rdx, rcx and r11, as `syscall` itself does."""

HALT = b"\xf4"
IDLE = GATE + len(GATE_CODE)
"""Where an instruction is at which a run ends by itself; that it was executed counts for nobody."""


class Frame:
    """One guest's frame: `words` in its memory, and whether the call that is being served came through the gate."""

    __slots__ = ("words", "by_gate", "_bytes")

    def __init__(self, page: memoryview) -> None:
        self._bytes = page[: 8 * WORDS]
        self.words = self._bytes.cast("Q")
        self.by_gate = False

    def enter(self, registers: Callable[[], Sequence[int]]) -> tuple[int, list[int]]:
        """A `syscall` was executed: its number and arguments. `registers` reads REGISTERS, if it must be."""
        words = self.words
        self.by_gate = words[FILLED] == 1
        words[FILLED] = 0
        if self.by_gate:
            number, *arguments = words[:FILLED].tolist()
        else:
            number, *arguments = registers()
        return number, arguments

    def save(self) -> bytes:
        """All of it, for `restore`."""
        return bytes(self._bytes)

    def restore(self, saved: bytes) -> None:
        """As it was then."""
        self._bytes[:] = saved

    def leave(self, value: int, error: int, write: Callable[[int, int], None]) -> None:
        """Return to the guest; `write` sets rax and rdx where it isn't the gate that loads them."""
        if self.by_gate:
            self.words[0] = value & MASK
            self.words[ERROR] = error
        else:
            write(value & MASK, error)
