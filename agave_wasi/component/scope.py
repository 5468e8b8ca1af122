"""What a component's type definitions mean where it is instantiated: types made of the types that are there.

The same definition gives a different type in every instance if a resource is involved, so types are made at instantiation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from agave_wasi.component import model
from agave_wasi.component.types import (
    PRIMITIVES,
    Borrow,
    Enum,
    Flags,
    FuncType,
    Future,
    List,
    Map,
    Option,
    Own,
    Record,
    ResourceType,
    Result,
    Stream,
    Tuple,
    ValType,
    Variant,
)
from agave_wasi.engines.base import LinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.component.model import ValueType


class Shape:
    """The type of an instance or a component: its declarations, and where they were written."""

    __slots__ = ("kind", "declarations", "scope")

    def __init__(self, kind: str, declarations: Sequence[Any], scope: Scope) -> None:
        self.kind = kind
        self.declarations = declarations
        self.scope = scope


class Scope:
    """Index spaces by sort; `outer` is the scope around it."""

    __slots__ = ("outer", "spaces")

    def __init__(self, outer: Scope | None = None) -> None:
        self.outer = outer
        self.spaces: dict[str, list[Any]] = {sort: [] for sort in SORTS}

    def add(self, sort: str, item: Any) -> None:
        """Give an item the next index of its sort."""
        self.spaces[sort].append(item)

    def get(self, sort: str, index: int) -> Any:
        """What has that index."""
        return self.spaces[sort][index]

    def at(self, levels: int) -> Scope:
        """The scope so many levels out."""
        scope = self
        for _ in range(levels):
            assert scope.outer is not None
            scope = scope.outer
        return scope

    def value_type(self, reference: ValueType) -> ValType:
        """The type that a definition refers to."""
        if isinstance(reference, str):
            return PRIMITIVES[reference]
        found: ValType = self.spaces["type"][reference]
        return found

    def define(self, type: tuple[Any, ...]) -> Any:
        """What a type definition other than a resource means here."""
        return _MAKERS[type[0]](self, *type[1:])

    def _optional(self, reference: ValueType | None) -> ValType | None:
        return None if reference is None else self.value_type(reference)

    def _primitive(self, name: str) -> ValType:
        return PRIMITIVES[name]

    def _record(self, fields: Sequence[tuple[str, ValueType]]) -> Record:
        return Record(tuple([(name, self.value_type(each)) for name, each in fields]))

    def _variant(self, cases: Sequence[tuple[str, ValueType | None]]) -> Variant:
        return Variant(tuple([(name, self._optional(each)) for name, each in cases]))

    def _list(self, element: ValueType, length: int | None = None) -> List:
        return List(self.value_type(element), length)

    def _map(self, name: ValueType, value: ValueType) -> Map:
        return Map(self.value_type(name), self.value_type(value))

    def _tuple(self, types: Sequence[ValueType]) -> Tuple:
        return Tuple(tuple(map(self.value_type, types)))

    def _flags(self, names: Sequence[str]) -> Flags:
        return Flags(tuple(names))

    def _enum(self, names: Sequence[str]) -> Enum:
        return Enum(tuple(names))

    def _option(self, some: ValueType) -> Option:
        return Option(self.value_type(some))

    def _result(self, ok: ValueType | None, err: ValueType | None) -> Result:
        return Result(self._optional(ok), self._optional(err))

    def _own(self, index: int) -> Own:
        return Own(self._resource(index))

    def _borrow(self, index: int) -> Borrow:
        return Borrow(self._resource(index))

    def _resource(self, index: int) -> ResourceType:
        found: ResourceType = self.spaces["type"][index]
        return found

    def _stream(self, element: ValueType | None) -> Stream:
        return Stream(self._optional(element))

    def _future(self, element: ValueType | None) -> Future:
        return Future(self._optional(element))

    def _func(
        self, parameters: Sequence[tuple[str, ValueType]], result: ValueType | None, is_async: bool = False
    ) -> FuncType:
        return FuncType(tuple([(name, self.value_type(each)) for name, each in parameters]), self._optional(result), is_async)

    def _component(self, declarations: Sequence[Any]) -> Shape:
        return Shape("component", declarations, self)

    def _instance(self, declarations: Sequence[Any]) -> Shape:
        return Shape("instance", declarations, self)


SORTS = (
    "func", "value", "type", "component", "instance", "core func", "core table", "core memory", "core global", "core tag",
    "core type", "core module", "core instance",
)  # fmt: skip
_MAKERS: dict[str, Callable[..., Any]] = {
    "primitive": Scope._primitive,
    "record": Scope._record,
    "variant": Scope._variant,
    "list": Scope._list,
    "map": Scope._map,
    "tuple": Scope._tuple,
    "flags": Scope._flags,
    "enum": Scope._enum,
    "option": Scope._option,
    "result": Scope._result,
    "own": Scope._own,
    "borrow": Scope._borrow,
    "stream": Scope._stream,
    "future": Scope._future,
    "func": Scope._func,
    "component": Scope._component,
    "instance": Scope._instance,
}


class Supplier(ABC):
    """Who gives an instance type its content: the functions and resources of an interface; the root has an empty name."""

    def instance(self, name: str) -> Mapping[str, Any] | None:
        """An instance that is there as a whole, by its exports; None leaves it to the functions below."""
        return None

    def again(self, name: str) -> Any:
        """What another guest of this component was given for its import `name`, made for this one; None if that isn't known."""
        return None

    def remember(self, name: str, item: Any) -> None:  # noqa: B027  who keeps nothing need not say so
        """The import `name` has been supplied: what of it is the same for the next guest need not be made again."""

    @abstractmethod
    def function(self, interface: str, name: str, type: FuncType) -> Any:
        """A function of the interface."""

    @abstractmethod
    def resource(self, interface: str, name: str) -> ResourceType:
        """A resource of the interface."""

    def require_all(self) -> None:  # noqa: B027  nor who has everything
        """Asked before any code runs: LinkError if something that was asked for isn't there."""


