"""wasmtime's ELF images: machine code, where its functions are, and what is known of each place in it.

Only headers, section names and symbols are read when an image is opened; trap codes and wasm offsets are tables of blocks, of
which one is decoded when it is asked for. Nothing is copied, so the image may be a memory map of a file.

Everything that is read is checked, and what doesn't hold together is a BadImage. The machine code itself can't be checked: it
runs on a CPU model within a machine that it can't leave, so damage there ends in a fault or in wrong results.

Sections, little endian:

* `.wasmtime.engine`: wasmtime's release, target, compiler flags and settings.
* `.wasmtime.traps`: number of traps, number of blocks, for each block its first offset in the code and where it begins behind
  this index. A block has a code and then up to 128 traps: the distance to the one before, doubled, + 1 if a code of its own
  follows (LEB128).
* `.wasmtime.addrmap`: the same index. A block has up to 128 places from which on code belongs to a wasm offset: the distance,
  doubled, + 1 if it belongs to none, otherwise the offset (the first of a block), or how far it is from the one before (signed
  LEB128).
* `.symtab`: offsets in `.text`.
"""

from __future__ import annotations

from bisect import bisect_right
from struct import iter_unpack, unpack_from

from elftools.elf.elffile import ELFFile

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.elf import DAMAGED, MAGIC
from agave_wasi.engines.x86.vmctx import WASMTIME, Version, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap
    from typing import Any

    Bytes = bytes | bytearray | memoryview | mmap
    Block = tuple[list[int], list[int | None]]

