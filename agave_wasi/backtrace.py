"""The guest's stack for people: function names, offsets in the module, and lines of the source where it carries DWARF.

An engine tells function indices and offsets. Names come from the module's name section, imports and exports; an instruction
that was inlined shows as several lines, the innermost function first.
"""

from __future__ import annotations

from agave_wasi.binary.names import Names
from agave_wasi.demangle import demangle
from agave_wasi.terminal import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol

    from agave_wasi.binary.dwarf import SourceLocation, SourceMap
    from agave_wasi.engines.base import Frame

    class Described(Protocol):
        """What is told of a program: one that was loaded, or what a snapshot has of it."""

        @property
        def name(self) -> str:
            """As messages call it."""

        @property
        def is_component(self) -> bool: ...

        def modules_within(self) -> Iterable[tuple[str, bytes]]:
            """Each module that it has, with what places say of it."""


SHOWN_FRAMES = 40
"""Of a deeper stack the middle is left out."""
DWARF_ADVICE = "source lines are shown if the program is built with -g, and functions if it isn't stripped"


class Place:
    """One line: `offset` in the module `module`, `function` (an index if it has no name), `source` or empty."""

    __slots__ = ("module", "offset", "function", "source", "inlined", "named")

    def __init__(self, module: str, offset: int, function: str, source: str, inlined: bool, named: bool) -> None:
        self.module = module
        self.offset = offset
        self.function = function
        self.source = source
        self.inlined = inlined
        self.named = named


class Binary:
    """What is known of one module of the run: `name` is what places say of it."""

    def __init__(self, name: str, wasm: bytes) -> None:
        self.name = name
        self.names = Names(wasm)
        self._wasm = wasm
        self._map: SourceMap | None = None
        self._no_map = False

    def has(self, frame: Frame) -> bool:
        """Can this frame be one of this module's?"""
        if self.names.function_at(frame.module_offset) != frame.function:
            return False
        return frame.name is None or self.names.function(frame.function) == frame.name

    def sources(self, offset: int) -> Sequence[SourceLocation]:
        """Where the instruction comes from; nothing if the module doesn't say, or says nonsense."""
        from agave_wasi.binary.dwarf import SourceMap
        from agave_wasi.binary.reader import MalformedModule

        if self._no_map:
            return ()
        try:
            if self._map is None:
                self._map = SourceMap(self._wasm)
            return self._map.lookup(offset)
        except (MalformedModule, ImportError):
            self._no_map = True
            return ()


def backtrace(frames: Sequence[Frame], programs: Sequence[Described]) -> list[Place]:
    """Frames as places. Those that belong to none of `programs` (glue of ours between guest and host) are left out."""
    binaries = [Binary(name, wasm) for program in programs for name, wasm in program.modules_within()]
    places: list[Place] = []
    for frame in frames:
        binary = next((each for each in binaries if each.has(frame)), None)
        if binary is not None:
            places += _places(frame, binary)
    return places


def _places(frame: Frame, binary: Binary) -> Iterable[Place]:
    known = binary.names.function(frame.function)
    name = demangle(known) if known else f"function {frame.function}"
    locations = binary.sources(frame.module_offset)
    if not locations:
        yield Place(binary.name, frame.module_offset, name, "", False, known is not None)
    for location in locations:
        function = location.function if location.inlined and location.function else name
        yield Place(binary.name, frame.module_offset, function, _source(location), location.inlined, True)


def _source(location: SourceLocation) -> str:
    if not location.file:
        return ""
    column = f":{location.column}" if location.column else ""
    return f"{location.file}:{location.line}{column}" if location.line else location.file


def lines(places: Sequence[Place], colour: bool = False) -> list[str]:
    """A backtrace as lines of text, the innermost function first."""
    if not places:
        return []
    modules = len({place.module for place in places}) > 1
    functions = [one_line(f"{place.module}!{place.function}" if modules else place.function) for place in places]
    width = min(max(map(len, functions)), 48)
    digits = len(f"{max(place.offset for place in places):x}")
    found = []
    for number, (place, function) in enumerate(zip(places, functions)):
        where = one_line(f"{place.source}{' (inlined)' if place.inlined else ''}")
        offset = f"0x{place.offset:0{digits}x}"
        if colour:
            offset, where = f"\x1b[2m{offset}\x1b[0m", f"\x1b[36m{where}\x1b[0m" if where else ""
        found.append(f"  {number:2}  {offset}  {function.ljust(width) if where else function}  {where}".rstrip())
    if len(found) > SHOWN_FRAMES:
        middle = f"      ... {len(found) - SHOWN_FRAMES} more ..."
        found[SHOWN_FRAMES // 2 : len(found) - SHOWN_FRAMES // 2] = [middle]
    if not any(place.source for place in places) and not all(place.named for place in places):
        found.append(f"      {DWARF_ADVICE}")
    return found
