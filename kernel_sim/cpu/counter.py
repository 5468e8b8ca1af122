"""Exact instruction counts, by a few bytes of machine code that the CPU model calls before each instruction.

A hook in Python is forty times slower, and what hosts have that aren't x86-64 themselves. The code counts in a cell, and stops
the model once the limit beside it is reached, before the next instruction: so a run ends after exactly so many.

Where nobody needs to know the count, the same code counts blocks, which costs next to nothing: a run then ends at some block
behind the limit. Unicorn's own timeouts are of no use, since the instruction pointer isn't right after one.
"""

from __future__ import annotations

import ctypes

from unicorn import UC_HOOK_BLOCK, UC_HOOK_CODE, Uc

from kernel_sim.cpu.hooks import STOP, either, hook, unhook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CODE = bytes.fromhex(
    "488b01"    # mov rax, [rcx]        the count
    "483b4108"  # cmp rax, [rcx+8]      the limit
    "7307"      # jae stop
    "48ffc0"    # inc rax
    "488901"    # mov [rcx], rax
    "c3"        # ret
    "c6411801"  # stop: mov byte [rcx+24], 1
    "ff6110"    # jmp [rcx+16]          uc_emu_stop, with the model still in rdi
)  # fmt: skip
COUNT, LIMIT, _, STOPPED = range(4)
NEVER = (1 << 64) - 1


class Counting:
    """The cell that machine code counts in: `count` so far, and `limit`, at which it stops the model."""

    __slots__ = ("_cell",)

    _cell: ctypes.Array[ctypes.c_uint64]
    take_back: Callable[[int], None]
    """The instruction at an address isn't executed, though it has been counted; each way of counting knows how."""
    late = False
    """Does it count an instruction behind what others do before that? It does if it was made later."""

    @property
    def count(self) -> int:
        """Instructions so far."""
        return int(self._cell[COUNT])

    @count.setter
    def count(self, value: int) -> None:
        self._cell[COUNT] = value

    @property
    def limit(self) -> int:
        """The count at which the model stops."""
        return int(self._cell[LIMIT])

    @limit.setter
    def limit(self, value: int) -> None:
        self._cell[LIMIT] = value
        self._cell[STOPPED] = 0

    def interrupt(self) -> None:
        """Stop as if the limit were reached."""
        self._cell[LIMIT] = 0

    def stop(self) -> None:
        """The limit is reached, and there is no instruction before which machine code could find that."""
        self._cell[STOPPED] = 1

    def ahead(self, pc: int) -> int:
        """How many instructions have been counted that are at `pc` or behind."""
        return 1

    def close(self) -> None:
        """Give back what is large now, and not when garbage is collected; the model must be gone."""

    @property
    def stopped(self) -> bool:
        """Has the limit stopped the model?"""
        return bool(self._cell[STOPPED])


class Counter(Counting):
    """The counter of one model; `count` instructions have begun, or blocks if not `exact`, and at `limit` the model stops."""

    __slots__ = ("late", "_model", "_code", "_hook", "_exact")

    def __init__(self, model: Uc, exact: bool = True, late: bool = False) -> None:
        self._model = model
        self._exact = exact
        self.late = late
        self._code, address = either(CODE, self._begun)
        self._cell = (ctypes.c_uint64 * 4)(0, NEVER, STOP, 0)
        self._hook = hook(model, UC_HOOK_CODE if exact else UC_HOOK_BLOCK, address, self._cell)

    def _begun(self, model: int, address: int, size: int, data: int) -> None:
        """As `CODE`."""
        cell = self._cell
        if cell[COUNT] >= cell[LIMIT]:
            cell[STOPPED] = 1
            self._model.emu_stop()
        else:
            cell[COUNT] += 1

    def detach(self) -> None:
        """Count no more."""
        unhook(self._model, self._hook)

    def take_back(self, pc: int = 0) -> None:
        """The instruction at `pc` that has been counted isn't executed, unless it is the limit that has stopped it already."""
        if self._exact and not self._cell[STOPPED]:
            self._cell[COUNT] -= 1

    def stop_after_this(self) -> None:
        """Let the instruction that is at work finish, and no other begin."""
        self._cell[LIMIT] = self._cell[COUNT]
