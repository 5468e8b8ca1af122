"""Definitions of a component back to bytes: the counterpart of agave_wasi.component.binary, also with other indices.

A `Writer` gives each index of the outermost component to `place(sort, index)`, also those that outer aliases inside nested
components and types mean; so definitions can be put between others. Source: Component Model, Binary.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

from agave_wasi.binary.writer import name, section, signed, unsigned, vector
from agave_wasi.component import model
from agave_wasi.component.binary import canonicals, codes

PREAMBLE = b"\0asm\x0d\0\x01\0"
CUSTOM, CORE_MODULE, COMPONENT, START = 0, 1, 4, 9
Placed = tuple[int, bytes | memoryview]
"""A definition: the section that it stands in, and its bytes there."""


class Unwritable(Exception):
    """A definition that this writer doesn't know; the text says which."""


def _reversed(table: dict[int, Any]) -> dict[Any, int]:
    return {value: key for key, value in table.items()}


_SORTS = _reversed(codes.SORTS)
_CORE_SORTS = _reversed(codes.CORE_SORTS)
_PRIMITIVES = _reversed(codes.PRIMITIVES)
_NAME_OPTIONS = _reversed(codes.NAME_OPTIONS)
_ENCODINGS = {"utf8": 0, "utf16": 1, "latin1+utf16": 2}
_OPTIONS = {"memory": (3, "core memory"), "realloc": (4, "core func"), "post_return": (5, "core func"),
            "callback": (7, "core func"), "core_type": (8, "core type")}  # fmt: skip
_RESOURCE = {"new": 2, "drop": 3, "rep": 4}
_CORE_TYPES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C, "v128": 0x7B, "funcref": 0x70, "externref": 0x6F}
_BUILTINS = {builtin: code for code, (builtin, parts) in canonicals._BUILTINS.items() if not parts}


def encode(component: model.Component) -> bytes:
    """The bytes of a component with the indices that it has; Unwritable."""
    return Writer().component(component)


def assemble(placed: Iterable[Placed], customs: Sequence[model.Custom] = ()) -> bytes:
    """A component of definitions in their order, with custom sections behind them."""
    parts: list[bytes | memoryview] = [PREAMBLE]
    for id, group in groupby(placed, key=lambda each: each[0]):
        items = [item for _, item in group]
        if id in (CORE_MODULE, COMPONENT, START):
            for item in items:
                parts += section(id, [item])
        else:
            parts += section(id, [unsigned(len(items)), *items])
    for each in customs:
        parts += section(CUSTOM, [name(each.name), each.data])
    return b"".join(parts)


def added(each: Any) -> str | None:
    """The sort of what a definition adds to its component, one of it; None for one that adds nothing, or values."""
    match each:
        case model.CoreModule():
            return "core module"
        case model.CoreInstantiate() | model.CoreBundle():
            return "core instance"
        case model.CoreType():
            return "core type"
        case model.Nested():
            return "component"
        case model.Instantiate() | model.Bundle():
            return "instance"
        case model.TypeDefinition():
            return "type"
        case model.CanonLift():
            return "func"
        case model.CanonLower() | model.CanonResource() | model.CanonBuiltin():
            return "core func"
        case model.ValueDefinition():
            return "value"
        case model.Import():
            return str(each.type.kind)
        case model.AliasExport() | model.AliasCoreExport() | model.AliasOuter() | model.Export():
            return str(each.sort)
    return None


