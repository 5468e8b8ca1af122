"""Running a program of machine code in a world: from its file to how it ended (docs/METAL.md).

The process, its files and its calls are the same as of any guest. Only who executes is another: a `Machine` over memory
that has the program, a stack and a heap. Nothing here is imported unless it is asked for.
"""

from __future__ import annotations

from agave_wasi.engines.base import GuestTrap
from agave_wasi.engines.interrupt import Watch
from agave_wasi.engines.x86.elf import BadElf, read_elf
from agave_wasi.loader import BadProgram
from agave_wasi.result import ENDINGS, Result, ending
from kernel_sim.clock import InstructionClock
from kernel_sim.cpu.disassembly import Symbols, around
from kernel_sim.cpu.faults import Fault
from kernel_sim.cpu.guest import MachineGuest
from kernel_sim.cpu.layout import DEFAULT_HEAP, HEAP, LARGEST, PAGE, STACK_TOP, down, up
from kernel_sim.cpu.machine import Machine
from kernel_sim.cpu.memory import Memory
from kernel_sim.errors import ProcessExit
from kernel_sim.sched import Scheduler
from kernel_sim.trace import Tracer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.engines.x86.elf import Image
    from agave_wasi.settings import Settings
    from kernel_sim.kernel import Kernel
    from kernel_sim.process import Process
    from kernel_sim.trace import Event

CODE_SHOWN = 64
"""Bytes of code that a report looks at where no symbol says where instructions begin."""
_COLUMNS = 4


class Stopping:
    """What a watch asks to stop: the guest looks at `stop_request` between slices, so there is nothing to hurry."""

    __slots__ = ("stop_request", "engine")

    def __init__(self) -> None:
        self.stop_request: BaseException | None = None
        self.engine = self

    def request_stop(self, error: BaseException) -> None:
        """From any thread, and from signal handlers."""
        self.stop_request = error

    def tick(self) -> None:
        """Slices are short."""


def load(data: bytes, name: str) -> Image:
    """The program in an ELF file; BadProgram says why it can't be run."""
    try:
        return read_elf(data)
    except BadElf as error:
        raise BadProgram(f"{name}: {error}") from None


class Metal:
    """A program in a process: `machine` is about to begin it, `guest` runs it. `sink` gets an event for each system call.

    Unless the machine is `counting`, nothing can be limited by instructions. BadProgram if the program doesn't find room. To be
    closed, for the clock's sake.
    """

    __slots__ = ("kernel", "process", "image", "settings", "machine", "guest", "tracer")

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        image: Image,
        name: str,
        settings: Settings,
        sink: Callable[[Event], None] | None = None,
        counting: bool = True,
    ) -> None:
        self.kernel = kernel
        self.process = process
        self.image = image
        self.settings = settings
        self.machine = machine = _machine(image, name, settings, counting)
        self.tracer = Tracer(kernel, process.pid, sink) if sink is not None else None
        self.guest = MachineGuest(kernel, process, machine, self.tracer, settings.fuel, instructions=settings.instructions)
        if isinstance(kernel.clock, InstructionClock):
            kernel.clock.attach(self.retired)

    def retired(self) -> int:
        """How many instructions have been executed."""
        return self.machine.count

    def run(self) -> Result:
        """Run the program to its end."""
        scheduler = Scheduler(self.kernel)
        task = scheduler.add(self.process, self.guest)
        try:
            with Watch(Stopping(), self.settings.timeout):
                scheduler.run(until=task)
            raise AssertionError("a guest on a machine ends only by raising")
        except ProcessExit as exit:
            result = Result(exit.code)
        except Fault as fault:
            result = ending(GuestTrap(str(fault), []))
            result.report = report(self.machine, Symbols(self.image.symbols), fault.pc)
        except ENDINGS as error:
            result = ending(error)
        result.instructions = self.machine.count
        return result

    def close(self) -> None:
        """The program runs no more."""
        if self.tracer is not None:
            self.tracer.finish()
        if isinstance(self.kernel.clock, InstructionClock):
            self.kernel.clock.detach(self.retired)


def run(
    kernel: Kernel,
    process: Process,
    image: Image,
    name: str,
    settings: Settings,
    sink: Callable[[Event], None] | None = None,
    watch: Callable[[Machine], None] | None = None,
) -> Result:
    """Run a program to its end, as `Metal`.

    `watch` is given the machine before anything has run on it. That machine doesn't count, so nothing can be limited by it.
    """
    metal = Metal(kernel, process, image, name, settings, sink, watch is None)
    if watch is not None:
        watch(metal.machine)
    try:
        return metal.run()
    finally:
        metal.close()


def _machine(image: Image, name: str, settings: Settings, counting: bool) -> Machine:
    """The machine with the program about to begin: rdi and rsi are the heap and its size."""
    memory = Memory()
    stack = up(settings.max_stack)
    heap = DEFAULT_HEAP
    if settings.max_memory is not None:
        heap = down(settings.max_memory - image.size - stack)
        if heap < PAGE:
            raise BadProgram(
                f"{name}: it needs {image.size + stack + PAGE} bytes of memory at least; allow more (--max-memory)"
            )
    heap = min(heap, LARGEST - stack - PAGE)
    try:
        image.place(memory)
        memory.add("heap", HEAP, heap, "rw")
        memory.add("stack", STACK_TOP - stack, stack, "rw")
        machine = Machine(memory, counting)
    except BadElf as error:
        raise BadProgram(f"{name}: {error}") from None
    except MemoryError as error:
        raise BadProgram(f"{name}: {error}; allow less (--max-memory)") from None
    for register, value in (("rip", image.entry), ("rsp", STACK_TOP), ("rdi", HEAP), ("rsi", heap)):
        machine.write(register, value)
    return machine


def report(machine: Machine, symbols: Symbols, pc: int) -> list[str]:
    """Where a machine stands, in lines: the code about `pc`, and the registers."""
    lines = []
    region = machine.memory.find(pc)
    if region is not None and region.access == "rx":
        start = symbols.start(pc)
        first = max(region.start, start if start is not None and pc - start < PAGE else pc)
        last = min(region.end, pc + CODE_SHOWN)
        lines += around(bytes(region.view[first - region.start : last - region.start]), first, pc, symbols)
    found = [f"{register:>8} {value:016x}" for register, value in machine.registers().items()]
    lines += ["".join(found[at : at + _COLUMNS]) for at in range(0, len(found), _COLUMNS)]
    return lines
