"""Imports and exports: their types made concrete, their names checked, and that they use only types with names.

Whoever uses a component from outside must be able to name the types it meets there: a record, variant, enum, flags or resource
in an import must have been imported, in an export imported or exported. Source: Component Model, Explainer, "Type Checking" and
"Import and Export Definitions".
"""

from __future__ import annotations

from agave_wasi.component.validate.entities import (
    InstanceType,
    Item,
    Substitution,
    exported_resources,
    resources_of,
    size_of_any,
)
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.names import BadName, Name, parse_name
from agave_wasi.component.validate.scope import COMPONENT, INSTANCE_TYPE
from agave_wasi.component.validate.shapes import Defined, Function, Resource, ResourceAlias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.component.model import Annotations, ExternType
    from agave_wasi.component.validate.scope import NamedTypes, Names, Scope
    from agave_wasi.component.validate.shapes import Shapes

_EXPORTABLE = frozenset(("label", "constructor", "method", "static", "interface"))
_SELF = "self"


def item_of(scope: Scope, shapes: Shapes, extern: ExternType, name: str, offset: int) -> Item:
    """What an import or export is declared to be. A resource that is left open is a new one."""
    if extern.kind == "type":
        if extern.bound == "sub":
            alias = ResourceAlias(Resource(name))
            return Item("type", alias, alias)
        referenced = scope.at("type", extern.type, offset)
        return Item("type", renamed(referenced), referenced)
    if extern.kind == "value":
        raise InvalidComponent(offset, f"{name!r} is a value; values are a proposal that no engine has")
    return Item(extern.kind, scope.of_kind(extern.kind, extern.type, offset))


def renamed(type: Any) -> Any:
    """Another object for the same type, as each import or export of a type makes it."""
    if isinstance(type, ResourceAlias):
        return ResourceAlias(type.resource)
    return type.again() if isinstance(type, Defined) else type


def add_import(scope: Scope, shapes: Shapes, name: str, item: Item, offset: int, annotations: Annotations = ()) -> None:
    """Import `item`; resources of an instance's type become new ones."""
    if isinstance(item.type, ResourceAlias) and item.type is item.of:
        scope.imported.append((item.type.resource, (name,)))
    elif item.kind == "instance" and item.type.defined:
        item = _opened(shapes, item)
        scope.imported += [(resource, (name, *path)) for resource, path in item.of]
        item = Item("instance", item.type)
    shapes.spend(size_of_any(item.type), offset)
    _add(scope, scope.import_names, scope.imports, "import", name, item, offset, annotations)


def add_export(scope: Scope, shapes: Shapes, name: str, item: Item, offset: int, annotations: Annotations = ()) -> None:
    """Export `item`, which adds it to its index space once more."""
    if isinstance(item.type, ResourceAlias):
        if item.type is item.of:
            scope.defined.append(item.type.resource)
        scope.explicit.setdefault(item.type.resource, (name,))
    elif item.kind == "instance":
        if item.type.defined:
            opened = _opened(shapes, item)
            scope.defined += [resource for resource, _ in opened.of]
            item = Item("instance", opened.type)
        for resource, path in exported_resources(item.type.exports):
            scope.explicit.setdefault(resource, (name, *path))
    shapes.spend(size_of_any(item.type), offset)
    _add(scope, scope.export_names, scope.exports, "export", name, item, offset, annotations)


def _opened(shapes: Shapes, item: Item) -> Item:
    """An instance with new resources in the place of those its type binds; `of` are these with their paths."""
    fresh = [(resource, Resource(resource.name), path) for resource, path in item.type.defined]
    substitution = Substitution(shapes, {old: new for old, new, _ in fresh})
    return Item("instance", InstanceType(substitution.items(item.type.exports)), tuple([(new, path) for _, new, path in fresh]))


def _add(
    scope: Scope, names: Names, items: dict[str, Item], what: str, name: str, item: Item, offset: int, annotations: Annotations
) -> None:
    scope.add(item.kind, item.type, offset)
    if item.kind == "type" and isinstance(item.type, ResourceAlias):
        names.resources[id(item.type)] = (item.type, name)
        names.texts.add(name)
    if scope.kind != INSTANCE_TYPE and not _uses_named_types(scope, what, item):
        known = "imported" if what == "import" else "imported or exported"
        reason = f"{what} {name!r} uses a record, variant, enum, flags or resource that isn't {known} itself"
        raise InvalidComponent(offset, reason)
    check_name(names, items, what, name, item, offset, annotations)
    items[name] = item


