"""Guests on machines under the scheduler: calls, waits, pipes, ends."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from kernel_sim.cpu.errno import NUMBERS
from kernel_sim.cpu.faults import Fault
from kernel_sim.cpu.guest import MachineGuest
from kernel_sim.cpu.machine import Machine
from kernel_sim.errors import Deadlock, LimitReached, ProcessExit
from kernel_sim.kernel import Kernel
from kernel_sim.openfile import OpenFile
from kernel_sim.process import Process
from kernel_sim.sched import Scheduler, Task
from kernel_sim.trace import Tracer
from tests.kernel_sim.cpu.assembled import (
    DATA,
    FOREVER,
    UD2,
    call,
    exit,
    keep_error,
    machine,
    poke,
    store,
    word,
)

READV, WRITEV, POLL, GETTIME, YIELD = 1, 3, 48, 56, 68
SECOND = 1_000_000_000
VECTOR, TEXT = DATA + 0x100, DATA + 0x200


class Bench:
    """A kernel, a scheduler, and the guests on it."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.scheduler = Scheduler(self.kernel)
        self.events: list[dict[str, Any]] = []

    def process(self) -> Process:
        return self.kernel.new_process([b"prog"], [])

    def start(self, process: Process, code: bytes, text: bytes = b"", **options: Any) -> tuple[Task, Machine]:
        made = machine(code)
        poke(made, TEXT, text)
        poke(made, VECTOR, struct.pack("<QQ", TEXT, len(text) or 16))
        tracer = Tracer(self.kernel, process.pid, self.events.append)
        guest = MachineGuest(self.kernel, process, made, tracer, **options)
        return self.scheduler.add(process, guest), made

    def ends(self, task: Task) -> int:
        with pytest.raises(ProcessExit) as caught:
            self.scheduler.run(until=task)
        return caught.value.code

    def pipe(self, writer: Process, reader: Process) -> None:
        pipe = self.kernel.new_pipe()
        writer.fds.add(OpenFile(pipe.opened(False, True, False), False, True))
        reader.fds.add(OpenFile(pipe.opened(True, False, False), True, False))


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("gate", [True, False])
def test_a_program_ends_with_its_code(bench: Bench, gate: bool) -> None:
    task, made = bench.start(bench.process(), call(GETTIME, 1, gate=gate) + store(DATA) + keep_error(DATA + 8) + exit(7))
    assert bench.ends(task) == 7
    assert (word(made, DATA), word(made, DATA + 8)) == (1000, 0)
    assert [(event["call"], event["errno"], event["result"]) for event in bench.events] == [
        ("clock_gettime", "SUCCESS", {"result": 1000})
    ]


def test_an_error_is_told_in_rdx(bench: Bench) -> None:
    code = call(READV, 0, VECTOR, 1) + store(DATA) + keep_error(DATA + 8) + call(4000) + keep_error(DATA + 16) + exit()
    task, made = bench.start(bench.process(), code)
    bench.ends(task)
    assert [word(made, DATA + at) for at in (0, 8, 16)] == [0, NUMBERS["BADF"], NUMBERS["NOSYS"]]


@pytest.mark.parametrize("gate", [True, False])
@pytest.mark.parametrize("reader_first", [True, False])
def test_two_guests_and_one_pipe(bench: Bench, gate: bool, reader_first: bool) -> None:
    reading, writing = bench.process(), bench.process()
    bench.pipe(writing, reading)
    reader = call(READV, 0, VECTOR, 1, gate=gate) + store(DATA) + keep_error(DATA + 8) + exit(1)
    nap = struct.pack("<4Q", 0, 1, SECOND, 0)
    writer = call(POLL, DATA, 1, DATA + 0x80, 1, gate=gate) + call(WRITEV, 0, VECTOR, 1, gate=gate) + exit(2)

    def start_reader() -> tuple[Task, Machine]:
        return bench.start(reading, reader)

    if reader_first:
        read, made = start_reader()
    write, other = bench.start(writing, writer, b"from me")
    poke(other, DATA, nap)
    if not reader_first:
        read, made = start_reader()
    assert bench.ends(read) == 1
    assert bytes(made.memory.view(TEXT, 7)) == b"from me"
    assert (word(made, DATA), word(made, DATA + 8)) == (7, 0)
    assert bench.kernel.clock.monotonic() >= SECOND
    if write.error is None:
        assert bench.ends(write) == 2
    assert [event["call"] for event in bench.events if event["pid"] == reading.pid] == ["readv"]


