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
    from typing import Any

    from kernel_sim.process import Process
    from kernel_sim.wait import Wait

RETRY = 0xFFFF_FFFF
"""What a parked call answers instead of an errno: wait, then call `resume`."""
MAX_SLOTS = 9
MAX_FRAMES = 1024
"""Slot arrays live on the guest's stack; so many addresses are remembered before all are forgotten."""

_SlotArray = c_char * (16 * MAX_SLOTS)


class HostCalls:
    """One guest instance's side of the funnel: `methods` are the bound methods by name, `errno` the ABI's numbers.

    The engine binds three things: `memory(caller)` gives a view of the whole guest memory, `suspend(wait)` makes the guest
    wait before it asks again, and `store` takes what stops the guest: an exception as its `pending`, while its `spare` is
    the address of a trap for the callback to answer.
    """

    __slots__ = (
        "process", "methods", "errno", "frames", "no_memory", "memory", "store", "suspend", "enter", "leave", "leave_error",
    )  # fmt: skip

    def __init__(
        self, process: Process, methods: Mapping[str, Callable[..., object]], errno: Mapping[str, int]
    ) -> None:
        self.process = process
        self.methods = methods
        self.errno = errno
        self.frames: dict[int, memoryview] = {}
        self.no_memory = memoryview(b"")
        self.memory: Callable[[int], memoryview] = _unbound
        self.store: Any = None
        self.suspend: Callable[[Wait], None] = _unbound
        self.enter: Callable[[str, dict[str, object]], None] = _untraced
        self.leave: Callable[[dict[str, object]], None] = _untraced
        self.leave_error: Callable[[str], None] = _untraced

    def frame(self, address: int) -> memoryview:
        """The slots at `address` as 32-bit numbers: arguments on entry, and the result in number 0."""
        if len(self.frames) >= MAX_FRAMES:
            self.frames.clear()
        view = self.frames[address] = memoryview(_SlotArray.from_address(address)).cast("B").cast("I")
        return view

    def park(self, name: str, values: tuple[object, ...], outputs: tuple[int, ...], wait: Wait) -> int:
        """Leave a call waiting; the guest will ask again."""
        self.process.parked = (name, values, outputs)
        self.suspend(wait)
        return RETRY


def _unbound(*_: object) -> Any:
    raise RuntimeError("no engine has bound this guest")


def _untraced(*_: object) -> None:
    raise RuntimeError("this guest is not traced")
