"""What Unicorn's Python binding can't do, or does slowly: hooks by machine code of ours, callbacks of instructions, models.

What is hooked reaches only code that is translated from then on, so whatever the model has translated is forgotten.
"""

from __future__ import annotations

import ctypes
import mmap
from sysconfig import get_platform

from unicorn import (
    UC_ARCH_X86,
    UC_HOOK_INSN,
    UC_MEM_FETCH_PROT,
    UC_MEM_FETCH_UNMAPPED,
    UC_MEM_READ_PROT,
    UC_MEM_WRITE_PROT,
    UC_MEM_WRITE_UNMAPPED,
    UC_MODE_64,
    Uc,
    UcError,
)
from unicorn.unicorn_py3.unicorn import uclib
from unicorn.x86_const import UC_CPU_X86_HASWELL

from kernel_sim.cpu.memory import anonymous

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Begun = Callable[[int, int, int, int], None]
    """Told of a block or an instruction that begins: the model, where, how many bytes, the hook's data."""

NATIVE = get_platform().endswith("x86_64")
"""Can this host execute our machine code? It calls as all but Windows (amd64) do."""
SYSCALL = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
TIMESTAMP = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
"""What answers `syscall`, and what answers `rdtsc` and is true if it has."""
BEGUN = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p)
"""What is told of each block, or each instruction, that begins."""
TRANSLATED = 1 << 30
"""Bytes of address space that a model takes for what it has translated."""
STOP = ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p).value or 0
"""What stops a model, for machine code: it takes the model, which every hook gets first."""

_FETCHES = (UC_MEM_FETCH_UNMAPPED, UC_MEM_FETCH_PROT)
_WRITES = (UC_MEM_WRITE_UNMAPPED, UC_MEM_WRITE_PROT)
_PROTECTED = (UC_MEM_FETCH_PROT, UC_MEM_WRITE_PROT, UC_MEM_READ_PROT)


def invalid(access: int) -> tuple[str, bool]:
    """What an access was that can't be made: read, write or execute; and whether memory is there, but protected."""
    kind = "execute" if access in _FETCHES else "write" if access in _WRITES else "read"
    return kind, access in _PROTECTED


def reader(model: Uc, register: int) -> Callable[[], int]:
    """What reads one register of 64 bits, four times as quick as the binding does."""
    cell = ctypes.c_uint64()
    read, engine, reference = uclib.uc_reg_read, model._uch, ctypes.byref(cell)

    def value() -> int:
        read(engine, register, reference)
        return cell.value

    return value


def make() -> Uc:
    """A model of an x86-64 CPU; MemoryError."""
    anonymous(TRANSLATED)  # where the host hasn't got as much the model would end the process, without a word to us
    made = Uc(UC_ARCH_X86, UC_MODE_64)
    made.ctl_set_cpu_model(UC_CPU_X86_HASWELL)
    return made


def free(model: Uc) -> None:
    """Give a model back now, and not when garbage is collected; it must not be used any more."""
    if model._Uc__finalizer.detach():  # which swallows what a signal raises
        uclib.uc_close(model._uch)
    model._callbacks.clear()


def native(code: bytes) -> mmap.mmap:
    """A page of the host's that has this machine code (for x86-64), and can be executed."""
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page[: len(code)] = code
    return page


def either(code: bytes, callback: Begun) -> tuple[Any, int]:
    """What must be kept, and the address of machine code, or on other hosts of a callback that does the same, slowly."""
    if NATIVE:
        page = native(code)
        return page, address_of(page)
    made = BEGUN(callback)
    return made, ctypes.cast(made, ctypes.c_void_p).value or 0


def address_of(page: mmap.mmap) -> int:
    """Where the host has it. It must not be given back meanwhile."""
    return ctypes.addressof(ctypes.c_char.from_buffer(page))


def hook(model: Uc, kind: int, code: int, data: Any, *more: int) -> ctypes.c_size_t:
    """Have the model call what is at `code`, everywhere, with `data` by reference as the last argument; for `unhook`."""
    handle = ctypes.c_size_t()
    everywhere = ctypes.c_uint64(1), ctypes.c_uint64(0)
    reference = ctypes.byref(data) if data is not None else None
    rest = [ctypes.c_int(each) for each in more]
    status = uclib.uc_hook_add(model._uch, ctypes.byref(handle), kind, ctypes.c_void_p(code), reference, *everywhere, *rest)
    if status:
        raise UcError(status)
    model.ctl_flush_tb()
    return handle


def unhook(model: Uc, handle: ctypes.c_size_t) -> None:
    """Have it call that no more."""
    uclib.uc_hook_del(model._uch, handle)
    model.ctl_flush_tb()


def hook_instruction(model: Uc, callback: Any, instruction: int) -> None:
    """Have it call a ctypes `callback`, which must be kept, in place of an instruction."""
    hook(model, UC_HOOK_INSN, ctypes.cast(callback, ctypes.c_void_p).value or 0, None, instruction)
