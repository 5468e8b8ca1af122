"""Compiled code as a listing: machine instructions beside the wasm offsets that they come from, with names for what they call.

A module is compiled for the CPU model, or found in the cache; nothing of it runs. Addresses are offsets in its code.
"""

from __future__ import annotations

from bisect import bisect_right

from agave_wasi import core_modules
from agave_wasi.binary.instructions import instructions
from agave_wasi.demangle import demangle
from agave_wasi.engines.base import TRAP_NAMES
from kernel_sim.cpu.disassembly import disassemble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from agave_wasi.binary.instructions import Instruction
    from agave_wasi.engines.x86.engine import Module

_JUMPS = ("call", "jmp")


class Line:
    """A machine instruction: where it is, its bytes and text, a note.

    `wasm` is the offset that it comes from, None where that is the one before's, or there is none. `source` are the
    instructions of WebAssembly up to there that no earlier line has had; where code goes back, the one that it goes back to.
    """

    __slots__ = ("address", "code", "text", "note", "wasm", "source")

    def __init__(self, address: int, code: bytes, text: str, note: str, wasm: int | None, source: list[Instruction]) -> None:
        self.address = address
        self.code = code
        self.text = text
        self.note = note
        self.wasm = wasm
        self.source = source


class Listing:
    """The code of one function of a module: where it begins and ends, and where its body is in the module."""

    __slots__ = ("module", "index", "name", "start", "end", "body")

    def __init__(self, module: Module, index: int) -> None:
        self.module = module
        self.index = index
        self.name = name_of(module, index)
        self.start, self.end = module.image.function_range(index)
        self.body = module.names.body(index) or (0, 0)

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return (
            f"function {self.index} {self.name}: {self.end - self.start} bytes of code at {self.start:#x}, "
            f"of wasm {self.body[0]:#x} to {self.body[1]:#x}"
        )

    def lines(self) -> Iterator[Line]:
        """Its instructions."""
        module, image = self.module, self.module.image
        body = instructions(module.wasm, *self.body, module.names.function)
        offsets = [each.offset for each in body]
        shown = 0
        latest = None
        for each in disassemble(bytes(image.text[self.start : self.end]), self.start):
            place = image.wasm_offset(each.address)
            new = place if place != latest else None
            latest = place
            source: list[Instruction] = []
            if new is not None:
                following = bisect_right(offsets, new)
                source = body[shown:following] or body[following - 1 : following]
                shown = max(shown, following)
            yield Line(each.address, each.code, each.text, self._note(each.address, each.text), new, source)

    def _note(self, address: int, text: str) -> str:
        code = self.module.image.trap_code(address)
        if code is not None:
            return f"trap: {TRAP_NAMES[code] if code < len(TRAP_NAMES) else code}"
        name, _, operand = text.partition(" ")
        if name in _JUMPS and operand[:1].isdigit():
            target = int(operand, 0)
            if not self.start <= target < self.end or target == self.start:
                return target_name(self.module, target)
        return ""


def name_of(module: Module, index: int) -> str:
    """What a function is called; its number if it has no name."""
    known = module.names.function(index)
    return demangle(known) if known else f"[{index}]"


def target_name(module: Module, address: int) -> str:
    """What code at an offset is: a function, or glue."""
    image = module.image
    index = image.function_at(address)
    if index is not None:
        return name_of(module, index)
    glue: dict[str, Mapping[Any, int]] = {
        "engine": image.builtins, "entry of function": image.array_to_wasm, "host call of type": image.wasm_to_array,
    }  # fmt: skip
    return next((f"{kind} {key}" for kind, found in glue.items() for key, start in found.items() if start == address), "")


def find(module: Module, wanted: str) -> list[int]:
    """The functions that `wanted` means: an index, or a name of them, mangled or not; an export's comes first."""
    return core_modules.find(module.core, module.names, wanted)
