"""Running machine code: slices, counts, steps, faults, breakpoints, watchpoints."""

from __future__ import annotations

import weakref

import pytest

from kernel_sim.cpu.faults import Fault
from kernel_sim.cpu.layout import FRAME, GATE
from kernel_sim.cpu.machine import Machine, Stop
from tests.kernel_sim.cpu.assembled import (
    CODE,
    DATA,
    FOREVER,
    HLT,
    INC_RAX,
    INT3,
    NOP,
    RDTSC,
    SYSCALL,
    UD2,
    call,
    keep_error,
    load,
    machine,
    mov,
    poke,
    store,
    word,
)

LOOP = INC_RAX * 6 + b"\xeb\xec"
"""Six instructions that count in rax, and one back to the first."""


@pytest.mark.parametrize("slice", [1, 2, 3, 100])
def test_a_halt_is_one_wherever_slices_end(slice: int) -> None:
    running = machine(INC_RAX + NOP + HLT + INC_RAX + FOREVER)
    with pytest.raises(Fault, match="halt instruction at 0x10004"):
        for _ in range(100):
            running.run(slice)
    assert (running.count, running.read("rax")) == (2, 1)


def test_a_slice_is_exactly_so_many_instructions() -> None:
    running = machine(LOOP)
    assert running.run(7 * 100) == Stop.SLICE
    assert (running.count, running.read("rax"), running.pc) == (700, 600, CODE)
    assert running.run(1) == running.step() == Stop.SLICE
    assert (running.count, running.read("rax"), running.pc) == (702, 602, CODE + 6)


def test_slicing_changes_nothing() -> None:
    def state(slice: int) -> tuple[int, dict[str, int], int]:
        running = machine(store(DATA) + INC_RAX * 5 + b"\xeb\xe7")
        while running.count < 9_000:
            running.run(min(slice, 9_000 - running.count))
        return running.count, running.registers(), word(running, DATA)

    assert state(1) == state(7) == state(1000) == state(9_000)


def test_without_counting_slices_end_too_and_nothing_is_lost() -> None:
    running = machine(LOOP, counting=False)
    reached = [0]
    for _ in range(5):
        assert running.run() == Stop.SLICE
        reached.append(running.read("rax"))
    assert running.count == 0 and sorted(set(reached)) == reached
    place, counted = (running.pc - CODE) // 3, reached[-1]
    assert counted % 6 == place % 6
    with pytest.raises(ValueError):
        running.step()
    with pytest.raises(ValueError):
        running.watch(DATA, 8)


def test_python_and_the_cpu_see_the_same_memory() -> None:
    running = machine(load(DATA) + INC_RAX + store(DATA + 8) + FOREVER)
    poke(running, DATA, (41).to_bytes(8, "little"))
    running.run(3)
    assert word(running, DATA + 8) == 42
    poke(running, DATA, b"\0" * 8)
    running.write("rip", CODE)
    running.run(3)
    assert word(running, DATA + 8) == 1


@pytest.mark.parametrize(
    "code, cause, access, address, at",
    [
        (UD2, "undefined instruction", "", 0, 0),
        (b"\x31\xc9\xf7\xf1", "divide error", "", 0, 2),
        (HLT, "halt instruction", "", 0, 0),
        (INT3, "breakpoint instruction", "", 0, 1),
        (b"\xcd\x80", "interrupt 0x80, which nothing answers,", "", 0, 2),
        (load(0x5000), "page fault", "read", 0x5000, 0),
        (store(0x5000), "page fault", "write", 0x5000, 0),
        (store(CODE), "protection fault", "write", CODE, 0),
        (mov("rax", DATA) + b"\xff\xe0", "protection fault", "execute", DATA, DATA - CODE - 1),
        (mov("rax", 0x5000) + b"\xff\xe0", "page fault", "execute", 0x5000, 0x5000 - CODE - 1),
        (mov("rax", GATE) + b"\x48\x89\x00", "protection fault", "write", GATE, 10),
    ],
)
@pytest.mark.parametrize("counting", [True, False])
def test_what_the_code_can_t_do_is_a_fault(
    code: bytes, cause: str, access: str, address: int, at: int, counting: bool
) -> None:
    running = machine(NOP + code, counting)
    with pytest.raises(Fault) as caught:
        running.run()
    fault = caught.value
    assert (fault.cause, fault.access, fault.address, fault.pc) == (cause, access, address, CODE + 1 + at)


