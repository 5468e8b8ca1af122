"""Core modules as far as components see them: what they import and export, with types.

A pass over a module's header sections; code and data are left to the engine, which validates the module. An extern is (kind,
type): of a function and a tag (parameters, results), else a record of agave_wasi.binary.types. Reference types to a module's
own types are compared as they are written. Source: core specification 5.5 and 4.5.3 (matching).
"""

from __future__ import annotations

from agave_wasi.binary.constants import constant_expression
from agave_wasi.binary.reader import (
    EXPORT,
    FUNCTION,
    GLOBAL,
    IMPORT,
    MEMORY,
    TABLE,
    TAG,
    TYPE,
    MalformedModule,
    Reader,
    walk,
)
from agave_wasi.binary.types import FuncType, composite_types, global_type, memory_type, table_type
from agave_wasi.component.validate.entities import ModuleType
from agave_wasi.component.validate.invalid import InvalidComponent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Extern = tuple[str, "Any"]
KINDS = ("func", "table", "memory", "global", "tag")


def module_type(binary: memoryview, offset: int) -> ModuleType:
    """The type of the module whose bytes stand at `offset` of the component."""
    try:
        return _Module().read(binary)
    except MalformedModule as error:
        raise InvalidComponent(offset + error.offset, f"in the core module at {offset:#x}: {error.reason}") from None


class _Module:
    """What has been read; spaces are by kind. Functions are types' indices until they are exported."""

    def __init__(self) -> None:
        self.types: list[Any] = []
        self.imports: dict[tuple[str, str], Extern] = {}
        self.spaces: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        self.exports: dict[str, Extern] = {}

    def read(self, binary: memoryview) -> ModuleType:
        for section in walk(binary):
            reader = section.reader(binary)
            if section.id == TYPE:
                for _ in range(reader.count(2)):
                    self.types += composite_types(reader)
            elif section.id == IMPORT:
                for _ in range(reader.count(4)):
                    self._import(reader)
            elif section.id == FUNCTION:
                self.spaces["func"] += _indices(reader)
            elif section.id == EXPORT:
                self._exports(reader)
            elif section.id in _SPACES:
                kind, read = _SPACES[section.id]
                self.spaces[kind] += [read(self, reader) for _ in range(reader.count(2))]
            else:
                continue
            reader.finish(f"{section.name} section")
        return ModuleType(self.imports, self.exports)

    def function(self, index: int, offset: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The function type with that index."""
        found = self.types[index] if index < len(self.types) else None
        if not isinstance(found, FuncType):
            raise MalformedModule(offset, f"there is no function type {index}")
        return found.params, found.results

    def table(self, reader: Reader) -> Any:
        """A table, which may have an initial value."""
        start = reader.pos
        initial = reader.u8() == 0x40
        if initial and reader.u8():
            raise MalformedModule(start, "unknown form of a table")
        if not initial:
            reader.pos = start
        found = table_type(reader)
        if initial:
            constant_expression(reader, set())
        return found

    def memory(self, reader: Reader) -> Any:
        """A memory."""
        return memory_type(reader)

    def global_(self, reader: Reader) -> Any:
        """A global; its initial value is skipped."""
        found = global_type(reader)
        constant_expression(reader, set())
        return found

    def tag(self, reader: Reader) -> Any:
        """A tag."""
        start = reader.pos
        if reader.u8():
            raise MalformedModule(start, "unknown tag attribute")
        return self.function(reader.u32(), start)

    def _import(self, reader: Reader) -> None:
        start = reader.pos
        key = reader.name(), reader.name()
        at = reader.pos
        code = reader.u8()
        if code >= len(KINDS):
            raise MalformedModule(at, f"{code:#04x} is no kind of an import")
        kind = KINDS[code]
        if kind == "func":
            index = reader.u32()
            self.spaces["func"].append(index)
            type: Any = self.function(index, at)
        else:
            type = {"table": table_type, "memory": memory_type, "global": global_type, "tag": self.tag}[kind](reader)
            self.spaces[kind].append(type)
        if key in self.imports:
            raise MalformedModule(
                start, f"the import {key[0]!r} {key[1]!r} is there twice, which a component can't provide for"
            )
        self.imports[key] = kind, type

    def _exports(self, reader: Reader) -> None:
        for _ in range(reader.count(3)):
            name = reader.name()
            start = reader.pos
            code, index = reader.u8(), reader.u32()
            if code >= len(KINDS):
                raise MalformedModule(start, f"{code:#04x} is no kind of an export")
            kind = KINDS[code]
            if index >= len(self.spaces[kind]):
                raise MalformedModule(start, f"there is no {kind} {index} to export")
            if name in self.exports:
                raise MalformedModule(start, f"{name!r} is exported twice")
            found = self.spaces[kind][index]
            self.exports[name] = kind, self.function(found, start) if kind == "func" else found


_SPACES = {
    TABLE: ("table", _Module.table),
    MEMORY: ("memory", _Module.memory),
    GLOBAL: ("global", _Module.global_),
    TAG: ("tag", _Module.tag),
}


def _indices(reader: Reader) -> list[int]:
    """A vector of indices; large modules have ten thousands of them, nearly all of one or two bytes."""
    count = reader.count()
    data = bytes(reader.data[reader.pos : reader.end])
    if len(data) == count and max(data, default=0) < 0x80:
        reader.pos = reader.end
        return list(data)
    return [reader.u32() for _ in range(count)]


def core_misfit(given: Extern, expected: Extern) -> str | None:
    """Why one core item can't be used as another; None if it can."""
    if given[0] != expected[0]:
        return f"it is a {given[0]}, where a {expected[0]} is expected"
    kind, mine = given
    other = expected[1]
    if kind in ("func", "tag"):
        return None if mine == other else f"its type is {signature(mine)}, where {signature(other)} is expected"
    if kind == "global":
        return None if mine == other else f"it is a global {mine}, where {other} is expected"
    if mine.minimum < other.minimum or (other.maximum is not None and (mine.maximum is None or mine.maximum > other.maximum)):
        return f"its limits {mine} are beyond {other}"
    if kind == "memory":
        same = (mine.shared, mine.memory64, mine.page_log2) == (other.shared, other.memory64, other.page_log2)
    else:
        same = (mine.element, mine.shared, mine.table64) == (other.element, other.shared, other.table64)
    return None if same else f"it is a {kind} {mine}, where {other} is expected"


def limits_fault(extern: Extern) -> str | None:
    """What is wrong with the limits of a memory or table, which in a module's type nobody else looks at."""
    kind, type = extern
    if kind not in ("memory", "table"):
        return None
    if type.maximum is not None and type.maximum < type.minimum:
        return f"a {kind} of {type.minimum} at least and {type.maximum} at most"
    if kind == "memory":
        most = 1 << (64 if type.memory64 else 32) - type.page_log2
        if max(type.minimum, type.maximum or 0) > most:
            return f"a memory of more than {most} pages"
        if type.page_log2 not in (0, 16):
            return f"a memory with pages of {1 << type.page_log2} bytes, where 65536 and 1 are possible"
    if type.shared and (kind == "table" or type.maximum is None):
        return f"a shared {kind} without a maximum" if kind == "memory" else "a shared table, which is a proposal"
    return None


def signature(type: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    """A core function's type for people."""
    return f"({', '.join(type[0])}) -> ({', '.join(type[1])})"
