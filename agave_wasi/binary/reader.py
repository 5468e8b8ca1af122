"""Reading a WebAssembly binary: bounds-checked LEB128, names, and the walk over the sections.

A binary is an 8-byte preamble (magic, version, layer) and a sequence of sections, each an id byte, a u32 length and
that many bytes. Integers are LEB128: seven bits a byte, least significant first, the top bit says that more follow; an
n-bit integer takes at most ceil(n/7) bytes, and the bits of the last byte that do not fit must be zero (or copies of
the sign). Source: WebAssembly core specification, section 5 (Binary Format).

Offsets are counted from the start of the file everywhere, so that an error and a backtrace point to the same place.
A vector's count is believed only as far as the bytes that are left could hold its items.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

    Data = bytes | bytearray | memoryview | mmap

MAGIC = b"\0asm"
MODULE_PREAMBLE = b"\0asm\x01\0\0\0"
COMPONENT_LAYER = 1

CUSTOM, TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, START, ELEMENT, CODE, DATA, DATA_COUNT, TAG = range(14)

SECTION_NAMES = (
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag",
)

# The order in the file is not that of the ids: tags and the data count came later and had to stand before their users.
_ORDER = {
    section: place
    for place, section in enumerate(
        (TYPE, IMPORT, FUNCTION, TABLE, MEMORY, TAG, GLOBAL, EXPORT, START, ELEMENT, DATA_COUNT, CODE, DATA)
    )
}

_COMPONENT_SECTIONS = (
    "custom",
    "core module",
    "core instance",
    "core type",
    "component",
    "instance",
    "alias",
    "type",
    "canonical function",
    "start",
    "import",
    "export",
    "value",
)

# Beyond these an engine refuses a module as well: the limits of the WebAssembly JavaScript interface, which keep a
# small file from asking for much memory. It has none for custom sections, but nothing real has so many.
MAX_SECTIONS = 100_000
MAX_ITEMS = 1_000_000
MAX_SEGMENTS = 100_000
MAX_PARAMETERS = 1_000
MAX_FIELDS = 10_000

_TEXT_FIELDS = frozenset(
    (b"module component type rec import func table memory global export start elem data tag core instance").split()
)
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz")


class MalformedModule(ValueError):
    """The bytes at `offset` (from the start of the file) are not what the binary format allows there."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(offset, reason)
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        return f"malformed module at offset {self.offset:#x}: {self.reason}"


class Reader:
    """A cursor over `data[pos:end]`; every method checks its bounds and raises MalformedModule."""

    __slots__ = ("data", "end", "pos")

    def __init__(self, data: Data, start: int = 0, end: int | None = None) -> None:
        self.data = data
        self.pos = start
        self.end = len(data) if end is None else end

    def __bool__(self) -> bool:
        """Is anything left?"""
        return self.pos < self.end

    def u8(self) -> int:
        """The next byte."""
        pos = self.pos
        if pos >= self.end:
            raise MalformedModule(pos, "unexpected end")
        self.pos = pos + 1
        return self.data[pos]

    def u32(self) -> int:
        """An unsigned 32-bit integer."""
        pos = self.pos
        if pos < self.end:
            byte = self.data[pos]
            if byte < 0x80:
                self.pos = pos + 1
                return byte
        return self.unsigned(32)

    def unsigned(self, bits: int) -> int:
        """An unsigned integer of `bits` bits."""
        start = pos = self.pos
        data, end = self.data, self.end
        value = shift = 0
        while shift < bits:
            if pos >= end:
                raise MalformedModule(pos, "unexpected end")
            byte = data[pos]
            pos += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> bits:
                    raise MalformedModule(start, f"integer too large for u{bits}")
                self.pos = pos
                return value
            shift += 7
        raise MalformedModule(start, "integer representation too long")

    def signed(self, bits: int) -> int:
        """A signed integer of `bits` bits."""
        start = pos = self.pos
        data, end = self.data, self.end
        value = shift = 0
        while shift < bits:
            if pos >= end:
                raise MalformedModule(pos, "unexpected end")
            byte = data[pos]
            pos += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if byte & 0x40:
                    value -= 1 << shift
                if not -(1 << bits - 1) <= value < 1 << bits - 1:
                    raise MalformedModule(start, f"integer too large for s{bits}")
                self.pos = pos
                return value
        raise MalformedModule(start, "integer representation too long")

    def count(self, least: int = 1, limit: int = MAX_ITEMS) -> int:
        """The length of a vector whose items take at least `least` bytes each; `limit` items at most."""
        start = self.pos
        count = self.u32()
        if count > limit:
            raise MalformedModule(start, f"a vector of {count} items, more than the implementation limit of {limit}")
        if count * least > self.end - self.pos:
            raise MalformedModule(start, f"a vector of {count} items does not fit the {self.end - self.pos} bytes left")
        return count

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        start = self.pos
        self.skip(size)
        return bytes(self.data[start : self.pos])

    def skip(self, size: int) -> None:
        """Go `size` bytes ahead."""
        if not 0 <= size <= self.end - self.pos:
            raise MalformedModule(self.pos, f"{size} bytes wanted, {self.end - self.pos} left")
        self.pos += size

    def name(self) -> str:
        """A UTF-8 string that begins with its length in bytes."""
        start = self.pos
        try:
            return self.take(self.u32()).decode()
        except UnicodeDecodeError:
            raise MalformedModule(start, "a name is not UTF-8") from None

    def part(self) -> Reader:
        """A reader of the next part, which begins with its length; this one goes on behind it."""
        size = self.u32()
        start = self.pos
        self.skip(size)
        return Reader(self.data, start, self.pos)

    def finish(self, what: str) -> None:
        """Complain if anything is left."""
        if self.pos != self.end:
            raise MalformedModule(self.pos, f"{self.end - self.pos} bytes too many in the {what}")


