"""The walk over a component's definitions, in order, those of components inside it as well.

Source: Component Model, Explainer, "Component Definitions".
"""

from __future__ import annotations

from agave_wasi.component.model import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Bundle,
    CanonBuiltin,
    CanonLift,
    CanonLower,
    CanonResource,
    Component,
    CoreBundle,
    CoreInstantiate,
    CoreModule,
    CoreType,
    Export,
    Import,
    Instantiate,
    Nested,
    Start,
    TypeDefinition,
    ValueDefinition,
)
from agave_wasi.component.validate import canonicals, instances, typedefs
from agave_wasi.component.validate.cores import module_type
from agave_wasi.component.validate.entities import ComponentType
from agave_wasi.component.validate.externs import add_export, add_import, finished, item_of
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.scope import COMPONENT, Scope
from agave_wasi.component.validate.shapes import Shapes
from agave_wasi.component.validate.subtyping import Comparison

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.component.validate.entities import Item


class Validated:
    """A valid component: its type, and what each index space holds in the end, for those who describe or link it.

    `imports` and `exports` are by name. `spaces` are by sort; a "func" is a shapes.Function, a "core func" (parameters,
    results), an "instance" an entities.InstanceType, a "component" an entities.ComponentType, a "core module" an
    entities.ModuleType.
    """

    __slots__ = ("spaces", "type")

    def __init__(self, type: ComponentType, spaces: dict[str, list[Any]]) -> None:
        self.type = type
        self.spaces = spaces

    @property
    def imports(self) -> dict[str, Item]:
        """What the component wants."""
        return self.type.imports

    @property
    def exports(self) -> dict[str, Item]:
        """What its instances offer."""
        return self.type.exports


def validate(component: Component) -> Validated:
    """Check a decoded component against the rules of the format; InvalidComponent says where and what.

    Core modules inside are read as far as their imports and exports; their code is the engine's to validate.
    """
    return _component(component, Shapes(), None, 0)


def _component(component: Component, shapes: Shapes, outer: Scope | None, offset: int) -> Validated:
    scope = Scope(COMPONENT, outer)
    for definition in component.definitions:
        _STEPS[definition.__class__](scope, shapes, definition)
    found = ComponentType(scope.imports, scope.exports, tuple(scope.imported), finished(scope, offset), offset)
    return Validated(found, scope.spaces)


def _core_module(scope: Scope, shapes: Shapes, definition: CoreModule) -> None:
    found = module_type(definition.binary, definition.offset)
    scope.add("core module", found, definition.offset)


def _core_instance(scope: Scope, shapes: Shapes, definition: CoreInstantiate | CoreBundle) -> None:
    instances.core_instance(scope, definition)


def _core_type(scope: Scope, shapes: Shapes, definition: CoreType) -> None:
    typedefs.define_core_type(scope, definition)


def _nested(scope: Scope, shapes: Shapes, definition: Nested) -> None:
    found = _component(definition.component, shapes, scope, definition.offset)
    scope.add("component", found.type, definition.offset)


def _alias(scope: Scope, shapes: Shapes, definition: AliasExport | AliasCoreExport | AliasOuter) -> None:
    instances.alias(scope, definition)


def _lift(scope: Scope, shapes: Shapes, definition: CanonLift) -> None:
    canonicals.lift(scope, definition)


def _lower(scope: Scope, shapes: Shapes, definition: CanonLower) -> None:
    canonicals.lower(scope, definition)


def _resource(scope: Scope, shapes: Shapes, definition: CanonResource) -> None:
    canonicals.resource(scope, definition)


def _builtin(scope: Scope, shapes: Shapes, definition: CanonBuiltin) -> None:
    canonicals.builtin(scope, definition)


def _import(scope: Scope, shapes: Shapes, definition: Import) -> None:
    item = item_of(scope, shapes, definition.type, definition.name, definition.offset)
    add_import(scope, shapes, definition.name, item, definition.offset, definition.annotations)


def _export(scope: Scope, shapes: Shapes, definition: Export) -> None:
    offset = definition.offset
    item = instances.item_at(scope, definition.sort, definition.place, offset)
    if definition.type is not None:
        ascribed = item_of(scope, shapes, definition.type, definition.name, offset)
        fault = _ascription(item, ascribed, shapes, definition.type.bound)
        if fault is not None:
            raise InvalidComponent(offset, f"export {definition.name!r} isn't of the type it is given: {fault}")
        item = ascribed
    add_export(scope, shapes, definition.name, item, offset, definition.annotations)


def _ascription(item: Item, ascribed: Item, shapes: Shapes, bound: str) -> str | None:
    if bound == "sub" and item.kind == "type":
        resource = item._replace(type=ascribed.type) if hasattr(item.type, "resource") else item
        return Comparison(shapes).misfit(resource, ascribed)
    return Comparison(shapes).misfit(item, ascribed)


def _unfinished(scope: Scope, shapes: Shapes, definition: Start | ValueDefinition) -> None:
    what = "a start function" if isinstance(definition, Start) else "a constant value"
    raise InvalidComponent(definition.offset, f"{what} of a component, which is a proposal that no engine has")


_STEPS: dict[type, Callable[[Scope, Shapes, Any], None]] = {
    CoreModule: _core_module, CoreInstantiate: _core_instance, CoreBundle: _core_instance, CoreType: _core_type,
    Nested: _nested, Instantiate: instances.instance, Bundle: instances.instance, AliasExport: _alias,
    AliasCoreExport: _alias, AliasOuter: _alias, TypeDefinition: typedefs.define_type, CanonLift: _lift, CanonLower: _lower,
    CanonResource: _resource, CanonBuiltin: _builtin, Import: _import, Export: _export, Start: _unfinished,
    ValueDefinition: _unfinished,
}  # fmt: skip
