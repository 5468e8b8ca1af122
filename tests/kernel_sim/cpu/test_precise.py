"""Faults are precise: the same instruction, count and registers wherever slices end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from kernel_sim.cpu.faults import Fault
from kernel_sim.cpu.layout import PAGE
from kernel_sim.cpu.machine import Machine, Stop
from kernel_sim.cpu.memory import Memory
from kernel_sim.cpu.registers import read_all
from tests.kernel_sim.cpu.assembled import CODE, DATA, FOREVER, HLT, INC_RAX, INT3, NOP, RDTSC, SYSCALL, UD2, machine, mov

EDGE = CODE + PAGE
DATA_END = DATA + PAGE
SLICES = (1, 2, 3, 4, 5, 1000)
FLD1 = b"\xd9\xe8"
STORES = {
    "fstp m80": b"\xdb\x3b", "fbstp": b"\xdf\x33", "fnstenv": b"\xd9\x33", "fnsave": b"\xdd\x33", "fxsave": b"\x0f\xae\x03",
    "xsave": b"\x0f\xae\x23", "movups": b"\x0f\x11\x03", "movaps": b"\x0f\x29\x03", "mov": b"\x48\x89\x03",
    "add": b"\x48\x01\x03", "xchg": b"\x48\x87\x03", "pop": b"\x8f\x03", "push": b"\xff\x33", "call": b"\xff\x13",
    "fld m80": b"\xdb\x2b", "fxrstor": b"\x0f\xae\x0b", "movups load": b"\x0f\x10\x03",
}  # fmt: skip
"""Instructions that access what rbx points to."""
LARGE = STORES.keys() - {"mov", "add", "xchg", "pop", "push", "call"}
"""Of more than eight bytes."""
STEP = mov("rax", 0x102) + b"\x50\x9d" + INC_RAX
"""popf sets the trap flag, so the instruction behind it is the last."""
RANDOM = [
    *STORES.values(), FLD1, b"\xc8\x10\0\3", b"\xc9", b"\x50", b"\x58", b"\xf3\xa4", b"\xf3\x48\xab", b"\xac", INC_RAX,
    b"\x48\x83\xc3\x07", b"\x48\x85\xc0", b"\x74\x02", b"\x75\xfa", b"\x9c", b"\x9d", b"\xf7\xf3", UD2, INT3, b"\xcd\x80",
    b"\xf1", HLT, NOP, SYSCALL, RDTSC, b"\x0f\xc7\xf0", b"\xe8\0\0\0\0", b"\xc3", b"\xff\xe3", b"\xe2\xfd", b"\x48", b"\xf3",
]  # fmt: skip


def made(code: bytes, at_edge: bool = False, counting: bool = True, blocks: bool = False, **registers: Any) -> Machine:
    """A machine about to begin `code`, which ends where its region ends, or is at its beginning; nothing is behind the data."""
    memory = Memory()
    region = memory.add("code", CODE, PAGE, "rx")
    start = EDGE - len(code) if at_edge else CODE
    region.view[:] = NOP * PAGE
    region.view[start - CODE : start - CODE + len(code)] = code
    memory.add("data", DATA, PAGE, "rw").view[:] = b"\xaa" * PAGE
    running = Machine(memory, counting, (CODE, PAGE) if blocks else None)

    def answer(number: int, arguments: list[int]) -> bool:
        running.leave(number + 1)
        return True

    running.on_syscall = answer
    for name, value in {"rip": start, "rsp": DATA_END - 64, **registers}.items():
        running.write(name, value)
    return running


def outcome(running: Machine, slices: Iterator[int], most: int = 200) -> tuple[object, ...]:
    """How it ended, where, after how many instructions, and what registers and memory were then."""
    ending: object = None
    while ending is None and running.count < most:
        try:
            running.run(min(next(slices), most - running.count))
        except Fault as fault:
            ending = str(fault), fault.pc
    return ending, running.pc, running.count, read_all(running), bytes(running.memory.named("data").view)


def forever(slice: int) -> Iterator[int]:
    while True:
        yield slice


@pytest.mark.parametrize("blocks", [False, True])
@pytest.mark.parametrize(
    "code, count, at",
    [
        (INC_RAX * 5, 5, EDGE), (INC_RAX * 5 + b"\x48\xb8\0\0", 5, EDGE - 4), (NOP * 3 + b"\x48", 3, EDGE - 1),
        (b"\x0f", 0, EDGE - 1),
    ],
)  # fmt: skip
def test_code_that_ends_is_executed_to_its_end(code: bytes, count: int, at: int, blocks: bool) -> None:
    for slice in SLICES:
        running = made(code, at_edge=True, blocks=blocks)
        ending, *found = outcome(running, forever(slice))[:3]
        assert ending == (f"page fault: there is no code at {EDGE:#x}", at)
        assert found == [at, count] and running.read("rip") == at
        assert running.read("rax") == count * code.startswith(INC_RAX)


def test_code_that_ends_is_executed_to_its_end_where_nothing_is_counted() -> None:
    running = made(INC_RAX * 5, at_edge=True, counting=False)
    with pytest.raises(Fault) as caught:
        running.run()
    assert (caught.value.pc, running.pc, running.read("rax")) == (EDGE, EDGE, 5)


@pytest.mark.parametrize("code", [INC_RAX * 5, mov("rbx", 0x5000) + b"\xff\xe3"], ids=["edge", "jump"])
def test_a_limit_before_what_is_no_code_is_a_limit(code: bytes) -> None:
    """Nothing is fetched that isn't to be executed."""
    for limit in range(1, 7):
        running = made(code, at_edge=True)
        steps = 5 if code.startswith(INC_RAX) else 2
        if limit <= steps:
            assert running.run(limit) == Stop.SLICE
            assert running.count == limit
        else:
            with pytest.raises(Fault, match="no code"):
                running.run(limit)
            assert running.count == steps


