"""The machine: Unicorn's x86-64 model over a `Memory`, run in slices that end for a reason.

`run` goes on until something happens and says what (`Stop`): a system call that can't be answered at once, a breakpoint, a
watchpoint, the end of the slice; a `Fault` is raised. A counting machine knows exactly how many instructions have run and
stops after any number of them (of a compiler's code it counts whole blocks, see `blocks`); one that doesn't is faster, and its
slices are so many blocks, which nobody can notice. Slices are there since the model blocks Python's signals while it runs.

A guest's function that a host function calls lies on the same stack: `push` puts the CPU's state aside, `pop` brings it back.

Facts of Unicorn 2.1.4 that shape this file: hooks don't reach code that was translated before they were added; a stop
within a system call leaves rip behind it; one within a memory hook leaves rip at the instruction although its access has
been made, so watchpoints stop by the counter instead; its own memory snapshots crash; AVX instructions may be executed
wrongly instead of being refused. Longer than most, since all that touches the model's hooks depends on these together.
"""

from __future__ import annotations

from unicorn import (
    UC_HOOK_CODE,
    UC_HOOK_MEM_READ,
    UC_HOOK_MEM_WRITE,
    UC_MEM_WRITE,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    Uc,
    UcError,
    x86_const,
)

from kernel_sim.cpu import trapframe
from kernel_sim.cpu.counter import NEVER, Counter
from kernel_sim.cpu.faults import Fault
from kernel_sim.cpu.hooks import SYSCALL, TIMESTAMP, free, hook_instruction, make
from kernel_sim.cpu.layout import FRAME, GATE, PAGE
from kernel_sim.cpu.precise import NO_FLAGS, NOWHERE, Faults
from kernel_sim.cpu.registers import IDS
from kernel_sim.cpu.trapframe import FILLED, FIRST_GATE, IDLE, SYSCALL_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kernel_sim.cpu.blocks import BlockCounter
    from kernel_sim.cpu.memory import Memory, Region

DEFAULT_SLICE = 1_000_000
"""Instructions of a slice, or blocks: 10 to 50 ms."""
_PROTECTION = {"r": UC_PROT_READ, "rw": UC_PROT_READ | UC_PROT_WRITE, "rx": UC_PROT_READ | UC_PROT_EXEC}
_FRAME_IDS = [IDS[name] for name in trapframe.REGISTERS]


class Stop:
    """Why a run has stopped."""

    SYSCALL = "syscall"
    BREAKPOINT = "breakpoint"
    WATCHPOINT = "watchpoint"
    SLICE = "slice"


