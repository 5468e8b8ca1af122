"""What is known at a point of a component, or of a component's or instance's type: index spaces, names, resources.

Scopes are nested; an outer alias looks into those around. Source: Component Model, Explainer, "Index Spaces".
"""

from __future__ import annotations

from agave_wasi.component.validate.entities import ComponentType, InstanceType, ModuleType
from agave_wasi.component.validate.invalid import InvalidComponent
from agave_wasi.component.validate.shapes import Defined, Function, ResourceAlias
from agave_wasi.component.validate.subtyping import described

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.component.model import ValueType
    from agave_wasi.component.validate.cores import Extern
    from agave_wasi.component.validate.entities import Item, Path
    from agave_wasi.component.validate.shapes import Resource, Value

# How many there may be of each, in one component. Instances of both kinds, and functions of both kinds, are counted together.
LIMITS = {
    "core module": 1_000, "component": 1_000, "value": 1_000, "instance": 1_000, "core instance": 1_000, "type": 1_000_000,
    "core type": 1_000_000, "func": 1_000_000, "core func": 1_000_000, "core table": 1_000_000, "core memory": 1_000_000,
    "core global": 1_000_000, "core tag": 1_000_000,
}  # fmt: skip
_TOGETHER = {"instance": "core instance", "core instance": "instance", "func": "core func", "core func": "func"}

COMPONENT, COMPONENT_TYPE, INSTANCE_TYPE = "component", "component type", "instance type"


class NamedTypes:
    """Types that have a name outside; by identity, since each import or export of a type makes another."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[int, Any] = {}

    def add(self, type: Any) -> None:
        """This one has a name."""
        self._found[id(type)] = type

    def __contains__(self, type: Any) -> bool:
        return id(type) in self._found


class Names:
    """The names of imports or of exports: which keys are taken, and which resources are known by what name."""

    __slots__ = ("keys", "resources", "texts")

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.resources: dict[int, tuple[ResourceAlias, str]] = {}
        self.texts: set[str] = set()


class Scope:
    """The state of one component or type while its definitions are gone through."""

    __slots__ = (
        "defined", "explicit", "export_names", "exported_types", "exports", "import_names", "imported", "imported_types",
        "imports", "kind", "outer", "spaces",
    )  # fmt: skip

    def __init__(self, kind: str, outer: Scope | None = None) -> None:
        self.kind = kind
        self.outer = outer
        self.spaces: dict[str, list[Any]] = {sort: [] for sort in LIMITS}
        self.imports: dict[str, Item] = {}
        self.exports: dict[str, Item] = {}
        self.import_names = Names()
        self.export_names = Names()
        self.imported_types = NamedTypes()
        self.exported_types = NamedTypes()
        self.imported: list[tuple[Resource, Path]] = []
        self.defined: list[Resource] = []
        self.explicit: dict[Resource, Path] = {}

    def add(self, sort: str, item: Any, offset: int) -> None:
        """Append to an index space."""
        space = self.spaces[sort]
        space.append(item)
        if len(space) > 1_000:
            count = len(space) + len(self.spaces[_TOGETHER[sort]]) if sort in _TOGETHER else len(space)
            if count > LIMITS[sort]:
                raise InvalidComponent(offset, f"more than {LIMITS[sort]} of the sort {sort}, the implementation limit")
        elif sort in ("instance", "core instance") and len(space) + len(self.spaces[_TOGETHER[sort]]) > LIMITS[sort]:
            raise InvalidComponent(offset, f"more than {LIMITS[sort]} instances, the implementation limit")

    def at(self, sort: str, index: int, offset: int) -> Any:
        """What stands at an index."""
        space = self.spaces[sort]
        if index >= len(space):
            raise InvalidComponent(offset, f"there is no {sort} {index}; {len(space)} are known here")
        return space[index]

    def value(self, type: ValueType, offset: int) -> Value:
        """A value type as it is written: a primitive's name or an index."""
        if isinstance(type, str):
            return type
        found = self.at("type", type, offset)
        if not isinstance(found, Defined):
            raise InvalidComponent(offset, f"type {type} is {described(found)}, where a value's type is expected")
        return found

    def resource(self, index: int, offset: int) -> ResourceAlias:
        """A resource type."""
        found = self.at("type", index, offset)
        if not isinstance(found, ResourceAlias):
            raise InvalidComponent(offset, f"type {index} is {described(found)}, where a resource is expected")
        return found

    def of_kind(self, kind: str, index: int, offset: int) -> Any:
        """The type with that index, which must be one of a "func", "instance" or "component", or of a "core module"."""
        if kind == "core module":
            module = self.at("core type", index, offset)
            if not isinstance(module, ModuleType):
                raise InvalidComponent(offset, f"core type {index} is no module type")
            return module
        found = self.at("type", index, offset)
        if type(found) is not _CLASSES[kind]:
            raise InvalidComponent(offset, f"type {index} is {described(found)}, where {_NAMES[kind]} is expected")
        return found

    def core_function(self, index: int, offset: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A core function's type."""
        found: tuple[tuple[str, ...], tuple[str, ...]] = self.at("core func", index, offset)
        return found

    def core_extern(self, sort: str, index: int, offset: int) -> Extern:
        """Something of a core sort, as modules see it."""
        return sort.removeprefix("core "), self.at(sort, index, offset)

    def around(self, levels: int, offset: int) -> Scope:
        """The scope so many levels out."""
        found: Scope | None = self
        for _ in range(min(levels, 1_000)):
            found = found.outer if found is not None else None
        if found is None or levels > 1_000:
            raise InvalidComponent(offset, f"there are no {levels} components and types around this one")
        return found


_CLASSES = {"func": Function, "instance": InstanceType, "component": ComponentType}
_NAMES = {"func": "a function type", "instance": "an instance type", "component": "a component type"}
