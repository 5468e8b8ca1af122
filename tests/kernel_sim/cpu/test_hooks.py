"""Hooks made of machine code, and callbacks of instructions."""

from __future__ import annotations

import ctypes

import pytest
from unicorn import UC_ARCH_X86, UC_HOOK_BLOCK, UC_HOOK_CODE, UC_MEM_FETCH_UNMAPPED, UC_MEM_WRITE_PROT, UC_MODE_64, Uc, UcError
from unicorn.x86_const import UC_X86_INS_SYSCALL, UC_X86_REG_RAX, UC_X86_REG_RIP

from kernel_sim.cpu import hooks
from kernel_sim.cpu.hooks import STOP, address_of, either, free, hook, hook_instruction, invalid, native, reader, unhook

COUNT = bytes.fromhex("48ff01c3")  # inc qword [rcx]; ret
PROGRAM = b"\x90\x90\x0f\x05\x90\xf4"  # nop; nop; syscall; nop; hlt


@pytest.fixture
def model() -> Uc:
    made = Uc(UC_ARCH_X86, UC_MODE_64)
    made.mem_map(0x1000, 0x1000)
    made.mem_write(0x1000, PROGRAM)
    return made


@pytest.mark.parametrize(("kind", "times"), [(UC_HOOK_CODE, 4), (UC_HOOK_BLOCK, 2)])
def test_machine_code_is_called_also_for_what_has_run_before(model: Uc, kind: int, times: int) -> None:
    model.emu_start(0x1000, 0x1005)
    page, cell = native(COUNT), (ctypes.c_uint64 * 1)()
    handle = hook(model, kind, address_of(page), cell)
    model.emu_start(0x1000, 0x1005)
    assert cell[0] == times
    unhook(model, handle)
    model.emu_start(0x1000, 0x1005)
    assert cell[0] == times


def test_machine_code_can_stop_the_model(model: Uc) -> None:
    jump = bytes.fromhex("ff21")  # jmp [rcx]
    page, cell = native(jump), (ctypes.c_uint64 * 1)(STOP)
    hook(model, UC_HOOK_CODE, address_of(page), cell)
    model.emu_start(0x1000, 0x1005)
    assert model.reg_read(41) == 0x1000


def test_a_callback_is_called_in_place_of_an_instruction(model: Uc) -> None:
    called = []
    callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: called.append(1))
    hook_instruction(model, callback, UC_X86_INS_SYSCALL)
    model.emu_start(0x1000, 0x1005)
    assert called == [1]


def test_what_is_no_hook_is_an_error(model: Uc) -> None:
    with pytest.raises(UcError):
        hook_instruction(model, ctypes.CFUNCTYPE(None)(lambda: None), 1)


def test_accesses_by_name() -> None:
    assert invalid(UC_MEM_FETCH_UNMAPPED) == ("execute", False)
    assert invalid(UC_MEM_WRITE_PROT) == ("write", True)


def test_a_model_is_given_back_once(model: Uc) -> None:
    free(model)
    free(model)


def test_a_register_is_read_as_it_is_now(model: Uc) -> None:
    accumulator, pointer = reader(model, UC_X86_REG_RAX), reader(model, UC_X86_REG_RIP)
    model.reg_write(UC_X86_REG_RAX, (1 << 64) - 1)
    model.emu_start(0x1000, 0x1002)
    assert (accumulator(), pointer()) == ((1 << 64) - 1, 0x1002)
    model.reg_write(UC_X86_REG_RAX, 5)
    assert accumulator() == 5


def test_hosts_of_another_kind_have_a_callback_in_place_of_machine_code(model: Uc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "NATIVE", False)
    begun: list[tuple[int, int]] = []
    kept, address = either(COUNT, lambda model, address, size, data: begun.append((address, size)))
    hook(model, UC_HOOK_CODE, address, None)
    model.emu_start(0x1000, 0x1005)
    assert begun == [(0x1000, 1), (0x1001, 1), (0x1002, 2), (0x1004, 1)] and kept is not None
