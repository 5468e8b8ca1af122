"""The core types of a component: functions, recursive groups of the collected heap, and what modules import and export.

Rare in real components, so what reads core types in full is imported only here. Source: Component Model, Binary.md, "Type
Definitions"; core specification 5.3.
"""

from __future__ import annotations

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.binary.types import (
    ArrayType,
    ContinuationType,
    FuncType,
    StructType,
    composite_types,
    global_type,
    memory_type,
    table_type,
)
from agave_wasi.component.binary.codes import name, unknown
from agave_wasi.component.model import AliasOuter, CoreExportDeclaration, CoreImportDeclaration, CoreType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.binary.reader import Reader
    from agave_wasi.binary.types import CompositeType

MAX_DECLARATIONS = 100_000
MODULE, SUB_TYPE = 0x50, 0x50
"""One byte for both: a top-level sub type has a zero before it."""


def core_type(reader: Reader) -> CoreType:
    """A core type of a component."""
    start = reader.pos
    code = reader.u8()
    if code == MODULE:
        found = [declaration(reader) for _ in range(reader.count(2, MAX_DECLARATIONS))]
        return CoreType(start, ("module", tuple(found)))
    if code == 0:
        at = reader.pos
        code = reader.u8()
        if code != SUB_TYPE:
            raise unknown(at, code, "sub type")
    reader.pos -= 1
    return CoreType(start, _composite(reader))


def declaration(reader: Reader) -> CoreImportDeclaration | CoreExportDeclaration | CoreType | AliasOuter:
    """One declaration of a module type."""
    start = reader.pos
    code = reader.u8()
    if code == 0:
        return CoreImportDeclaration(start, name(reader), name(reader), _extern(reader))
    if code == 1:
        return CoreType(start, _composite(reader))
    if code == 2:
        for expected, what in ((0x10, "sort of an alias in a module type, which is 0x10: a type"), (1, "target of it")):
            at = reader.pos
            found = reader.u8()
            if found != expected:
                raise unknown(at, found, what)
        return AliasOuter(start, "core type", reader.u32(), reader.u32())
    if code == 3:
        return CoreExportDeclaration(start, name(reader), _extern(reader))
    raise unknown(start, code, "declaration of a module type")


def _composite(reader: Reader) -> tuple[Any, ...]:
    group = composite_types(reader)
    if len(group) == 1 and isinstance(group[0], FuncType):
        return ("func", group[0].params, group[0].results)
    return ("rec", tuple(map(_plain, group)))


def _plain(type: CompositeType) -> tuple[Any, ...]:
    match type:
        case FuncType(params, results):
            return ("func", params, results)
        case StructType(fields):
            return ("struct", tuple(map(str, fields)))
        case ArrayType(element):
            return ("array", str(element))
        case ContinuationType(function):
            return ("cont", function)


def _extern(reader: Reader) -> tuple[Any, ...]:
    """What a module imports or exports: its kind, and its type or (functions, tags) its type's index."""
    start = reader.pos
    code = reader.u8()
    match code:
        case 0:
            return ("func", reader.u32())
        case 1:
            return ("table", table_type(reader))
        case 2:
            return ("memory", memory_type(reader))
        case 3:
            return ("global", global_type(reader))
        case 4:
            if reader.u8():
                raise MalformedModule(start + 1, "unknown tag attribute")
            return ("tag", reader.u32())
    raise unknown(start, code, "kind of a core import or export")
