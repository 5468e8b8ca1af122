"""Static x86-64 ELF files: read strictly, and put into a machine's memory.

Every field that says where something is gets checked against the file and the address space first, so a file is either a
program that can run here or a `BadElf` that says why not. pyelftools knows the format; what it raises on damaged files is
turned into the same.
"""

from __future__ import annotations

from io import BytesIO
from struct import Struct

from elftools.common.exceptions import ELFError
from elftools.construct import ConstructError
from elftools.elf.elffile import ELFFile

from kernel_sim.cpu.layout import HEAP, LOWEST, down, up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kernel_sim.cpu.memory import Memory

MAGIC = b"\x7fELF"
HEADER = 64
ENTRY_SIZES = {"e_phentsize": 56, "e_ehsize": HEADER}
SYMBOL = Struct("<IBBHQQ")
"""Name, information, other, section, value, size."""
NAMED = (0, 2)
"""Symbols without a type, as labels are, and functions."""
LONGEST_NAME = 4096
"""Bytes of a symbol's name; what is longer is cut off."""
MOST_SEGMENTS = 64
MOST_SECTIONS = 4096
MOST_SYMBOLS = 1 << 20
MOST_ADDED = 1 << 16
"""Bytes of code that the file doesn't have; all code is looked through, and an empty file could announce gigabytes."""
EXECUTE, WRITE, READ = 1, 2, 4
DAMAGED = (ELFError, ConstructError, ValueError, KeyError, IndexError, OverflowError, AttributeError, TypeError)
"""What pyelftools raises on files that aren't as they should be."""
REFUSED = {
    "PT_INTERP": "it is linked dynamically: link it with -static",
    "PT_DYNAMIC": "it is linked dynamically: link it with -static -no-pie",
    "PT_TLS": "it has thread-local storage, for which there is nothing here",
}


class BadElf(Exception):
    """The file isn't a program that can run here; the text says why, and what to do."""


class Segment:
    """A part of a program: `data` at `address`, zero behind it up to `size` bytes, with `access` r, rw or rx."""

    __slots__ = ("address", "data", "size", "access")

    def __init__(self, address: int, data: bytes, size: int, access: str) -> None:
        self.address = address
        self.data = data
        self.size = size
        self.access = access

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.size


class Image:
    """A program: where it begins, what it is made of, the names of its functions by address, and their `sizes` if known."""

    __slots__ = ("entry", "segments", "symbols", "sizes")

    def __init__(
        self, entry: int, segments: list[Segment], symbols: dict[int, str], sizes: dict[int, int] | None = None
    ) -> None:
        self.entry = entry
        self.segments = segments
        self.symbols = symbols
        self.sizes = sizes or {}

    @property
    def size(self) -> int:
        """Bytes of memory that it takes, in whole pages."""
        return sum(up(each.end) - down(each.address) for each in self.segments)

    def place(self, memory: Memory) -> None:
        """Add its segments to a machine's memory. BadElf if they overlap; MemoryError."""
        for number, each in enumerate(self.segments):
            start = down(each.address)
            try:
                region = memory.add(f"segment {number}", start, each.end - start, each.access)
            except ValueError as error:
                raise BadElf(str(error)) from None
            region.view[each.address - start : each.address - start + len(each.data)] = each.data


def read_elf(data: bytes) -> Image:
    """The program in a file's bytes; BadElf."""
    if data[:4] != MAGIC:
        raise BadElf("it isn't an ELF file, which begins with \\x7fELF")
    if len(data) < HEADER:
        raise BadElf(f"its header has {HEADER} bytes, but the file only {len(data)}")
    if data[4:7] != b"\2\1\1":
        raise BadElf("it isn't a 64-bit little-endian ELF file of version 1")
    try:
        return _image(ELFFile(BytesIO(data)), data)
    except DAMAGED as error:
        raise BadElf(f"it is damaged: {error}") from None


