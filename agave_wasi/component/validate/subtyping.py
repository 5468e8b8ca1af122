"""Does something of one type fit where another is asked for?

An instance may offer more than is asked for; a component may ask for less; value and function types must be equal. Resources
that the expected type leaves open are taken from what is given, by their paths. Source: Component Model, Subtyping.md and
Explainer, "Type Checking".
"""

from __future__ import annotations

from agave_wasi.component.validate.cores import core_misfit
from agave_wasi.component.validate.entities import ComponentType, InstanceType, Item, ModuleType, Substitution
from agave_wasi.component.validate.shapes import Defined, Function, Resource, ResourceAlias, shape_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.component.validate.entities import Bound
    from agave_wasi.component.validate.shapes import Shapes

_A = {"instance": "an instance", "core module": "a core module"}


class Comparison:
    """Compares types of one validation; a misfit is a sentence, and None means that it fits."""

    __slots__ = ("_fit", "_kept", "shapes")

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._fit: set[tuple[int, int]] = set()
        self._kept: list[Any] = []

    def misfit(self, given: Item, expected: Item) -> str | None:
        """Why `given` doesn't fit where `expected` is asked for."""
        if given.kind != expected.kind:
            return f"it is {a(given.kind)}, where {a(expected.kind)} is expected"
        if given.kind == "core module":
            return module_misfit(given.type, expected.type)
        if given.kind == "value":
            return None if shape_of(given.type) == shape_of(expected.type) else "the values' types differ"
        return self._types(given.type, expected.type)

    def _types(self, given: Any, expected: Any) -> str | None:
        if given is expected:
            return None
        if isinstance(expected, ResourceAlias):
            if not isinstance(given, ResourceAlias):
                return f"a resource is expected, not {described(given)}"
            return None if given.resource is expected.resource else "it is another resource type"
        if isinstance(given, ResourceAlias):
            return f"{described(expected)} is expected, not a resource"
        if isinstance(expected, (str, Defined)):
            if not isinstance(given, (str, Defined)):
                return f"{described(expected)} is expected, not {described(given)}"
            if shape_of(given) == shape_of(expected):
                return None
            return f"{described(expected)} is expected, and this is {described(given)} or differs in its parts"
        if type(given) is not type(expected):
            return f"{described(expected)} is expected, not {described(given)}"
        if isinstance(expected, Function):
            return function_misfit(given, expected)
        key = (id(given), id(expected))
        if key in self._fit:
            return None
        found = self.instances(given, expected) if isinstance(expected, InstanceType) else self._components(given, expected)
        if found is None:
            self._fit.add(key)
            self._kept += (given, expected)
        return found

    def instances(self, given: InstanceType, expected: InstanceType) -> str | None:
        """Why an instance doesn't offer what is expected of it."""
        mapping, fault = self.open(given.exports, expected.defined)
        if fault is not None:
            return fault
        return self.all_fit(given.exports, Substitution(self.shapes, mapping).items(expected.exports), "exports no", "export")

    def all_fit(self, given: dict[str, Item], expected: dict[str, Item], lacks: str, what: str) -> str | None:
        """Why not each of `expected` has its match in `given`."""
        for name, item in expected.items():
            found = given.get(name)
            if found is None:
                return f"it {lacks} {name!r}, which is expected to be {a(item.kind)}"
            fault = self.misfit(found, item)
            if fault is not None:
                return f"{what} {name!r}: {fault}"
        return None

    def open(self, given: dict[str, Item], bound: Bound) -> tuple[dict[Resource, Resource], str | None]:
        """Which of the given resources stand for the bound ones; or why there is none for one of them."""
        mapping: dict[Resource, Resource] = {}
        for resource, path in bound:
            items: dict[str, Item] | None = given
            item = None
            for name in path:
                item = items.get(name) if items is not None else None
                items = item.type.exports if item is not None and item.kind == "instance" else None
            if item is None:
                return mapping, f"the resource {'/'.join(path)!r} is missing"
            if item.kind != "type" or not isinstance(item.type, ResourceAlias):
                return mapping, f"{'/'.join(path)!r} is expected to be a resource"
            mapping[resource] = item.type.resource
        return mapping, None

    def _components(self, given: ComponentType, expected: ComponentType) -> str | None:
        mapping, fault = self.open(expected.imports, given.imported)
        if fault is not None:
            return f"it imports more than is provided: {fault}"
        substitution = Substitution(self.shapes, mapping)
        fault = self.all_fit(expected.imports, substitution.items(given.imports), "is not provided", "import")
        if fault is not None:
            return fault
        exports = substitution.items(given.exports)
        mapping, fault = self.open(exports, expected.defined)
        if fault is not None:
            return fault
        return self.all_fit(exports, Substitution(self.shapes, mapping).items(expected.exports), "exports no", "export")


def function_misfit(given: Function, expected: Function) -> str | None:
    """Why a function can't be used as another."""
    if given.shape == expected.shape:
        return None
    if given.is_async != expected.is_async:
        return f"an {'asynchronous' if expected.is_async else 'ordinary'} function is expected"
    names = [name for name, _ in given.parameters], [name for name, _ in expected.parameters]
    if names[0] != names[1]:
        return f"its parameters are ({', '.join(names[0])}), where ({', '.join(names[1])}) are expected"
    for (name, mine), (_, other) in zip(given.parameters, expected.parameters, strict=True):
        if shape_of(mine) != shape_of(other):
            return f"its parameter {name!r} is {described(mine)}, and another {described(other)} is expected"
    return "the type of its result is not the expected one"


def module_misfit(given: ModuleType, expected: ModuleType) -> str | None:
    """Why a core module can't be used as another: it wants more, or offers less."""
    for key, wanted in given.imports.items():
        provided = expected.imports.get(key)
        if provided is None:
            return f"the module imports {key[0]!r} {key[1]!r}, which isn't provided"
        fault = core_misfit(provided, wanted)
        if fault is not None:
            return f"import {key[0]!r} {key[1]!r}: {fault}"
    for name, wanted in expected.exports.items():
        offered = given.exports.get(name)
        if offered is None:
            return f"the module exports no {name!r}"
        fault = core_misfit(offered, wanted)
        if fault is not None:
            return f"export {name!r}: {fault}"
    return None


def a(kind: str) -> str:
    """A kind with its article."""
    return _A.get(kind, f"a {kind}")


def described(type: Any) -> str:
    """A type of any kind, in few words."""
    if isinstance(type, str):
        return type
    if isinstance(type, Defined):
        return str(type)
    names = {Function: "a function type", InstanceType: "an instance type", ComponentType: "a component type"}
    return names.get(type.__class__, "a resource")
