"""A guest without code: memory, realloc that gives one region after the other, handles, slots to call host functions with."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from typing import Any

from agave_wasi.component.calls import Calls
from agave_wasi.component.context import Context, Options
from agave_wasi.component.state import InstanceState, Task
from agave_wasi.component.types import FuncType
from agave_wasi.engines.base import HostFunction
from kernel_sim.kernel import Kernel
from kernel_sim.wait import Wait

SPARE = 12345
"""What stands for the address of a trap."""
HEAP = 4096
JUNK = 0xDEAD_BEEF
PACKED = {"i": "<Q", "I": "<Q", "f": "<f", "F": "<d"}


class Guest:
    """`top` is where realloc gives memory next. Memory is `size` bytes and grows, without moving, as far as `bytes` goes."""

    def __init__(self, encoding: str = "utf8", traced: bool = False, size: int = 1 << 16) -> None:
        self.bytes = bytearray(1 << 18)
        self.size = size
        self.encoding = encoding
        self.top = HEAP
        self.asked: list[tuple[int, int, int, int]] = []
        self.may_leave: list[bool] = []
        self.state = InstanceState("guest")
        self.process: Any = Kernel().new_process([b"me"], [])
        self.calls = Calls(self.process, traced)
        self.calls.store = self
        self.calls.suspend = self._suspend
        self.calls.enter = lambda name, values: self.events.append(("enter", name, values))
        self.calls.leave = lambda values: self.events.append(("leave", values))
        self.pending: Any = None
        self.spare = SPARE
        self.waits: list[Wait] = []
        self.events: list[tuple[Any, ...]] = []
        self.slots = (ctypes.c_uint64 * 34)()

    def _suspend(self, wait: Wait) -> None:
        self.waits.append(wait)

    def memory(self) -> memoryview:
        return memoryview(self.bytes)[: self.size]

    def realloc(self, old: int, old_size: int, align: int, size: int) -> int:
        self.asked.append((old, old_size, align, size))
        self.may_leave.append(self.state.may_leave)
        at = (self.top + align - 1) & -align
        self.top = at + size
        self.size = max(self.size, self.top)
        assert self.size <= len(self.bytes)
        return at

    def options(self, **others: Any) -> Options:
        return Options(self.encoding, self.memory, self.realloc)._replace(**others)

    def context(self, **others: Any) -> Context:
        context = Context(self.options(**others), self.state)
        context.require(0, self.size)
        context.task = Task(FuncType(()), self.state, None)
        return context

    def put(self, data: bytes, at: int = 256) -> int:
        self.bytes[at : at + len(data)] = data
        return at

    def call(self, function: HostFunction, *flat: float) -> Any:
        """Call a host function with core values: its core result, or None. What it leaves as pending is raised."""
        for at, (letter, value) in enumerate(zip(function.parameters, flat, strict=True)):
            self.slots[2 * at : 2 * at + 2] = [0, JUNK]
            if letter == "i":
                self.slots[2 * at] = int(value) | JUNK << 32
            else:
                struct.pack_into(PACKED[letter], self.slots, 16 * at, value)
        trap = function.callback(0, 0, ctypes.addressof(self.slots))
        if trap:
            assert (trap, self.spare) == (SPARE, 0)
            pending, self.pending, self.spare = self.pending, None, SPARE
            raise pending
        assert self.pending is None
        if function.blocking:
            return self.slots[0] & 0xFFFF_FFFF
        if not function.results:
            return None
        letter = function.results
        form = {"i": "<I", "I": "<Q", "f": "<f", "F": "<d"}[letter]
        return struct.unpack_from(form, self.slots, 0)[0]

    def resume(self) -> int:
        return self.call(HostFunction("", "i", self.calls.resume))  # type: ignore[no-any-return]


def raising(error: BaseException) -> Callable[..., Any]:
    """A function that raises `error`."""

    def function(*values: object) -> object:
        raise error

    return function