def check_name(
    names: Names, items: dict[str, Item], what: str, name: str, item: Item, offset: int, annotations: Annotations = ()
) -> None:
    """Is the name well formed, does it fit what it names, and is it unlike those before?"""
    said = dict(annotations)
    suffix = said.get("versionsuffix")
    try:
        parsed = parse_name(name, suffix if "implements" not in said else None)
        if said:
            _check_annotations(parsed, said, item)
    except BadName as error:
        raise InvalidComponent(offset, f"{what} name: {error}") from None
    if what == "export" and parsed.kind not in _EXPORTABLE:
        raise InvalidComponent(offset, f"{name!r} names where an import comes from, so nothing can be exported by it")
    fault = _misnamed(names, parsed, item)
    if fault is not None:
        raise InvalidComponent(offset, f"{what} {name!r}: {fault}")
    other = names.keys.setdefault(parsed.key, name)
    if other is not name or name in items:
        raise InvalidComponent(offset, f"{what} {name!r} is too much like {other!r}, which is there already")


def _check_annotations(parsed: Name, said: dict[str, str], item: Item) -> None:
    implemented = said.get("implements")
    if implemented is not None:
        if item.kind != "instance":
            raise BadName(f"only an instance can implement {implemented!r}")
        if parsed.kind != "label":
            raise BadName(f"only a plain label can be said to implement {implemented!r}")
        if ":" not in implemented or parse_name(implemented, said.get("versionsuffix")).kind != "interface":
            raise BadName(f"{implemented!r} is no interface, so nothing can implement it")
    elif "versionsuffix" in said and parsed.kind != "interface":
        raise BadName("a version's suffix needs the name of an interface")


def _misnamed(names: Names, parsed: Name, item: Item) -> str | None:
    """Why a function can't have an annotated name."""
    if parsed.kind not in ("constructor", "method", "static"):
        return None
    function = item.type
    if item.kind != "func" or not isinstance(function, Function):
        return "only a function can have such a name"
    if parsed.kind == "static":
        return None if parsed.resource in names.texts else f"no resource {parsed.resource!r} is known here"
    if parsed.kind == "constructor":
        if function.is_async:
            return "a constructor isn't asynchronous"
        made = function.result
        if isinstance(made, Defined) and made.form[0] == "result":
            made = made.form[1]
        wanted, type = "own", made
    else:
        if not function.parameters or function.parameters[0][0] != _SELF:
            return "a method's first parameter is `self`"
        wanted, type = "borrow", function.parameters[0][1]
    if not isinstance(type, Defined) or type.form[0] != wanted:
        place = "returns own<R> or result<own<R>, E>" if wanted == "own" else "takes borrow<R> as `self`"
        return f"a {parsed.kind} {place}"
    known = names.resources.get(id(type.form[1]))
    if known is None:
        return "its resource has no name here"
    return None if known[1] == parsed.resource else f"it is about the resource {known[1]!r}, not {parsed.resource!r}"


def _uses_named_types(scope: Scope, what: str, item: Item) -> bool:
    named = scope.imported_types if what == "import" else scope.exported_types
    if item.kind == "type":
        if not _all_named(item.of, named):
            return False
        if what == "import":
            scope.imported_types.add(item.type)
        scope.exported_types.add(item.type)
        return True
    if item.kind == "instance":
        return all(_uses_named_types(scope, what, each) for each in item.type.exports.values())
    return _all_named(item.type, named)


def _all_named(type: Any, named: NamedTypes) -> bool:
    """Does everything that this refers to have a name? It itself need not."""
    if isinstance(type, (Defined, Function)):
        return all(each in named for each in type.needs)
    if isinstance(type, InstanceType):
        return all(_all_named(item.type, named) for item in type.exports.values())
    return True


def finished(scope: Scope, offset: int) -> tuple[tuple[Resource, tuple[str, ...]], ...]:
    """The resources that the scope's exports bring along; InvalidComponent if one of its own stands where it can't be named."""
    own = set(scope.defined)
    if own:
        for name, item in scope.imports.items():
            if not own.isdisjoint(resources_of(item.type)):
                raise InvalidComponent(offset, f"import {name!r} uses a resource that is defined here")
    used: set[Resource] = set()
    for item in scope.exports.values():
        used |= resources_of(item.type)
    found = []
    for resource in scope.defined:
        if resource in used or scope.kind != COMPONENT:
            path = scope.explicit.get(resource)
            if path is None:
                raise InvalidComponent(offset, f"an export uses the resource {resource.name!r}, which isn't exported itself")
            found.append((resource, path))
    return tuple(found)
