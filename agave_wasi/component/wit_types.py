"""What a WIT interface's types are as types of the Component Model."""

from __future__ import annotations

from agave_wasi.component import types
from agave_wasi.witparse import model
from agave_wasi.witparse import types as wit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.component.types import FuncType, ResourceType, ValType


class WitTypes:
    """Translates types, each definition once. `resource(interface, name)` says what a resource is in this guest."""

    def __init__(self, resource: Callable[[str, str], ResourceType]) -> None:
        self.resource = resource
        self._made: dict[model.Definition, ValType] = {}

    def function(self, function: model.Function) -> FuncType:
        """The type of a function; a method's first parameter is `self`."""
        parameters = tuple([(each.name, self._needed(each.type)) for each in function.params])
        return types.FuncType(parameters, self._optional(function.result), function.is_async)

    def value(self, type: wit.Type) -> ValType:
        """The type of a value."""
        match type:
            case model.Definition():
                found = self._made.get(type)
                if found is None:
                    found = self._made[type] = self._defined(type)
                return found
            case wit.Primitive():
                return types.PRIMITIVES[type.name]
            case wit.List():
                return types.List(self.value(type.item), type.length)
            case wit.Map():
                return types.Map(self.value(type.key), self.value(type.value))
            case wit.Option():
                return types.Option(self.value(type.item))
            case wit.Result():
                return types.Result(self._optional(type.ok), self._optional(type.error))
            case wit.Tuple():
                return types.Tuple(tuple(map(self.value, type.items)))
            case wit.Own():
                return types.Own(self._resource(type.resource))
            case wit.Borrow():
                return types.Borrow(self._resource(type.resource))
            case wit.Future():
                return types.Future(self._optional(type.item))
            case wit.Stream():
                return types.Stream(self._optional(type.item))
        raise TypeError(f"{type!r} is no type of a value")

    def _defined(self, type: model.Definition) -> ValType:
        match type:
            case model.Record():
                return types.Record(tuple([(each.name, self._needed(each.type)) for each in type.fields]))
            case model.Variant():
                return types.Variant(tuple([(each.name, self._optional(each.type)) for each in type.cases]))
            case model.Enum():
                return types.Enum(tuple(type.cases))
            case model.Flags():
                return types.Flags(tuple(type.flags))
        raise TypeError(f"{type!r} is no type of a value")

    def _optional(self, type: wit.Type | None) -> ValType | None:
        return None if type is None else self.value(type)

    def _needed(self, type: wit.Type | None) -> ValType:
        assert type is not None
        return self.value(type)

    def _resource(self, type: wit.Type) -> ResourceType:
        assert isinstance(type, model.Resource)
        return self.resource(type.owner, type.name)