class Writer:
    """Writes definitions; `place(sort, index)` gives the index that is written for one of the outermost component."""

    def __init__(self, place: Callable[[str, int], int] | None = None) -> None:
        self.place = place or (lambda sort, index: index)
        self.depth = 0

    def component(self, component: model.Component) -> bytes:
        """A whole component."""
        return assemble([self.definition(each) for each in component.definitions], component.customs)

    def definition(self, each: Any) -> Placed:
        """One definition; Unwritable."""
        write = _WRITERS.get(type(each))
        if write is None:
            raise Unwritable(f"a definition of the kind {type(each).__name__} can't be written")
        return write(self, each)

    def index(self, sort: str, index: int) -> bytes:
        """An index of the component that is being written."""
        return unsigned(self.place(sort, index) if self.depth == 0 else index)

    # What definitions are made of

    def sorted_index(self, sort: str, index: int) -> bytes:
        """A sort and an index of it."""
        return _sort(sort) + self.index(sort, index)

    def value_type(self, type: model.ValueType) -> bytes:
        """A primitive, or a type's index."""
        if isinstance(type, str):
            return bytes([_PRIMITIVES[type]])
        return signed(self.place("type", type) if self.depth == 0 else type)

    def optional(self, type: model.ValueType | None) -> bytes:
        """A value type or none."""
        return b"\0" if type is None else b"\1" + self.value_type(type)

    def extern_type(self, type: model.ExternType) -> bytes:
        """What an import or export is."""
        match type.kind:
            case "core module":
                return b"\0\x11" + self.index("core type", type.type)
            case "value" if isinstance(type.type, tuple):
                return b"\2\0" + self.index("value", type.type[1])
            case "value":
                return b"\2\1" + self.value_type(type.type)
            case "type":
                return b"\3\1" if type.bound == "sub" else b"\3\0" + self.index("type", type.type)
        return bytes([_SORTS[type.kind]]) + self.index("type", type.type)

    def options(self, options: model.Options) -> bytes:
        """Canonical options."""
        found = [] if options.encoding == "utf8" else [bytes([_ENCODINGS[options.encoding]])]
        for key, (code, sort) in _OPTIONS.items():
            value = getattr(options, key)
            if value is not None:
                found.append(bytes([code]) + self.index(sort, value))
        found += [bytes([code]) for code, given in ((6, options.is_async), (9, options.gc)) if given]
        return vector(found)

    def exports(self, exports: Iterable[tuple[str, str, int]]) -> bytes:
        """Exports or arguments: (name, sort, index)."""
        return vector([name(text) + self.sorted_index(sort, index) for text, sort, index in exports])

    # Definitions

    def _core_module(self, each: model.CoreModule) -> Placed:
        return CORE_MODULE, each.binary

    def _core_instantiate(self, each: model.CoreInstantiate) -> Placed:
        arguments = [name(text) + b"\x12" + self.index("core instance", index) for text, index in each.arguments]
        return 2, b"\0" + self.index("core module", each.module) + vector(arguments)

    def _core_bundle(self, each: model.CoreBundle) -> Placed:
        exports = [name(text) + bytes([_CORE_SORTS[sort]]) + self.index(sort, index) for text, sort, index in each.exports]
        return 2, b"\1" + vector(exports)

    def _core_type(self, each: model.CoreType) -> Placed:
        if each.type[0] != "func" or not all(str(type) in _CORE_TYPES for part in each.type[1:] for type in part):
            raise Unwritable(f"a core type of the kind {each.type[0]} can't be written")
        parts = [vector([bytes([_CORE_TYPES[str(type)]]) for type in part]) for part in each.type[1:]]
        return 3, b"\x60" + b"".join(parts)

    def _nested(self, each: model.Nested) -> Placed:
        self.depth += 1
        try:
            return COMPONENT, self.component(each.component)
        finally:
            self.depth -= 1

    def _instantiate(self, each: model.Instantiate) -> Placed:
        return 5, b"\0" + self.index("component", each.component) + self.exports(each.arguments)

    def _bundle(self, each: model.Bundle) -> Placed:
        annotated = dict(each.annotated)
        exports = [
            _extern_name(text, annotated.get(text, ())) + self.sorted_index(sort, index) for text, sort, index in each.exports
        ]
        return 5, b"\1" + vector(exports)

    def _alias_export(self, each: model.AliasExport) -> Placed:
        return 6, _sort(each.sort) + b"\0" + self.index("instance", each.instance) + name(each.name)

    def _alias_core_export(self, each: model.AliasCoreExport) -> Placed:
        return 6, _sort(each.sort) + b"\1" + self.index("core instance", each.instance) + name(each.name)

    def _alias_outer(self, each: model.AliasOuter) -> Placed:
        at_top = each.levels == self.depth
        place = self.place(each.sort, each.place) if at_top else each.place
        return 6, _sort(each.sort) + b"\2" + unsigned(each.levels) + unsigned(place)

    def _type(self, each: model.TypeDefinition) -> Placed:
        return 7, self.type(each.type)

    def type(self, type: tuple[Any, ...]) -> bytes:
        """A type as model.TypeDefinition has it."""
        kind, *parts = type
        match kind:
            case "primitive":
                return bytes([_PRIMITIVES[parts[0]]])
            case "record":
                return b"\x72" + vector([name(label) + self.value_type(of) for label, of in parts[0]])
            case "variant":
                return b"\x71" + vector([name(label) + self.optional(of) + b"\0" for label, of in parts[0]])
            case "list" if len(parts) == 2:
                return b"\x67" + self.value_type(parts[0]) + unsigned(parts[1])
            case "list":
                return b"\x70" + self.value_type(parts[0])
            case "map":
                return b"\x63" + self.value_type(parts[0]) + self.value_type(parts[1])
            case "tuple":
                return b"\x6f" + vector([self.value_type(each) for each in parts[0]])
            case "flags" | "enum":
                return (b"\x6e" if kind == "flags" else b"\x6d") + vector([name(each) for each in parts[0]])
            case "option":
                return b"\x6b" + self.value_type(parts[0])
            case "result":
                return b"\x6a" + self.optional(parts[0]) + self.optional(parts[1])
            case "own" | "borrow":
                return (b"\x69" if kind == "own" else b"\x68") + self.index("type", parts[0])
            case "stream" | "future":
                return (b"\x66" if kind == "stream" else b"\x65") + self.optional(parts[0])
            case "func":
                parameters = vector([name(label) + self.value_type(of) for label, of in parts[0]])
                result = b"\1\0" if parts[1] is None else b"\0" + self.value_type(parts[1])
                return (b"\x43" if parts[2] else b"\x40") + parameters + result
            case "resource":
                return b"\x3f\x7f" + (b"\0" if parts[0] is None else b"\1" + self.index("core func", parts[0]))
        return self._declared(kind, parts[0])

    def _declared(self, kind: str, declarations: Sequence[Any]) -> bytes:
        self.depth += 1
        try:
            return (b"\x41" if kind == "component" else b"\x42") + vector([self._declaration(each) for each in declarations])
        finally:
            self.depth -= 1

    def _declaration(self, each: Any) -> bytes:
        match each:
            case model.ImportDeclaration() | model.ExportDeclaration():
                start = b"\3" if isinstance(each, model.ImportDeclaration) else b"\4"
                return start + _extern_name(each.name, each.annotations) + self.extern_type(each.type)
        where, content = self.definition(each)
        return {7: b"\1", 6: b"\2", 3: b"\0"}[where] + bytes(content)

    def _lift(self, each: model.CanonLift) -> Placed:
        return 8, b"\0\0" + self.index("core func", each.function) + self.options(each.options) + self.index("type", each.type)

    def _lower(self, each: model.CanonLower) -> Placed:
        return 8, b"\1\0" + self.index("func", each.function) + self.options(each.options)

    def _canon_resource(self, each: model.CanonResource) -> Placed:
        return 8, bytes([_RESOURCE[each.operation]]) + self.index("type", each.type)

    def _builtin(self, each: model.CanonBuiltin) -> Placed:
        if each.name not in _BUILTINS:
            raise Unwritable(f"{each.name}, which belongs to Preview 3, can't be written")
        return 8, bytes([_BUILTINS[each.name]])

    def _start(self, each: model.Start) -> Placed:
        arguments = vector([self.index("value", index) for index in each.arguments])
        return START, self.index("func", each.function) + arguments + unsigned(each.results)

    def _value(self, each: model.ValueDefinition) -> Placed:
        return 12, self.value_type(each.type) + unsigned(len(each.encoded)) + each.encoded

    def _import(self, each: model.Import) -> Placed:
        return 10, _extern_name(each.name, each.annotations) + self.extern_type(each.type)

    def _export(self, each: model.Export) -> Placed:
        ascribed = b"\0" if each.type is None else b"\1" + self.extern_type(each.type)
        return 11, _extern_name(each.name, each.annotations) + self.sorted_index(each.sort, each.place) + ascribed