def test_a_syscall_stops_behind_itself_and_is_answered() -> None:
    running = machine(call(7, 1, 2, 3, 4, 5, 6, 7, 8) + store(DATA) + keep_error(DATA + 8) + FOREVER)
    seen: list[tuple[int, list[int]]] = []

    def later(number: int, arguments: list[int]) -> bool:
        seen.append((number, arguments))
        return False

    running.on_syscall = later
    assert running.run() == Stop.SYSCALL
    assert seen == [(7, [1, 2, 3, 4, 5, 6, 7, 8])]
    running.leave(-2, 22)
    running.run(2)
    assert (word(running, DATA), word(running, DATA + 8)) == ((1 << 64) - 2, 22)


@pytest.mark.parametrize("gate", [True, False])
def test_a_syscall_can_be_answered_on_the_spot(gate: bool) -> None:
    running = machine(call(9, 5, gate=gate) + store(DATA) + keep_error(DATA + 8) + FOREVER)

    def add(number: int, arguments: list[int]) -> bool:
        running.leave(number + arguments[0], 3)
        return True

    running.on_syscall = add
    assert running.run(100) == Stop.SLICE
    assert (word(running, DATA), word(running, DATA + 8)) == (14, 3)


def test_the_gate_keeps_all_but_what_syscall_itself_takes() -> None:
    running = machine(mov("rcx", 7) + call(9, *range(11, 19), gate=True) + FOREVER)

    def answer(number: int, arguments: list[int]) -> bool:
        running.leave(0)
        return True

    running.on_syscall = answer
    before = running.registers()
    running.run(100)
    after = running.registers()
    expected = {"rdi": 11, "rsi": 12, "r10": 14, "r8": 15, "r9": 16, "r12": 17, "r13": 18, "rbx": GATE, "rcx": 7}
    assert {name: after[name] for name in expected} == expected
    assert after["rsp"] == before["rsp"] and after["r11"] == FRAME


def test_what_a_call_raises_comes_out_of_the_run() -> None:
    running = machine(SYSCALL + FOREVER)

    def fail(number: int, arguments: list[int]) -> bool:
        raise KeyError("ours")

    running.on_syscall = fail
    with pytest.raises(KeyError, match="ours"):
        running.run()


def test_time_stamps_are_not_the_host_s() -> None:
    running = machine(RDTSC + b"\x0f\x01\xf9" + FOREVER)
    running.clock = lambda: 0x1234_5678_9ABC_DEF0
    for _ in range(2):
        running.step()
        assert (running.read("rax"), running.read("rdx")) == (0x9ABC_DEF0, 0x1234_5678)
        running.write("rax", 0)


def test_breakpoints_stop_before_their_instruction_each_time() -> None:
    running = machine(LOOP)
    running.run(100)
    running.break_at(CODE + 6)
    running.break_at(CODE + 6)
    counts = []
    for _ in range(3):
        assert running.run() == Stop.BREAKPOINT and running.pc == CODE + 6
        counts.append(running.count)
    assert counts == [100, 107, 114]
    assert running.step() == Stop.SLICE and running.pc == CODE + 9
    running.clear_break(CODE + 6)
    assert running.run(700) == Stop.SLICE
    with pytest.raises(KeyError):
        running.clear_break(CODE + 6)


def test_watchpoints_stop_after_the_access() -> None:
    running = machine(load(DATA) + INC_RAX + store(DATA) + load(DATA + 8) + FOREVER)
    running.watch(DATA, 8)
    assert running.run() == Stop.WATCHPOINT
    assert running.watched == ("write", DATA, 8) and word(running, DATA) == 1
    assert (running.count, running.pc) == (3, CODE + 8 + 3 + 8)
    assert running.run(10) == Stop.SLICE
    running.unwatch()
    running.watch(DATA, 16, read=True, write=False)
    running.write("rip", CODE)
    assert running.run() == Stop.WATCHPOINT and running.watched == ("read", DATA, 8)
    assert running.run() == Stop.WATCHPOINT and running.watched == ("read", DATA + 8, 8)
    running.unwatch()
    running.write("rip", CODE)
    assert running.run(10) == Stop.SLICE and running.watched is None


def test_machines_are_apart() -> None:
    first, second = machine(LOOP), machine(LOOP)
    first.run(70)
    second.run(7)
    assert (first.read("rax"), second.read("rax")) == (60, 6)
    assert isinstance(first, Machine)


