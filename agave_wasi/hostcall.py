"""The funnel between a guest and the kernel: what generated host-call code shares, for one instance of a guest.

A raw call lifts its arguments, calls the method of the specification's name, which makes one kernel call, and lowers the
result. KernelError becomes an errno. WouldBlock parks the call: its lifted values stay with the process, the guest is told
to wait, and when the wait is over the call starts again at the method. Any other exception is kept here and stops the
guest; the engine raises it again when the guest's frames are gone, so nothing of ours is ever mistaken for a result.
"""

from __future__ import annotations

from ctypes import c_char

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kernel_sim.process import Process
    from kernel_sim.wait import Wait

RETRY = 0xFFFF_FFFF
"""What a parked call answers instead of an errno: wait, then call `resume`."""
MAX_SLOTS = 9
MAX_FRAMES = 1024
"""Slot arrays live on the guest's stack; so many addresses are remembered before all are forgotten."""

_SlotArray = c_char * (16 * MAX_SLOTS)


class HostCalls:
    """One guest instance's side of the funnel.

    `methods` are the bound methods by name, `errno` the ABI's numbers. An engine provides `memory(caller)` and
    `new_trap() -> address`; `inline_wait`, when set, waits on the spot, because the guest can't be suspended there.
    """

    __slots__ = (
        "process", "methods", "errno", "memory", "new_trap", "frames", "pending", "wait", "no_memory", "inline_wait",
        "enter", "leave", "leave_error",
    )  # fmt: skip

    def __init__(
        self, process: Process, methods: Mapping[str, Callable[..., object]], errno: Mapping[str, int]
    ) -> None:
        self.process = process
        self.methods = methods
        self.errno = errno
        self.memory: Callable[[int], memoryview] = _no_memory
        self.new_trap: Callable[[], int] = _no_trap
        self.frames: dict[int, memoryview] = {}
        self.pending: BaseException | None = None
        self.wait: Wait | None = None
        self.no_memory = memoryview(b"")
        self.inline_wait: Callable[[Wait], None] | None = None
        self.enter: Callable[[str, dict[str, object]], None] = _no_trace
        self.leave: Callable[[dict[str, object]], None] = _no_trace
        self.leave_error: Callable[[str], None] = _no_trace

    def frame(self, address: int) -> memoryview:
        """The slots at `address` as 32-bit numbers: arguments on entry, and the result in number 0."""
        if len(self.frames) >= MAX_FRAMES:
            self.frames.clear()
        view = self.frames[address] = memoryview(_SlotArray.from_address(address)).cast("B").cast("I")
        return view

    def fail(self, error: BaseException) -> int:
        """Keep an exception and stop the guest."""
        self.pending = error
        return self.new_trap()

    def park(self, name: str, values: tuple[object, ...], outputs: tuple[int, ...], wait: Wait) -> int:
        """Leave a call waiting; the guest will ask again, perhaps after having been suspended."""
        self.process.parked = (name, values, outputs)
        if self.inline_wait is None:
            self.wait = wait
        else:
            self.inline_wait(wait)
        return RETRY


def _no_memory(caller: int) -> memoryview:
    raise RuntimeError("no engine has bound this guest's memory")


def _no_trap() -> int:
    raise RuntimeError("no engine has bound this guest")


def _no_trace(*_: object) -> None:
    raise RuntimeError("this guest is not traced")
