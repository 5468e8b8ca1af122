"""What memory a function's machine code goes to: paths from its arguments, through pointers that it loads.

A path is a register as the function found it, and the offsets that are followed from there: ("rdi", 8, 0x18) is the word at
+0x18 of what the word at +8 of rdi points to. The code is read from its first instruction to its last, without following jumps,
so this is for small functions and for checks of the kind "does it go there at all". An index that is added on the way is left
out.
"""

from __future__ import annotations

from capstone import CS_ARCH_X86, CS_MODE_64, CS_OP_IMM, CS_OP_MEM, CS_OP_REG, Cs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[str | int, ...]

_CLOBBERED = ("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11")
"""What a call may change."""
_ARGUMENTS = ("rdi", "rsi", "rdx", "rcx")
_NO_POINTERS = ("number", "result")
_MOVES = frozenset(("mov", "movzx", "movsxd", "movsx"))
_KEEPS = frozenset(("and", "or", "test", "cmp", "push", "nop"))
"""What leaves a pointer what it is, but for bits that mark it."""
_HIGH = {"eax": "rax", "ebx": "rbx", "ecx": "rcx", "edx": "rdx", "esi": "rsi", "edi": "rdi", "ebp": "rbp", "esp": "rsp"}


class Paths:
    """`reached`: every path that is read or written. `stored`: a path, and the path of what is written there, if that is known.

    Calls are in `stored` as well: what is in a register, as ("call", "rdi"), and what is called, as ("call", "target"). Values
    that come from nowhere are ("number", N), ("result",) of a call, and ("unknown",). A (("bytes", N), path) tells how much is
    read or written at a path.
    """

    __slots__ = ("reached", "stored", "registers", "spilled")

    def __init__(self, code: bytes) -> None:
        self.reached: set[Path] = set()
        self.stored: set[tuple[Path, Path]] = set()
        self.registers: dict[str, Path] = {name: (name,) for name in ("rdi", "rsi", "rsp", "rbp")}
        self.spilled: dict[int, Path] = {}
        decoder = Cs(CS_ARCH_X86, CS_MODE_64)
        decoder.detail = True
        for each in decoder.disasm(code, 0):
            self._step(each)

    def _step(self, each: Any) -> None:
        operands = each.operands
        touched = [self._path(each, operand) for operand in operands if operand.type == CS_OP_MEM]
        name = each.mnemonic
        if name != "lea":
            self.reached.update(path for path in touched if path)
            self.stored.update((("bytes", each.operands[0].size), path) for path in touched if path)
        if name == "call":
            self._call(each)
        elif name in _MOVES and operands[0].type == CS_OP_MEM:
            value = self._value(each, operands[1])
            path = touched[0]
            if _is_slot(path):
                self.spilled.pop(int(path[1]), None)
                if value:
                    self.spilled[int(path[1])] = value
            elif path:
                self.stored.add((path, value or ("unknown",)))
        elif name in _MOVES and operands[0].type == CS_OP_REG:
            self._set(_wide(each.reg_name(operands[0].reg)), self._value(each, operands[1]))
        elif name == "lea" and each.reg_name(operands[1].mem.base) == "rip":
            self._set(_wide(each.reg_name(operands[0].reg)), ("rip",))
        elif name not in _KEEPS:
            for register in each.regs_access()[1]:
                self._set(_wide(each.reg_name(register)), ())

    def _call(self, each: Any) -> None:
        target = self._value(each, each.operands[0])
        if target:
            self.stored.add((("call", "target"), target))
        for register in _ARGUMENTS:
            if register in self.registers:
                self.stored.add((("call", register), self.registers[register]))
        for register in _CLOBBERED:
            self.registers.pop(register, None)
        self.registers["rax"] = ("result",)

    def _set(self, register: str, value: Path) -> None:
        if register == "rsp" or (register == "rbp" and value in (("rsp",), ())):
            return  # the frame of the function: rbp stands for its bottom from the start on
        if value:
            self.registers[register] = value
        else:
            self.registers.pop(register, None)

    def _value(self, each: Any, operand: Any) -> Path:
        if operand.type == CS_OP_IMM:
            return ("number", operand.imm)
        if operand.type == CS_OP_REG:
            return self.registers.get(_wide(each.reg_name(operand.reg)), ())
        path = self._path(each, operand)
        return self.spilled.get(int(path[1]), ()) if _is_slot(path) else path

    def _path(self, each: Any, operand: Any) -> Path:
        parts = [each.reg_name(register) for register in (operand.mem.base, operand.mem.index) if register]
        starts = [self.registers.get(_wide(register), ()) for register in parts]
        start = next((each for each in starts if each and each[0] not in _NO_POINTERS), ())
        return (*start, operand.mem.disp) if start else ()


def _is_slot(path: Path) -> bool:
    return len(path) == 2 and path[0] == "rsp"


def _wide(register: str) -> str:
    """The 64-bit register that another is a part of."""
    if register in _HIGH:
        return _HIGH[register]
    if register[:1] == "r" and register[-1:] in "dwb":
        return register[:-1]
    if len(register) == 2 and register[-1] == "l":
        return f"r{register[0]}x"
    return f"r{register[:-1]}" if register in ("sil", "dil") else register
