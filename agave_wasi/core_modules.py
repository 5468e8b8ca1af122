"""The core modules of a component by what people call them, and the functions that are meant by `MODULE/FUNCTION`.

A module's number is its place in the file, those of components within included; backtraces, profiles and coverage say
"module 3" as well. Reading names compiles nothing.
"""

from __future__ import annotations

from agave_wasi.binary.names import Names
from agave_wasi.binary.reader import MalformedModule
from agave_wasi.demangle import demangle
from agave_wasi.engines.x86.module import CoreModule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.components import ComponentProgram

SEPARATOR = "/"


class InnerModule:
    """One of them: `number`, `own` name or "", `wasm`, and `offset`, which is where that begins in the file.

    `core` is None where it has features that the x86 engine doesn't have: compiling it says which.
    """

    __slots__ = ("number", "own", "wasm", "offset", "core", "names")

    def __init__(self, number: int, wasm: bytes | memoryview, offset: int) -> None:
        self.number = number
        self.wasm = wasm
        self.offset = offset
        self.core: CoreModule | None = None
        try:
            self.core = CoreModule(wasm)
        except MalformedModule:
            pass
        self.names = Names(wasm)
        self.own = self.names.module() or ""

    @property
    def title(self) -> str:
        """What it is called, in a few words."""
        return f"module {self.number} {self.own}".rstrip()

    @property
    def functions(self) -> range:
        """Those with code."""
        return range(0) if self.core is None else functions(self.core)

    def is_called(self, name: str) -> bool:
        """Is it meant by `name`: its number, "module" and its number, or its own name?"""
        return name in (str(self.number), f"module {self.number}") or (self.own != "" and name == self.own)

    def find(self, name: str) -> list[int]:
        """The functions with code that `name` means, as `find` has them."""
        return [] if self.core is None else find(self.core, self.names, name)


def inner_modules(program: ComponentProgram) -> list[InnerModule]:
    """The core modules of a component, in the order of the file."""
    return [InnerModule(number, each.binary, each.offset) for number, each in enumerate(program.core_modules())]


def functions(core: CoreModule) -> range:
    """The indices of the functions with code: those that aren't imported."""
    return range(core.imported["func"], len(core.functions))


def find(core: CoreModule, names: Names, wanted: str) -> list[int]:
    """The functions that `wanted` means: an index, or a name of them, mangled or not; an export's comes first."""
    own = functions(core)
    if wanted.isdecimal():
        return [int(wanted)] if int(wanted) in own else []
    kind, index = core.exports.get(wanted, ("", 0))
    if kind == "func" and index in own:
        return [index]
    known = {index: names.function(index) or "" for index in own}
    return [index for index in own if wanted and wanted in (known[index], demangle(known[index]))]


def chosen(modules: Sequence[InnerModule], wanted: str) -> list[tuple[InnerModule, list[int] | None]]:
    """What `wanted` means, module by module: `MODULE/FUNCTION`, `MODULE/` (all of it: None) or `FUNCTION` of any of them.

    Of a module that can't be read it is None, too.

    Both may have "/" in their names. What stands before it means a module if it can.
    """
    for at in (place for place, char in enumerate(wanted) if char == SEPARATOR):
        module, function = wanted[:at], wanted[at + 1 :]
        meant = [each for each in modules if each.is_called(module)]
        found = [(each, each.find(function) if function and each.core is not None else None) for each in meant]
        found = [(each, indices) for each, indices in found if indices is None or indices]
        if found:
            return found
    return [(each, indices) for each in modules if (indices := each.find(wanted))] if not wanted.isdecimal() else []
