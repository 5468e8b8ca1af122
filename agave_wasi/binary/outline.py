"""The outline of a core module: imports, exports, whether it has a start function. All that linking needs.

A plain run reads this and nothing more of a module, so it is one quick pass over four sections with few imports. Function
types are letters (i i32, I i64, f f32, F f64), or None where a type has others; the engine checks those.
"""

from __future__ import annotations

from agave_wasi.binary.reader import EXPORT, IMPORT, MEMORY, START, TABLE, TAG, TYPE, MalformedModule, Reader, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.binary.reader import Data

KINDS = ("func", "table", "memory", "global", "tag")
_LETTERS = {0x7F: "i", 0x7E: "I", 0x7D: "f", 0x7C: "F"}
_FUNCTION = 0x60
_REFERENCE_WITH_HEAP_TYPE = (0x63, 0x64)

FunctionLetters = tuple[str, str]


class Item:
    """An import or export: `module` is empty for an export; `type` only for functions whose types have letters.

    `origin` is the import that an exported function is, if it is one.
    """

    __slots__ = ("module", "name", "kind", "type", "origin")

    def __init__(
        self, module: str, name: str, kind: str, type: FunctionLetters | None, origin: Item | None = None
    ) -> None:
        self.module = module
        self.name = name
        self.kind = kind
        self.type = type
        self.origin = origin


class Outline:
    """What a module asks for and offers, and how many memories and tables it brings along.

    `collects`: its code may make what is garbage later. It has tags, for exceptions, or types beyond functions.
    """

    __slots__ = ("imports", "exports", "has_start", "memories", "tables", "collects")

    def __init__(
        self, imports: list[Item], exports: list[Item], has_start: bool, memories: int = 0, tables: int = 0,
        collects: bool = False,
    ) -> None:  # fmt: skip
        self.imports = imports
        self.exports = exports
        self.has_start = has_start
        self.memories = memories
        self.tables = tables
        self.collects = collects

    def exports_function(self, name: str) -> bool:
        """Is there an exported function of that name?"""
        return any(item.name == name and item.kind == "func" for item in self.exports)


def outline(data: Data) -> Outline:
    """The outline of a module; MalformedModule if its sections don't hold together."""
    types: list[FunctionLetters | None] | None = []
    imports: list[Item] = []
    exports: list[Item] = []
    has_start = False
    collects = False
    memories = tables = 0
    for section in walk(data):
        if section.id == TYPE:
            types = _types(section.reader(data))
            collects = types is None
        elif section.id == TAG:
            collects = True
        elif section.id == IMPORT:
            imports = _imports(section.reader(data), types)
        elif section.id == EXPORT:
            exports = _exports(section.reader(data), [item for item in imports if item.kind == "func"])
        elif section.id == START:
            has_start = True
        elif section.id == MEMORY:
            memories = section.reader(data).count(2)
        elif section.id == TABLE:
            tables = section.reader(data).count(2)
    return Outline(imports, exports, has_start, memories, tables, collects)


class Needs:
    """What a module must be given: (module, name) of each import in order, how many memories and tables it brings along, and
    whether it `starts`, that is runs code when it is instantiated, and `collects`, as `Outline` does.
    """

    __slots__ = ("imports", "memories", "tables", "starts", "collects")

    def __init__(self, imports: list[tuple[str, str]], memories: int, tables: int, starts: bool, collects: bool) -> None:
        self.imports = imports
        self.memories = memories
        self.tables = tables
        self.starts = starts
        self.collects = collects

    def as_data(self) -> tuple[list[tuple[str, str]], int, int, bool, bool]:
        """What it is made of."""
        return self.imports, self.memories, self.tables, self.starts, self.collects


def needs(data: Data) -> Needs:
    """What a module needs."""
    found = Needs([], 0, 0, False, False)
    for section in walk(data):
        if section.id == TYPE:
            found.collects = _types(section.reader(data)) is None
        elif section.id == TAG:
            found.collects = True
        elif section.id == IMPORT:
            found.imports = [(item.module, item.name) for item in _imports(section.reader(data), None)]
        elif section.id == MEMORY:
            found.memories = section.reader(data).count(2)
        elif section.id == TABLE:
            found.tables = section.reader(data).count(2)
        elif section.id == START:
            found.starts = True
        elif section.id > START:
            break
    return found


def _types(reader: Reader) -> list[FunctionLetters | None] | None:
    """Function types in order; None if the section has anything else, which makes the order unknown here."""
    found: list[FunctionLetters | None] = []
    for _ in range(reader.count(2)):
        if reader.u8() != _FUNCTION:
            return None
        parts = []
        for _ in range(2):
            letters = ""
            for _ in range(reader.count()):
                code = reader.u8()
                if code in _REFERENCE_WITH_HEAP_TYPE:
                    reader.signed(33)
                letters += _LETTERS.get(code, "?")
            parts.append(letters)
        found.append(None if "?" in parts[0] + parts[1] else (parts[0], parts[1]))
    return found


def _imports(reader: Reader, types: list[FunctionLetters | None] | None) -> list[Item]:
    items = []
    for _ in range(reader.count(4)):
        module, name = reader.name(), reader.name()
        at = reader.pos
        kind = reader.u8()
        letters = None
        if kind == 0:
            index = reader.u32()
            if types is not None:
                if index >= len(types):
                    raise MalformedModule(at, f"type {index} of import {name!r} doesn't exist")
                letters = types[index]
        elif kind == 1:
            _reference(reader)
            _limits(reader)
        elif kind == 2:
            _limits(reader)
        elif kind == 3:
            _value_type(reader)
            reader.u8()
        elif kind == 4:
            reader.u8()
            reader.u32()
        else:
            raise MalformedModule(at, f"unknown kind {kind} of import {name!r}")
        items.append(Item(module, name, KINDS[kind], letters))
    return items


def _reference(reader: Reader) -> None:
    if reader.u8() in _REFERENCE_WITH_HEAP_TYPE:
        reader.signed(33)


_value_type = _reference


def _limits(reader: Reader) -> None:
    flags = reader.u8()
    reader.unsigned(64)
    if flags & 1:
        reader.unsigned(64)
    if flags & 8:  # a page size of its own
        reader.u32()


def _exports(reader: Reader, imported: list[Item]) -> list[Item]:
    """Exports; `imported` are the functions that come first."""
    items = []
    for _ in range(reader.count(3)):
        name = reader.name()
        at = reader.pos
        kind = reader.u8()
        index = reader.u32()
        if kind >= len(KINDS):
            raise MalformedModule(at, f"unknown kind {kind} of export {name!r}")
        items.append(Item("", name, KINDS[kind], None, imported[index] if kind == 0 and index < len(imported) else None))
    return items
