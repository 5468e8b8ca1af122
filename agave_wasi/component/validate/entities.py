"""Static types of instances, components and modules, and putting resources in the place of others in them.

A type of an instance or component binds resources: `defined` are those it brings along with each instance, `imported` those
that it must be given. Each is found by a path of names. Using such a type means putting fresh or given resources in their
place. Source: Component Model, Explainer, "Type Checking".
"""

from __future__ import annotations

from typing import NamedTuple

from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.shapes import (
    MAX_DEPTH,
    MAX_SIZE,
    NOTHING,
    Defined,
    Function,
    ResourceAlias,
    Shapes,
    mapped,
    size_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from agave_wasi.component.validate.shapes import Resource, Value

Path = tuple[str, ...]
Bound = tuple[tuple["Resource", Path], ...]


class Item(NamedTuple):
    """Something with a name. `kind` is as in model.ExternType; of a type, `type` is what the name stands for, `of` what that
    is."""

    kind: str
    type: Any
    of: Any = None


class ModuleType:
    """A core module: imports by (module, name), exports by name; each a kind and a type (see cores)."""

    __slots__ = ("exports", "imports", "size")

    depth = 1
    resources: frozenset[Resource] = NOTHING

    def __init__(self, imports: dict[tuple[str, str], Any], exports: dict[str, Any]) -> None:
        self.imports = imports
        self.exports = exports
        self.size = 1 + len(imports) + len(exports)


class InstanceType:
    """An instance: exports by name."""

    __slots__ = ("defined", "depth", "exports", "resources", "size")

    def __init__(self, exports: dict[str, Item], defined: Bound = (), offset: int = 0) -> None:
        self.exports = exports
        self.defined = defined
        self.size = _size(exports, offset)
        self.depth = _depth(exports, offset)
        self.resources = _free(exports) - {resource for resource, _ in defined}


class ComponentType:
    """A component: what it wants and what its instances offer."""

    __slots__ = ("defined", "depth", "exports", "imported", "imports", "resources", "size")

    def __init__(
        self, imports: dict[str, Item], exports: dict[str, Item], imported: Bound, defined: Bound, offset: int = 0
    ) -> None:
        self.imports = imports
        self.exports = exports
        self.imported = imported
        self.defined = defined
        self.size = _size(imports, offset) + _size(exports, offset)
        self.depth = max(_depth(imports, offset), _depth(exports, offset))
        bound = {resource for resource, _ in imported + defined}
        self.resources = (_free(imports) | _free(exports)) - bound


def resources_of(type: Any) -> frozenset[Resource]:
    """The resources that a type of any kind refers to and doesn't bind."""
    if isinstance(type, ResourceAlias):
        return frozenset((type.resource,))
    return NOTHING if isinstance(type, str) else type.resources


def _free(items: dict[str, Item]) -> frozenset[Resource]:
    found = [resources_of(item.type) for item in items.values()]
    return NOTHING.union(*found) if found else NOTHING


def _size(items: dict[str, Item], offset: int) -> int:
    found = 1 + sum(1 if isinstance(item.type, ResourceAlias) else size_of_any(item.type) for item in items.values())
    if found > MAX_SIZE:
        raise InvalidComponent(offset, f"a type of more than {MAX_SIZE} parts")
    return found


def _depth(items: dict[str, Item], offset: int) -> int:
    found = 1 + max(
        [item.type.depth for item in items.values() if isinstance(item.type, (InstanceType, ComponentType))], default=0
    )
    if found > MAX_DEPTH:
        raise InvalidComponent(offset, f"instances are nested more than {MAX_DEPTH} deep")
    return found


def size_of_any(type: Any) -> int:
    """How many parts a type of any kind has."""
    return 1 if isinstance(type, ResourceAlias) else size_of(type) if isinstance(type, str) else type.size


def exported_resources(exports: dict[str, Item]) -> Iterator[tuple[Resource, Path]]:
    """The resources that exports name, those of instances among them as well, each with the path to it."""
    for name, item in exports.items():
        if isinstance(item.type, ResourceAlias):
            yield item.type.resource, (name,)
        elif item.kind == "instance":
            for resource, path in exported_resources(item.type.exports):
                yield resource, (name, *path)


def renamings(given: dict[str, Item], imports: dict[str, Item]) -> Iterator[tuple[Defined, Defined]]:
    """Each value type that imports name, with the given one that it is: with the instance, that is its name."""
    for name, item in imports.items():
        found = given[name]
        if item.kind == "type" and isinstance(item.type, Defined) and isinstance(found.type, Defined):
            yield item.type, found.type
        elif item.kind == "instance":
            yield from renamings(found.type.exports, item.type.exports)


class Substitution:
    """Puts resources in the place of others, in types of any kind, and `renamed` types in the place of their equals.

    What refers to none of them stays the same object.
    """

    __slots__ = ("_done", "_kept", "_keys", "_named", "_shapes", "mapping", "renamed")

    def __init__(
        self, shapes: Shapes, mapping: dict[Resource, Resource], renamed: dict[Defined, Defined] | None = None
    ) -> None:
        self._shapes = shapes
        self.mapping = mapping
        self.renamed = renamed or {}
        self._keys = mapping.keys()
        self._named: dict[Any, bool] = {}
        self._done: dict[int, Any] = {}
        self._kept: list[Any] = []  # what is known by its id must stay

    def __call__(self, type: Any) -> Any:
        """The type with the other resources."""
        if isinstance(type, str) or (self._keys.isdisjoint(resources_of(type)) and not (self.renamed and self._names(type))):
            return type
        found = self._done.get(id(type))
        if found is None:
            found = self._done[id(type)] = self._change(type)
            self._kept.append(type)
        return found

    def _names(self, type: Any) -> bool:
        """Does the type use one that has another name now?"""
        if not isinstance(type, Defined | Function):
            return isinstance(type, InstanceType | ComponentType)  # which may have such a one in it
        found = self._named.get(type)
        if found is None:
            found = type in self.renamed or any(map(self._names, type.needs))
            self._named[type] = found
        return found

    def _change(self, type: Any) -> Any:
        if isinstance(type, ResourceAlias):
            return ResourceAlias(self.mapping[type.resource])
        if type in self.renamed:
            return self.renamed[type]
        if isinstance(type, Defined):
            return self._shapes.define(mapped(type.form, self))
        if isinstance(type, Function):
            parameters = tuple([(name, self(each)) for name, each in type.parameters])
            result: Value | None = None if type.result is None else self(type.result)
            return self._shapes.function(parameters, result, type.is_async)
        if isinstance(type, InstanceType):
            return InstanceType(self.items(type.exports), type.defined)
        assert isinstance(type, ComponentType)
        return ComponentType(self.items(type.imports), self.items(type.exports), type.imported, type.defined)

    def items(self, items: dict[str, Item]) -> dict[str, Item]:
        """Named items with the other resources."""
        return {
            name: Item(item.kind, self(item.type), None if item.of is None else self(item.of)) for name, item in items.items()
        }
