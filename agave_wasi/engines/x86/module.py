"""A core module as the x86 engine needs it: everything but its code, in one quick pass.

Types are letters: i i32, I i64, f f32, F f64, V v128, r funcref, x externref, e exnref. `declared` has what the lists are of.
Index spaces begin with what is imported.

`escaped`, `signatures` and `exceptions` number things as wasmtime does, because its code does so: a function gets a func_ref
when it first escapes (imported, in the value of a global, exported, in an element segment, in that order); types get ids in
the order of the type section, equal ones the same; behind them come those of exceptions, one for each kind of tag.
"""

from __future__ import annotations

from agave_wasi.binary.reader import (
    CODE,
    DATA,
    ELEMENT,
    EXPORT,
    FUNCTION,
    GLOBAL,
    IMPORT,
    MAX_PARAMETERS,
    MAX_SEGMENTS,
    MEMORY,
    START,
    TABLE,
    TAG,
    TYPE,
    MalformedModule,
    Reader,
    walk,
)
from agave_wasi.engines.x86.declared import DataSegment, Element, GlobalType, Import, MemoryType, TableType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.binary.reader import Data as Bytes
    from agave_wasi.binary.reader import Section
    from agave_wasi.engines.x86.declared import Expression, Instruction

    Letters = tuple[str, str]

__all__ = ["CoreModule", "DataSegment", "Element", "GlobalType", "Import", "MemoryType", "TableType"]
KINDS = ("func", "table", "memory", "global", "tag")
LETTERS = {0x7F: "i", 0x7E: "I", 0x7D: "f", 0x7C: "F", 0x7B: "V", 0x70: "r", 0x6F: "x", 0x69: "e"}
REFERENCES = "rxe"
_NULLABLE = 0x63
_FUNCTION = 0x60
_END = 0x0B
_PLAIN = {
    0x6A: "i32.add", 0x6B: "i32.sub", 0x6C: "i32.mul", 0x7C: "i64.add", 0x7D: "i64.sub", 0x7E: "i64.mul",
}  # fmt: skip
_MOST_STATIC = 1 << 20
"""Beyond this element wasmtime doesn't lay out a table in advance."""


