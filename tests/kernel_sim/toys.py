"""Toy guests for tests of the scheduler: generators that make syscalls and yield what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from kernel_sim.errors import WouldBlock
from kernel_sim.kernel import Kernel
from kernel_sim.openfile import OpenFile
from kernel_sim.process import Process
from kernel_sim.sched import Scheduler, Task
from kernel_sim.syscalls import Syscalls
from kernel_sim.syscalls.polling import Subscription
from kernel_sim.wait import Wait

Program = Generator[Wait | None, None, None]
SECOND = 1_000_000_000


class Toy:
    """A runner: each `resume` lets the generator run to its next yield."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.finished = False

    def resume(self) -> Wait | None:
        try:
            return next(self.program)
        except StopIteration:
            self.finished = True
            return None


class Machine:
    """A kernel, a scheduler, and a log that the guests write."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.scheduler = Scheduler(self.kernel)
        self.log: list[object] = []

    def guest(self, program: Callable[[Syscalls], Program], process: Process | None = None) -> Task:
        process = process or self.kernel.new_process([], [])
        return self.scheduler.add(process, Toy(program(self.kernel.door(process))))

    def pipe(self, writer: Process, reader: Process) -> None:
        """A pipe from one process to another, each end on the lowest free descriptor."""
        pipe = self.kernel.new_pipe()
        writer.fds.add(OpenFile(pipe.opened(False, True, False), False, True))
        reader.fds.add(OpenFile(pipe.opened(True, False, False), True, False))

    def processes(self, count: int) -> list[Process]:
        return [self.kernel.new_process([], []) for _ in range(count)]


def until_done(call: Callable[..., Any], *args: Any) -> Generator[Wait | None, None, Any]:
    """A syscall, started again until it needn't wait."""
    while True:
        try:
            return call(*args)
        except WouldBlock as blocked:
            yield blocked.wait


def sleep(sys: Syscalls, timeout: int) -> Generator[Wait | None, None, Any]:
    return until_done(sys.poll, [Subscription(None, False, "monotonic", timeout)])
