"""Counting by blocks: the same counts as by instructions."""

from __future__ import annotations

import random
import struct

import pytest

from kernel_sim.cpu import hooks
from kernel_sim.cpu.blocks import CODE as COUNTING
from kernel_sim.cpu.disassembly import disassemble
from kernel_sim.cpu.faults import Fault
from kernel_sim.cpu.machine import Machine, Stop
from kernel_sim.cpu.memory import Memory
from tests.kernel_sim.cpu.assembled import CODE, DATA, DATA_SIZE, FOREVER, INC_RAX, NOP, STACK, SYSCALL, UD2, load, mov

SIZE = 0x1000


def machine(code: bytes, by_blocks: bool) -> Machine:
    memory = Memory()
    memory.add("code", CODE, SIZE, "rx").view[: len(code)] = code
    memory.add("data", DATA, DATA_SIZE, "rw")
    made = Machine(memory, True, (CODE, SIZE) if by_blocks else None)
    made.write("rip", CODE)
    made.write("rsp", STACK)
    return made


def loop(times: int, body: bytes) -> bytes:
    """The body so many times, counted in rbx."""
    back = len(body) + 3 + 6
    return mov("rbx", times) + body + b"\x48\xff\xcb" + b"\x0f\x85" + struct.pack("<i", -back)


LOOPS = loop(50, INC_RAX * 3) + NOP * 40 + loop(7, INC_RAX) + loop(3, NOP * 30 + INC_RAX)
PROGRAM = LOOPS + SYSCALL + INC_RAX + SYSCALL + FOREVER


def counts(by_blocks: bool, slice: int) -> list[tuple[str, int, int, int]]:
    """After each stop: why, how many instructions, rip, rax; up to the second system call."""
    made, found, calls = machine(PROGRAM, by_blocks), [], 0
    while calls < 2:
        stop = made.run(slice)
        calls += stop == Stop.SYSCALL
        found.append((stop, made.count, made.pc, made.read("rax")))
    return found


@pytest.mark.parametrize("slice", [1, 2, 5, 13, 97, 1000])
def test_every_stop_is_the_same_as_instruction_by_instruction(slice: int) -> None:
    assert counts(True, slice) == counts(False, slice)


@pytest.mark.parametrize("slice", [2, 97])
def test_hosts_that_have_no_use_for_our_machine_code_count_the_same(slice: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = counts(True, slice)
    monkeypatch.setattr(hooks, "NATIVE", False)
    assert counts(True, slice) == expected


def test_a_slice_that_need_not_be_exact_ends_at_a_block_and_goes_on() -> None:
    made, stops, last = machine(PROGRAM, True), 0, -1
    while made.run(10, exact=False) != Stop.SYSCALL:
        assert made.count > last
        last, stops = made.count, stops + 1
    assert stops > 5
    assert made.count == next(count for stop, count, *_ in counts(False, 10_000) if stop == Stop.SYSCALL)


def test_breakpoints_within_blocks_take_back_what_has_not_run() -> None:
    place = random.Random(4)
    bounds = [each.address for each in disassemble(PROGRAM, CODE)]
    for address in place.sample(bounds, 12):
        found = []
        for by_blocks in (True, False):
            made = machine(PROGRAM, by_blocks)
            made.break_at(address)
            found.append([(made.run(), made.count, made.pc) for _ in range(4)])
        assert found[0] == found[1]


@pytest.mark.parametrize("wrong", [UD2, load(0x10), load(CODE + SIZE), b"\xf7\xf3"], ids=["ud2", "null", "beyond", "by zero"])
def test_a_fault_within_a_block_counts_what_is_behind_it(wrong: bytes) -> None:
    found = []
    for by_blocks in (True, False):
        made = machine(INC_RAX * 5 + wrong + INC_RAX, by_blocks)
        with pytest.raises(Fault):
            made.run()
        found.append((made.count, made.pc, made.read("rax")))
    assert found[0] == found[1]
    assert found[0][0] == 5


def test_who_watches_counts_instructions_from_then_on() -> None:
    made = machine(loop(5, b"\x48\x89\x04\x25" + struct.pack("<I", DATA) + INC_RAX), True)
    made.run(3)
    made.watch(DATA, 8)
    assert made.run() == Stop.WATCHPOINT
    assert made.watched == ("write", DATA, 8)
    assert made.count == 6


def test_the_counting_code_is_what_its_comments_say() -> None:
    lines = [each.text for each in disassemble(COUNTING, 0)]
    assert lines[4] == "jae 0x3c" and lines[10] == "jne 0x3c" and lines[14] == "ja 0x35"
    assert lines[-1] == "jmp qword ptr [rcx + 0x38]"
    assert "(bad)" not in lines


@pytest.mark.parametrize("slice", [1, 2, 1000])
def test_the_time_is_that_of_the_instruction_that_asks(slice: int) -> None:
    code = INC_RAX * 3 + b"\x0f\x31" + INC_RAX * 4 + b"\xeb\xfe"
    for by_blocks in (True, False):
        made = machine(code, by_blocks)
        while made.count < 20:
            made.run(min(slice, 20 - made.count))
        assert made.read("rax") == 4 + 4


def test_what_the_disassembler_does_not_know_is_taken_back_too() -> None:
    for by_blocks in (True, False):
        made = machine(b"\x9a\x6c\x86\xe3", by_blocks)  # a far call, which there isn't in 64 bits
        with pytest.raises(Fault, match="undefined instruction"):
            made.run()
        assert made.count == 0


def test_what_is_refused_within_a_block_is_not_taken_back_twice() -> None:
    """The rest of a slice is counted by a counter that is made later than the hooks of what is refused."""
    for slice in (1, 2, 3, 1000):
        made = machine(INC_RAX * 2 + b"\x0f\xc7\xf0", True)
        with pytest.raises(Fault, match="undefined instruction"):
            while True:
                made.run(slice)
        assert (made.count, made.pc) == (2, CODE + 6)
        made = machine(INC_RAX * 8, True)
        made.break_at(CODE + 6)
        while made.run(slice) != Stop.BREAKPOINT:
            assert made.count <= 2
        assert (made.count, made.pc) == (2, CODE + 6)
