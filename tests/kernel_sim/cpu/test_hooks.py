"""Hooks of C functions: called everywhere, for one instruction, or refused."""

from __future__ import annotations

import ctypes

import pytest
from unicorn import UC_ARCH_X86, UC_HOOK_BLOCK, UC_HOOK_INSN, UC_MODE_64, Uc, UcError, x86_const

from kernel_sim.cpu import hooks


def model() -> Uc:
    made = Uc(UC_ARCH_X86, UC_MODE_64)
    made.mem_map(0x1000, 0x1000)
    made.mem_write(0x1000, b"\x90\xeb\x00\x0f\x05\x90")  # nop; jmp to the next; syscall; nop
    return made


def test_blocks_and_data() -> None:
    seen: list[tuple[int, int, int]] = []
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p)
    callback = kind(lambda model, address, size, data: seen.append((address, size, data)))
    cell = ctypes.c_uint64(7)
    running = model()
    assert hooks.add(running, UC_HOOK_BLOCK, callback, ctypes.byref(cell)) > 0
    running.emu_start(0x1000, 0x1003)
    assert seen == [(0x1000, 3, ctypes.addressof(cell))]


def test_one_instruction() -> None:
    seen = []
    callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(lambda model, data: seen.append(data))
    running = model()
    hooks.add(running, UC_HOOK_INSN, callback, instruction=x86_const.UC_X86_INS_SYSCALL)
    running.emu_start(0x1000, 0x1006)
    assert seen == [None]
    with pytest.raises(UcError):
        hooks.add(running, UC_HOOK_INSN, callback, instruction=x86_const.UC_X86_INS_FSIN)