def test_what_happens_before_the_edge_happens_there() -> None:
    store = b"\x48\x89\x03"
    running = made(INC_RAX + store + INC_RAX, at_edge=True, rbx=0x5000)
    with pytest.raises(Fault, match="write at 0x5000"):
        running.run()
    assert (running.count, running.pc, running.read("rax")) == (1, EDGE - 6, 1)
    running = made(INC_RAX * 3, at_edge=True)
    running.break_at(EDGE - 3)
    assert [running.run(), running.count, running.pc] == [Stop.BREAKPOINT, 2, EDGE - 3]
    with pytest.raises(Fault, match="no code"):
        running.run()
    assert running.count == 3
    running = made(INC_RAX + store + INC_RAX, at_edge=True, rbx=DATA)
    running.watch(DATA, 8)
    assert [running.run(), running.count, running.pc] == [Stop.WATCHPOINT, 2, EDGE - 3]


def test_what_was_executed_at_the_edge_goes_on_elsewhere_another_time() -> None:
    """The blocks that were made for one instruction each are forgotten."""
    running = made(NOP + INC_RAX * 2, at_edge=True)
    with pytest.raises(Fault):
        running.run()
    running.write("rip", EDGE - 6)
    with pytest.raises(Fault, match="no code"):
        running.run()
    assert running.read("rax") == 4


@pytest.mark.parametrize(
    "name, before", [(name, before) for name in STORES for before in (0, 4, 8) if before < 8 or name in LARGE]
)
def test_an_access_in_pieces_is_one_fault(name: str, before: int) -> None:
    """At the first byte that isn't there, with the registers as they were; it doesn't count, and neither does what follows."""
    found = []
    for slice in SLICES:
        running = made(FLD1 + INC_RAX + STORES[name] + INC_RAX * 3 + FOREVER, rbx=DATA_END - before)
        found.append(outcome(running, forever(slice)))
        assert (running.count, running.pc, running.read("rax")) == (2, CODE + 5, 1)
    assert all(each == found[0] for each in found)
    if name == "mov":
        assert found[0][0] == (f"page fault: write at {DATA_END:#x}, by the instruction at {CODE + 5:#x}", CODE + 5)
    alone = made(FLD1 + INC_RAX + STORES[name] + INC_RAX * 3 + FOREVER, counting=False, rbx=DATA_END - before)
    with pytest.raises(Fault):
        alone.run()
    assert (alone.pc, read_all(alone)) == (CODE + 5, found[0][3])


