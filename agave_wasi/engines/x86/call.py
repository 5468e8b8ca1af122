"""Calls of guests' functions: from outside, as runs that can be resumed, and from within host functions.

A call from outside stands still when the guest waits: the machine is behind its `syscall`. A call by a host function lies on
the same stack, below what called it; it waits on the spot, and when it is over the CPU's state is as it was.
"""

from __future__ import annotations

from _thread import get_ident
from ctypes import c_float
from functools import lru_cache
from struct import Struct

from agave_wasi.engines import interrupt
from agave_wasi.engines.base import BadCall, EngineError, fitted
from agave_wasi.engines.x86.space import STACK_BEGIN, STUBS
from agave_wasi.engines.x86.traps import ending_of
from kernel_sim.cpu.machine import DEFAULT_SLICE, Stop
from kernel_sim.cpu.trapframe import STACK
from kernel_sim.errors import LimitReached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from agave_wasi.engines.x86.items import Function
    from agave_wasi.engines.x86.store import Store
    from kernel_sim.wait import Wait

    class Pause(Protocol):
        """Who watches a guest for a point at which it is to stop."""

        def slice(self, store: Store, slice: int) -> int:
            """How many instructions to run now, `slice` at the most; raises what stops the guest."""

        def broke(self, store: Store) -> None:
            """The machine stands at a breakpoint; raises what stops the guest."""


MAX_DEPTH = 50
"""So many calls may lie one inside the other: the CPU model counts them, and has room for 64."""
RED_ZONE = 128
_SLOT = {"i": "I12x", "I": "Q8x", "f": "f12x", "F": "d8x"}
_SIGNED = {"i": "i12x", "I": "q8x", "f": "f12x", "F": "d8x"}


@lru_cache(256)
def slots_of(letters: str, signed: bool = False) -> Struct:
    """The layout of values of these types in slots."""
    kinds = _SIGNED if signed else _SLOT
    return Struct("<" + "".join(kinds[letter] for letter in letters))


def enter(store: Store, function: Function, packed: bytes, count: int, below: int) -> memoryview:
    """Have the machine begin a call with `count` slots, of which `packed` are filled, somewhere below `below`: the slots."""
    area = (below - 16 * count) & -16
    start = area - store.stack.start
    if start < 0:
        raise RecursionError("the guest's stack is full")
    if area >= STACK_BEGIN:
        raise EngineError(f"compiled code has its stack at {below:#x}, where none is: its image is damaged")
    slots = store.stack.view[start : start + 16 * count]
    slots[: len(packed)] = packed
    array_call, context = function.entry()
    entry = store.entry
    entry[0], entry[1], entry[2], entry[3], entry[4], entry[5] = area, context, context, area, count, array_call
    store.machine.pc = STUBS
    return slots


def go_on(store: Store) -> bool:
    """Run until the call is over (True) or waits (False); raises what has ended it."""
    machine, limit = store.machine, store.limits.instructions
    while True:
        store.look_up()
        slice = DEFAULT_SLICE
        if limit is not None:
            slice = min(slice, limit - machine.count)
            if slice <= 0:
                raise LimitReached("instructions", limit)
        if store.pause is not None:
            slice = store.pause.slice(store, slice)
        stop = machine.run(slice, exact=slice < DEFAULT_SLICE)
        if stop == Stop.SYSCALL:
            if store.returned:
                store.returned = False
                return True
            store.raise_pending()
            if store.parked is not None:
                return False
            raise EngineError("compiled code has made a system call that there isn't: its image is damaged")
        if stop == Stop.BREAKPOINT and store.pause is not None:
            store.pause.broke(store)