class Machine:
    """One CPU over `memory`, whose regions, with their code, must be there already; the gate and the frame are added.

    Machines that count know how many instructions have run. If all `code` lies in that range (start, size) and is well-formed,
    as a compiler's is, they count whole blocks at once, which is quicker.

    `on_syscall`(number, arguments) answers a system call: True if it has, by `leave`; False to stop there.
    `clock` answers `rdtsc`, which must not be the host's time; unless it is set, that is the instruction count.
    `gates` answer what comes through the gate with a number from FIRST_GATE on: given the frame's words, of which they set the
    first, they say whether they have answered.
    """

    __slots__ = (
        "memory", "frame", "gates", "on_syscall", "clock", "breakpoints", "counter", "watched", "pc", "counting", "on_nested",
        "_model", "_stop", "_faults", "_error", "_skip", "_kept", "_hooks", "_contexts",
    )  # fmt: skip

    def __init__(self, memory: Memory, counting: bool = True, code: tuple[int, int] | None = None) -> None:
        self.memory = memory
        gate = memory.add("gate", GATE, PAGE, "rx")
        gate.view[: len(trapframe.GATE_CODE) + 1] = trapframe.GATE_CODE + trapframe.HALT
        self.frame = trapframe.Frame(memory.add("frame", FRAME, PAGE, "rw").view)
        self.on_syscall: Callable[[int, list[int]], bool] = _stop_there
        self.gates: list[Callable[[memoryview], bool]] = []
        self.clock: Callable[[], int] = self._counted
        self.breakpoints: dict[int, int] = {}
        self.watched: tuple[str, int, int] | None = None
        """The access that the last watchpoint saw: read or write, address, size."""
        self.on_nested: Callable[[bool], None] | None = None
        """Told of each `push` (True) and `pop`."""
        self.pc = 0
        self._stop = ""
        self._error: BaseException | None = None
        self._skip = NOWHERE
        self._hooks: list[int] = []
        self._contexts: list[Any] = []  # whose use is over, since making one takes long
        model = self._model = make()
        for region in memory.regions:
            self._map(region)
        syscall, timestamp = SYSCALL(self._on_syscall), TIMESTAMP(self._on_timestamp)
        self._kept = [syscall, timestamp]
        hook_instruction(model, syscall, x86_const.UC_X86_INS_SYSCALL)
        for instruction in (x86_const.UC_X86_INS_RDTSC, x86_const.UC_X86_INS_RDTSCP):
            hook_instruction(model, timestamp, instruction)
        self.counting = counting
        self.counter: Counter | BlockCounter
        if counting and code is not None:
            from kernel_sim.cpu.blocks import BlockCounter

            self.counter = BlockCounter(model, *code, self._code)
        else:
            self.counter = Counter(model, counting)
        self._faults = Faults(model, lambda: self.counter)
        for region in memory.regions:
            self._refuse_chance(region)

    def add(self, region: Region, foreign: bool = True) -> None:
        """Map a region that the memory has got since; MemoryError. `foreign` code is searched for what isn't allowed."""
        self._map(region)
        if foreign:
            self._refuse_chance(region)

    def close(self) -> None:
        """Give the model back now, and not when garbage is collected; nothing of the machine may be used any more."""
        free(self._model)
        self.counter.close()
        self._kept.clear()
        self.gates.clear()
        del self.clock, self.on_syscall, self.counter, self._faults, self._contexts, self._model, self.memory, self.frame

    def _code(self, address: int, size: int) -> bytes:
        found, region = b"", self.memory.find(address)
        while region is not None and len(found) < size:
            start = address + len(found) - region.start
            found += bytes(region.view[start : start + size - len(found)])
            region = self.memory.find(address + len(found))
        return found

    def _map(self, region: Region) -> None:
        try:
            self._model.mem_map_ptr(region.start, region.size, _PROTECTION[region.access], region.address)
        except UcError as error:
            raise MemoryError(f"{region.name}: the CPU model has no room for {region.size} bytes: {error}") from None

    def _refuse_chance(self, region: Region) -> None:
        if region.access == "rx":
            self._faults.refuse_chance(region, self._code)

    # Registers

    @property
    def model(self) -> Uc:
        """The CPU model itself, for those who read or hook what isn't here."""
        return self._model

    def read(self, name: str) -> int:
        """A register by its name."""
        return int(self._model.reg_read(IDS[name]))

    def write(self, name: str, value: int) -> None:
        """Set a register."""
        if name == "rip":
            self.pc = value
        self._model.reg_write(IDS[name], value & trapframe.MASK)

    def registers(self) -> dict[str, int]:
        """Every general register, the instruction pointer and the flags."""
        values = dict(zip(IDS, self._model.reg_read_batch(list(IDS.values()))))
        values["rip"] = self.pc
        return values

    @property
    def count(self) -> int:
        """Instructions that have begun; 0 on a machine that doesn't count."""
        return self.counter.count if self.counting else 0

    def _counted(self) -> int:
        """The count with the instruction that asks, and nothing behind it."""
        return self.count + 1 - self.counter.ahead(self._faults.read_pc()) if self.counting else 0

    # Running

    def run(self, limit: int = DEFAULT_SLICE, exact: bool = True) -> str:
        """Go on for at most `limit` instructions, or blocks where they aren't counted; why it stopped, one of `Stop`.

        Where it needn't be `exact` a slice may end some instructions earlier. Raises Fault, and whatever `on_syscall` raised.
        """
        begin = self.counter.count
        end = begin + limit
        stop = self._run_to(end)
        if stop == Stop.SLICE and self.counting and self.count < end and (exact or self.count == begin):
            stop = self._run_each_to(end)
        return stop

    def _run_each_to(self, end: int) -> str:
        """The rest of a slice that ends within a block, instruction by instruction."""
        blocks = self.counter
        assert not isinstance(blocks, Counter)
        blocks.detach()
        self.counter = each = Counter(self._model, late=True)
        each.count = blocks.count
        try:
            return self._run_to(end)
        finally:
            each.detach()
            self.counter = blocks
            blocks.count = each.count
            blocks.attach()

    def _run_to(self, end: int) -> str:
        self._skip = self.pc if self._stop == Stop.BREAKPOINT else NOWHERE
        self._stop, self.watched = "", None
        self.counter.limit = end
        self.pc = self._faults.run(self.pc, lambda: bool(self._error or self._stop))
        ending = self._error or self._faults.first
        if ending is not None:
            self._error = self._faults.first = None
            if isinstance(ending, Fault):
                self.pc = ending.pc
            try:
                raise ending
            finally:
                del ending  # its traceback holds this frame
        return self._stop or Stop.SLICE

    def step(self) -> str:
        """One instruction, system calls included."""
        if not self.counting:
            raise ValueError("only a machine that counts can step")
        return self.run(1)

    def leave(self, value: int, error: int = 0) -> None:
        """Answer the system call at which the machine stands."""
        self.frame.leave(value, error, self._write_results)

    def take_back(self) -> None:
        """Stand before the system call at which a run has stopped, so that the next one makes it again."""
        self.pc -= SYSCALL_SIZE
        self.frame.words[FILLED] = int(self.frame.by_gate)
        self.counter.count -= 1

    def _write_results(self, value: int, error: int) -> None:
        self._model.reg_write(IDS["rax"], value)
        self._model.reg_write(IDS["rdx"], error)

    # Breakpoints and watchpoints

    def break_at(self, address: int) -> None:
        """Stop before the instruction at `address`, each time."""
        if address not in self.breakpoints:
            self.breakpoints[address] = self._model.hook_add(UC_HOOK_CODE, self._on_breakpoint, None, address, address)
            self._model.ctl_flush_tb()

    def clear_break(self, address: int) -> None:
        """Don't stop there any more; KeyError if nothing did."""
        self._model.hook_del(self.breakpoints.pop(address))
        self._model.ctl_flush_tb()

    def watch(self, address: int, size: int, read: bool = False, write: bool = True) -> None:
        """Stop after an instruction that reads or writes any of those bytes. System calls are the kernel's, and not seen."""
        if not self.counting:
            raise ValueError("only a machine that counts can watch")
        kinds = (UC_HOOK_MEM_READ if read else 0) | (UC_HOOK_MEM_WRITE if write else 0)
        if not isinstance(self.counter, Counter):  # who watches wants to stop within blocks
            blocks, self.counter = self.counter, Counter(self._model, late=True)
            blocks.detach()
            self.counter.count = blocks.count
        self._hooks.append(self._model.hook_add(kinds, self._on_access, None, address, address + size - 1))
        self._model.ctl_flush_tb()

    def unwatch(self) -> None:
        """Forget every watchpoint."""
        while self._hooks:
            self._model.hook_del(self._hooks.pop())
        self._model.ctl_flush_tb()

    def fail(self, error: BaseException) -> None:
        """Stop, within something that the model has called, and have `run` raise this."""
        self._error = error
        self._model.emu_stop()

    # What the model calls

    def _on_syscall(self, model: int, data: int) -> None:
        frame, words = self.frame, self.frame.words
        if self._faults.first is not None:  # the model hasn't stopped yet
            return
        try:
            if words[FILLED] and FIRST_GATE <= words[0] < FIRST_GATE + len(self.gates):
                words[FILLED] = 0
                frame.by_gate = True
                answered = self.gates[words[0] - FIRST_GATE](words)
            else:
                answered = self.on_syscall(*frame.enter(self._frame_registers))
        except BaseException as error:  # it can't cross the model, and comes out of `run`
            self._error = error
            answered = False
        if not answered:
            self._stop = Stop.SYSCALL
            self._model.emu_stop()

    def _frame_registers(self) -> tuple[int, ...]:
        self._clear_flags()
        return self._model.reg_read_batch(_FRAME_IDS)  # type: ignore[no-any-return]

    def _on_breakpoint(self, model: Uc, address: int, size: int, data: Any) -> None:
        if address == self._skip:  # we stand there since the last stop
            self._skip = NOWHERE
            return
        if not self.counter.late:
            self.counter.take_back(address)
        self._stop = Stop.BREAKPOINT
        model.emu_stop()

    def _on_access(self, model: Uc, access: int, address: int, size: int, value: int, data: Any) -> None:
        self.watched = "write" if access == UC_MEM_WRITE else "read", address, size
        self._stop = Stop.WATCHPOINT
        assert isinstance(self.counter, Counter)
        self.counter.stop_after_this()

    def _on_timestamp(self, model: int, data: int) -> int:
        now = self.clock()
        self._clear_flags()
        self._model.reg_write(IDS["rax"], now & 0xFFFF_FFFF)
        self._model.reg_write(IDS["rdx"], now >> 32 & 0xFFFF_FFFF)
        return 1

    def _clear_flags(self) -> None:
        """Where each instruction is counted, the model has lost what the one before has set; so nobody gets it."""
        self._model.reg_write(IDS["rflags"], NO_FLAGS)

    # Calls within calls

    def push(self) -> Any:
        """Put the CPU's state aside, within a system call, so that other code of the guest can run; for `pop`."""
        if self.on_nested is not None:
            self.on_nested(True)
        saved = self._contexts.pop() if self._contexts else self._model.context_save()
        self._model.context_update(saved)
        return saved, self.pc, self._skip, self.frame.by_gate, self.counter.limit, self.frame.save()

    def pop(self, pushed: Any) -> None:
        """Go on where `push` was, as if nothing had been in between, but instructions are counted.

        What ran in between was stopped, and until a run has ended by itself the model leaves out hooks where it has several.
        That run isn't told where to end, since the model would translate what is there anew each time.
        """
        saved, self.pc, self._skip, self.frame.by_gate, limit, frame = pushed
        counter = self.counter
        count, counter.limit = counter.count, NEVER
        self._model.emu_start(IDLE, NOWHERE)
        counter.count, counter.limit = count, limit
        self._model.context_restore(saved)
        self._contexts.append(saved)
        self.frame.restore(frame)
        self._stop, self._faults.first, self._error = "", None, None
        if self.on_nested is not None:
            self.on_nested(False)

    # Saving

    def save_context(self) -> Any:
        """The CPU's whole state but memory, for `restore_context` of this machine."""
        return self._model.context_save(), self.pc, self.count, self.frame.by_gate

    def restore_context(self, context: Any) -> None:
        """Back to a saved state; memory is the caller's affair."""
        saved, self.pc, count, self.frame.by_gate = context
        self._model.context_restore(saved)
        if self.counting:
            self.counter.count = count


def _stop_there(number: int, arguments: list[int]) -> bool:
    return False
