"""What a WebAssembly file is and what it asks for: one pass over its sections, function bodies skipped.

`describe` reads structure, it does not validate: a module that it accepts may still be refused by an engine, while one
that it refuses is malformed, or refers to a type or an item that it does not have, or is beyond the limits that engines
set. Custom sections carry no meaning for execution, so a broken one is noted in `problems` and nothing more. The
features are those that types, imports and sections need; `features=True` decodes every function body as well, about a
second for 70 MB.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agave_wasi.binary.constants import constant_expression
from agave_wasi.binary.description import EXTERN_KINDS, Export, Import, ModuleDescription, SectionInfo
from agave_wasi.binary.reader import (
    CODE,
    CUSTOM,
    DATA,
    DATA_COUNT,
    ELEMENT,
    EXPORT,
    FUNCTION,
    GLOBAL,
    IMPORT,
    MAX_ITEMS,
    MAX_SEGMENTS,
    MEMORY,
    START,
    TABLE,
    TAG,
    TYPE,
    MalformedModule,
    Reader,
    kind_of,
    sections,
)
from agave_wasi.binary.types import (
    CompositeType,
    ExternType,
    FuncType,
    GlobalType,
    MemoryType,
    TableType,
    TagType,
    composite_types,
    features_of_type,
    global_type,
    memory_type,
    reference_type,
    table_type,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.binary.reader import Data, Section


def describe(data: Data, *, features: bool = False) -> ModuleDescription:
    """Describe the file `data`; `features=True` also reads every function body.

    Raises MalformedModule when a module or component is not well formed; text and unknown files are just named so.
    """
    kind = kind_of(data)
    if kind in ("text", "unknown") and bytes(data[:4]) != b"\0asm":
        return ModuleDescription(kind, len(data))
    found = sections(data)
    infos = tuple(SectionInfo(section.name, section.id == CUSTOM, section.offset, section.size) for section in found)
    if kind == "component":
        return ModuleDescription(kind, len(data), infos)
    parts = _Parts(data)
    for section in found:
        parts.read(section)
    parts.check()
    if features and parts.code is not None:
        from agave_wasi.binary.features import features_of_bodies

        parts.features |= features_of_bodies(data, parts.code)
    return ModuleDescription(
        kind=kind,
        size=len(data),
        sections=infos,
        name=parts.name,
        imports=tuple(parts.imports),
        exports=tuple(parts.exports),
        memories=tuple(parts.memories),
        tables=tuple(parts.tables),
        globals=tuple(parts.globals),
        tags=tuple(parts.tags),
        types=tuple(parts.types),
        start=parts.start,
        function_count=parts.defined,
        code_size=parts.code.size if parts.code else 0,
        data_size=parts.data_size,
        data_segments=parts.data_segments,
        element_segments=parts.element_segments,
        features=tuple(sorted(parts.features)),
        features_complete=features,
        target_features=parts.target_features,
        producers=parts.producers,
        problems=tuple(parts.problems),
    )


@dataclass(slots=True)
class _Parts:
    """What has been read of a module so far; `functions` holds type indices."""

    data: Data
    name: str | None = None
    types: list[CompositeType] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    functions: list[int] = field(default_factory=list)
    tables: list[TableType] = field(default_factory=list)
    memories: list[MemoryType] = field(default_factory=list)
    globals: list[GlobalType] = field(default_factory=list)
    tags: list[TagType] = field(default_factory=list)
    start: int | None = None
    defined: int = 0
    bodies: int = 0
    code: Section | None = None
    data_size: int = 0
    data_segments: int = 0
    data_count: int | None = None
    element_segments: int = 0
    features: set[str] = field(default_factory=set)
    target_features: tuple[tuple[str, str], ...] = ()
    producers: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    problems: list[str] = field(default_factory=list)

    def read(self, section: Section) -> None:
        """Read one section."""
        reader = section.reader(self.data)
        if section.id == CUSTOM:
            try:
                self.custom(section.name, reader)
            except MalformedModule as error:
                self.problems.append(f"custom section {section.name!r}: {error.reason} at offset {error.offset:#x}")
            return
        if section.id == CODE:
            self.code, self.bodies = section, reader.count(2)
            return
        if section.id == START:
            self.start = reader.u32()
        elif section.id == DATA_COUNT:
            self.data_count = reader.u32()
            self.features.add("bulk-memory")
        elif section.id == FUNCTION:
            self.defined = reader.count()
            self.functions += [reader.u32() for _ in range(self.defined)]
        else:
            least, limit, read_item = _VECTORS[section.id]
            for _ in range(reader.count(least, limit)):
                read_item(self, reader)
        reader.finish(f"{section.name} section")

    def need(self, type: CompositeType | ExternType) -> None:
        """Note the features of a type."""
        self.features |= features_of_type(type)

    def func_type(self, index: int, offset: int) -> FuncType:
        """The function type `index`, asked for at `offset`."""
        type = self.types[index] if index < len(self.types) else None
        if not isinstance(type, FuncType):
            raise MalformedModule(offset, f"there is no function type {index}")
        return type

    def type_group(self, reader: Reader) -> None:
        """Read an entry of the type section."""
        group = composite_types(reader)
        if len(group) != 1:
            self.features.add("gc")
        for type in group:
            self.types.append(type)
            self.need(type)

    def memory(self, reader: Reader) -> None:
        """Read a memory."""
        self.memories.append(memory_type(reader))
        self.need(self.memories[-1])

    def global_(self, reader: Reader) -> None:
        """Read a global and skip its initial value."""
        self.globals.append(global_type(reader))
        self.need(self.globals[-1])
        constant_expression(reader, self.features)

    def tag(self, reader: Reader) -> None:
        """Read a tag."""
        self.tags.append(self.tag_type(reader))
        self.need(self.tags[-1])

    def tag_type(self, reader: Reader) -> TagType:
        """Read the type of a tag."""
        start = reader.pos
        if reader.u8():
            raise MalformedModule(start, "unknown tag attribute")
        return TagType(self.func_type(reader.u32(), start).params)

    def import_group(self, reader: Reader) -> None:
        """Read one import, or a group of the compact form: many imports that share a module, or module and type."""
        module, name = reader.name(), reader.name()
        form = self.data[reader.pos] if reader and not name else 0
        if form == 0x7F:
            reader.u8()
            for _ in range(reader.count(3)):
                name = reader.name()
                self.add_import(module, name, *self.extern(reader))
        elif form == 0x7E:
            reader.u8()
            extern = self.extern(reader)
            for _ in range(reader.count()):
                self.add_import(module, reader.name(), *extern)
        else:
            self.add_import(module, name, *self.extern(reader))
        if form in (0x7F, 0x7E):
            self.features.add("compact-imports")

    def extern(self, reader: Reader) -> tuple[str, ExternType, int]:
        """Read what is imported: its kind, its type, and for a function the index of its type."""
        start = reader.pos
        kind = reader.u8()
        match kind:
            case 0:
                index = reader.u32()
                return "func", self.func_type(index, start), index
            case 1:
                return "table", table_type(reader), 0
            case 2:
                return "memory", memory_type(reader), 0
            case 3:
                return "global", global_type(reader), 0
            case 4:
                return "tag", self.tag_type(reader), 0
        raise MalformedModule(start, f"{kind:#04x} is no kind of an import")

    def add_import(self, module: str, name: str, kind: str, type: ExternType, index: int) -> None:
        """Add an import, to its index space too."""
        self.imports.append(Import(module, name, kind, type))
        self.need(type)
        match type:
            case FuncType():
                self.functions.append(index)
            case TableType():
                self.tables.append(type)
            case MemoryType():
                self.memories.append(type)
            case GlobalType():
                self.globals.append(type)
                self.features |= {"mutable-globals"} if type.mutable else set()
            case TagType():
                self.tags.append(type)

    def table(self, reader: Reader) -> None:
        """Read a table, which may have an initial value."""
        start = reader.pos
        initial = reader.u8() == 0x40
        if initial and reader.u8():
            raise MalformedModule(start, "unknown form of a table")
        if not initial:
            reader.pos = start
        self.tables.append(table_type(reader))
        self.need(self.tables[-1])
        if initial:
            self.features.add("function-references")
            constant_expression(reader, self.features)

    def export(self, reader: Reader) -> None:
        """Read an export."""
        name = reader.name()
        start = reader.pos
        kind, index = reader.u8(), reader.u32()
        if kind >= len(EXTERN_KINDS):
            raise MalformedModule(start, f"{kind:#04x} is no kind of an export")
        spaces: tuple[Sequence[int | ExternType], ...]
        spaces = (self.functions, self.tables, self.memories, self.globals, self.tags)
        if index >= len(spaces[kind]):
            raise MalformedModule(start, f"there is no {EXTERN_KINDS[kind]} {index} to export")
        item = spaces[kind][index]
        type = self.func_type(item, start) if isinstance(item, int) else item
        if isinstance(type, GlobalType) and type.mutable:
            self.features.add("mutable-globals")
        self.exports.append(Export(name, EXTERN_KINDS[kind], index, type))

    def element(self, reader: Reader) -> None:
        """Skip an element segment. Flags: bit 0 passive or declared, bit 1 explicit index, bit 2 expressions."""
        self.element_segments += 1
        start = reader.pos
        flags = reader.u32()
        if flags > 7:
            raise MalformedModule(start, f"unknown flags {flags} of an element segment")
        if flags:
            self.features.add("bulk-memory" if flags == 1 else "reference-types")
        if flags & 3 == 2:
            reader.u32()
        if not flags & 1:
            constant_expression(reader, self.features)
        if flags & 3 and flags & 4:
            self.need(TableType(reference_type(reader), 0))
        elif flags & 3 and reader.u8():
            raise MalformedModule(start, "unknown kind of an element segment")
        for _ in range(reader.count()):
            if flags & 4:
                constant_expression(reader, self.features)
            else:
                reader.u32()

    def segment(self, reader: Reader) -> None:
        """Skip a data segment. Flags: 0 active, 1 passive, 2 active in the memory whose index follows."""
        self.data_segments += 1
        start = reader.pos
        flags = reader.u32()
        if flags > 2:
            raise MalformedModule(start, f"unknown flags {flags} of a data segment")
        if flags == 1:
            self.features.add("bulk-memory")
        elif flags == 2 and reader.u32():
            self.features.add("multi-memory")
        if flags != 1:
            constant_expression(reader, self.features)
        size = reader.u32()
        reader.skip(size)
        self.data_size += size

    def custom(self, name: str, reader: Reader) -> None:
        """Read those custom sections that say what a module is."""
        if name == "name":
            while reader:
                id, part = reader.u8(), reader.part()
                if id == 0:
                    self.name = part.name()
                    return
        elif name == "target_features":
            pairs = [(chr(reader.u8()), reader.name()) for _ in range(reader.count(2))]
            self.target_features = tuple(pairs)
        elif name == "producers":
            fields = []
            for _ in range(reader.count(2)):
                key = reader.name()
                fields.append((key, tuple([(reader.name(), reader.name()) for _ in range(reader.count(2))])))
            self.producers = tuple(fields)

    def check(self) -> None:
        """What no single section can tell: the sections agree with each other."""
        size = len(self.data)
        if self.bodies != self.defined:
            raise MalformedModule(size, f"{self.defined} functions are declared, {self.bodies} have a body")
        if self.data_count is not None and self.data_count != self.data_segments:
            raise MalformedModule(size, f"{self.data_count} data segments are declared, {self.data_segments} follow")
        if self.start is not None and self.start >= len(self.functions):
            raise MalformedModule(size, f"there is no function {self.start} to start")
        if len(self.memories) > 1:
            self.features.add("multi-memory")
        if len(self.tables) > 1:
            self.features.add("reference-types")


# The sections that are vectors: the fewest bytes of an item, the limit of items, and what reads one.
_VECTORS = {
    TYPE: (2, MAX_ITEMS, _Parts.type_group),
    IMPORT: (3, MAX_ITEMS, _Parts.import_group),
    TABLE: (2, MAX_ITEMS, _Parts.table),
    MEMORY: (2, MAX_ITEMS, _Parts.memory),
    TAG: (2, MAX_ITEMS, _Parts.tag),
    GLOBAL: (3, MAX_ITEMS, _Parts.global_),
    EXPORT: (3, MAX_ITEMS, _Parts.export),
    ELEMENT: (2, MAX_SEGMENTS, _Parts.element),
    DATA: (2, MAX_SEGMENTS, _Parts.segment),
}
