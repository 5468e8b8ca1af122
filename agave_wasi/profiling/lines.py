"""Source lines of instructions: of a module by their offsets, of a program of machine code by their addresses."""

from __future__ import annotations

from io import BytesIO

from agave_wasi.binary.dwarf import SourceMap
from agave_wasi.binary.reader import MalformedModule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COMPRESSED = 0x800


class Lines:
    """What a map of sources tells, as long as its DWARF can be read; nothing where there is no map."""

    __slots__ = ("_map",)

    def __init__(self, map: SourceMap | None) -> None:
        self._map = map if map is not None and map.available else None

    def at(self, place: int) -> tuple[str, int] | None:
        """The file and line of an instruction, if they are known."""
        if self._map is None:
            return None
        try:
            found = self._map.lookup(place)
        except MalformedModule:
            self._map = None
            return None
        if not found or not found[0].file or not found[0].line:
            return None
        return found[0].file, found[0].line


def module_lines(wasm: bytes | memoryview) -> Lines:
    """Those of a module, by the offset of an instruction."""
    try:
        return Lines(SourceMap(wasm))
    except MalformedModule:
        return Lines(None)


def program_lines(elf: bytes, end: int) -> Lines:
    """Those of an ELF program that is `read_elf`'s, whose addresses are all below `end`, by address."""
    from elftools.elf.elffile import ELFFile

    try:
        file: Any = ELFFile(BytesIO(elf))
        if any(_unfit(section, len(elf)) for section in file.iter_sections()) or not file.has_dwarf_info():
            return Lines(None)
        return Lines(SourceMap.of_program(file.get_dwarf_info(relocate_dwarf_sections=False, follow_links=False), end))
    except Exception:  # a parser of another project over bytes of a guest: it may raise anything
        return Lines(None)


def _unfit(section: Any, size: int) -> bool:
    """Is it compressed, so that nobody knows how large it gets, or not in the file?"""
    name, flags = section.name, section["sh_flags"]
    if not name.startswith((".debug", ".zdebug")):
        return False
    return name.startswith(".zdebug") or bool(flags & _COMPRESSED) or section["sh_offset"] + section["sh_size"] > size
