"""Stubs round gates: what they pass and where they go on."""

from __future__ import annotations

import struct

import pytest
from unicorn import UC_ARCH_X86, UC_HOOK_CODE, UC_MODE_64, UC_PROT_ALL, Uc, x86_const

from agave_wasi.engines.x86.stubs import (
    ENTRY_WORD,
    ENTRY_WORDS,
    LANDING_WORD,
    LANDING_WORDS,
    VECTOR_WORD,
    VECTOR_WORDS,
    entry_stub,
    gate_stub,
    landing_stub,
    vector_stub,
)
from kernel_sim.cpu.layout import FRAME, PAGE
from kernel_sim.cpu.layout import GATE as LAYOUT_GATE
from kernel_sim.cpu.trapframe import WORDS

CODE, GATE, THERE, STACK = 0x10000, 0x20000, 0x30000, 0x50000
NEAR = LAYOUT_GATE + 16 * PAGE


@pytest.fixture
def model() -> Uc:
    """A CPU with a gate that only returns, and a stack whose top word leads to `THERE`."""
    model = Uc(UC_ARCH_X86, UC_MODE_64)
    for start in (CODE, GATE, THERE, STACK - PAGE, FRAME):
        model.mem_map(start, PAGE, UC_PROT_ALL)
    model.mem_write(GATE, b"\xc3")
    model.mem_write(STACK - 64, struct.pack("<Q", THERE))
    model.reg_write(x86_const.UC_X86_REG_RSP, STACK - 64)
    return model


def test_their_words_are_behind_the_trap_frame_and_apart() -> None:
    assert WORDS < ENTRY_WORD and ENTRY_WORD + ENTRY_WORDS <= LANDING_WORD and LANDING_WORD + LANDING_WORDS <= VECTOR_WORD
    assert 8 * (VECTOR_WORD + VECTOR_WORDS) <= PAGE


def test_the_landing_stub_goes_where_its_words_say(model: Uc) -> None:
    model.mem_write(CODE, landing_stub(GATE))
    model.mem_write(FRAME + 8 * LANDING_WORD, struct.pack("<3Q", 0x1230, 0x4560, THERE))
    model.reg_write(x86_const.UC_X86_REG_RAX, 77)
    model.emu_start(CODE, THERE)
    registers = (x86_const.UC_X86_REG_RSP, x86_const.UC_X86_REG_RBP, x86_const.UC_X86_REG_RAX)
    assert [model.reg_read(each) for each in registers] == [0x1230, 0x4560, 77]


def test_the_vector_stub_passes_three_and_returns_one(model: Uc) -> None:
    vectors = [number << 64 | number + 1 for number in (10, 20, 30)]
    seen: list[bytes] = []

    def at_the_gate(model: Uc, address: int, size: int, data: object) -> None:
        seen.append(bytes(model.mem_read(FRAME + 8 * VECTOR_WORD, 8 * VECTOR_WORDS)))
        model.mem_write(FRAME + 8 * VECTOR_WORD, bytes(range(16)))

    model.hook_add(UC_HOOK_CODE, at_the_gate, None, GATE, GATE)
    model.mem_write(CODE, vector_stub(GATE))
    for number, vector in enumerate(vectors):
        model.reg_write(x86_const.UC_X86_REG_XMM0 + number, vector)
    model.emu_start(CODE, THERE)
    assert seen == [b"".join(vector.to_bytes(16, "little") for vector in vectors)]
    assert model.reg_read(x86_const.UC_X86_REG_XMM0) == int.from_bytes(bytes(range(16)), "little")
    assert model.reg_read(x86_const.UC_X86_REG_XMM0 + 1) == vectors[1]
    assert model.reg_read(x86_const.UC_X86_REG_RSP) == STACK - 56


def test_the_entry_passes_registers_and_leaves_where_it_is_told(model: Uc) -> None:
    values = STACK - 128, 1, 2, 3, 4, GATE
    model.mem_write(FRAME + 8 * ENTRY_WORD, struct.pack("<6Q", *values))
    model.mem_write(CODE, entry_stub(CODE, THERE))
    model.emu_start(CODE, THERE)
    registers = x86_const.UC_X86_REG_RSP, x86_const.UC_X86_REG_RDI, x86_const.UC_X86_REG_RSI, x86_const.UC_X86_REG_RDX
    assert [model.reg_read(each) for each in (*registers, x86_const.UC_X86_REG_RCX)] == list(values[:5])


def test_a_gate_has_a_number_and_rcx_where_a_system_call_keeps_it(model: Uc) -> None:
    assert len(gate_stub(NEAR, 4097)) == 16
    model.mem_map(LAYOUT_GATE, PAGE, UC_PROT_ALL)
    model.mem_write(LAYOUT_GATE, b"\xc3")
    model.reg_write(x86_const.UC_X86_REG_RCX, 77)
    model.mem_map(NEAR, PAGE, UC_PROT_ALL)
    model.mem_write(NEAR, gate_stub(NEAR, 4097))
    model.emu_start(NEAR, THERE)
    assert (model.reg_read(x86_const.UC_X86_REG_RAX), model.reg_read(x86_const.UC_X86_REG_R10)) == (4097, 77)
