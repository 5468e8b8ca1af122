"""The funnel with a stand-in for the engine: slots, parked calls, and exceptions that must not leave a callback."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from agave_wasi.hostcall import MAX_FRAMES, MAX_SLOTS, RETRY, HostCalls
from agave_wasi.preview1.errno import NUMBERS
from agave_wasi.preview1.interface import Preview1, callbacks, function_names
from kernel_sim.errors import KernelError, WouldBlock
from kernel_sim.kernel import Kernel
from kernel_sim.wait import Wait

SPARE = 12345
"""What stands for the address of a trap."""


class Engine:
    """Guest memory and slots, and what the engine keeps."""

    def __init__(self, traced: bool = False, **methods: Callable[..., object]) -> None:
        self.kernel = Kernel()
        self.process: Any = self.kernel.new_process([b"me"], [])
        interface = Preview1(self.kernel.door(self.process))
        bound = {name: getattr(interface, name) for name in function_names(Preview1)} | methods
        self.host = HostCalls(self.process, bound, NUMBERS)
        self.pending: Any = None
        self.spare = SPARE
        self.waits: list[Wait] = []
        self.guest = bytearray(1 << 16)
        self.views = 0
        self.host.store = self
        self.host.memory = self.memory
        self.host.suspend = self.waits.append
        self.events: list[tuple[Any, ...]] = []
        self.host.enter = lambda name, args: self.events.append(("enter", name, args))
        self.host.leave = lambda result: self.events.append(("leave", result))
        self.host.leave_error = lambda errno: self.events.append(("error", errno))
        self.code = callbacks(Preview1, traced).link(self.host)
        self.slots = (ctypes.c_uint64 * (2 * MAX_SLOTS))()

    def memory(self, caller: int) -> memoryview:
        self.views += 1
        return memoryview(self.guest)

    def call(self, name: str, *arguments: int, junk: int = 0) -> tuple[int, int]:
        """(trap, first slot); `junk` fills what the ABI leaves undefined."""
        for at, value in enumerate(arguments):
            self.slots[2 * at] = value | junk << 32
            self.slots[2 * at + 1] = junk
        trap = self.code[name](0, 0, ctypes.addressof(self.slots))
        return trap, self.slots[0] & 0xFFFF_FFFF


def test_upper_halves_of_slots_are_not_looked_at() -> None:
    engine = Engine()
    assert engine.call("random_get", 8, 8, junk=0xDEAD_BEEF) == (0, 0)
    assert engine.guest[8:16] != bytes(8) and engine.guest[16:24] == bytes(8)
    assert engine.call("fd_close", 99, junk=0xFFFF_FFFF) == (0, NUMBERS["BADF"])


def test_the_view_of_memory_is_made_once_and_again_after_growth() -> None:
    engine = Engine()
    for _ in range(5):
        assert engine.call("random_get", 8, 8) == (0, 0)
    assert engine.views == 1
    engine.guest = bytearray(1 << 17)
    assert engine.call("random_get", (1 << 17) - 8, 8) == (0, 0)
    assert engine.views == 2
    assert engine.call("random_get", (1 << 17) - 7, 8)[0] == SPARE
    assert engine.views == 3


def test_addresses_of_slots_are_forgotten_in_the_end() -> None:
    engine = Engine()
    arrays = [(ctypes.c_uint64 * (2 * MAX_SLOTS))() for _ in range(3 * MAX_FRAMES)]
    for array in arrays:
        array[0] = 99
        assert engine.code["fd_close"](0, 0, ctypes.addressof(array)) == 0
        assert array[0] & 0xFFFF_FFFF == NUMBERS["BADF"]
    assert len(engine.host.frames) <= MAX_FRAMES


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit, MemoryError, RecursionError, AssertionError])
def test_every_function_keeps_what_its_method_raises(kind: type[BaseException], traced: bool) -> None:
    def broken(*_: object) -> None:
        raise kind("mine")

    engine = Engine(traced, **dict.fromkeys(function_names(Preview1), broken))
    sound = {"poll_oneoff": (0, 64, 1, 128), "clock_time_get": (0, 0, 8)}
    for name in function_names(Preview1):
        engine.pending, engine.spare = None, SPARE
        assert engine.call(name, *sound.get(name, (0,) * MAX_SLOTS))[0] == SPARE, name
        assert isinstance(engine.pending, kind), name
        assert engine.spare == 0


@pytest.mark.parametrize("traced", [False, True])
def test_every_errno_arrives_as_its_number(traced: bool) -> None:
    answers: list[str] = []

    def failing(*_: object) -> None:
        raise KernelError(answers[-1])

    engine = Engine(traced, fd_close=failing)
    for name, number in NUMBERS.items():
        answers.append(name)
        assert engine.call("fd_close", 0) == (0, number)
    answers.append("UNHEARD OF")
    assert engine.call("fd_close", 0)[0] == SPARE
    assert isinstance(engine.pending, KeyError)


@pytest.mark.parametrize("traced", [False, True])
def test_a_parked_call_starts_again_with_the_values_that_were_lifted(traced: bool) -> None:
    calls: list[Any] = []
    outcomes: list[Any] = [WouldBlock(Wait((0,))), WouldBlock(Wait((0,))), 7]

    def fd_read(fd: int, iovs: tuple[memoryview, ...]) -> int:
        calls.append((fd, [len(view) for view in iovs]))
        outcome = outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return int(outcome)

    engine = Engine(traced, fd_read=fd_read)
    engine.guest[0:8] = (16).to_bytes(4, "little") + (32).to_bytes(4, "little")
    assert engine.call("fd_read", 5, 0, 1, 8) == (0, RETRY)
    assert engine.process.parked is not None and engine.process.parked[0] == "fd_read"
    engine.guest[0:8] = bytes(8)  # what the guest's memory says by now is of no interest
    assert engine.call("resume") == (0, RETRY)
    assert engine.call("resume") == (0, 0)
    assert calls == [(5, [32])] * 3
    assert int.from_bytes(engine.guest[8:12], "little") == 7
    assert engine.process.parked is None and len(engine.waits) == 2
    if traced:
        assert [event[0] for event in engine.events] == ["enter", "leave"]


@pytest.mark.parametrize("traced", [False, True])
def test_a_parked_call_may_fail_in_the_end(traced: bool) -> None:
    outcomes: list[BaseException] = [WouldBlock(Wait((0,))), KernelError("PIPE"), WouldBlock(Wait((0,))), ValueError("bug")]

    def fd_read(*_: object) -> None:
        raise outcomes.pop(0)

    engine = Engine(traced, fd_read=fd_read)
    assert engine.call("fd_read", 5, 0, 1, 8) == (0, RETRY)
    assert engine.call("resume") == (0, NUMBERS["PIPE"])
    assert engine.call("fd_read", 5, 0, 1, 8) == (0, RETRY)
    assert engine.call("resume")[0] == SPARE
    assert isinstance(engine.pending, ValueError)


def test_what_waiting_raises_does_not_leave_the_callback() -> None:
    def fd_read(*_: object) -> None:
        raise WouldBlock(Wait((0,)))

    def interrupted(wait: Wait) -> None:
        raise KeyboardInterrupt

    engine = Engine(fd_read=fd_read)
    engine.host.suspend = interrupted
    assert engine.call("fd_read", 5, 0, 1, 8)[0] == SPARE
    assert isinstance(engine.pending, KeyboardInterrupt)


def test_nothing_is_bound_before_an_engine_binds_it() -> None:
    kernel = Kernel()
    host = HostCalls(kernel.new_process([], []), {}, NUMBERS)
    for use in (host.memory, host.suspend):
        with pytest.raises(RuntimeError, match="no engine has bound this guest"):
            use(0)  # type: ignore[arg-type]
    for trace in (host.enter, host.leave, host.leave_error):
        with pytest.raises(RuntimeError, match="is not traced"):
            trace("x")  # type: ignore[call-arg, arg-type]
