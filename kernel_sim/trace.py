"""The trace: host calls, and the syscalls nested below them, as plain data in the order in which they began.

Every process has a `Tracer` of its own; a finished host call goes to its `sink` as one event, a dict that JSON can hold:

    pid, call     which process called what
    time          monotonic time when it began, in nanoseconds, read without disturbing the clock
    args          parameter -> value, bytes shortened
    errno         SUCCESS, an error's name, or "" for a call that never returned (an exit, a trap)
    result        what came back, empty after an error
    syscalls      the nested syscalls, if they are traced: name, args, errno, result

The same run gives the same events, byte for byte.
"""

from __future__ import annotations

from kernel_sim.errors import KernelError, WouldBlock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kernel_sim.kernel import Kernel
    from kernel_sim.syscalls import Syscalls

    Event = dict[str, Any]

SUCCESS = "SUCCESS"
WAITS = "(waits)"
"""What stands for the errno of a syscall that could not finish and will be started again."""
SHOWN = 32


class Tracer:
    """Collects the events of one process. `sink` gets each host call when it is over."""

    __slots__ = ("kernel", "pid", "sink", "_open")

    def __init__(self, kernel: Kernel, pid: int, sink: Callable[[Event], None]) -> None:
        self.kernel = kernel
        self.pid = pid
        self.sink = sink
        self._open: list[Event] = []  # nested host calls: a guest function that a host function called may call again

    def enter(self, call: str, args: dict[str, object]) -> None:
        """A host call begins."""
        self._open.append(
            {"pid": self.pid, "call": call, "time": self.kernel.clock.monotonic(), "args": args, "errno": "", "result": {}}
        )

    def leave(self, result: dict[str, object]) -> None:
        """The innermost host call succeeded."""
        event = self._open.pop()
        event["errno"] = SUCCESS
        event["result"] = result
        self.sink(event)

    def leave_error(self, errno: str) -> None:
        """The innermost host call failed. One that failed before it began (bad UTF-8 in a path) has no event."""
        if self._open:
            event = self._open.pop()
            event["errno"] = errno
            self.sink(event)

    def finish(self) -> None:
        """The process is over: calls that never returned go out as they are."""
        while self._open:
            self.sink(self._open.pop())

    def syscall(self, name: str, args: dict[str, object], errno: str, result: object) -> None:
        """A syscall happened below the innermost host call."""
        event = {"call": name, "args": args, "errno": errno, "result": result}
        if self._open:
            self._open[-1].setdefault("syscalls", []).append(event)


def traced(base: type[Syscalls], tracer: Tracer) -> type[Syscalls]:
    """A subclass of `base` whose syscalls leave events with `tracer`."""
    from kernel_sim.syscalls.table import table

    def wrap(name: str, parameters: list[str]) -> Callable[..., Any]:
        method = getattr(base, name)

        def call(self: Syscalls, *args: Any) -> Any:
            shown = {parameter: plain(value) for parameter, value in zip(parameters, args)}
            try:
                result = method(self, *args)
            except KernelError as error:
                tracer.syscall(name, shown, error.errno, None)
                raise
            except WouldBlock:
                tracer.syscall(name, shown, WAITS, None)
                raise
            tracer.syscall(name, shown, SUCCESS, plain(result))
            return result

        return call

    methods = {row.name: wrap(row.name, [name for name, _ in row.parameters]) for row in table()}
    return type("Traced" + base.__name__, (base,), {"__slots__": ()} | methods)


def plain(value: Any) -> Any:
    """Any argument or result of a syscall as data that JSON can hold: bytes shortened, buffers by their lengths."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, bytes):
        return value[:SHOWN].decode("utf-8", "backslashreplace") + ("..." if len(value) > SHOWN else "")
    if isinstance(value, memoryview):
        return len(value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return {name: plain(getattr(value, name)) for name in value.__slots__ if name not in ("inode", "fs", "encoded")}