class Section:
    """One section: its id, its payload `data[start:end]`; for a custom section its name, which `start` is behind of."""

    __slots__ = ("end", "id", "name", "offset", "start")

    def __init__(self, id: int, name: str, offset: int, start: int, end: int) -> None:
        self.id = id
        self.name = name
        self.offset = offset
        self.start = start
        self.end = end

    @property
    def size(self) -> int:
        """Payload size in bytes."""
        return self.end - self.start

    def reader(self, data: Data) -> Reader:
        """A reader of the payload."""
        return Reader(data, self.start, self.end)


def kind_of(data: Data) -> str:
    """What these bytes are: "module", "component", "text" (the text format) or "unknown".

    Only the beginning decides; the rest may still be malformed. Source: core specification 5.5.15, component model
    Binary.md (the layer is the second half of the version field).
    """
    if bytes(data[:4]) == MAGIC:
        preamble = bytes(data[:8])
        if preamble == MODULE_PREAMBLE:
            return "module"
        return "component" if len(preamble) == 8 and preamble[6:] == b"\x01\0" else "unknown"
    return "text" if _is_text(bytes(data[:65536])) else "unknown"


def sections(data: Data) -> list[Section]:
    """The sections of a module or component, in file order.

    Raises MalformedModule for another preamble, a section that leaves the file, and (in modules) an unknown id or a
    section out of order or repeated.
    """
    return list(walk(data))


def walk(data: Data) -> Iterator[Section]:
    """As `sections`, one by one: what stands before the first error is still delivered."""
    component = _layer(data)
    names = _COMPONENT_SECTIONS if component else SECTION_NAMES
    reader = Reader(data, 8)
    last = -1
    found = 0
    while reader:
        offset = reader.pos
        found += 1
        if found > MAX_SECTIONS:
            raise MalformedModule(offset, f"more than {MAX_SECTIONS} sections")
        id = reader.u8()
        if id >= len(names):
            raise MalformedModule(offset, f"unknown section id {id}")
        payload = reader.part()
        name = names[id]
        if id == CUSTOM:
            name = payload.name()
        elif not component:
            place = _ORDER[id]
            if place <= last:
                raise MalformedModule(offset, f"the {name} section is repeated or out of order")
            last = place
        yield Section(id, name, offset, payload.pos, payload.end)


def function_bodies(data: Data, code: Section) -> list[tuple[int, int]]:
    """Start and end of each body in the code section, in order of the defined functions; locals are part of a body."""
    reader = code.reader(data)
    bodies = []
    for _ in range(reader.count(2)):
        body = reader.part()
        bodies.append((body.pos, body.end))
    reader.finish("code section")
    return bodies


def _layer(data: Data) -> bool:
    """Is it a component (True) or a module (False)?"""
    preamble = bytes(data[:8])
    if preamble[:4] != MAGIC[: len(preamble)]:
        raise MalformedModule(0, "the magic number \\0asm is missing")
    if len(preamble) < 8:
        raise MalformedModule(len(preamble), "unexpected end of the preamble")
    version, layer = preamble[4] | preamble[5] << 8, preamble[6] | preamble[7] << 8
    if layer == COMPONENT_LAYER:
        return True
    if (version, layer) != (1, 0):
        raise MalformedModule(4, f"unknown version {version} of layer {layer}")
    return False


def _is_text(head: bytes) -> bool:
    """Is it the text format: blanks and comments, then an opening parenthesis and the word of a module field?"""
    while True:
        head = head.lstrip(b" \t\r\n")
        if head.startswith(b";;"):
            head = head.partition(b"\n")[2]
        elif head.startswith(b"(;"):
            head = _after_block_comment(head)
        else:
            break
    if not head.startswith(b"("):
        return False
    word = head[1:64].lstrip(b" \t\r\n")
    length = next((i for i, byte in enumerate(word) if byte not in _WORD), len(word))
    return word[:length] in _TEXT_FIELDS


def _after_block_comment(head: bytes) -> bytes:
    """What follows the (nested) block comment that `head` begins with."""
    depth, pos = 0, 0
    while pos < len(head):
        pair = head[pos : pos + 2]
        if pair == b"(;":
            depth += 1
            pos += 2
        elif pair == b";)":
            depth -= 1
            pos += 2
            if depth == 0:
                return head[pos:]
        else:
            pos += 1
    return b""
