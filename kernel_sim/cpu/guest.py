"""A guest on a machine, as the scheduler runs it: slices of machine code, and system calls between them.

A call that must wait is kept as it was lifted: plan, arguments, where its result goes. The machine stands behind its
`syscall` meanwhile, and others run. When the wait is over the call is made again; its registers are not looked at twice.
"""

from __future__ import annotations

from kernel_sim.cpu.abi import Gate
from kernel_sim.cpu.errno import NUMBERS
from kernel_sim.cpu.machine import DEFAULT_SLICE, Machine, Stop
from kernel_sim.errors import KernelError, LimitReached, WouldBlock
from kernel_sim.trace import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from kernel_sim.cpu.abi import Plan
    from kernel_sim.kernel import Kernel
    from kernel_sim.process import Process
    from kernel_sim.trace import Tracer
    from kernel_sim.wait import Wait

    class Pause(Protocol):
        """Who watches a guest for a point at which it is to stop; each raises what stops it."""

        def slice(self, guest: MachineGuest, slice: int) -> int:
            """How many instructions to run now, `slice` at the most."""

        def broke(self, guest: MachineGuest) -> None:
            """The machine stands at a breakpoint."""

        def called(self, guest: MachineGuest, name: str) -> None:
            """The guest makes the system call of that name, of which nothing has been looked at."""


class MachineGuest:
    """`process` running on `machine`. A `tracer` sees each call. `fuel` and `instructions`, which are the same on a machine,
    are how many it may execute. `pause` is asked where somebody wants the guest to stop at some point.

    `resume` raises what ends it: ProcessExit, a Fault, LimitReached.
    """

    __slots__ = ("kernel", "process", "machine", "gate", "tracer", "limits", "slice", "finished", "pause", "_parked", "_wait")

    depth = 1
    """Of calls one inside the other: there are no others here."""

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        machine: Machine,
        tracer: Tracer | None = None,
        fuel: int | None = None,
        slice: int = DEFAULT_SLICE,
        instructions: int | None = None,
    ) -> None:
        self.kernel = kernel
        self.process = process
        self.machine = machine
        self.gate = Gate(kernel.door(process), machine.memory)
        self.tracer = tracer
        limits = {"fuel": fuel, "instructions": instructions}
        self.limits = {name: limit for name, limit in limits.items() if limit is not None}
        self.slice = slice
        self.finished = False
        self.pause: Pause | None = None
        self._parked: tuple[Plan, list[Any], Any] | None = None
        self._wait: Wait | None = None
        machine.on_syscall = self._on_syscall
        machine.clock = kernel.clock.monotonic

    def resume(self) -> Wait | None:
        """Make the call that waited, if one did; then run on for a slice, or until the guest waits."""
        if self._parked is not None and not self._attempt():
            return self._wait
        self.kernel.look_up()
        slice = self.slice
        for name, limit in self.limits.items():
            slice = min(slice, limit - self.machine.count)
            if slice <= 0:
                raise LimitReached(name, limit)
        if self.pause is not None:
            slice = self.pause.slice(self, slice)
        stop = self.machine.run(slice)
        if stop == Stop.BREAKPOINT and self.pause is not None:
            self.pause.broke(self)
        return self._wait if stop == Stop.SYSCALL else None

    def _on_syscall(self, number: int, words: list[int]) -> bool:
        if self.pause is not None and number in self.gate.plans:
            self.pause.called(self, self.gate.plans[number].name)
        try:
            self._parked = plan, arguments, _ = self.gate.enter(number, words)
        except KernelError as error:
            self.machine.leave(0, NUMBERS[error.errno])
            return True
        if self.tracer is not None:
            self.tracer.enter(plan.name, {name: plain(value) for name, value in zip(plan.parameters, arguments)})
        return self._attempt()

    def _attempt(self) -> bool:
        """Make the call: True when it is answered, False when it waits."""
        assert self._parked is not None
        plan, arguments, area = self._parked
        try:
            value = self.gate.call(plan, arguments, area)
        except KernelError as error:
            self._answer(0, error.errno)
        except WouldBlock as blocked:
            self._wait = blocked.wait
            self.process.parked = plan.name, tuple(arguments), ()
            return False
        else:
            self._answer(value, "")
        return True

    def _answer(self, value: int, errno: str) -> None:
        self._parked = self._wait = self.process.parked = None
        self.machine.leave(value, NUMBERS[errno] if errno else 0)
        if self.tracer is not None:
            if errno:
                self.tracer.leave_error(errno)
            else:
                self.tracer.leave({"result": value})