@pytest.mark.parametrize("counting", [True, False])
def test_slices_end_also_behind_a_call_within_a_call(counting: bool) -> None:
    loop = mov("rax", 0) + INC_RAX * 6 + b"\x48\x3d\x00\x00\x04\x00" + b"\x75\xe6"  # until rax is 0x40000
    code = SYSCALL + loop + HLT + SYSCALL
    inner = CODE + len(code) - len(SYSCALL)
    running = machine(code, counting)
    seen = []

    def answer(number: int, arguments: list[int]) -> bool:
        seen.append(running.counter.count)
        if len(seen) == 1:
            pushed = running.push()
            running.pc = inner
            assert running.run() == Stop.SYSCALL
            running.pop(pushed)
            seen.append(running.counter.count)
            running.leave(7)
            return True
        return False

    running.on_syscall = answer
    assert running.run(1000) == Stop.SLICE  # and doesn't run into the end
    assert len(seen) == 3 and seen[2] == seen[1]  # what the machine does for itself doesn't count
    if counting:
        assert seen == [1, 2, 2] and running.count == 1000


OUTER = call(5) + INC_RAX + FOREVER
INNER = CODE + len(OUTER)


@pytest.mark.parametrize("counting", [True, False])
def test_a_run_within_a_system_call_leaves_the_cpu_as_it_was(counting: bool) -> None:
    running = machine(OUTER + LOOP, counting)
    stops: list[str] = []

    def answer(number: int, arguments: list[int]) -> bool:
        pushed = running.push()
        running.write("rip", INNER)
        stops.extend(running.run(700) for _ in range(3))
        running.pop(pushed)
        running.leave(100)
        return True

    running.on_syscall = answer
    assert [running.run(1000) for _ in range(4)] == [Stop.SLICE] * 4
    assert stops == [Stop.SLICE] * 3
    assert (running.read("rax"), running.pc) == (101, INNER - len(FOREVER))
    if counting:
        assert running.count >= 3 * 700


def test_runs_within_runs_one_after_the_other_and_one_inside_the_other() -> None:
    """What was put aside last comes back first, as it was."""
    code = mov("rbx", 1) + call(1) + mov("rbx", 2) + call(1) + FOREVER
    inner = mov("rbx", 3) + call(2) + mov("rbx", 4) + call(3)
    running = machine(code + inner)
    seen: list[tuple[int, int]] = []

    def answer(number: int, arguments: list[int]) -> bool:
        if number == 3:
            return False
        pushed = running.push()
        if number == 1:
            running.pc = CODE + len(code)
            assert running.run() == Stop.SYSCALL
        else:
            running.write("rbx", 5)
        running.pop(pushed)
        seen.append((number, running.read("rbx")))
        running.leave(0)
        return True

    running.on_syscall = answer
    assert running.run(1000) == Stop.SLICE
    assert seen == [(2, 3), (1, 1), (2, 3), (1, 2)]


def test_breakpoints_hold_also_behind_a_run_within_a_run() -> None:
    """The model asks whether it has been stopped where it has more than one hook for an instruction."""
    code = call(1) + INC_RAX + FOREVER
    running = machine(code + SYSCALL)
    running.break_at(CODE + len(code) - len(FOREVER))

    def answer(number: int, arguments: list[int]) -> bool:
        if number != 1:
            return False
        pushed = running.push()
        running.write("rax", 2)
        running.pc = CODE + len(code)
        assert running.run() == Stop.SYSCALL
        running.pop(pushed)
        running.leave(6)
        return True

    running.on_syscall = answer
    assert running.run(1000) == Stop.BREAKPOINT and running.read("rax") == 7


def test_a_closed_machine_keeps_no_memory() -> None:
    running = machine(LOOP)
    running.break_at(CODE + 6)
    assert running.run(100) == Stop.BREAKPOINT
    memory = weakref.ref(running.memory.regions[0].view)
    running.close()
    assert memory() is None


@pytest.mark.parametrize("gate", [False, True])
def test_a_system_call_is_taken_back_and_made_again(gate: bool) -> None:
    running = machine(call(5, 7, gate=gate) + call(69, 0))
    for _ in range(3):
        assert running.run() == Stop.SYSCALL
        count = running.count
        running.take_back()
        assert running.count == count - 1 and bytes(running.memory.view(running.pc, 2)) == SYSCALL
    seen = []

    def answer(number: int, arguments: list[int]) -> bool:
        seen.append((number, arguments[0]))
        running.leave(0)
        return number == 5

    running.on_syscall = answer
    running.run()
    assert seen[0] == (5, 7) and seen[1][0] == 69
