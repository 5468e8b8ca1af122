"""Finding instructions whose result would be the host's chance."""

from __future__ import annotations

import pytest

from kernel_sim.cpu.chance import begins, places
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
        (b"\x0f\x22\xc0", [0]),
        (b"\xf0\x0f\x22\x07", [1, 0]),
        (b"\x0f\x22\xd8" + b"\x0f\x22", []),
    ],
)
def test_every_place_where_one_would_begin(code: bytes, found: list[int]) -> None:
    assert list(places(code)) == found
    assert [begins(code[at:]) for at in range(len(code))] == [at in found for at in range(len(code))]


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


@pytest.mark.parametrize("counting", [True, False])
def test_control_register_0_can_not_be_written(counting: bool) -> None:
    """With paging the same code could be reached by addresses at which nobody watches."""
    running = machine(b"\x0f\x20\xc0" + b"\x0f\x22\xc0" + FOREVER, counting)
    with pytest.raises(Fault, match="undefined instruction at 0x10003"):
        running.run()


@pytest.mark.parametrize("bit", [47, 52, 60, 63])
@pytest.mark.parametrize("counting, blocks", [(True, False), (True, True), (False, False)])
def test_they_are_not_found_under_another_address(bit: int, counting: bool, blocks: bool) -> None:
    """The model leaves out upper bits; a CPU has no code there."""
    at = CODE + 12 | 1 << bit
    code = mov("rbx", at) + b"\xff\xe3" + b"\x48" + RDRAND + FOREVER
    memory = Memory()
    memory.add("code", CODE, PAGE, "rx").view[: len(code)] = code
    running = Machine(memory, counting, (CODE, PAGE) if blocks else None)
    running.write("rip", CODE)
    with pytest.raises(Fault, match=f"there is no code at {at:#x}"):
        running.run()
    assert (running.pc, running.read("rax"), running.count) == (at, 0, 2 * counting)


@pytest.mark.parametrize("counting", [True, False])
def test_a_region_that_is_full_of_them(counting: bool) -> None:
    """It is watched as a whole, and what isn't one is executed."""
    memory = Memory()
    region = memory.add("code", CODE, 2 * PAGE, "rx")
    region.view[:] = (RDRAND * len(region.view))[: len(region.view)]
    region.view[: 4 * len(INC_RAX)] = INC_RAX * 4
    running = Machine(memory, counting)
    running.write("rip", CODE)
    with pytest.raises(Fault, match="undefined instruction at 0x1000c"):
        running.run()
    assert (running.read("rax"), running.count) == (4, 4 * counting)


def test_regions_that_are_added_later_are_searched_unless_they_are_ours() -> None:
    for foreign in (True, False):
        running = machine(FOREVER)
        region = running.memory.add("more", CODE + 16 * PAGE, PAGE, "rx")
        region.view[:3] = RDRAND
        running.add(region, foreign)
        running.write("rip", region.start)
        if foreign:
            with pytest.raises(Fault, match="undefined instruction"):
                running.run(1)
        else:
            running.run(1)
            assert running.count == 1