class Given(Supplier):
    """The exports of an instance, for an import that has a type: LinkError where they don't have it."""

    def __init__(self, exports: Mapping[str, Any]) -> None:
        self.exports = exports

    def instance(self, name: str) -> Mapping[str, Any] | None:
        found = self.exports.get(name)
        if not isinstance(found, Mapping):
            raise LinkError(f"there is no instance {name} in what is linked; it has {_shown(self.exports)}")
        return found

    def function(self, interface: str, name: str, type: FuncType) -> Any:
        found = self.exports.get(name)
        have = getattr(found, "type", None)
        if not isinstance(have, FuncType):
            raise LinkError(f"{interface} has no function {name} in what is linked; it has {_shown(self.exports)}")
        if have != type:
            raise LinkError(f"{interface}: {name} is wanted as {type}, but what is linked has {have}")
        return found

    def resource(self, interface: str, name: str) -> ResourceType:
        found = self.exports.get(name)
        if not isinstance(found, ResourceType):
            raise LinkError(f"{interface} has no resource {name} in what is linked; it has {_shown(self.exports)}")
        return found


def _shown(exports: Mapping[str, Any]) -> str:
    return ", ".join(sorted(exports)) or "nothing"


def supply(interface: str, shape: Shape, supplier: Supplier) -> dict[str, Any]:
    """An instance of the type `shape`, as exports by name, with everything new in it from `supplier`."""
    scope = Scope(shape.scope)
    exports: dict[str, Any] = {}
    for each in shape.declarations:
        if isinstance(each, model.TypeDefinition):
            scope.add("type", scope.define(each.type))
        elif isinstance(each, model.AliasOuter):
            scope.add(each.sort, scope.at(each.levels).get(each.sort, each.place))
        elif isinstance(each, model.AliasExport):
            scope.add(each.sort, scope.get("instance", each.instance)[each.name])
        elif isinstance(each, model.ExportDeclaration):
            item = exports[each.name] = supplied(interface, each.name, each.type, scope, supplier)
            scope.add(each.type.kind, item)
        else:
            scope.add("core type", each)
    return exports


def supplied(interface: str, name: str, type: model.ExternType, scope: Scope, supplier: Supplier) -> Any:
    """One item of an interface: a type that is known in `scope`, or what the supplier has."""
    if type.kind == "type":
        return scope.get("type", type.type) if type.bound == "eq" else supplier.resource(interface, name)
    if type.kind == "func":
        return supplier.function(interface, name, scope.get("type", type.type))
    if type.kind == "instance":
        shape = scope.get("type", type.type)
        found = supplier.instance(name)
        return supply(name, shape, supplier if found is None else Given(found))
    raise LinkError(f"{name or interface}: a {type.kind} can't be imported from outside")
