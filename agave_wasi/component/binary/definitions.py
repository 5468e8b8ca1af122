"""Instances, aliases, imports, exports, the start function and constant values, each as it stands in its section.

Source: Component Model, Binary.md.
"""

from __future__ import annotations

from agave_wasi.component.binary.codes import (
    CORE_ITEMS,
    CORE_SORTS,
    extern_name,
    extern_type,
    name,
    optional,
    sort,
    sort_and_place,
    unknown,
    value_type,
)
from agave_wasi.component.model import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Bundle,
    CoreBundle,
    CoreInstantiate,
    Export,
    Import,
    Instantiate,
    Start,
    ValueDefinition,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.binary.reader import Reader
    from agave_wasi.component.model import Annotations

MAX_ARGUMENTS = MAX_EXPORTS = 100_000
MAX_START_ARGUMENTS = 1_000

_OF_INSTANCES = frozenset(("core module", "func", "value", "type", "component", "instance"))
_OF_OUTER = frozenset(("core module", "core type", "type", "component"))


def core_instance(reader: Reader) -> CoreInstantiate | CoreBundle:
    """A core instance: of a module, or made of exports."""
    start = reader.pos
    code = reader.u8()
    if code == 0:
        module = reader.u32()
        arguments = []
        for _ in range(reader.count(3, MAX_ARGUMENTS)):
            text = name(reader)
            at = reader.pos
            kind = reader.u8()
            if kind != 0x12:
                raise unknown(at, kind, "sort of an argument to a module, which is 0x12: a core instance")
            arguments.append((text, reader.u32()))
        return CoreInstantiate(start, module, tuple(arguments))
    if code == 1:
        exports = []
        for _ in range(reader.count(3, MAX_EXPORTS)):
            text = name(reader)
            at = reader.pos
            kind = reader.u8()
            found = CORE_SORTS.get(kind)
            if found not in CORE_ITEMS:
                raise unknown(at, kind, "sort of an export of a core instance")
            exports.append((text, found, reader.u32()))
        return CoreBundle(start, tuple(exports))
    raise unknown(start, code, "form of a core instance")


def instance(reader: Reader) -> Instantiate | Bundle:
    """An instance: of a component, or made of exports."""
    start = reader.pos
    code = reader.u8()
    if code == 0:
        component = reader.u32()
        arguments = []
        for _ in range(reader.count(3, MAX_ARGUMENTS)):
            text = name(reader)
            arguments.append((text, _provided(reader), reader.u32()))
        return Instantiate(start, component, tuple(arguments))
    if code == 1:
        exports = []
        annotated: list[tuple[str, Annotations]] = []
        for _ in range(reader.count(4, MAX_EXPORTS)):
            text, annotations = extern_name(reader)
            exports.append((text, _provided(reader), reader.u32()))
            if annotations:
                annotated.append((text, annotations))
        return Bundle(start, tuple(exports), tuple(annotated))
    raise unknown(start, code, "form of an instance")


def _provided(reader: Reader) -> str:
    """The sort of what instances are given and export."""
    start = reader.pos
    found = sort(reader)
    if found not in _OF_INSTANCES:
        raise unknown(start + 1, reader.data[start + 1], "sort that an instance can be given or export")
    return found


def alias(reader: Reader) -> AliasExport | AliasCoreExport | AliasOuter:
    """An alias."""
    start = reader.pos
    kind = sort(reader)
    at = reader.pos
    code = reader.u8()
    if code == 0:
        if kind not in _OF_INSTANCES:
            raise unknown(start + 1, reader.data[start + 1], "sort of an export that an alias can be of")
        return AliasExport(start, kind, reader.u32(), name(reader))
    if code == 1:
        if kind not in CORE_ITEMS:
            raise unknown(start, reader.data[start], "sort of a core export")
        return AliasCoreExport(start, kind, reader.u32(), name(reader))
    if code == 2:
        if kind not in _OF_OUTER:
            raise unknown(start, reader.data[start], "sort of an outer alias: a type, module or component")
        return AliasOuter(start, kind, reader.u32(), reader.u32())
    raise unknown(at, code, "target of an alias")


def import_(reader: Reader) -> Import:
    """An import."""
    start = reader.pos
    text, annotations = extern_name(reader)
    return Import(start, text, extern_type(reader), annotations)


def export(reader: Reader) -> Export:
    """An export."""
    start = reader.pos
    text, annotations = extern_name(reader)
    at = reader.pos
    kind, place = sort_and_place(reader)
    if kind not in _OF_INSTANCES:
        raise unknown(at + 1, reader.data[at + 1], "sort of an export")
    return Export(start, text, kind, place, optional(reader, extern_type), annotations)


def start(reader: Reader) -> Start:
    """The start function."""
    at = reader.pos
    function = reader.u32()
    arguments = tuple([reader.u32() for _ in range(reader.count(1, MAX_START_ARGUMENTS))])
    return Start(at, function, arguments, reader.u32())


def value(reader: Reader) -> ValueDefinition:
    """A constant value; its bytes are read by whoever knows its type."""
    at = reader.pos
    type = value_type(reader)
    return ValueDefinition(at, type, reader.take(reader.u32()))
