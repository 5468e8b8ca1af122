"""The scheduler: who runs, who waits, and what happens when everybody waits.

An engine runs a guest until it is done, waits, or has used up its slice, and says which. The scheduler takes the runnable
tasks in turn. When none is left, virtual time jumps to the earliest deadline; a wait that includes a live device waits
host time instead; and if neither could end any wait, that is a deadlock.
"""

from __future__ import annotations

from kernel_sim.errors import Deadlock, LimitReached, ProcessExit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from kernel_sim.kernel import Kernel
    from kernel_sim.process import Process
    from kernel_sim.wait import Wait

    class Runner(Protocol):
        """What an engine gives the scheduler: a guest that can be run on."""

        def resume(self) -> Wait | None:
            """Run until something happens: a Wait if the guest waits, else None; `finished` says if it is over."""

        finished: bool

ENDINGS = (Exception, ProcessExit, LimitReached)
"""What can end a task; anything else, like Ctrl-C, ends all of them."""


class Task:
    """A process and the guest that runs in it; `wait` while it waits, `error` when that is what ended it.

    `running` while it has its turn, in which others may have theirs if it waits on the spot.
    """

    __slots__ = ("process", "runner", "wait", "error", "running")

    def __init__(self, process: Process, runner: Runner) -> None:
        self.process = process
        self.runner = runner
        self.wait: Wait | None = None
        self.error: BaseException | None = None
        self.running = False


class Scheduler:
    """Tasks in round-robin order."""

    __slots__ = ("kernel", "tasks")

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.tasks: list[Task] = []

    def add(self, process: Process, runner: Runner) -> Task:
        """A new task, behind all others."""
        task = Task(process, runner)
        self.tasks.append(task)
        return task

    def run(self, until: Task | None = None) -> None:
        """Run everybody until `until` is over, or all are.

        Raises what ended `until`, or whatever task if there is none; what ends another task stays with that. Deadlock if
        all wait for what can't happen.
        """
        while self.tasks and (until is None or until in self.tasks):
            if not self._round(until):
                pass_time(self.kernel, self._waits())
        if until is not None and until.error is not None:  # it ended while somebody else was run
            try:
                raise until.error
            finally:
                until.error = None

    def wait_here(self, process: Process, wait: Wait) -> None:
        """`process` waits on the spot, because its guest can't be suspended; the others run meanwhile."""
        while not self.kernel.is_over(process, wait):
            if not self._round(None, besides=process):
                pass_time(self.kernel, [(process, wait), *self._waits(besides=process)])

    def _waits(self, besides: Process | None = None) -> list[tuple[Process, Wait]]:
        tasks = [task for task in self.tasks if task.process is not besides]
        return [(task.process, task.wait) for task in tasks if task.wait is not None]

    def _round(self, until: Task | None, besides: Process | None = None) -> bool:
        """Give each runnable task a turn, but those of `besides`; False if there was none."""
        progressed = False
        for task in list(self.tasks):
            if task not in self.tasks or task.running or task.process is besides:  # killed by another one, or at work below us
                continue
            if task.wait is not None:
                if not self.kernel.is_over(task.process, task.wait):
                    continue
                task.wait = None
            progressed = task.running = True
            try:
                task.wait = task.runner.resume()
            except BaseException as error:
                self.kill(task)
                if task is until or (until is None and besides is None) or not isinstance(error, ENDINGS):
                    raise
                task.error = error
                continue
            finally:
                task.running = False
            if task.runner.finished:
                self.kill(task)
                if task is until:
                    break
        return progressed

    def kill(self, task: Task) -> None:
        """Forget a task, running or waiting; ending its guest is the engine's part."""
        if task in self.tasks:
            self.tasks.remove(task)


def pass_time(kernel: Kernel, waits: list[tuple[Process, Wait]]) -> None:
    """Everybody waits: let the first thing happen that ends a wait."""
    deadlines = [wait.deadline for _, wait in waits if wait.deadline is not None]
    deadline = min(deadlines, default=None)
    live: list[tuple[str, bool]] = []
    least: dict[str, int] = {}
    for process, wait in waits:
        for name, write in kernel.live_devices(process, wait):
            live.append((name, write))
            if not write:
                least[name] = min(least.get(name, wait.least), wait.least)
    if live:
        timeout = None if deadline is None else max(0, deadline - kernel.clock.monotonic())
        if not kernel.wait_for_devices(live, timeout, least) and deadline is not None:
            kernel.clock.sleep_until(deadline)  # the host has waited that long
    elif deadline is not None:
        kernel.clock.sleep_until(deadline)
    else:
        raise Deadlock("every process waits for something that can't happen: " + ", ".join(map(_describe, waits)))


def _describe(waiting: tuple[Process, Wait]) -> str:
    process, wait = waiting
    fds = [f"reading fd {fd}" for fd in wait.readable] + [f"writing fd {fd}" for fd in wait.writable]
    return f"process {process.pid} ({' or '.join(fds) or 'nothing'})"
