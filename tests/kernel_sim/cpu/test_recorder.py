"""Recording blocks: as many instructions as a machine counts, and the events that tell calls."""

from __future__ import annotations

import random

import pytest

from kernel_sim.cpu import hooks, recorder
from kernel_sim.cpu.machine import Machine, Stop
from kernel_sim.cpu.recorder import ADDRESS, CALL, ENTRY, JUMP, RETURN, SHIFT, Recorder
from tests.kernel_sim.cpu.assembled import CODE, HLT, INC_RAX, NOP, RET, SYSCALL, machine, mov

DEC_RCX_AND_LOOP = b"\x48\xff\xc9"


@pytest.fixture(params=sorted({hooks.NATIVE, False}), autouse=True)
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By machine code, and by what hosts have that can't execute it."""
    monkeypatch.setattr(hooks, "NATIVE", request.param)


def recorded(running: Machine, entries: tuple[int, ...] = (), stays: bool = True) -> tuple[Recorder, list[tuple[int, ...]]]:
    events: list[tuple[int, ...]] = []

    def take(words: list[int]) -> None:
        for total, what, before in zip(words[::3], words[1::3], words[2::3]):
            events.append((total, what >> SHIFT, (what & ADDRESS) - CODE, (before & ADDRESS) + (before >> SHIFT) - CODE))

    return Recorder(running, take, lambda address, target: stays, entries), events  # type: ignore[arg-type]


def until_syscall(running: Machine, slice: int) -> None:
    while running.run(slice) == Stop.SLICE:
        pass


def loops(rounds: int) -> bytes:
    """A loop round a call; 3 instructions before it, 4 a round with the function's 2, and the system call."""
    body = b"\xe8\x07\x00\x00\x00" + DEC_RCX_AND_LOOP + b"\x75\xf6" + SYSCALL  # call f; dec rcx; jnz; syscall
    return mov("rcx", rounds) + NOP * 2 + body + INC_RAX + RET


@pytest.mark.parametrize("slice", [1, 7, 1000, 1 << 30])
def test_the_total_is_what_a_machine_counts(slice: int) -> None:
    counting, running = machine(loops(5000)), machine(loops(5000), counting=False)
    record, events = recorded(running)
    until_syscall(counting, 1 << 30)
    until_syscall(running, slice)
    record.drain()
    assert record.total == counting.count == 3 + 5 * 5000 + 1 + 0 * slice
    assert sum(block.count * block.instructions for block in record.blocks()) == record.total
    assert running.read("rax") == 5000 and len(events) == 10000
    assert sorted((block.count, block.instructions) for block in record.blocks())[-1] == (5000, 2)


def test_events_tell_where_from_and_after_how_many() -> None:
    record, events = recorded(running := machine(loops(2), counting=False), entries=(CODE,))
    until_syscall(running, 1 << 30)
    record.drain()
    start, function, after = 0, 24, 17
    assert events == [
        (0, ENTRY, start, -CODE), (4, CALL, function, after), (6, RETURN, after, function + 4), (9, CALL, function, after),
        (11, RETURN, after, function + 4),
    ]  # fmt: skip
    events.clear()
    record.drain()
    assert not events


@pytest.mark.parametrize("stays", [True, False])
def test_jumps(stays: bool) -> None:
    code = SYSCALL + b"\xeb\x01" + HLT + mov("rax", CODE + 18) + b"\xff\xe0" + HLT + NOP + SYSCALL
    record, events = recorded(running := machine(code, counting=False), stays=stays)
    left = [True, False]

    def answer(number: int, arguments: list[int]) -> bool:
        running.leave(0)
        return left.pop(0)

    running.on_syscall = answer
    until_syscall(running, 1 << 30)
    record.drain()
    direct = [] if stays else [(2, JUMP, 5, 4)]
    assert events == [*direct, (4, JUMP, 18, 17)]


def test_many_blocks_and_more_events_than_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "EVENTS", 16)
    monkeypatch.setattr(recorder, "FIRST_SLOTS", 8)
    order = list(range(1, 300))
    random.Random(5).shuffle(order)
    size, places = 6, {}
    for place, number in enumerate([0, *order]):
        places[number] = place
    code = bytearray(size * 301)
    for number, following in zip([0, *order], [*order, 300]):  # jumps from piece to piece; the last is the system call
        at, target = size * number, size * following
        code[at : at + 6] = NOP + b"\xe9" + (target - at - 6).to_bytes(4, "little", signed=True)
    code[size * 300 : size * 300 + 2] = SYSCALL
    record, events = recorded(running := machine(bytes(code), counting=False), stays=False)
    until_syscall(running, 1 << 30)
    record.drain()
    assert [address for _, _, address, _ in events] == [size * number for number in [*order, 300]]
    assert [total for total, *_ in events] == list(range(2, 602, 2)) and record.total == 601
    assert len(list(record.blocks())) == 301


def test_what_goes_wrong_comes_out_of_the_run() -> None:
    running = machine(b"\xff\xe0" + HLT, counting=False)

    def within(address: int, target: int) -> bool:
        raise LookupError

    Recorder(running, lambda words: None, within)
    running.write("rax", CODE)
    assert running.run(10) == Stop.SLICE
    running = machine(b"\xeb\xfe", counting=False)
    Recorder(running, lambda words: None, within)
    with pytest.raises(LookupError):
        running.run(10)


def test_a_machine_that_counts_cannot_be_recorded() -> None:
    with pytest.raises(ValueError, match="doesn't count"):
        recorded(machine(NOP))
