"""The records that describe a WebAssembly file; `module.describe` fills them in.

They are values: two descriptions of equal files are equal, and `to_json` loses nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from agave_wasi.binary.types import CompositeType, ExternType, GlobalType, MemoryType, TableType, TagType

EXTERN_KINDS = ("func", "table", "memory", "global", "tag")


@dataclass(frozen=True, slots=True)
class SectionInfo:
    """A section: where its header begins in the file and the size of its payload, in bytes."""

    name: str
    custom: bool
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Import:
    """Something that the module wants to be given; `kind` is one of EXTERN_KINDS."""

    module: str
    name: str
    kind: str
    type: ExternType


@dataclass(frozen=True, slots=True)
class Export:
    """Something that the module offers: item `index` of its kind."""

    name: str
    kind: str
    index: int
    type: ExternType


@dataclass(frozen=True, slots=True)
class ModuleDescription:
    """A file's description. Memories, tables, globals and tags are whole index spaces: the imported ones come first.

    `kind` is "module", "component", "text" or "unknown"; only for a module is there more than kind, size and sections.
    Sizes are in bytes. `features` are names of `features.FEATURES`, `features_complete` says whether function bodies
    were read for them. `target_features` are (prefix, name), `producers` are (field, ((name, version), ...)).
    """

    kind: str
    size: int
    sections: tuple[SectionInfo, ...] = ()
    name: str | None = None
    imports: tuple[Import, ...] = ()
    exports: tuple[Export, ...] = ()
    memories: tuple[MemoryType, ...] = ()
    tables: tuple[TableType, ...] = ()
    globals: tuple[GlobalType, ...] = ()
    tags: tuple[TagType, ...] = ()
    types: tuple[CompositeType, ...] = ()
    start: int | None = None
    function_count: int = 0
    code_size: int = 0
    data_size: int = 0
    data_segments: int = 0
    element_segments: int = 0
    features: tuple[str, ...] = ()
    features_complete: bool = False
    target_features: tuple[tuple[str, str], ...] = ()
    producers: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def custom_sections(self) -> tuple[SectionInfo, ...]:
        """The custom sections, in file order."""
        return tuple(section for section in self.sections if section.custom)

    @property
    def imported_functions(self) -> int:
        """How many functions are imported: the index of the first one defined."""
        return sum(item.kind == "func" for item in self.imports)

    def to_json(self) -> dict[str, object]:
        """The same as dicts, lists, strings, numbers and None, for `json.dumps`."""
        return {key: _plain(value) for key, value in asdict(self).items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
