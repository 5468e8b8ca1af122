"""What stands at an address of a program that is machine code from the start, by its symbols, and which of that ran."""

from __future__ import annotations

from bisect import bisect_right

from agave_wasi.profiling.coverage import function
from agave_wasi.profiling.lines import program_lines
from agave_wasi.profiling.places import FUNCTION, HOST, Place
from kernel_sim.cpu.disassembly import disassemble
from kernel_sim.cpu.layout import HEAP
from kernel_sim.syscalls.table import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.engines.x86.elf import Image
    from agave_wasi.profiling.calls import CallTree
    from agave_wasi.profiling.coverage import Counts, Function
    from agave_wasi.profiling.lines import Lines
    from agave_wasi.profiling.profiler import Profiler
    from kernel_sim.cpu.machine import Machine


class Symbol:
    """A function: its `place`, and where its code is, from `start` to `end`."""

    __slots__ = ("place", "start", "end")

    def __init__(self, place: Place, start: int, end: int) -> None:
        self.place = place
        self.start = start
        self.end = end


class SymbolPlaces:
    """The places of a program on a machine, by address. Code without symbols is one place a segment."""

    __slots__ = ("machine", "image", "entries", "symbols", "_starts")

    def __init__(self, machine: Machine, image: Image) -> None:
        self.machine = machine
        self.image = image
        self.entries: tuple[int, ...] = ()
        self.symbols = symbols_of(image)
        self._starts = [each.start for each in self.symbols]

    def at(self, address: int) -> Place | None:
        """The place that holds `address`; None for what no symbol covers, which counts for who calls it."""
        found = self._symbol(address)
        return found.place if found is not None else None

    def within(self, address: int, target: int) -> bool:
        """Are both of the same function, and isn't `target` where that begins?"""
        found = self._symbol(address)
        return found is not None and found.start < target < found.end

    def _symbol(self, address: int) -> Symbol | None:
        number = bisect_right(self._starts, address) - 1
        return self.symbols[number] if number >= 0 and address < self.symbols[number].end else None


def symbols_of(image: Image) -> list[Symbol]:
    """The functions of a program in their order; what lies within another one is no function."""
    found: list[Symbol] = []
    for segment in sorted((each for each in image.segments if each.access == "rx"), key=lambda each: each.address):
        known = sorted(address for address in image.symbols if segment.address <= address < segment.end)
        if not known:
            found.append(_symbol(f"code at {segment.address:#x}", len(found), segment.address, segment.end))
        for address, following in zip(known, [*known[1:], segment.end]):
            size = image.sizes.get(address)
            end = min(address + size, segment.end) if size else following
            if not found or address >= found[-1].end:
                found.append(_symbol(image.symbols[address], len(found), address, end))
    return found


def _symbol(name: str, index: int, start: int, end: int) -> Symbol:
    return Symbol(Place(FUNCTION, name, index=index), start, end)


def watch_kernel(machine: Machine, profiler: Profiler) -> None:
    """Let a profile have the system calls of a program, each as a place; to be called when the machine has its kernel."""
    tree: CallTree = profiler.tree
    serve = machine.on_syscall
    names = {each.number: each.name for each in table()}
    places: dict[int, Place] = {}

    def on_syscall(number: int, words: list[int]) -> bool:
        profiler.recorder.drain()
        known = number if number in names else -1
        if known not in places:
            places[known] = Place(HOST, names.get(number, "no such call"), index=known)
        tree.ask(places[known], machine.frame.by_gate)
        return serve(number, words)

    machine.on_syscall = on_syscall


class SymbolCoverage:
    """What ran of a program; `elf` is its file."""

    __slots__ = ("places", "elf", "_counts")

    def __init__(self, places: SymbolPlaces, elf: bytes, counts: Counts) -> None:
        self.places = places
        self.elf = elf
        self._counts = counts

    def functions(self) -> list[Function]:
        """Its functions in their order."""
        return [
            function(each.place.index, each.place.name, self._code(each), each.start, self._counts)
            for each in self.places.symbols
        ]

    def offsets(self, function: int) -> dict[int, int]:
        """How often the instructions of a function ran, by their addresses."""
        symbol = self.places.symbols[function]
        return {each.address: self._counts.at(each.address) for each in disassemble(self._code(symbol), symbol.start)}

    def lines(self) -> Lines:
        """The lines of its source."""
        return program_lines(self.elf, HEAP)

    def _code(self, symbol: Symbol) -> bytes:
        segment = next(each for each in self.places.image.segments if each.address <= symbol.start < each.end)
        code = segment.data[symbol.start - segment.address : symbol.end - segment.address]
        return code.ljust(symbol.end - symbol.start, b"\0")