def call_inside(store: Store, function: Function, packed: bytes, count: int) -> memoryview:
    """A call that a host function makes, with `count` slots of which `packed` are filled; a view of them, good until the next.

    Raises what ended the call; the caller's state is as it was then, too.
    """
    if store.depth > MAX_DEPTH:
        raise RecursionError(f"host functions called back into the guest {MAX_DEPTH} times, one inside the other")
    machine, context = store.machine, store.context
    below = machine.frame.words[STACK] - RED_ZONE
    pushed, exits = machine.push(), context.save_exits()
    store.activations.append(exits)
    store.depth += 1
    exposed, interrupt.state.exposed = interrupt.state.exposed, False
    try:
        slots = enter(store, function, packed, count, below)
        if not go_on(store):
            store.parked = None
            raise EngineError("a call within a call can't wait here")
        if store.ended is not None:
            raise store.ended
        return slots
    except BaseException as error:
        ending = ending_of(store, error)
    finally:
        interrupt.state.exposed = exposed
        store.depth -= 1
        store.activations.pop()
        context.restore_exits(exits)
        machine.pop(pushed)
    store.note_ending(ending)
    try:
        raise ending
    finally:
        del ending


class Call:
    """A guest function that runs, waits, or is over. `slots` has the results when it is, as long as nothing else is called."""

    __slots__ = ("store", "finished", "results", "slots", "_function", "_packed", "_count", "_begun")

    def __init__(self, store: Store, function: Function, arguments: tuple[Any, ...]) -> None:
        parameters, results = function.type
        if set(results) - _SLOT.keys():
            raise BadCall("a result of this function has a type that can't be taken out")
        store.require_open()
        self.store = store
        self.finished = False
        self.results: tuple[int | float, ...] = ()
        self._function = function
        self._packed = pack_arguments(parameters, arguments)
        self._count = max(len(parameters), len(results), 1)
        self.slots = memoryview(b"")
        self._begun = False

    @classmethod
    def under_way(cls, store: Store, function: Function) -> Call:
        """A call that the machine, as it is now, is in the middle of; its slots are where an outermost call's always are."""
        call = cls.__new__(cls)
        parameters, results = function.type
        call.store, call.finished, call.results = store, False, ()
        call._function, call._packed, call._begun = function, b"", True
        call._count = max(len(parameters), len(results), 1)
        size = 16 * call._count
        start = STACK_BEGIN - size - store.stack.start
        if start < 0 or set(results) - _SLOT.keys():
            raise EngineError("the function that was called has parameters or results that it can't have been called with")
        call.slots = store.stack.view[start : start + size]
        return call

    def resume(self) -> Wait | None:
        store = self.store
        interrupt.require_frames()
        thread = get_ident()
        if store.depth:
            store.require_thread(thread)
            if store.ended is not None:
                raise store.ended
            self._finish(call_inside(store, self._function, self._packed, self._count))
            return None
        if store.parked is not None and not self._begun:
            raise EngineError("the guest waits in another call, which must be over first")
        store.thread, store.depth = thread, 1
        exposed, interrupt.state.exposed = interrupt.state.exposed, False
        ending: BaseException | None = None
        finished = False
        try:
            finished = self._run()
        except BaseException as error:
            ending = ending_of(store, error)
        finally:
            interrupt.state.exposed = exposed
            store.depth = 0
        if ending is not None:
            self.cancel()
            store.ended = None
            try:
                raise ending
            finally:
                del ending  # its traceback holds this frame
        if not finished:
            return store.wait
        self._finish(self.slots)
        return None

    def _run(self) -> bool:
        store = self.store
        if not self._begun:
            self._begun = True
            self.slots = enter(store, self._function, self._packed, self._count, STACK_BEGIN)
        elif store.parked is not None and not store.unpark():
            return False
        store.raise_pending()
        return go_on(store)

    def _finish(self, slots: memoryview) -> None:
        self.finished = True
        self.slots = slots
        self.results = slots_of(self._function.type[1], signed=True).unpack_from(slots)
        if self.store.ended is not None and not self.store.depth:
            ended, self.store.ended = self.store.ended, None
            raise ended

    def cancel(self) -> None:
        """End a guest that waits: its frames are just left where they are."""
        self.store.parked = self.store.wait = None
        self.store.returned = False
        self.finished = True


def pack_arguments(letters: str, arguments: tuple[Any, ...]) -> bytes:
    """Python's numbers as slots; BadCall if they don't fit."""
    values = fitted(letters, arguments)
    if "f" in letters:  # beyond its range is infinite, as in C
        values = [c_float(value).value if letter == "f" else value for letter, value in zip(letters, values)]
    return slots_of(letters).pack(*values)
