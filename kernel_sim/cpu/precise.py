"""Faults as a CPU has them, to the instruction: the model tells of some too early, and of some too late.

A fault leaves a CPU as it was before the instruction, which doesn't count (Intel SDM, volume 3A, 6.5: faults, traps, aborts); a
trap, as `int3` is one, leaves it behind. The model differs in two ways:

* It looks for code when it translates a block, before any of it runs. So a block that leads to where no code is faults at its
  beginning, which depends on where a slice has ended. Here what there is before the edge is executed first.
* It leaves out a store or load that can't be made, and goes on: with the rest of its instruction, if that is made in pieces,
  and with some instructions behind it. So the first fault is the one, and registers are put back to what they were then.

What the instruction has stored before, and what it stores behind, stays. The flags are lost unless it is code that is missing:
the model keeps them in parts, which don't fit together in the middle of a block. So none is set (docs/METAL.md, "Memory").
"""

from __future__ import annotations

from unicorn import UC_HOOK_CODE, UC_HOOK_INTR, UC_HOOK_MEM_INVALID, Uc, UcError

from kernel_sim.cpu import chance, faults
from kernel_sim.cpu.counter import NEVER
from kernel_sim.cpu.hooks import invalid, reader
from kernel_sim.cpu.registers import IDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kernel_sim.cpu.counter import Counting
    from kernel_sim.cpu.faults import Fault
    from kernel_sim.cpu.memory import Region

NOWHERE = NEVER
"""An address that is never reached."""
BEYOND = 1 << 47
"""Where no code can be. The model leaves out upper bits of an address, so the code would be found there, too, where nobody
watches it."""
MOST_PLACES = 1000
"""Of more, a region is watched as a whole: what was made to have them may be slow."""
NO_FLAGS = 0x2
"""The bit that is always set."""
EXECUTE = "execute"


class Faults:
    """What goes wrong in a `model`; `first` is the first fault of a run, None if there was none.

    `counter` gives what counts at the time. When a run has ended, that are the instructions that are behind the machine.
    """

    __slots__ = ("first", "read_pc", "_model", "_counter", "_before", "_read")

    _read: Callable[[int, int], bytes]

    def __init__(self, model: Uc, counter: Callable[[], Counting]) -> None:
        self.first: Fault | None = None
        self.read_pc = reader(model, IDS["rip"])
        self._model = model
        self._counter = counter
        self._before: tuple[Any, int] | None = None
        model.hook_add(UC_HOOK_INTR, self._on_interrupt)
        model.hook_add(UC_HOOK_MEM_INVALID, self._on_invalid)
        model.hook_add(UC_HOOK_CODE, self._on_beyond, None, BEYOND, NOWHERE - 1)

    def refuse_chance(self, region: Region, read: Callable[[int, int], bytes]) -> None:
        """Have what brings the host's chance be undefined in a region; `read(address, size)` gives code of all regions."""
        ranges = []
        for at in chance.within(region, read):
            ranges.append((at, at))
            if len(ranges) == MOST_PLACES:
                ranges = [(region.start, region.end - 1)]
                break
        self._read = read
        for first, last in ranges:
            self._model.hook_add(UC_HOOK_CODE, self._on_chance, None, first, last)

    def run(self, pc: int, asked: Callable[[], bool]) -> int:
        """Have the model run from `pc` until it stops: where it has. `asked` says whether somebody else has stopped it."""
        pc = self._start(pc, NOWHERE)
        edge = self.first
        if edge is not None and edge.access == EXECUTE:
            pc = self._run_to(edge, pc)
            self._model.ctl_flush_tb()  # its blocks end where they only end here
        if self.first is None and not self._counter().stopped and not asked():
            pc -= 1
            self.first = self._begun(faults.halted(pc))  # nothing else makes the model stop
        if self.first is not None and self.first.access != EXECUTE:
            self._model.reg_write(IDS["rflags"], NO_FLAGS)
        return pc

    def _run_to(self, edge: Fault, pc: int) -> int:
        """Execute the instructions before the first byte that can't be fetched, each by itself, and stop where one did."""
        counter = self._counter()
        while counter.count < counter.limit:
            for end in range(pc + 1, min(pc + chance.LONGEST, edge.address) + 1):
                at = self._start(pc, end)  # a block that may end there is translated no further
                if self.first is None or self.first.access != EXECUTE:
                    break
            else:
                self.first = faults.Fault(edge.cause, pc, EXECUTE, edge.address)
                return pc
            if self.first is not None or at != end:
                return at
            pc = end
        self.first = None
        counter.stop()
        return pc

    def _start(self, pc: int, until: int) -> int:
        self.first = None
        try:
            self._model.emu_start(pc, until)
        except UcError:
            if self.first is None:
                self.first = self._begun(faults.undefined(self.read_pc()))
        if self._before is not None:
            assert self.first is not None
            context, count = self._before
            self._before = None
            self._model.context_restore(context)
            self._model.reg_write(IDS["rip"], self.first.pc)
            counter = self._counter()
            counter.limit, counter.count = counter.limit, count  # what came behind may have reached the limit
        return self.read_pc()

    def _begun(self, fault: Fault) -> Fault:
        """A fault of an instruction that has been counted, and doesn't count."""
        self._counter().take_back(fault.pc)
        return fault

    # What the model calls

    def _on_interrupt(self, model: Uc, vector: int, data: Any) -> None:
        if self.first is None:
            fault = faults.exception(vector, self.read_pc())
            self.first = fault if faults.is_trap(vector) else self._begun(fault)
        model.emu_stop()

    def _on_invalid(self, model: Uc, access: int, address: int, size: int, value: int, data: Any) -> bool:
        if self.first is None:
            self.first = faults.page_fault(*invalid(access), address, self.read_pc())
            if self.first.access != EXECUTE:
                self._begun(self.first)
                self._before = model.context_save(), self._counter().count
        return False

    def _on_beyond(self, model: Uc, address: int, size: int, data: Any) -> None:
        self._refuse(faults.page_fault(EXECUTE, False, address, address))

    def _on_chance(self, model: Uc, address: int, size: int, data: Any) -> None:
        if chance.begins(self._read(address, chance.LONGEST)):
            self._refuse(faults.undefined(address))

    def _refuse(self, fault: Fault) -> None:
        """Before an instruction: it isn't executed, unless it wouldn't have been in any case."""
        counter = self._counter()
        if self.first is not None or counter.stopped or (counter.late and counter.count >= counter.limit):
            return
        self.first = fault if counter.late else self._begun(fault)
        self._model.emu_stop()
