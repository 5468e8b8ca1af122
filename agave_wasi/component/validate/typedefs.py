"""Type definitions: value types, functions, resources, and the types of instances, components and core modules.

Source: Component Model, Explainer, "Type Definitions"; Binary.md, the notes under "Type Definitions".
"""

from __future__ import annotations

import re

from agave_wasi.component.model import (
    AliasOuter,
    CoreExportDeclaration,
    CoreImportDeclaration,
    CoreType,
    ExportDeclaration,
    ImportDeclaration,
    TypeDefinition,
)
from agave_wasi.component.validate.cores import limits_fault
from agave_wasi.component.validate.entities import ComponentType, InstanceType, ModuleType
from agave_wasi.component.validate.externs import add_export, add_import, finished, item_of
from agave_wasi.component.validate.instances import alias
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.names import is_label
from agave_wasi.component.validate.scope import COMPONENT, COMPONENT_TYPE, INSTANCE_TYPE, Scope
from agave_wasi.component.validate.shapes import Defined, Resource, ResourceAlias, mapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from agave_wasi.component.validate.shapes import Shapes

MAX_FLAGS = 32
_LABELLED = {"record": "field", "variant": "case", "flags": "flag", "enum": "case"}
# What a map's keys may be: what can be compared without doubt.
_KEYS = frozenset(("bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "char", "string"))
_INDEX = re.compile(r"\(ref (?:null )?([0-9]+)\)")
"""A reference to a type by its index, as agave_wasi.binary.types writes it."""
_DESTRUCTOR = (("i32",), ())


def define_type(scope: Scope, shapes: Shapes, definition: TypeDefinition) -> None:
    """Add a type to the scope."""
    offset, form = definition
    scope.add("type", _type(scope, shapes, form, offset), offset)


def _type(scope: Scope, shapes: Shapes, form: tuple[Any, ...], offset: int) -> Any:
    match form[0]:
        case "func":
            return _function(scope, shapes, form, offset)
        case "resource":
            return _resource(scope, form[1], offset)
        case "instance":
            inner = _declared(scope, shapes, INSTANCE_TYPE, form[1])
            return InstanceType(inner.exports, finished(inner, offset), offset)
        case "component":
            inner = _declared(scope, shapes, COMPONENT_TYPE, form[1])
            return ComponentType(inner.imports, inner.exports, tuple(inner.imported), finished(inner, offset), offset)
    return _value(scope, shapes, form, offset)


def _value(scope: Scope, shapes: Shapes, form: tuple[Any, ...], offset: int) -> Defined:
    kind = form[0]
    if kind == "primitive":
        return shapes.primitive(form)
    if kind in _LABELLED:
        named = (name if kind in ("flags", "enum") else name[0] for name in form[1])
        check_labels(named, f"{_LABELLED[kind]} of {'an enum' if kind == 'enum' else f'a {kind}'}", offset)
    if kind == "flags" and len(form[1]) > MAX_FLAGS:
        raise InvalidComponent(offset, f"{len(form[1])} flags, where {MAX_FLAGS} are the most")
    if kind == "list" and len(form) == 3 and not form[2]:
        raise InvalidComponent(offset, "a list of fixed length has at least one element")
    if kind in ("own", "borrow"):
        return shapes.define((kind, scope.resource(form[1], offset)), offset)
    found = shapes.define(mapped(form, lambda type: scope.value(type, offset)), offset)
    if kind == "map":
        key = found.form[1]
        if (key.form[1] if isinstance(key, Defined) and key.form[0] == "primitive" else key) not in _KEYS:
            raise InvalidComponent(offset, f"the keys of a map are bool, an integer, char or string, not {key}")
    if kind in ("stream", "future") and found.borrows:
        raise InvalidComponent(offset, f"a {kind} can't hold a borrow, which lasts for a call only")
    if kind == "stream" and (found.form[1] == "char" or str(found.form[1]) == "char"):
        raise InvalidComponent(offset, "a stream of char isn't defined yet")
    return found


def _function(scope: Scope, shapes: Shapes, form: tuple[Any, ...], offset: int) -> Any:
    check_labels((name for name, _ in form[1]), "parameter", offset)
    parameters = tuple([(name, scope.value(type, offset)) for name, type in form[1]])
    result = None if form[2] is None else scope.value(form[2], offset)
    if isinstance(result, Defined) and result.borrows:
        raise InvalidComponent(offset, "a function's result can't hold a borrow, which lasts for the call only")
    return shapes.function(parameters, result, form[3], offset)


def _resource(scope: Scope, destructor: int | None, offset: int) -> ResourceAlias:
    if scope.kind != COMPONENT:
        raise InvalidComponent(offset, f"a {scope.kind} can't define a resource, only import or export one")
    if destructor is not None:
        type = scope.core_function(destructor, offset)
        if type != _DESTRUCTOR:
            raise InvalidComponent(offset, f"core function {destructor} is no destructor: it isn't (i32) -> ()")
    found = Resource(f"resource {len(scope.spaces['type'])}", local=True)
    scope.defined.append(found)
    return ResourceAlias(found)


def check_labels(names: Iterable[str], what: str, offset: int) -> None:
    """Is each name a label, and unlike those before, whatever their case?"""
    seen: dict[str, str] = {}
    for name in names:
        if not is_label(name):
            raise InvalidComponent(
                offset, f"the name of a {what}, {name!r}, isn't words of lower (or of upper) case joined by hyphens"
            )
        key = name.lower()
        if key in seen:
            raise InvalidComponent(
                offset, f"the name of a {what}, {name!r}, is too much like {seen[key]!r}, which is there already"
            )
        seen[key] = name


def _declared(outer: Scope, shapes: Shapes, kind: str, declarations: tuple[Any, ...]) -> Scope:
    """The scope of an instance's or component's type, after all its declarations."""
    scope = Scope(kind, outer)
    for each in declarations:
        if isinstance(each, TypeDefinition):
            define_type(scope, shapes, each)
        elif isinstance(each, ExportDeclaration):
            item = item_of(scope, shapes, each.type, each.name, each.offset)
            add_export(scope, shapes, each.name, item, each.offset, each.annotations)
        elif isinstance(each, ImportDeclaration):
            item = item_of(scope, shapes, each.type, each.name, each.offset)
            add_import(scope, shapes, each.name, item, each.offset, each.annotations)
        elif isinstance(each, CoreType):
            define_core_type(scope, each)
        else:
            alias(scope, each)
    return scope


def define_core_type(scope: Scope, definition: CoreType) -> None:
    """Add a core type, or each of a group, to the scope."""
    offset, form = definition
    if form[0] == "module":
        scope.add("core type", _module(scope, form[1]), offset)
    else:
        for each in _group(form, scope.spaces["core type"], offset):
            scope.add("core type", each, offset)


def _group(form: tuple[Any, ...], known: list[Any], offset: int) -> tuple[Any, ...]:
    """The types of a group, which may refer to the `known` ones before them and to each other."""
    found = form[1] if form[0] == "rec" else (form,)
    for each in found:
        if each[0] == "cont":
            raise InvalidComponent(offset, "a continuation, which is a proposal that no engine has")
        for index in _INDEX.findall(str(each[1:])):
            place = int(index)
            if place >= len(known) + len(found):
                raise InvalidComponent(offset, f"there is no core type {place}; {len(known)} are known here")
            if place < len(known) and isinstance(known[place], ModuleType):
                raise InvalidComponent(offset, f"core type {place} is a module's, which nothing can refer to")
    return tuple(found)


def _module(outer: Scope, declarations: tuple[Any, ...]) -> ModuleType:
    """A module's type, which has a space of types of its own."""
    types: list[Any] = []
    imports: dict[tuple[str, str], Any] = {}
    exports: dict[str, Any] = {}
    for each in declarations:
        if isinstance(each, CoreType):
            types += _group(each.type, types, each.offset)
        elif isinstance(each, AliasOuter):
            space = types if each.levels == 0 else outer.around(each.levels - 1, each.offset).spaces["core type"]
            if each.place >= len(space) or isinstance(space[each.place], ModuleType):
                raise InvalidComponent(each.offset, f"there is no core type {each.place} that a module's type could use")
            types.append(space[each.place])
        elif isinstance(each, CoreImportDeclaration):
            key = each.module, each.name
            if key in imports:
                raise InvalidComponent(each.offset, f"the import {each.module!r} {each.name!r} is there twice")
            imports[key] = _extern(types, each.type, each.offset)
        else:
            assert isinstance(each, CoreExportDeclaration)
            if each.name in exports:
                raise InvalidComponent(each.offset, f"{each.name!r} is exported twice")
            exports[each.name] = _extern(types, each.type, each.offset)
    return ModuleType(imports, exports)


def _extern(types: list[Any], extern: tuple[str, Any], offset: int) -> tuple[str, Any]:
    kind, type = extern
    if kind not in ("func", "tag"):
        fault = limits_fault(extern)
        if fault is not None:
            raise InvalidComponent(offset, fault)
        for index in _INDEX.findall(str(type)):
            if int(index) >= len(types):
                raise InvalidComponent(offset, f"there is no core type {index} in the module's type")
        return extern
    if type >= len(types) or types[type][0] != "func":
        raise InvalidComponent(offset, f"there is no function type {type} in the module's type")
    if kind == "tag" and types[type][2]:
        raise InvalidComponent(offset, f"function type {type} has results, which a tag can't have")
    return kind, types[type][1:]
