"""Exact instruction counts by blocks, for code of compilers: as exact as `counter`, and several times faster.

A few bytes of machine code, which the CPU model calls before each block, look up how many instructions it has. Whoever asks
for the first time is answered by the disassembler. Where a limit falls within a block the model stops before it, and
`kernel_sim.cpu.machine` goes on instruction by instruction. The table takes the host's memory only for code that has run.
"""

from __future__ import annotations

import ctypes

from capstone import CS_ARCH_X86, CS_MODE_64, Cs
from unicorn import UC_HOOK_BLOCK, Uc

from kernel_sim.cpu.counter import NEVER, Counting
from kernel_sim.cpu.hooks import BEGUN, STOP, address_of, either, hook, unhook
from kernel_sim.cpu.memory import anonymous

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CODE = bytes.fromhex(
    "48897140"  # mov [rcx+64], rsi       where the block is
    "4889f0"    # mov rax, rsi
    "482b4120"  # sub rax, [rcx+32]       the table's first address
    "483b4128"  # cmp rax, [rcx+40]       and how many it has
    "732b"      # jae unknown
    "4c8b4130"  # mov r8, [rcx+48]        the table
    "418b0480"  # mov eax, [r8+4*rax]     bytes << 16 | instructions
    "4189c0"    # mov r8d, eax
    "41c1e810"  # shr r8d, 16
    "4139d0"    # cmp r8d, edx            is it still the same block?
    "7517"      # jne unknown
    "0fb7c0"    # movzx eax, ax
    "480301"    # add rax, [rcx]          the count
    "483b4108"  # cmp rax, [rcx+8]        the limit
    "7704"      # ja stop
    "488901"    # mov [rcx], rax
    "c3"        # ret
    "c6411801"  # stop: mov byte [rcx+24], 1
    "ff6110"    # jmp [rcx+16]            uc_emu_stop, with the model still in rdi
    "ff6138"    # unknown: jmp [rcx+56]   Python, with the same arguments
)  # fmt: skip
COUNT, LIMIT, _, STOPPED, FIRST, SPAN, TABLE, UNKNOWN, PLACE = range(9)
_ENTRY = 4
"""Bytes of the table for each byte of code."""


class BlockCounter(Counting):
    """The counter of one model, for code from `start` on for `size` bytes; `read(address, size)` gives its bytes.

    `count` instructions have begun, those of the block at work included; at `limit` the model has stopped, or before the block
    that would go beyond it.
    """

    __slots__ = ("_model", "_read", "_code", "_address", "_hook", "_table", "_entries", "_unknown", "_decoder")

    def __init__(self, model: Uc, start: int, size: int, read: Callable[[int, int], bytes]) -> None:
        self._model = model
        self._read = read
        self._decoder = Cs(CS_ARCH_X86, CS_MODE_64)
        self._code, self._address = either(CODE, self._on_block)
        self._table = anonymous(_ENTRY * size)
        self._entries = memoryview(self._table).cast("I")
        self._unknown = BEGUN(self._on_unknown)
        self._cell = (ctypes.c_uint64 * 9)(
            0, NEVER, STOP, 0, start, size, address_of(self._table), ctypes.cast(self._unknown, ctypes.c_void_p).value or 0, 0
        )
        self.attach()

    def attach(self) -> None:
        """Have the model call the code."""
        self._hook = hook(self._model, UC_HOOK_BLOCK, self._address, self._cell)

    def detach(self) -> None:
        """Have it no more; the count stays."""
        unhook(self._model, self._hook)

    def close(self) -> None:
        """Give back the table, which may take gigabytes of addresses; the rest is small."""
        self._entries.release()
        self._table.close()

    def take_back(self, pc: int) -> None:
        """The block at work has come as far as `pc`, whose instruction isn't executed."""
        if not self._cell[STOPPED]:
            self._cell[COUNT] -= self.ahead(pc)

    def ahead(self, pc: int) -> int:
        """How many of the block at work are counted that aren't before `pc`."""
        start = int(self._cell[PLACE])
        if pc < start:
            return 0
        at = start - int(self._cell[FIRST])
        whole = self._entries[at] & 0xFFFF if 0 <= at < self._cell[SPAN] else 1
        return max(0, whole - self._instructions(start, pc - start))

    def _instructions(self, address: int, size: int) -> int:
        return sum(1 for _ in self._decoder.disasm_lite(self._read(address, size), address)) if size else 0

    def _on_block(self, model: int, address: int, size: int, cell: int) -> None:
        """As `CODE`."""
        own = self._cell
        own[PLACE] = address
        at = address - int(own[FIRST])
        entry = self._entries[at] if 0 <= at < own[SPAN] else 0
        if entry >> 16 == size:
            self._add(entry & 0xFFFF)
        else:
            self._on_unknown(model, address, size, cell)

    def _on_unknown(self, model: int, address: int, size: int, cell: int) -> None:
        own = self._cell
        known = self._instructions(address, size) or 1
        at = address - int(own[FIRST])
        if 0 <= at < own[SPAN]:
            self._entries[at] = size << 16 | known
        self._add(known)

    def _add(self, instructions: int) -> None:
        own = self._cell
        if own[COUNT] + instructions > own[LIMIT]:
            own[STOPPED] = 1
            self._model.emu_stop()
        else:
            own[COUNT] += instructions
