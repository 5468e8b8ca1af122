"""What faults say."""

from __future__ import annotations

import pytest

from kernel_sim.cpu.faults import Fault, exception, halted, is_trap, page_fault, undefined


@pytest.mark.parametrize(
    "fault, text",
    [
        (exception(0, 0x1000), "divide error at 0x1000"),
        (exception(0x80, 0x1000), "interrupt 0x80, which nothing answers, at 0x1000"),
        (undefined(0x1000), "undefined instruction at 0x1000"),
        (halted(0x1000), "halt instruction at 0x1000"),
        (page_fault("read", False, 0, 0x1000), "page fault: read at 0x0, by the instruction at 0x1000"),
        (page_fault("write", True, 0x10, 0x1000), "protection fault: write at 0x10, by the instruction at 0x1000"),
        (page_fault("execute", True, 0x20, 0x20), "protection fault: there is no code at 0x20"),
    ],
)
def test_a_fault_says_what_and_where(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_of_traps_the_instruction_is_over() -> None:
    assert [vector for vector in (0, 1, 3, 4, 6, 13, 14, 31, 32, 128, 255) if is_trap(vector)] == [1, 3, 4, 32, 128, 255]
