"""All of a CPU's registers as numbers by name, so that a machine in another process can be put into the same state.

Those that the model can't have here (AVX, control and debug registers) are left out. What a hostile state sets is held to what
a program could set itself: its own flags.
"""

from __future__ import annotations

from unicorn import x86_const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel_sim.cpu.machine import Machine

_GENERAL = (
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "fs_base", "gs_base",
)  # fmt: skip
_WIDTHS = {
    **dict.fromkeys(_GENERAL, 64), "rflags": 64, "mxcsr": 32, "fpcw": 16, "fpsw": 16, "fptag": 16,
    **{f"xmm{number}": 128 for number in range(16)},
    **{f"fp{number}": 80 for number in range(8)},
}  # fmt: skip
IDS = {name: getattr(x86_const, "UC_X86_REG_" + name.upper()) for name in (*_GENERAL[:16], "rip", "rflags")}
"""Unicorn's numbers of the general registers, the instruction pointer and the flags."""
NAMES = ("rip", *_WIDTHS)
"""In this order."""
BITS = {"rip": 64, **_WIDTHS}
"""How many bits each has."""
_IDS = {name: getattr(x86_const, "UC_X86_REG_" + name.upper()) for name in _WIDTHS}
FLAGS = 0x0CD5
"""Carry, parity, adjust, zero, sign, direction and overflow: what code sets by itself."""
_ALWAYS = 0x2
_DIGITS = 64


def read_all(machine: Machine) -> dict[str, int]:
    """Every register's value."""
    found = {"rip": machine.pc}
    for name, number in _IDS.items():
        value = machine.model.reg_read(number)
        if name.startswith("fp") and name[2:].isdigit():
            mantissa, exponent = value
            value = mantissa | exponent << _DIGITS
        found[name] = int(value)
    found["rflags"] = found["rflags"] & FLAGS | _ALWAYS
    return found


def write_all(machine: Machine, values: Mapping[str, int]) -> None:
    """Set every register; ValueError for one that is missing, or has more bits than there are."""
    for name, bits in BITS.items():
        value = values.get(name)
        if type(value) is not int or not 0 <= value < 1 << bits:
            raise ValueError(f"the register {name} has {bits} bits, and can't be {value!r}")
    before = read_all(machine)
    machine.pc = values["rip"]
    for name, number in _IDS.items():
        value = values[name] & FLAGS | _ALWAYS if name == "rflags" else values[name]
        if value == before[name]:  # writing what is there already is not always without effect on floating point
            continue
        if name.startswith("fp") and name[2:].isdigit():
            machine.model.reg_write(number, (value & (1 << _DIGITS) - 1, value >> _DIGITS))
        else:
            machine.model.reg_write(number, value)
