"""Finding instructions whose result would be the host's chance."""

from __future__ import annotations

import pytest

from kernel_sim.cpu.chance import places
from kernel_sim.cpu.faults import Fault
from kernel_sim.cpu.layout import PAGE
from kernel_sim.cpu.machine import Machine
from kernel_sim.cpu.memory import Memory
from tests.kernel_sim.cpu.assembled import CODE, FOREVER, INC_RAX, NOP, machine, mov

RDRAND, RDSEED = b"\x0f\xc7\xf0", b"\x0f\xc7\xf8"


@pytest.mark.parametrize(
    "code, found",
    [
        (b"", []),
        (NOP + RDRAND, [1]),
        (b"\x48" + RDSEED, [1, 0]),
        (b"\x66\x48" + RDRAND + NOP + RDRAND, [2, 1, 0, 6]),
        (b"\x0f\xc7\x0e", []),
        (b"\x0f\xc7", []),
        (b"\x66" * 20 + RDRAND, list(range(20, 7, -1))),
    ],
)
def test_every_place_where_one_would_begin(code: bytes, found: list[int]) -> None:
    assert places(code) == found


@pytest.mark.parametrize("instruction", [RDRAND, RDSEED, b"\x48" + RDRAND, b"\x66" + RDRAND, b"\x41" + RDSEED])
@pytest.mark.parametrize("counting", [True, False])
def test_they_are_undefined(instruction: bytes, counting: bool) -> None:
    running = machine(INC_RAX + instruction + FOREVER, counting)
    with pytest.raises(Fault, match="undefined instruction at 0x10003"):
        running.run()
    assert running.read("rax") == 1 and running.count == counting


def test_the_same_bytes_within_another_instruction_are_harmless() -> None:
    running = machine(mov("rbx", int.from_bytes(b"\x66\x48" + RDRAND, "little")) + FOREVER)
    running.run(5)
    assert running.pc == CODE + 10 and running.memory.named("code").size == PAGE


@pytest.mark.parametrize("cut", range(5))
def test_they_are_undefined_where_two_regions_meet(cut: int) -> None:
    code = b"\x48" + RDRAND + FOREVER
    memory = Memory()
    seam = CODE + PAGE
    memory.add("first", CODE, PAGE, "rx").view[PAGE - cut :] = code[:cut]
    memory.add("second", seam, PAGE, "rx").view[: len(code) - cut] = code[cut:]
    running = Machine(memory)
    running.write("rip", seam - cut)
    with pytest.raises(Fault, match=f"undefined instruction at {seam - cut:#x}"):
        running.run()
    assert (running.count, running.read("rax")) == (0, 0)
