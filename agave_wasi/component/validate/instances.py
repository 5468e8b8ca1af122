"""Instances and aliases: what is put together, and what is taken out.

Source: Component Model, Explainer, "Instance Definitions" and "Alias Definitions".
"""

from __future__ import annotations

from agave_wasi.component.model import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Bundle,
    CoreBundle,
    CoreInstantiate,
    Instantiate,
)
from agave_wasi.component.validate.cores import core_misfit
from agave_wasi.component.validate.entities import InstanceType, Item, Substitution, renamings, resources_of, size_of_any
from agave_wasi.component.validate.externs import check_name, renamed
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.scope import COMPONENT, Names
from agave_wasi.component.validate.shapes import Resource, ResourceAlias
from agave_wasi.component.validate.subtyping import Comparison, a

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.component.validate.cores import Extern
    from agave_wasi.component.validate.scope import Scope
    from agave_wasi.component.validate.shapes import Shapes


def core_instance(scope: Scope, definition: CoreInstantiate | CoreBundle) -> None:
    """Add a core instance: a dict of its exports."""
    offset = definition.offset
    exports: dict[str, Extern]
    if isinstance(definition, CoreBundle):
        exports = {}
        for name, sort, index in definition.exports:
            if name in exports:
                raise InvalidComponent(offset, f"{name!r} is exported twice")
            exports[name] = scope.core_extern(sort, index, offset)
    else:
        module = scope.at("core module", definition.module, offset)
        given: dict[str, dict[str, Extern]] = {}
        for name, index in definition.arguments:
            if name in given:
                raise InvalidComponent(offset, f"the module is given {name!r} twice")
            given[name] = scope.at("core instance", index, offset)
        for (module_name, name), wanted in module.imports.items():
            if module_name not in given:
                raise InvalidComponent(offset, f"the module imports from {module_name!r}, which it isn't given")
            found = given[module_name].get(name)
            if found is None:
                raise InvalidComponent(offset, f"the module imports {module_name!r} {name!r}, which isn't in what it is given")
            fault = core_misfit(found, wanted)
            if fault is not None:
                raise InvalidComponent(offset, f"the module's import {module_name!r} {name!r}: {fault}")
        exports = module.exports
    scope.add("core instance", exports, offset)


def item_at(scope: Scope, sort: str, index: int, offset: int) -> Item:
    """What stands at an index, as something that can be given or exported."""
    found = scope.at(sort, index, offset)
    return Item(sort, renamed(found), found) if sort == "type" else Item(sort, found)


def _given(scope: Scope, sort: str, index: int, offset: int) -> Item:
    """What stands at an index, as something that is handed over: a type keeps the name that it has here."""
    found = scope.at(sort, index, offset)
    return Item(sort, found, found) if sort == "type" else Item(sort, found)


def instance(scope: Scope, shapes: Shapes, definition: Instantiate | Bundle) -> None:
    """Add an instance."""
    if isinstance(definition, Bundle):
        found = _bundle(scope, shapes, definition)
    else:
        found = _instantiated(scope, shapes, definition)
    scope.add("instance", found, definition.offset)


def _bundle(scope: Scope, shapes: Shapes, definition: Bundle) -> InstanceType:
    names = Names()
    exports: dict[str, Item] = {}
    annotated = dict(definition.annotated)
    for name, sort, index in definition.exports:
        item = _given(scope, sort, index, definition.offset)
        shapes.spend(size_of_any(item.type), definition.offset)
        if isinstance(item.type, ResourceAlias):
            names.resources[id(item.type)] = (item.type, name)
            names.texts.add(name)
        check_name(names, exports, "export", name, item, definition.offset, annotated.get(name, ()))
        exports[name] = item
    return InstanceType(exports, (), definition.offset)


def _instantiated(scope: Scope, shapes: Shapes, definition: Instantiate) -> InstanceType:
    offset = definition.offset
    component = scope.at("component", definition.component, offset)
    shapes.spend(component.size, offset)
    given: dict[str, Item] = {}
    for name, sort, index in definition.arguments:
        if name in given:
            raise InvalidComponent(offset, f"the component is given {name!r} twice")
        given[name] = _given(scope, sort, index, offset)
    comparison = Comparison(shapes)
    for name, item in component.imports.items():
        if name not in given:
            raise InvalidComponent(offset, f"the component imports {name!r}, {a(item.kind)}, which it isn't given")
        if given[name].kind != item.kind:
            raise InvalidComponent(offset, f"the component's import {name!r}: {comparison.misfit(given[name], item)}")
    mapping, fault = comparison.open(given, component.imported)
    if fault is None:
        fault = comparison.all_fit(given, Substitution(shapes, mapping).items(component.imports), "isn't given", "import")
    if fault is not None:
        raise InvalidComponent(offset, f"what the component is given doesn't fit: {fault}")
    for resource, _ in component.defined:
        mapping[resource] = fresh = Resource(resource.name)
        scope.defined.append(fresh)
    renamed = dict(renamings(given, component.imports))
    return InstanceType(Substitution(shapes, mapping, renamed).items(component.exports), (), offset)


def alias(scope: Scope, definition: AliasExport | AliasCoreExport | AliasOuter) -> None:
    """Add what an alias is of."""
    if isinstance(definition, AliasOuter):
        _outer(scope, definition)
        return
    offset, sort, index, name = definition
    found: Any
    if isinstance(definition, AliasCoreExport):
        found = scope.at("core instance", index, offset).get(name)
        kind = f"core {found[0]}" if found else ""
        item = found[1] if found else None
    else:
        found = scope.at("instance", index, offset).exports.get(name)
        kind, item = (found.kind, found.type) if found else ("", None)
    if found is None:
        raise InvalidComponent(offset, f"the instance exports no {name!r}")
    if kind != sort:
        raise InvalidComponent(offset, f"the instance's export {name!r} is {a(kind)}, where {a(sort)} is expected")
    scope.add(sort, item, offset)


def _outer(scope: Scope, definition: AliasOuter) -> None:
    offset, sort, levels, place = definition
    found = scope.around(levels, offset).at(sort, place, offset)
    crossed = scope
    for _ in range(levels):
        if crossed.kind == COMPONENT and sort in ("type", "component") and resources_of(found):
            raise InvalidComponent(
                offset, "a type with resources in it can't be taken from around a component, which has resources of its own"
            )
        assert crossed.outer is not None
        crossed = crossed.outer
    scope.add(sort, found, offset)