def _image(file: Any, data: bytes) -> Image:
    header = file.header
    if header["e_machine"] != "EM_X86_64":
        raise BadElf(f"it is for another machine ({header['e_machine']}): build it for x86-64")
    if header["e_type"] == "ET_DYN":
        raise BadElf("it is position-independent: link it with -static -no-pie")
    if header["e_type"] != "ET_EXEC":
        raise BadElf(f"it is no program but {header['e_type']}: link it")
    for field, size in ENTRY_SIZES.items():
        if header[field] != size:
            raise BadElf(f"its {field} is {header[field]}, and should be {size}")
    if not 0 < header["e_phnum"] <= MOST_SEGMENTS:
        raise BadElf(f"it has {header['e_phnum']} program headers; from 1 to {MOST_SEGMENTS} can be loaded")
    segments = _segments(file, data)
    entry = header["e_entry"]
    if not any(each.address <= entry < each.end and each.access == "rx" for each in segments):
        raise BadElf(f"it begins at {entry:#x}, where it has no code")
    return Image(entry, segments, *_symbols(file, data))


def _segments(file: Any, data: bytes) -> list[Segment]:
    found = []
    for number in range(file.header["e_phnum"]):
        header = file._get_segment_header(number)
        if header["p_type"] in REFUSED:
            raise BadElf(REFUSED[header["p_type"]])
        if header["p_type"] == "PT_LOAD" and header["p_memsz"]:
            found.append(_segment(number, header, data))
    if not found:
        raise BadElf("it has nothing to load")
    return found


def _segment(number: int, header: Any, data: bytes) -> Segment:
    what = f"program header {number}"
    address, size, offset, stored = (header[name] for name in ("p_vaddr", "p_memsz", "p_offset", "p_filesz"))
    if stored > size:
        raise BadElf(f"{what}: {stored} bytes of the file don't fit into {size} bytes of memory")
    if offset + stored > len(data):
        raise BadElf(f"{what}: bytes {offset} to {offset + stored} are not in the file, which has {len(data)}")
    if address < LOWEST or address + size > HEAP:
        raise BadElf(f"{what}: {address:#x} to {address + size:#x} is not within {LOWEST:#x} to {HEAP:#x}, where programs are")
    flags = header["p_flags"]
    if flags & WRITE and flags & EXECUTE:
        raise BadElf(f"{what}: it is writable and executable; link code and data apart (-z separate-code)")
    if flags & EXECUTE and size - stored > MOST_ADDED:
        raise BadElf(f"{what}: it has {size} bytes of code, and the file only {stored} of them; link it anew")
    access = "rx" if flags & EXECUTE else "rw" if flags & WRITE else "r"
    return Segment(address, data[offset : offset + stored], size, access)


def _symbols(file: Any, data: bytes) -> tuple[dict[int, str], dict[int, int]]:
    """Functions and labels, if the file has kept them, and the sizes of functions."""
    count = file.num_sections() if file.header["e_shoff"] else 0
    if count > MOST_SECTIONS:
        raise BadElf(f"it has {count} sections, and {MOST_SECTIONS} can be looked at; strip it (strip --strip-all)")
    headers = (file._get_section_header(number) for number in range(count))
    table = next((each for each in headers if each["sh_type"] == "SHT_SYMTAB"), None)
    if table is None:
        return {}, {}
    start, size, names = table["sh_offset"], table["sh_size"], file._get_section_header(table["sh_link"])
    first, last = names["sh_offset"], names["sh_offset"] + names["sh_size"]
    if table["sh_entsize"] != SYMBOL.size or size > MOST_SYMBOLS * SYMBOL.size or max(start + size, last) > len(data):
        raise BadElf("its symbol table is damaged; strip it (strip --strip-all)")
    found, sizes = {}, {}
    for name, info, _, _, value, length in SYMBOL.iter_unpack(data[start : start + size // SYMBOL.size * SYMBOL.size]):
        if name and info & 0xF in NAMED and value and first + name < last:
            name += first
            end = data.find(b"\0", name, min(name + LONGEST_NAME, last))
            found[value] = data[name : end if end >= 0 else min(name + LONGEST_NAME, last)].decode("utf-8", "replace")
            if length:
                sizes[value] = length
    return found, sizes
