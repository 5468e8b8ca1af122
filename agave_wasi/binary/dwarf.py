"""From an offset in a module to a place in its source: the DWARF in the custom sections, read with pyelftools.

A WebAssembly module keeps DWARF in custom sections named as in ELF (".debug_info", ".debug_line"). Its addresses count
bytes from the start of the code section's payload. Code that the linker dropped keeps its description, with an address
that no instruction has: 0, or the highest numbers of 32 bits. Source: the tool conventions' Dwarf.md, DWARF 4 and 5.

A lookup finds the compilation unit by its address ranges, the line by the unit's line table, and the functions by the
unit's tree: the one that holds the address, and those inlined into it there. Units are read when they are first met.
pyelftools is imported when the first module with debug information is opened.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise

from agave_wasi.binary.reader import CODE, CUSTOM, MalformedModule, sections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from elftools.dwarf.compileunit import CompileUnit
    from elftools.dwarf.die import DIE
    from elftools.dwarf.dwarfinfo import DWARFInfo
    from elftools.dwarf.lineprogram import LineProgram

    from agave_wasi.binary.reader import Data, Section

    Rows = list[tuple[int, int, int, int, int]]

_FUNCTION_TAGS = ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine")
_REFERENCE_HOPS = 16
# pyelftools keeps hundreds of bytes for each byte it decodes. No compiler's unit comes near these sizes; a file made to
# exhaust memory gets no lines, or no functions.
_LARGEST_LINE_PROGRAM = 4 << 20
_LARGEST_UNIT = 16 << 20


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in the source; None or 0 where the compiler did not say. `inlined`: the next location is its caller."""

    function: str | None
    file: str | None
    line: int
    column: int
    inlined: bool = False


@dataclass(slots=True)
class _Unit:
    """What has been read of one compilation unit: rows (start, end, file, line, column) sorted by start."""

    cu: CompileUnit
    rows: Rows
    files: list[str]
    functions: list[tuple[list[tuple[int, int]], DIE]] = field(default_factory=list)


class SourceMap:
    """Looks up offsets of the module `data`; `available` says whether it carries debug information.

    Raises MalformedModule for a broken module or broken DWARF, also later from `lookup`; ImportError if there is debug
    information and no pyelftools.
    """

    def __init__(self, data: Data) -> None:
        found = sections(data)
        code = next((section for section in found if section.id == CODE), None)
        debug = {section.name: section for section in found if section.id == CUSTOM and section.name[:7] == ".debug_"}
        self._code_start, self._code_size = (code.start, code.size) if code else (0, 0)
        self._offset = debug[".debug_info"].offset if ".debug_info" in debug else len(data)
        self.available = code is not None and {".debug_info", ".debug_abbrev"} <= debug.keys()
        self._dwarf = _open(data, debug) if self.available else None
        self._ranges: list[tuple[int, int, CompileUnit]] | None = None
        self._units: dict[int, _Unit] = {}

    @classmethod
    def of_program(cls, dwarf: DWARFInfo, end: int) -> SourceMap:
        """The map of a program that is no module: an offset is an address there, and code ends at `end`."""
        found = cls.__new__(cls)
        found._code_start, found._code_size, found._offset = 0, end, 0
        found.available = True
        found._dwarf, found._ranges, found._units = dwarf, None, {}
        return found

    def lookup(self, offset: int) -> tuple[SourceLocation, ...]:
        """The places that the instruction at `offset` of the file comes from, the innermost inlined one first."""
        address = offset - self._code_start
        if self._dwarf is None or not 0 < address < self._code_size:
            return ()
        try:
            unit = self._unit_at(self._dwarf, address)
            return tuple(_locations(unit, address)) if unit else ()
        except MalformedModule:
            raise
        except Exception as error:  # a parser of another project over bytes of a guest: it may raise anything
            raise MalformedModule(self._offset, f"broken DWARF: {type(error).__name__}: {error}") from error

    def _unit_at(self, dwarf: DWARFInfo, address: int) -> _Unit | None:
        if self._ranges is None:
            units = ((cu, cu.get_top_DIE()) for cu in dwarf.iter_CUs())
            ranges = [(low, high, cu) for cu, top in units for low, high in self._live(dwarf, cu, top)]
            self._ranges = sorted(ranges, key=lambda item: item[:2])
        place = bisect_right(self._ranges, address, key=lambda item: item[0]) - 1
        if place < 0 or address >= self._ranges[place][1]:
            return None
        cu = self._ranges[place][2]
        unit = self._units.get(cu.cu_offset)
        if unit is None:
            unit = self._units[cu.cu_offset] = self._read_unit(dwarf, cu)
        return unit

    def _read_unit(self, dwarf: DWARFInfo, cu: CompileUnit) -> _Unit:
        program = dwarf.line_program_for_CU(cu) if dwarf.debug_line_sec else None
        directory = _text(cu.get_top_DIE(), "DW_AT_comp_dir") or ""
        files = _file_names(program, directory) if program else []
        unit = _Unit(cu, _line_rows(program, self._code_size) if program else [], files)
        for die in cu.iter_DIEs() if cu.size <= _LARGEST_UNIT else ():
            if die.tag in _FUNCTION_TAGS:
                ranges = list(self._live(dwarf, cu, die))
                if ranges:
                    unit.functions.append((ranges, die))
        return unit

    def _live(self, dwarf: DWARFInfo, cu: CompileUnit, die: DIE) -> Iterator[tuple[int, int]]:
        """The address ranges of an entry, without those of dropped code."""
        for low, high in _ranges(dwarf, cu, die):
            if 0 < low < high <= self._code_size:
                yield low, high


