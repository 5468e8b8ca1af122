"""WebAssembly core dumps: the state of a trapped guest as a file that debuggers read.

A core dump is itself a module, never to be instantiated. Custom sections tell who it was ("core"), which modules and
instances there were ("coremodules", "coreinstances") and each thread's frames, the innermost first ("corestack"); the
ordinary memory, global and data sections hold the contents. Pages full of zeros are left out, as a data segment would
write what a fresh memory holds already. Source: the tool conventions' Coredump.md.

A frame's offset counts from the start of the function's body. A value is (type, value), for example ("i32", -1), or
None when the engine no longer has it: ints are signed, a v128 is 16 bytes, a reference is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack, unpack

from agave_wasi.binary.constants import constant_expression
from agave_wasi.binary.reader import (
    CUSTOM,
    DATA,
    GLOBAL,
    MAX_SEGMENTS,
    MEMORY,
    MODULE_PREAMBLE,
    MalformedModule,
    sections,
)
from agave_wasi.binary.types import MemoryType, global_type, memory_type
from agave_wasi.binary.writer import custom, name, section, signed, unsigned, vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from agave_wasi.binary.reader import Data, Reader

    Number = int | float | bytes | None
    Value = tuple[str, Number]

_TYPE_CODES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C, "v128": 0x7B, "funcref": 0x70, "externref": 0x6F}
_HEAP_CODES = {"funcref": 0x70, "externref": 0x6F}
_MISSING = 0x01
_PAGE = 65536
_ZEROS = bytes(_PAGE)


@dataclass(frozen=True, slots=True)
class Frame:
    """A function that was active: indices of instance and function, the offset in its body, 0 when not known."""

    instance: int
    function: int
    offset: int = 0
    locals: tuple[Value | None, ...] = ()
    stack: tuple[Value | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread's frames, the innermost first."""

    frames: tuple[Frame, ...]
    name: str = "main"


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance: the index of its module, and which memories and globals of the dump are its own, in its order."""

    module: int = 0
    memories: tuple[int, ...] = ()
    globals: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MemoryImage:
    """A memory: its type, its minimum being its size, and (address, contents) of the parts that may be not zero."""

    type: MemoryType
    segments: tuple[tuple[int, bytes | memoryview], ...]

    def read(self, address: int, size: int) -> bytes:
        """The bytes at `address`. Raises IndexError outside the memory."""
        if not 0 <= address <= address + size <= self.type.minimum << self.type.page_log2:
            raise IndexError(f"{size} bytes at {address:#x} are outside the memory")
        found = bytearray(size)
        for start, contents in self.segments:
            low, high = max(start, address), min(start + len(contents), address + size)
            if low < high:
                found[low - address : high - address] = contents[low - start : high - start]
        return bytes(found)


@dataclass(frozen=True, slots=True)
class Coredump:
    """A core dump; `name` is that of the program."""

    name: str
    modules: tuple[str, ...]
    instances: tuple[Instance, ...]
    threads: tuple[Thread, ...]
    memories: tuple[MemoryImage, ...] = ()
    globals: tuple[Value, ...] = ()


def write_coredump(core: Coredump) -> bytes:
    """Encode a core dump. Raises KeyError for a value of a type that the format has no code for."""
    instances = [
        b"\0" + unsigned(one.module) + vector(_indices(one.memories)) + vector(_indices(one.globals))
        for one in core.instances
    ]
    parts: list[bytes | memoryview] = [MODULE_PREAMBLE]
    parts += custom("core", b"\0" + name(core.name))
    parts += custom("coremodules", vector([b"\0" + name(module) for module in core.modules]))
    parts += custom("coreinstances", vector(instances))
    for thread in core.threads:
        parts += custom("corestack", b"\0" + name(thread.name) + vector([_frame(frame) for frame in thread.frames]))
    if core.memories:
        parts += section(MEMORY, (vector([_memory(memory.type) for memory in core.memories]),))
    if core.globals:
        parts += section(GLOBAL, (vector([_global(value) for value in core.globals]),))
    segments = [segment for index, memory in enumerate(core.memories) for segment in _segments(index, memory)]
    if segments:
        contents = [part for segment in segments for part in segment]
        parts += section(DATA, (unsigned(len(segments)), *contents))
    return b"".join(parts)


def _indices(numbers: tuple[int, ...]) -> list[bytes]:
    return [unsigned(number) for number in numbers]


def _frame(frame: Frame) -> bytes:
    head = b"\0" + unsigned(frame.instance) + unsigned(frame.function) + unsigned(frame.offset)
    return head + vector([_value(item) for item in frame.locals]) + vector([_value(item) for item in frame.stack])


def _value(item: Value | None) -> bytes:
    if item is None or item[0] not in ("i32", "i64", "f32", "f64"):
        return bytes((_MISSING,))
    return bytes((_TYPE_CODES[item[0]],)) + _number(item)


def _number(item: Value) -> bytes:
    match item:
        case ("i32" | "i64", int(value)):
            return signed(value)
        case ("f32", int() | float() as value):
            return pack("<f", value)
        case ("f64", int() | float() as value):
            return pack("<d", value)
        case ("v128", bytes(value)) if len(value) == 16:
            return value
    raise ValueError(f"{item!r} is no value of its type")


def _memory(type: MemoryType) -> bytes:
    flags = (type.maximum is not None) | type.shared << 1 | type.memory64 << 2 | (type.page_log2 != 16) << 3
    limits = bytes((flags,)) + unsigned(type.minimum)
    if type.maximum is not None:
        limits += unsigned(type.maximum)
    return limits + unsigned(type.page_log2) if type.page_log2 != 16 else limits


def _global(item: Value) -> bytes:
    type = item[0]
    head = bytes((_TYPE_CODES[type], 0))
    if type in _HEAP_CODES:
        return head + bytes((0xD0, _HEAP_CODES[type], 0x0B))
    constant = {"i32": b"\x41", "i64": b"\x42", "f32": b"\x43", "f64": b"\x44", "v128": b"\xfd\x0c"}[type]
    return head + constant + _number(item) + b"\x0b"


def _segments(index: int, memory: MemoryImage) -> Iterator[tuple[bytes, memoryview]]:
    """The data segments of a memory: head and contents of each run of pages that hold something."""
    flags = b"\x02" + unsigned(index) if index else b"\0"
    constant = b"\x42" if memory.type.memory64 else b"\x41"
    for start, contents in memory.segments:
        view = memoryview(contents).cast("B")
        for low, high in _used(view):
            address = start + low
            if not memory.type.memory64 and address >> 31:
                address -= 1 << 32
            yield flags + constant + signed(address) + b"\x0b" + unsigned(high - low), view[low:high]


def _used(view: memoryview) -> Iterator[tuple[int, int]]:
    """The runs of pages that are not all zero."""
    first = -1
    for page in range(0, len(view), _PAGE):
        contents = bytes(view[page : page + _PAGE])
        empty = contents == (_ZEROS if len(contents) == _PAGE else _ZEROS[: len(contents)])
        if empty and first >= 0:
            yield first, page
            first = -1
        elif not empty and first < 0:
            first = page
    if first >= 0:
        yield first, len(view)


def read_coredump(data: Data) -> Coredump:
    """Decode a core dump. Raises MalformedModule for anything else, and for contents outside of a memory."""
    program: str | None = None
    modules: list[str] = []
    instances: list[Instance] = []
    threads: list[Thread] = []
    types: list[MemoryType] = []
    globals: list[Value] = []
    contents: dict[int, list[tuple[int, bytes]]] = {}
    for part in sections(data):
        reader = part.reader(data)
        if part.id == CUSTOM and part.name == "core":
            _zero(reader)
            program = reader.name()
        elif part.id == CUSTOM and part.name == "coremodules":
            modules += [_read_module(reader) for _ in range(reader.count(2))]
        elif part.id == CUSTOM and part.name == "coreinstances":
            instances += [_read_instance(reader) for _ in range(reader.count(4))]
        elif part.id == CUSTOM and part.name == "corestack":
            threads.append(_read_thread(reader))
        elif part.id == MEMORY:
            types += [memory_type(reader) for _ in range(reader.count(2))]
        elif part.id == GLOBAL:
            globals += [_read_global(reader) for _ in range(reader.count(3))]
        elif part.id == DATA:
            for _ in range(reader.count(2, MAX_SEGMENTS)):
                _read_segment(reader, types, contents)
        else:
            continue
        reader.finish(f"{part.name} section")
    if program is None:
        raise MalformedModule(len(data), "no core dump: there is no section named core")
    memories = tuple(MemoryImage(type, tuple(contents.get(index, ()))) for index, type in enumerate(types))
    return Coredump(program, tuple(modules), tuple(instances), tuple(threads), memories, tuple(globals))


def _zero(reader: Reader) -> None:
    start = reader.pos
    if reader.u8():
        raise MalformedModule(start, "an entry of a core dump begins with another byte than 0")


def _read_module(reader: Reader) -> str:
    _zero(reader)
    return reader.name()


def _read_indices(reader: Reader) -> tuple[int, ...]:
    return tuple([reader.u32() for _ in range(reader.count())])


def _read_instance(reader: Reader) -> Instance:
    _zero(reader)
    return Instance(reader.u32(), _read_indices(reader), _read_indices(reader))


def _read_thread(reader: Reader) -> Thread:
    _zero(reader)
    title = reader.name()
    return Thread(tuple([_read_frame(reader) for _ in range(reader.count(6))]), title)


def _read_frame(reader: Reader) -> Frame:
    _zero(reader)
    return Frame(reader.u32(), reader.u32(), reader.u32(), _read_values(reader), _read_values(reader))


def _read_values(reader: Reader) -> tuple[Value | None, ...]:
    return tuple([_read_value(reader) for _ in range(reader.count())])


def _read_value(reader: Reader) -> Value | None:
    start = reader.pos
    code = reader.u8()
    if code == _MISSING:
        return None
    if code == 0x7F:
        return "i32", reader.signed(32)
    if code == 0x7E:
        return "i64", reader.signed(64)
    if code == 0x7D:
        return "f32", unpack("<f", reader.take(4))[0]
    if code == 0x7C:
        return "f64", unpack("<d", reader.take(8))[0]
    raise MalformedModule(start, f"{code:#04x} is no type of a value")


def _read_global(reader: Reader) -> Value:
    type = global_type(reader).value
    start = reader.pos
    match constant_expression(reader, set()):
        case ((("i32.const" | "i64.const" | "f32.const" | "f64.const" | "v128.const"), value),) if not isinstance(
            value, (str, tuple)
        ):
            return type, value
        case (("ref.null", _),):
            return type, None
    raise MalformedModule(start, "a global of a core dump is one constant")


def _read_segment(reader: Reader, types: list[MemoryType], contents: dict[int, list[tuple[int, bytes]]]) -> None:
    start = reader.pos
    flags = reader.u32()
    index = reader.u32() if flags == 2 else 0
    if flags not in (0, 2) or index >= len(types):
        raise MalformedModule(start, "a data segment of a core dump belongs to one of its memories")
    match constant_expression(reader, set()):
        case ((("i32.const" | "i64.const"), int(address)),):
            address &= (1 << 64) - 1 if types[index].memory64 else (1 << 32) - 1
        case _:
            raise MalformedModule(start, "the address of a data segment of a core dump is a constant")
    part = reader.take(reader.u32())
    if address + len(part) > types[index].minimum << types[index].page_log2:
        raise MalformedModule(start, "a data segment lies outside of its memory")
    contents.setdefault(index, []).append((address, part))
