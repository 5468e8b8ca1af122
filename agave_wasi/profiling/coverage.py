"""Which code of a guest's modules ran, and how often: by function, by block of machine code, by wasm offset, by source line.

Blocks are those of the machine code: from where a jump leads, or behind one, up to the next. Code that only traps is none of
them, since there is some for every check. An instruction of WebAssembly ran as often as the machine code that the image's
address map has for it, the most frequent place if there are several; one that compiled to nothing isn't there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

from agave_wasi.profiling.lines import module_lines
from kernel_sim.cpu.disassembly import disassemble
from kernel_sim.cpu.recorder import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from agave_wasi.engines.x86.engine import Module
    from agave_wasi.profiling.lines import Lines
    from agave_wasi.profiling.places import Map, Places


class Function:
    """One function: `calls`, and how many of its `blocks` ran, `covered`. Blocks are looked at only where it ran: else 0."""

    __slots__ = ("index", "name", "calls", "blocks", "covered")

    def __init__(self, index: int, name: str, calls: int, blocks: int = 0, covered: int = 0) -> None:
        self.index = index
        self.name = name
        self.calls = calls
        self.blocks = blocks
        self.covered = covered


class Counts:
    """How often each address ran: a step function, made of blocks that may lie over each other."""

    __slots__ = ("_edges", "_values")

    def __init__(self, blocks: list[tuple[int, int, int]]) -> None:
        steps: dict[int, int] = {}
        for start, end, count in blocks:
            steps[start] = steps.get(start, 0) + count
            steps[end] = steps.get(end, 0) - count
        self._edges = sorted(steps)
        self._values = list(accumulate(steps[edge] for edge in self._edges))

    def at(self, address: int) -> int:
        """How often the instruction there was executed."""
        place = bisect_right(self._edges, address) - 1
        return self._values[place] if place >= 0 else 0


class ModuleCoverage:
    """What ran of one module, whose code begins at `text`."""

    __slots__ = ("module", "number", "text", "_places", "_counts")

    def __init__(self, places: Places, number: int, counts: Counts) -> None:
        self.number = number
        self.text, _, self.module = places.store.images[number]
        self._places = places
        self._counts = counts

    def functions(self) -> list[Function]:
        """Its functions in their order."""
        return [self._function(index) for index in sorted(self.module.image.functions)]

    def offsets(self, function: int) -> dict[int, int]:
        """How often the instructions of a function ran, by their offsets in the module."""
        found: dict[int, int] = {}
        for start, place in places_within(self.module, function):
            if place is not None:
                found[place] = max(found.get(place, 0), self._counts.at(self.text + start))
        return found

    def lines(self) -> Lines:
        """The lines of its source."""
        return module_lines(self.module.wasm)

    def _function(self, index: int) -> Function:
        start, end = self.module.image.function_range(index)
        name = self._places.name(self.number, index)
        return function(index, name, bytes(self.module.image.text[start:end]), self.text + start, self._counts)


class Coverage:
    """Watches the machine of `places`, from before anything of it has run."""

    __slots__ = ("recorder",)

    def __init__(self, places: Map) -> None:
        self.recorder = Recorder(places.machine, lambda events: None, places.within, places.entries)

    def counts(self) -> Counts:
        """How often each address has run so far."""
        return Counts([(block.address, block.end, block.count) for block in self.recorder.blocks()])


def modules(places: Places, counts: Counts) -> list[ModuleCoverage]:
    """What ran of each module of a guest, in the order in which they were instantiated."""
    return [ModuleCoverage(places, number, counts) for number in range(len(places.store.images))]


def function(index: int, name: str, code: bytes, start: int, counts: Counts) -> Function:
    """What ran of the function whose `code` begins at the address `start`."""
    calls = counts.at(start)
    if not calls:
        return Function(index, name, 0)
    begins = basic_blocks(code, start)
    return Function(index, name, calls, len(begins), sum(1 for each in begins if counts.at(each)))


def places_within(module: Module, function: int) -> Iterator[tuple[int, int | None]]:
    """Where in a function's code a new wasm offset begins, and which; None for code that is of none."""
    image = module.image
    at, end = image.function_range(function)
    yield at, image.wasm_offset(at)
    while True:
        found = image.next_place(at)
        if found is None or found[0] >= end:
            return
        yield found
        at = found[0]


def basic_blocks(code: bytes, start: int) -> list[int]:
    """Where the blocks of a function's machine code begin; `start` is the offset of the first."""
    end = start + len(code)
    begins = {start}
    traps = set()
    instructions = disassemble(code, start)
    known = [each.address for each in instructions]
    for each in instructions:
        name, _, operand = each.text.partition(" ")
        if name == "ud2":
            traps.add(each.address)
        if name[0] == "j" or name in ("ret", "ud2"):
            if each.end < end:
                begins.add(each.end)
            if name[0] == "j" and operand[:1].isdigit():
                target = int(operand, 0)
                place = bisect_left(known, target)
                if start <= target < end and place < len(known) and known[place] == target:
                    begins.add(target)
    found = sorted(begins)
    last = [known[bisect_left(known, following) - 1] for following in [*found[1:], end]]
    return [each for each, ends in zip(found, last) if ends not in traps]