def test_a_call_that_must_wait_again_waits_again(bench: Bench) -> None:
    process = bench.process()
    bench.pipe(process, process)
    task, made = bench.start(process, call(READV, 1, VECTOR, 1) + store(DATA) + exit(4))
    for _ in range(3):
        wait = task.runner.resume()
        assert wait is not None and wait.readable == (1,)
    assert len(bench.events) == 0
    bench.kernel.door(process).writev(0, [memoryview(b"abc")])
    assert bench.ends(task) == 4 and word(made, DATA) == 3
    assert [event["call"] for event in bench.events] == ["readv"]


def test_who_waits_for_what_can_t_happen(bench: Bench) -> None:
    process = bench.process()
    bench.pipe(process, process)
    task, _ = bench.start(process, call(READV, 1, VECTOR, 1) + exit())
    with pytest.raises(Deadlock, match="reading fd 1"):
        bench.scheduler.run(until=task)
    assert process.parked is not None and process.parked[0] == "readv"


def test_giving_way_lets_the_other_go_first(bench: Bench) -> None:
    first, second = bench.process(), bench.process()
    polite, _ = bench.start(first, call(YIELD) + call(GETTIME, 1) + exit())
    bench.start(second, call(GETTIME, 1) + exit())
    bench.ends(polite)
    assert [(event["pid"], event["call"]) for event in bench.events] == [
        (second.pid, "clock_gettime"), (first.pid, "sched_yield"), (first.pid, "clock_gettime"),
    ]  # fmt: skip


def test_nobody_keeps_the_cpu(bench: Bench) -> None:
    _, busy = bench.start(bench.process(), FOREVER, slice=100)
    task, _ = bench.start(bench.process(), exit(3))
    assert bench.ends(task) == 3 and busy.count == 100


def test_fuel_is_instructions(bench: Bench) -> None:
    task, made = bench.start(bench.process(), FOREVER, fuel=1234, slice=1000)
    with pytest.raises(LimitReached, match="the fuel limit of 1234"):
        bench.scheduler.run(until=task)
    assert made.count == 1234


def test_a_fault_ends_it(bench: Bench) -> None:
    task, _ = bench.start(bench.process(), UD2)
    with pytest.raises(Fault, match="undefined instruction"):
        bench.scheduler.run(until=task)


def test_somebody_may_stop_it_between_slices(bench: Bench) -> None:
    looks = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            raise KeyboardInterrupt

    bench.kernel.look_up = look
    task, made = bench.start(bench.process(), FOREVER, slice=10)
    with pytest.raises(KeyboardInterrupt):
        bench.scheduler.run(until=task)
    assert made.count == 20


class Stopped(BaseException):
    """What a pause raises."""


class Pause:
    """Writes down what it is told; stops at the call that is named."""

    def __init__(self, at: str = "") -> None:
        self.at = at
        self.told: list[object] = []

    def slice(self, guest: MachineGuest, slice: int) -> int:
        self.told.append((guest.depth, slice))
        return min(slice, 3)

    def broke(self, guest: MachineGuest) -> None:
        self.told.append(guest.machine.pc)
        raise Stopped

    def called(self, guest: MachineGuest, name: str) -> None:
        self.told.append(name)
        if name == self.at:
            raise Stopped


def test_a_pause_is_asked_before_slices_and_calls_and_at_breakpoints() -> None:
    bench = Bench()

    def stops(task: Task) -> None:
        with pytest.raises(Stopped):
            bench.scheduler.run(until=task)

    task, made = bench.start(bench.process(), call(GETTIME, 1) + call(YIELD) + exit(4))
    guest: Any = task.runner
    guest.pause = pause = Pause()
    assert bench.ends(task) == 4
    assert [each for each in pause.told if isinstance(each, str)] == ["clock_gettime", "sched_yield", "exit"]
    assert next(each for each in pause.told if isinstance(each, tuple))[0] == 1 and made.count > 3
    task, made = bench.start(bench.process(), call(GETTIME, 1) + call(YIELD) + exit(4))
    guest = task.runner
    guest.pause = Pause("sched_yield")
    stops(task)
    made.take_back()
    guest.pause = None
    assert bench.ends(bench.scheduler.add(guest.process, guest)) == 4
    assert [event["call"] for event in bench.events].count("sched_yield") == 2
    task, made = bench.start(bench.process(), exit(0))
    task.runner.pause = pause = Pause()  # type: ignore[attr-defined]
    made.break_at(made.pc)
    stops(task)
    assert pause.told[-1] == made.pc
