"""The frame, filled by the gate or from registers."""

from __future__ import annotations

from collections.abc import Sequence

from kernel_sim.cpu.disassembly import disassemble
from kernel_sim.cpu.layout import FRAME, GATE
from kernel_sim.cpu.trapframe import ERROR, FILLED, GATE_CODE, REGISTERS, STACK, Frame


def test_the_gate_stores_each_register_in_its_place() -> None:
    lines = [each.text for each in disassemble(GATE_CODE, GATE)]
    stores = [
        f"mov qword ptr [r11{f' + {hex(8 * at) if at > 1 else 8 * at}' if at else ''}], {name}"
        for at, name in enumerate(REGISTERS)
    ]
    assert lines[0] == f"movabs r11, {FRAME:#x}"
    assert lines[1:10] == stores
    assert lines[10:] == [
        f"mov qword ptr [r11 + {8 * FILLED:#x}], 1", f"mov qword ptr [r11 + {8 * STACK:#x}], rsp", "syscall",
        "mov rax, qword ptr [r11]",
        f"mov rdx, qword ptr [r11 + {8 * ERROR:#x}]", "ret",
    ]  # fmt: skip


def test_a_frame_that_the_gate_filled() -> None:
    frame = Frame(memoryview(bytearray(4096)))
    for at in range(9):
        frame.words[at] = 10 + at
    frame.words[FILLED] = 1
    assert frame.enter(never) == (10, [11, 12, 13, 14, 15, 16, 17, 18])
    frame.leave(-1, 22, no_write)
    assert (frame.words[0], frame.words[ERROR], frame.words[FILLED]) == ((1 << 64) - 1, 22, 0)


def test_a_bare_syscall_brings_registers() -> None:
    frame = Frame(memoryview(bytearray(4096)))
    written: list[tuple[int, int]] = []
    assert frame.enter(lambda: range(9)) == (0, [1, 2, 3, 4, 5, 6, 7, 8])
    frame.leave(5, 0, lambda value, error: written.append((value, error)))
    assert written == [(5, 0)] and frame.words[0] == 0


def never() -> Sequence[int]:
    raise AssertionError("the registers needn't be read")


def no_write(value: int, error: int) -> None:
    raise AssertionError("the gate loads the results itself")