def _open(data: Data, debug: dict[str, Section]) -> DWARFInfo:
    """pyelftools' reader over the raw custom sections."""
    from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

    def section(name: str) -> DebugSectionDescriptor | None:
        found = debug.get(f".debug_{name}")
        if found is None:
            return None
        content = bytes(data[found.start : found.end])
        return DebugSectionDescriptor(BytesIO(content), found.name, found.start, len(content), 0)

    return DWARFInfo(
        config=DwarfConfig(little_endian=True, machine_arch="wasm", default_address_size=4),
        debug_info_sec=section("info"),
        debug_aranges_sec=section("aranges"),
        debug_abbrev_sec=section("abbrev"),
        debug_frame_sec=None,
        eh_frame_sec=None,
        debug_str_sec=section("str"),
        debug_loc_sec=section("loc"),
        debug_ranges_sec=section("ranges"),
        debug_line_sec=section("line"),
        debug_pubtypes_sec=section("pubtypes"),
        debug_pubnames_sec=section("pubnames"),
        debug_addr_sec=section("addr"),
        debug_str_offsets_sec=section("str_offsets"),
        debug_line_str_sec=section("line_str"),
        debug_loclists_sec=section("loclists"),
        debug_rnglists_sec=section("rnglists"),
        debug_sup_sec=None,
        gnu_debugaltlink_sec=None,
        debug_types_sec=section("types"),
    )


def _ranges(dwarf: DWARFInfo, cu: CompileUnit, die: DIE) -> Iterator[tuple[int, int]]:
    """The address ranges that an entry of a unit claims, (first, one behind the last)."""
    from elftools.dwarf.ranges import BaseAddressEntry, RangeEntry

    low = die.attributes.get("DW_AT_low_pc")
    high = die.attributes.get("DW_AT_high_pc")
    ranges = die.attributes.get("DW_AT_ranges")
    if low and high:
        yield low.value, high.value if high.form == "DW_FORM_addr" else low.value + high.value
    elif ranges:
        lists = dwarf.range_lists()
        top = cu.get_top_DIE().attributes.get("DW_AT_low_pc")
        base = top.value if top else 0
        for entry in lists.get_range_list_at_offset(ranges.value, cu) if lists else ():
            match entry:
                case BaseAddressEntry():
                    base = entry.base_address
                case RangeEntry():
                    offset = 0 if entry.is_absolute else base
                    yield offset + entry.begin_offset, offset + entry.end_offset


def _line_rows(program: LineProgram, code_size: int) -> Rows:
    """The line table as intervals, sequences of dropped code left out."""
    rows: Rows = []
    sequence: list[tuple[int, int, int, int]] = []
    small = program.program_end_offset - program.program_start_offset <= _LARGEST_LINE_PROGRAM
    for entry in program.get_entries() if small else ():
        state = entry.state
        if state is None:
            continue
        sequence.append((state.address, state.file, state.line, state.column))
        if state.end_sequence:
            if 0 < sequence[0][0] < code_size:
                for (start, file, line, column), (end, *_) in pairwise(sequence):
                    if start < end:
                        rows.append((start, end, file, line, column))
            sequence = []
    return sorted(rows)


def _file_names(program: LineProgram, directory: str) -> list[str]:
    """The paths of a line program's files, so that `file` of a row is an index; version 4 counts from 1."""
    five = program.header["version"] >= 5
    folders = [_decode(folder) for folder in program.header["include_directory"]]
    if not five:
        folders = [directory, *folders]
    paths = [] if five else [""]
    for file in program.header["file_entry"]:
        path = _decode(file["name"])
        index = file["dir_index"]
        for folder in (folders[index] if index < len(folders) else "", directory):
            if folder and not path.startswith("/") and "://" not in path:
                path = f"{folder}/{path}"
        paths.append(path)
    return paths


def _locations(unit: _Unit, address: int) -> Iterator[SourceLocation]:
    """The chain at an address: the row's place in the innermost function, then where each one was inlined."""
    file, line, column = _row_at(unit.rows, address)
    chain = [die for ranges, die in unit.functions if any(low <= address < high for low, high in ranges)]
    if not chain:
        yield SourceLocation(None, _file(unit, file), line, column)
    for die in reversed(chain):
        inlined = die.tag == "DW_TAG_inlined_subroutine"
        yield SourceLocation(_function_name(die), _file(unit, file), line, column, inlined)
        file, line, column = (_number(die, f"DW_AT_call_{what}") for what in ("file", "line", "column"))


def _row_at(rows: Rows, address: int) -> tuple[int, int, int]:
    place = bisect_right(rows, address, key=lambda row: row[0]) - 1
    if place < 0 or address >= rows[place][1]:
        return -1, 0, 0
    return rows[place][2:]


def _file(unit: _Unit, index: int) -> str | None:
    return unit.files[index] or None if 0 <= index < len(unit.files) else None


def _function_name(die: DIE) -> str | None:
    """The name of a function, which may stand in the entry of its declaration or of its abstract instance."""
    for _ in range(_REFERENCE_HOPS):
        name = _text(die, "DW_AT_name") or _text(die, "DW_AT_linkage_name")
        if name:
            return name
        link = next((key for key in ("DW_AT_abstract_origin", "DW_AT_specification") if key in die.attributes), None)
        if link is None:
            return None
        die = die.get_DIE_from_attribute(link)
    return None


def _text(die: DIE, attribute: str) -> str | None:
    value = die.attributes.get(attribute)
    return _decode(value.value) if value and isinstance(value.value, bytes) else None


def _number(die: DIE, attribute: str) -> int:
    value = die.attributes.get(attribute)
    return value.value if value and isinstance(value.value, int) else 0


def _decode(value: bytes) -> str:
    return value.decode(errors="replace")