TARGET = "x86_64-unknown-linux-gnu"
WRONGLY_EXECUTED = ("avx", "fma", "vaes", "vpclmul", "apx")
"""Instructions with flags of these names the CPU model doesn't refuse, but executes as others."""
PAGE = 4096
BLOCK = 128
"""So many traps, or places in the code, a block has at most."""
_MOST_BITS = 35
_MOST_BYTES = 2 * BLOCK * (_MOST_BITS // 7 + 1)
_FUNCTION, _ARRAY, _WASM = b"wasm[0]::function[", b"wasm[0]::array_to_wasm_trampoline[", b"signatures["
_BUILTIN, _START, _START_CODE = b"wasmtime_builtin_", b"module_start[0]::Array", b"module_start[0]::Wasm"
_MOST_SECTIONS = 64
_LONGEST = 100
"""Bytes of a builtin's name, and then some: a file could have a million that are all the same megabytes."""
MANY = 4096
"""So many decoded blocks are kept."""
_HEADER = 8
"""Bytes before the index of a table of blocks."""
_SYMBOL = "<IBBHQQ"
_SYMBOL_SIZE = 24


class BadImage(EngineError):
    """The bytes aren't an image that can run here; the text says why."""


class Image:
    """An image: `text` is its machine code, and all offsets are within it.

    `functions` and `array_to_wasm` by function index, `wasm_to_array` by the id of the type (`CoreModule.signatures`),
    `builtins` by name; `start` is what instantiation has to call (an array call), `start_code` the function that it calls.
    `exceptions` and `stack_maps` are those sections as they are, `flags` are wasmtime's compiler flags, `fuel` tells whether
    code counts instructions.
    """

    __slots__ = (
        "text", "rodata", "exceptions", "stack_maps", "functions", "array_to_wasm", "wasm_to_array", "builtins", "start",
        "start_code",
        "flags", "fuel", "_starts", "_ends", "_indices", "_traps", "_places",
    )  # fmt: skip

    def __init__(self, data: memoryview, sections: dict[str, tuple[int, int]], table: Version) -> None:
        def part(name: str) -> memoryview:
            start, size = sections.get(name, (0, 0))
            return data[start : start + size]

        for name in (".wasmtime.engine", ".text", ".symtab", ".strtab"):
            if name not in sections:
                raise BadImage(f"it isn't a module that wasmtime has compiled: it has no section {name}")
        self.flags, settings = _engine(bytes(part(".wasmtime.engine")))
        wrong = [name for name, on in self.flags.items() if on and any(word in name for word in WRONGLY_EXECUTED)]
        if wrong:
            raise BadImage(f"its code uses instructions that the CPU model executes wrongly: {', '.join(wrong)}")
        fuel = [fuel for fuel, expected in table.settings.items() if expected == settings]
        if not fuel:
            raise BadImage("it was compiled with settings of wasmtime that aren't the x86 engine's: compile it again")
        self.fuel = fuel[0]
        if sections[".text"][0] % PAGE:
            raise BadImage("its code doesn't begin at a page")
        self.text = part(".text")
        self.rodata = part(".rodata.wasm")
        self.exceptions = part(".wasmtime.exceptions")
        self.stack_maps = part(".wasmtime.stackmap")
        self.functions: dict[int, int] = {}
        self.array_to_wasm: dict[int, int] = {}
        self.wasm_to_array: dict[int, int] = {}
        self.builtins: dict[str, int] = {}
        self.start: int | None = None
        self.start_code: int | None = None
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._indices: list[int] = []
        self._symbols(part(".symtab"), bytes(part(".strtab")))
        self._traps = _Blocks(part(".wasmtime.traps"), "traps", _trap_codes)
        self._places = _Blocks(part(".wasmtime.addrmap"), "addrmap", _wasm_offsets)

    def _symbols(self, symbols: memoryview, names: bytes) -> None:
        size = len(self.text)
        found = []
        if len(symbols) % _SYMBOL_SIZE:
            raise BadImage(f"its symbol table has {len(symbols)} bytes, which isn't a multiple of {_SYMBOL_SIZE}")
        for start, _, _, _, offset, length in iter_unpack(_SYMBOL, symbols):
            if not start:
                continue
            if offset + length > size:
                raise BadImage(f"a symbol is at {offset:#x} to {offset + length:#x}, beyond the code's {size:#x} bytes")
            if names.startswith(_FUNCTION, start):
                index = _number(names, start + len(_FUNCTION))
                self.functions[index] = offset
                found.append((offset, offset + length, index))
            elif names.startswith(_ARRAY, start):
                self.array_to_wasm[_number(names, start + len(_ARRAY))] = offset
            elif names.startswith(_WASM, start):
                self.wasm_to_array[_number(names, start + len(_WASM))] = offset
            elif names.startswith(_BUILTIN, start):
                name, end, _ = names[start + len(_BUILTIN) : start + len(_BUILTIN) + _LONGEST].partition(b"\0")
                if not end:
                    raise BadImage(f"a builtin's name has more than {_LONGEST} bytes")
                self.builtins[name.decode("utf-8", "replace")] = offset
            elif names.startswith(_START, start):
                self.start = offset
            elif names.startswith(_START_CODE, start):
                self.start_code = offset
        found.sort()
        self._starts = [each[0] for each in found]
        self._ends = [each[1] for each in found]
        self._indices = [each[2] for each in found]

    def function_at(self, offset: int) -> int | None:
        """The index of the function whose code is at `offset`; None for stubs and gaps."""
        place = bisect_right(self._starts, offset) - 1
        if place < 0 or offset >= self._ends[place]:
            return None
        return self._indices[place]

    def function_range(self, index: int) -> tuple[int, int]:
        """Where the code of a function begins and ends."""
        start = self.functions[index]
        return start, self._ends[bisect_right(self._starts, start) - 1]

    def trap_code(self, offset: int) -> int | None:
        """wasmtime's code of the trap that the instruction at `offset` stands for, if it is one. BadImage."""
        offsets, codes = self._traps.block(offset)
        place = bisect_right(offsets, offset) - 1
        return codes[place] if place >= 0 and offsets[place] == offset else None

    def wasm_offset(self, offset: int) -> int | None:
        """The byte of the module that the instruction at `offset` comes from, if it is from one. BadImage.

        For a return address ask about the byte before it: the call is what comes from there.
        """
        offsets, places = self._places.block(offset)
        place = bisect_right(offsets, offset) - 1
        return places[place] if place >= 0 else None

    def next_place(self, offset: int) -> tuple[int, int | None] | None:
        """Where behind `offset` code of another wasm offset begins, and which that is; None behind the last. BadImage."""
        offsets, places = self._places.block(offset)
        at = bisect_right(offsets, offset)
        if at == len(offsets):
            following = self._places.following(offset)
            if following is None:
                return None
            offsets, places = self._places.block(following)
            at = 0
        return offsets[at], places[at]


def read_image(data: Bytes) -> Image:
    """The image in a file's bytes; BadImage. They must stay as they are while the image is used."""
    view = memoryview(data)
    if bytes(view[:4]) != MAGIC:
        raise BadImage("it isn't an ELF file, which begins with \\x7fELF")
    try:
        sections = _sections(view)
        return Image(view, sections, version(WASMTIME))
    except DAMAGED as error:
        raise BadImage(f"it is damaged: {error}") from None


class _Stream:
    """What pyelftools reads from: the bytes themselves, not a copy."""

    __slots__ = ("data", "at")

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self.data) if size is None or size < 0 else self.at + size
        found = bytes(self.data[self.at : end])
        self.at += len(found)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = max(0, offset + (0, self.at, len(self.data))[whence])
        return self.at

    def tell(self) -> int:
        return self.at


def _sections(data: memoryview) -> dict[str, tuple[int, int]]:
    """Where each section is in the file, and its size."""
    stream: Any = _Stream(data)
    try:
        file: Any = stream
        return _found_by(ELFFile(file), len(data))
    finally:
        stream.data = memoryview(b"")  # pyelftools' objects are garbage that has yet to be collected: an open file would stay