def _sort(sort: str) -> bytes:
    core = _CORE_SORTS.get(sort)
    return bytes([0, core]) if core is not None else bytes([_SORTS[sort]])


def _extern_name(text: str, annotations: model.Annotations) -> bytes:
    if not annotations:
        return b"\0" + name(text)
    return b"\2" + name(text) + vector([bytes([_NAME_OPTIONS[option]]) + name(said) for option, said in annotations])


_WRITERS: dict[type, Callable[[Writer, Any], Placed]] = {
    model.CoreModule: Writer._core_module,
    model.CoreInstantiate: Writer._core_instantiate,
    model.CoreBundle: Writer._core_bundle,
    model.CoreType: Writer._core_type,
    model.Nested: Writer._nested,
    model.Instantiate: Writer._instantiate,
    model.Bundle: Writer._bundle,
    model.AliasExport: Writer._alias_export,
    model.AliasCoreExport: Writer._alias_core_export,
    model.AliasOuter: Writer._alias_outer,
    model.TypeDefinition: Writer._type,
    model.CanonLift: Writer._lift,
    model.CanonLower: Writer._lower,
    model.CanonResource: Writer._canon_resource,
    model.CanonBuiltin: Writer._builtin,
    model.Start: Writer._start,
    model.ValueDefinition: Writer._value,
    model.Import: Writer._import,
    model.Export: Writer._export,
}