class CoreModule:
    """A module's types, imports, exports and segments. MalformedModule if they don't hold together."""

    __slots__ = (
        "types", "signatures", "exceptions", "imports", "functions", "tables", "memories", "globals", "tags", "imported",
        "exports", "start", "elements", "data", "escaped", "code", "type_ids",
    )  # fmt: skip

    def __init__(self, wasm: Bytes) -> None:
        self.types: list[Letters] = []
        self.signatures: list[int] = []
        """Of each type, the id that wasmtime's code knows it by."""
        self.exceptions: list[int] = []
        """Of each tag, the type id of its exceptions."""
        self.type_ids = 0
        """How many ids there are."""
        self.imports: list[Import] = []
        self.functions: list[int] = []
        self.tables: list[TableType] = []
        self.memories: list[MemoryType] = []
        self.globals: list[GlobalType] = []
        self.tags: list[int] = []
        self.imported = dict.fromkeys(KINDS, 0)
        """How many of each kind are imported; they come first."""
        self.exports: dict[str, tuple[str, int]] = {}
        self.start: int | None = None
        self.elements: list[Element] = []
        self.data: list[DataSegment] = []
        self.escaped: dict[int, int] = {}
        self.code: Section | None = None
        for section in walk(wasm):
            if section.id == CODE:
                self.code = section
            elif section.id == START:
                self.start = self._index(section.reader(wasm), self.functions, "function")
            elif section.id in _VECTORS:
                least, limit, read = _VECTORS[section.id]
                reader = section.reader(wasm)
                for _ in range(reader.count(least, limit)):
                    read(self, reader)
                reader.finish(f"{section.name} section")
        self._number()

    def type_of(self, function: int) -> Letters:
        """The parameters and results of a function."""
        return self.types[self.functions[function]]

    def static_elements(self) -> int:
        """How many of the first element segments compiled code takes as already there; it writes the others itself.

        They are active, of plain functions, at constant places within tables of the module's own.
        """
        for count, segment in enumerate(self.elements):
            if segment.mode != "active":
                continue
            table = self.tables[segment.table]
            if segment.table < self.imported["table"] or table.element != "r" or segment.functions is None:
                return count
            place = segment.offset[0][1] if len(segment.offset) == 1 and segment.offset[0][0] == "i32.const" else None
            if not isinstance(place, int):
                return count
            end = (place & 0xFFFF_FFFF) + len(segment.functions)
            if end > min(table.minimum, _MOST_STATIC):
                return count
        return len(self.elements)

    def _number(self) -> None:
        ids: dict[Letters, int] = {}
        self.signatures = [ids.setdefault(each, len(ids)) for each in self.types]
        thrown: dict[int, int] = {}
        self.exceptions = [thrown.setdefault(self.signatures[each], len(ids) + len(thrown)) for each in self.tags]
        self.type_ids = len(ids) + len(thrown)

    def _index(self, reader: Reader, space: object, what: str) -> int:
        at = reader.pos
        index = reader.u32()
        if index >= len(space):  # type: ignore[arg-type]
            raise MalformedModule(at, f"there is no {what} {index}")
        return index

    def _function(self, reader: Reader) -> int:
        return self._index(reader, self.functions, "function")

    def _escape(self, function: int) -> None:
        if function not in self.escaped:
            self.escaped[function] = len(self.escaped)

    def _expression(self, reader: Reader) -> Expression:
        found: list[Instruction] = []
        while True:
            start = reader.pos
            code = reader.u8()
            if code == _END:
                return tuple(found)
            if code == 0x41:
                found.append(("i32.const", reader.signed(32)))
            elif code == 0x42:
                found.append(("i64.const", reader.signed(64)))
            elif code == 0x43:
                found.append(("f32.const", int.from_bytes(reader.take(4), "little")))
            elif code == 0x44:
                found.append(("f64.const", int.from_bytes(reader.take(8), "little")))
            elif code == 0x23:
                found.append(("global.get", self._index(reader, self.globals, "global")))
            elif code == 0xD2:
                function = self._function(reader)
                self._escape(function)
                found.append(("ref.func", function))
            elif code == 0xD0:
                found.append(("ref.null", _letter(reader)))
            elif code == 0xFD and reader.u32() == 12:
                found.append(("v128.const", reader.take(16)))
            elif code in _PLAIN:
                found.append((_PLAIN[code], 0))
            else:
                raise MalformedModule(start, f"instruction {code:#04x} in a constant expression")

    def read_type(self, reader: Reader) -> None:
        start = reader.pos
        form = reader.u8()
        if form != _FUNCTION:
            raise MalformedModule(start, f"{form:#04x} is no function type; the x86 engine has no others")
        parts = ["".join([_letter(reader) for _ in range(reader.count(limit=MAX_PARAMETERS))]) for _ in range(2)]
        self.types.append((parts[0], parts[1]))

    def read_import(self, reader: Reader) -> None:
        module, name = reader.name(), reader.name()
        at = reader.pos
        kind = reader.u8()
        type: int | TableType | MemoryType | GlobalType
        if kind == 0:
            self.functions.append(type := self._index(reader, self.types, "type"))
            self._escape(len(self.functions) - 1)
        elif kind == 1:
            self.tables.append(type := _table(reader))
        elif kind == 2:
            self.memories.append(type := _memory(reader))
        elif kind == 3:
            self.globals.append(type := GlobalType(_letter(reader), _mutable(reader)))
        elif kind == 4:
            type = self.read_tag(reader)
        else:
            raise MalformedModule(at, f"unknown kind {kind} of import {name!r}")
        self.imports.append(Import(module, name, KINDS[kind], type))
        self.imported[KINDS[kind]] += 1

    def read_function(self, reader: Reader) -> None:
        self.functions.append(self._index(reader, self.types, "type"))

    def read_table(self, reader: Reader) -> None:
        self.tables.append(_table(reader))

    def read_memory(self, reader: Reader) -> None:
        self.memories.append(_memory(reader))

    def read_global(self, reader: Reader) -> None:
        value, mutable = _letter(reader), _mutable(reader)
        self.globals.append(GlobalType(value, mutable, self._expression(reader)))

    def read_tag(self, reader: Reader) -> int:
        start = reader.pos
        attribute = reader.u8()
        if attribute:
            raise MalformedModule(start, f"unknown attribute {attribute} of a tag")
        self.tags.append(self._index(reader, self.types, "type"))
        return self.tags[-1]

    def read_export(self, reader: Reader) -> None:
        name = reader.name()
        at = reader.pos
        kind = reader.u8()
        if kind >= len(KINDS):
            raise MalformedModule(at, f"unknown kind {kind} of export {name!r}")
        space = (self.functions, self.tables, self.memories, self.globals, self.tags)[kind]
        index = self._index(reader, space, KINDS[kind])
        self.exports[name] = KINDS[kind], index
        if kind == 0:
            self._escape(index)

    def read_element(self, reader: Reader) -> None:
        start = reader.pos
        flags = reader.u32()
        if flags > 7:
            raise MalformedModule(start, f"unknown flags {flags} of an element segment")
        table, element = 0, "r"
        offset: Expression = ()
        if flags & 1:
            mode = "declared" if flags & 2 else "passive"
        else:
            mode = "active"
            at = reader.pos
            table = reader.u32() if flags & 2 else 0
            if table >= len(self.tables):
                raise MalformedModule(at, f"there is no table {table}")
            offset = self._expression(reader)
        if flags & 3 and flags & 4:
            element = _letter(reader)
        elif flags & 3 and reader.u8():
            raise MalformedModule(start, "unknown kind of an element segment")
        count = reader.count()
        functions = values = None
        if flags & 4:
            values = [self._expression(reader) for _ in range(count)]
        else:
            functions = [self._function(reader) for _ in range(count)]
            for function in functions:
                self._escape(function)
        self.elements.append(Element(mode, table, offset, element, functions, values))

    def read_data(self, reader: Reader) -> None:
        start = reader.pos
        flags = reader.u32()
        if flags > 2:
            raise MalformedModule(start, f"unknown flags {flags} of a data segment")
        memory = 0
        offset: Expression = ()
        if flags != 1:
            at = reader.pos
            memory = reader.u32() if flags == 2 else 0
            if memory >= len(self.memories):
                raise MalformedModule(at, f"there is no memory {memory}")
            offset = self._expression(reader)
        length = reader.u32()
        begin = reader.pos
        reader.skip(length)
        self.data.append(DataSegment("passive" if flags == 1 else "active", memory, offset, begin, length))


