"""A little assembler: the few instructions that the tests' programs are made of, as bytes; and a machine to run them."""

from __future__ import annotations

import struct

from kernel_sim.cpu.layout import GATE
from kernel_sim.cpu.machine import Machine
from kernel_sim.cpu.memory import Memory

CODE, DATA, DATA_SIZE = 0x1_0000, 0x10_0000, 0x2_0000
STACK = DATA + DATA_SIZE
"""The stack begins at the end of the data."""
NUMBERS = {
    "rax": 0, "rcx": 1, "rdx": 2, "rbx": 3, "rsp": 4, "rbp": 5, "rsi": 6, "rdi": 7, "r8": 8, "r9": 9, "r10": 10, "r11": 11,
    "r12": 12, "r13": 13, "r14": 14, "r15": 15,
}  # fmt: skip
ARGUMENTS = ("rdi", "rsi", "rdx", "r10", "r8", "r9", "r12", "r13")
SYSCALL, NOP, HLT, UD2, INT3, RDTSC, RET = b"\x0f\x05", b"\x90", b"\xf4", b"\x0f\x0b", b"\xcc", b"\x0f\x31", b"\xc3"
FOREVER = b"\xeb\xfe"
INC_RAX = b"\x48\xff\xc0"


def mov(register: str, value: int) -> bytes:
    """mov register, 64-bit value."""
    number = NUMBERS[register]
    return bytes([0x48 | number >> 3, 0xB8 | number & 7]) + struct.pack("<Q", value & (1 << 64) - 1)


def load(address: int) -> bytes:
    """mov rax, [address]"""
    return b"\x48\x8b\x04\x25" + struct.pack("<I", address)


def store(address: int) -> bytes:
    """mov [address], rax"""
    return b"\x48\x89\x04\x25" + struct.pack("<I", address)


def keep_error(address: int) -> bytes:
    """mov [address], rdx"""
    return b"\x48\x89\x14\x25" + struct.pack("<I", address)


def call(number: int, *arguments: int, gate: bool = False) -> bytes:
    """A system call, through the gate or bare."""
    code = b"".join(mov(register, value) for register, value in zip(ARGUMENTS, arguments)) + mov("rax", number)
    return code + (mov("rbx", GATE) + b"\xff\xd3" if gate else SYSCALL)


def exit(code: int = 0) -> bytes:
    return call(69, code)


def machine(code: bytes, counting: bool = True) -> Machine:
    """A machine with `code`, some data and a stack, about to begin."""
    memory = Memory()
    memory.add("code", CODE, max(len(code), 1), "rx").view[: len(code)] = code
    memory.add("data", DATA, DATA_SIZE, "rw")
    made = Machine(memory, counting)
    made.write("rip", CODE)
    made.write("rsp", STACK)
    return made


def word(machine: Machine, address: int) -> int:
    """A 64-bit word of the machine's memory."""
    return machine.memory.words(address, 1)[0]


def poke(machine: Machine, address: int, data: bytes) -> None:
    """Put bytes into the machine's memory."""
    machine.memory.view(address, len(data))[:] = data