def _found_by(file: Any, length: int) -> dict[str, tuple[int, int]]:
    header = file.header
    kind = header["e_ident"]["EI_CLASS"], header["e_machine"], header["e_type"]
    if kind != ("ELFCLASS64", "EM_X86_64", "ET_REL"):
        raise BadImage(f"it isn't a module that wasmtime has compiled for x86-64, but {', '.join(map(str, kind))}")
    found = {}
    count = file.num_sections()
    if count > _MOST_SECTIONS:
        raise BadImage(f"it has {count} sections; wasmtime's have some 15")
    for number in range(count):
        section = file._get_section_header(number)
        name = file._get_section_name(section)
        start, size = section["sh_offset"], section["sh_size"]
        if section["sh_type"] == "SHT_NULL":
            continue
        if start + size > length:
            raise BadImage(f"its section {name} ends at {start + size}, and the file at {length}: it is cut off")
        found[name] = start, size
    return found


def _number(names: bytes, start: int) -> int:
    """The number up to a closing bracket."""
    return int(names[start : names.index(b"]", start, start + 12)])


def _engine(data: bytes) -> tuple[dict[str, bool], bytes]:
    """Compiler flags that are on or off, and wasmtime's settings as they are, from the section about the engine."""
    part = _Part(data)
    if part.byte():
        raise BadImage("it was compiled by wasmtime with a version of its own")
    release, _, _ = WASMTIME.partition(".")
    found = part.text()
    if found != release:
        raise BadImage(f"it was compiled by wasmtime {found}, and this engine is for {WASMTIME}: compile it again")
    target = part.text()
    if target != TARGET:
        raise BadImage(f"it was compiled for {target}, not for {TARGET}")
    flags = {}
    for _ in range(2):  # of the compiler, of the CPU
        for _ in range(part.byte()):
            name = part.text()
            kind = part.byte()
            if kind == 0:
                part.text()
            elif kind == 1:
                part.byte()
            elif kind == 2:
                flags[name] = bool(part.byte())
            else:
                raise BadImage(f"its flag {name} has the unknown kind {kind}")
    return flags, part.rest()


class _Part:
    """A cursor over bytes."""

    __slots__ = ("data", "at")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def text(self) -> str:
        size = self.byte()
        self.at += size
        return self.data[self.at - size : self.at].decode("ascii", "replace")

    def rest(self) -> bytes:
        return self.data[self.at :]


class _Blocks:
    """A table of blocks behind an index. A block is two lists: offsets, and what is known from each on; decoded when needed."""

    __slots__ = ("data", "name", "decode", "count", "index", "body", "latest")

    def __init__(self, data: memoryview, name: str, decode: Callable[[bytes, int, int], Block]) -> None:
        self.data = data
        self.name = name
        self.decode = decode
        self.latest: dict[int, Block] = {}
        self.count, blocks = unpack_from("<II", data) if len(data) >= _HEADER else (0, 0)
        self.body = _HEADER + 8 * blocks
        if data and (self.body > len(data) or -(-self.count // BLOCK) != blocks):
            raise BadImage(f"its section {name} is damaged: {self.count} places, {blocks} blocks, {len(data)} bytes")
        self.index = data[_HEADER : self.body].cast("I") if blocks else ()

    def following(self, offset: int) -> int | None:
        """Where the first block behind `offset` begins; None if there is none."""
        number = bisect_right(range(len(self.index) // 2), offset, key=lambda block: self.index[2 * block])
        return int(self.index[2 * number]) if 2 * number < len(self.index) else None

    def block(self, offset: int) -> Block:
        """The block that covers `offset`, as two lists; empty ones if none does."""
        number = bisect_right(range(len(self.index) // 2), offset, key=lambda block: self.index[2 * block]) - 1
        if number < 0:
            return [], []
        found = self.latest.get(number)
        if found is None:
            first, start = self.index[2 * number], self.body + self.index[2 * number + 1]
            count = min(BLOCK, self.count - BLOCK * number)
            try:
                found = self.decode(bytes(self.data[start : start + _MOST_BYTES]), first, count)
            except IndexError:
                raise BadImage(f"its section {self.name} is damaged: block {number} doesn't hold what it should") from None
            if len(self.latest) >= MANY:
                self.latest.clear()
            self.latest[number] = found
        return found


def _trap_codes(data: bytes, offset: int, count: int) -> Block:
    offsets: list[int] = []
    codes: list[int | None] = []
    usual, at = data[0], 1
    for _ in range(count):
        token, at = _unsigned(data, at)
        offset += token >> 1
        offsets.append(offset)
        codes.append(data[at] if token & 1 else usual)
        at += token & 1
    return offsets, codes


def _wasm_offsets(data: bytes, offset: int, count: int) -> Block:
    offsets: list[int] = []
    places: list[int | None] = []
    latest = None
    at = 0
    for _ in range(count):
        token, at = _unsigned(data, at)
        offset += token >> 1
        place = None
        if not token & 1:
            start = at
            value, at = _unsigned(data, at)
            if latest is None:
                latest = value
            else:
                sign = 1 << 7 * (at - start) - 1
                latest += value - 2 * sign if value & sign else value
            place = latest
        offsets.append(offset)
        places.append(place)
    return offsets, places


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    """A LEB128 number and where it ends; IndexError."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > _MOST_BITS:
            raise IndexError