@pytest.mark.parametrize(
    "code, count",
    [(UD2, 1), (HLT, 1), (b"\xf7\xf3", 1), (b"\x0f\xc7\xf0", 1), (INT3, 2), (b"\xcd\x80", 2), (STEP, 5)],
    ids=["ud2", "hlt", "divide", "rdrand", "int3", "int 0x80", "single step"],
)  # fmt: skip
def test_a_trap_counts_and_a_fault_does_not(code: bytes, count: int) -> None:
    for slice in SLICES:
        running = made(INC_RAX + code + FOREVER)
        assert outcome(running, forever(slice))[0] is not None
        assert running.count == count


def test_a_limit_before_a_random_number_is_a_limit() -> None:
    running = made(INC_RAX + b"\x0f\xc7\xf0")
    assert [running.run(1), running.count] == [Stop.SLICE, 1]


@pytest.mark.parametrize("seed", range(40))
def test_random_code_ends_the_same_however_it_is_sliced(seed: int) -> None:
    draw = random.Random(seed)
    code = b"".join(draw.choice(RANDOM) for _ in range(draw.randrange(1, 40)))
    registers: dict[str, Any] = {
        "rbx": draw.choice([DATA_END - draw.randrange(600), DATA - draw.randrange(20), DATA + 512, CODE, 0]),
        "rsp": draw.choice([DATA_END, DATA + draw.randrange(40), DATA + 2048]),
        "rsi": draw.choice([DATA, DATA_END - 5]), "rdi": DATA_END - draw.randrange(40), "rcx": draw.randrange(40),
    }  # fmt: skip
    at_edge = draw.random() < 0.5
    expected = outcome(made(code, at_edge, **registers), forever(1))
    assert outcome(made(code, at_edge, **registers), forever(1000)) == expected
    assert outcome(made(code, at_edge, **registers), iter(lambda: draw.choice([1, 2, 3, 17]), 0)) == expected


def test_a_fault_within_a_call_leaves_the_counter_of_the_outer_one() -> None:
    running = machine(SYSCALL + INC_RAX + FOREVER + INC_RAX + UD2)

    def answer(number: int, arguments: list[int]) -> bool:
        pushed = running.push()
        running.write("rip", CODE + 7)
        with pytest.raises(Fault):
            running.run(100)
        running.pop(pushed)
        running.leave(10)
        return True

    running.on_syscall = answer
    assert running.run(10) == Stop.SLICE
    assert (running.count, running.read("rax")) == (10, 11)


@pytest.mark.parametrize("between", [SYSCALL, RDTSC, b"\x0f\x01\xf9", NOP + SYSCALL, NOP])
def test_flags_are_the_same_however_it_is_sliced(between: bytes) -> None:
    """Of those that an instruction has set right before a system call the model keeps some, depending on where a slice ends."""
    code = mov("rax", 0xF123_4567_89AB_CDEF) + b"\x48\x01\xc0" + between + b"\x9c\x41\x58" + FOREVER  # add; pushf, pop r8
    found = set()
    for slice in SLICES:
        running = made(code)
        outcome(running, forever(slice), 20)
        found.add(running.read("r8"))
    for counting, blocks in ((True, True), (False, False)):
        running = made(code, counting=counting, blocks=blocks)
        running.run(20)
        found.add(running.read("r8"))
    assert found == ({0x97} if between == NOP else {0x2})


@pytest.mark.parametrize("behind", [SYSCALL, UD2, INT3, b"\x0f\xc7\xf0"])
@pytest.mark.parametrize("counting, blocks", [(True, False), (True, True), (False, False)])
def test_nothing_happens_behind_a_fault(behind: bytes, counting: bool, blocks: bool) -> None:
    """The model executes some instructions behind a store in pieces that it couldn't make."""
    calls: list[int] = []

    def answer(number: int, arguments: list[int]) -> bool:
        calls.append(number)
        return False

    running = made(STORES["fbstp"] + behind + FOREVER, counting=counting, blocks=blocks, rbx=DATA_END)
    running.on_syscall = answer
    with pytest.raises(Fault, match="page fault: write"):
        running.run()
    assert (calls, running.pc, running.count) == ([], CODE, 0)
