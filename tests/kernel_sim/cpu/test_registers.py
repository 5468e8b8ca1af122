"""Registers as numbers: what is read can be written to another machine, which then is in the same state."""

from __future__ import annotations

from typing import Any

import pytest

from kernel_sim.cpu.registers import BITS, NAMES, read_all, write_all
from tests.kernel_sim.cpu.assembled import INC_RAX, machine

FLOATS = bytes.fromhex("d9eb") + bytes.fromhex("d9e8") + bytes.fromhex("66480f6ec0")  # fldpi; fld1; movq xmm0, rax
COMPARED = bytes.fromhex("4883f805")  # cmp rax, 5
LOOP = INC_RAX + FLOATS + COMPARED + b"\xeb" + bytes([256 - 2 - len(INC_RAX + FLOATS + COMPARED)])


def test_another_machine_goes_on_with_them() -> None:
    one, other = machine(LOOP), machine(LOOP)
    one.run(23)
    values = read_all(one)
    assert values["rax"] == values["xmm0"] == 4 and values["rflags"] != read_all(other)["rflags"]
    assert any(values[f"fp{number}"] for number in range(8))
    write_all(other, values)
    assert read_all(other) == values
    for each in (one, other):
        each.run(100)
    assert read_all(other) == read_all(one) and read_all(one)["rax"] > 4


def test_every_bit_of_every_register_comes_back() -> None:
    running = machine(INC_RAX)
    values = read_all(running)
    for name in ("rax", "r15", "fs_base", "gs_base", "xmm0", "xmm15", "fp7"):
        values[name] = (1 << BITS[name]) - 1 if name[1:] != "s_base" else 0x7FFF_FFFF_F000
    write_all(running, values)
    found = read_all(running)
    del found["fptag"], values["fptag"]  # which tells what is in fp7
    assert found == values


@pytest.mark.parametrize("name", NAMES)
def test_what_does_not_fit_is_refused(name: str) -> None:
    running = machine(INC_RAX)
    good = read_all(running)
    assert good.keys() == BITS.keys()
    for wrong in (-1, 1 << BITS[name], None, "1", True):
        with pytest.raises(ValueError, match=f"register {name} has"):
            values: Any = good | {name: wrong}
            write_all(running, values)


def test_flags_are_those_that_a_program_sets_itself() -> None:
    running = machine(INC_RAX)
    write_all(running, read_all(running) | {"rflags": (1 << 64) - 1})
    assert read_all(running)["rflags"] == 0xCD7