def _letter(reader: Reader) -> str:
    start = reader.pos
    code = reader.u8()
    if code == _NULLABLE:  # the long form of the same references
        code = reader.u8()
        letter = LETTERS.get(code, "")
        if letter and letter in REFERENCES:
            return letter
    elif code in LETTERS:
        return LETTERS[code]
    raise MalformedModule(start, f"type {code:#04x} is none that the x86 engine has")


def _mutable(reader: Reader) -> bool:
    start = reader.pos
    flag = reader.u8()
    if flag > 1:
        raise MalformedModule(start, f"mutability is 0 or 1, not {flag}")
    return flag == 1


def _limits(reader: Reader) -> tuple[int, int | None]:
    start = reader.pos
    flags = reader.u8()
    if flags > 1:
        raise MalformedModule(start, f"limits flags {flags:#04x} are none that the x86 engine has")
    return reader.u32(), reader.u32() if flags else None


def _table(reader: Reader) -> TableType:
    start = reader.pos
    element = _letter(reader)
    if element not in REFERENCES:
        raise MalformedModule(start, "a table is of references")
    return TableType(element, *_limits(reader))


def _memory(reader: Reader) -> MemoryType:
    return MemoryType(*_limits(reader))


# The fewest bytes of an item, the limit of items, and what reads one.
_VECTORS = {
    TYPE: (3, 1_000_000, CoreModule.read_type),
    IMPORT: (4, 1_000_000, CoreModule.read_import),
    FUNCTION: (1, 1_000_000, CoreModule.read_function),
    TABLE: (3, 1_000_000, CoreModule.read_table),
    MEMORY: (2, 1_000_000, CoreModule.read_memory),
    TAG: (2, 1_000_000, CoreModule.read_tag),
    GLOBAL: (4, 1_000_000, CoreModule.read_global),
    EXPORT: (3, 1_000_000, CoreModule.read_export),
    ELEMENT: (2, MAX_SEGMENTS, CoreModule.read_element),
    DATA: (2, MAX_SEGMENTS, CoreModule.read_data),
}
