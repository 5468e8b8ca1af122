"""Static types in words: as WIT writes them, types with a name by that name.

What a component imports and exports is shown so by `agave-wasi inspect` and in messages about what doesn't fit.
"""

from __future__ import annotations

from agave_wasi.component.validate.entities import ComponentType, InstanceType, Item, ModuleType
from agave_wasi.component.validate.shapes import Defined, Function, ResourceAlias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from agave_wasi.component.validate.shapes import Value

MANY = 100
"""Fields, cases or parameters that are written out."""
LONGEST = 2_000
"""Characters of a type that is written out; types share parts, so a small one can be very long in words."""


class Wording:
    """Writes the types among some named items; types that these name are written by their names."""

    __slots__ = ("_names", "_room")

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._names: dict[int, str] = {}
        self._room = 0
        for name, item in items.items():
            if item.kind == "type":
                self._names[id(item.type)] = name

    def item(self, item: Item) -> str:
        """What an import or export is: "func(a: u8) -> string", "resource", "type = list<u8>", "instance"."""
        self._room = LONGEST
        if isinstance(item.type, Function):
            return self._function(item.type) if item.kind == "func" else f"type = {self._function(item.type)}"
        if item.kind != "type":
            return item.kind
        if isinstance(item.type, ResourceAlias):
            name = item.type.resource.name  # no label if a component defines it: then it has its name from here
            return "resource" if item.type is item.of or " " in name else f"type = {name}"
        if isinstance(item.type, (str, Defined)):
            origin = self._names.get(id(item.of)) if item.of is not item.type else None
            return f"type = {origin or self._written(item.type)}"
        return f"type = {_KINDS[type(item.type)]}"

    def _function(self, type: Function) -> str:
        parameters = _listed(f"{name}: {self._value(each)}" for name, each in type.parameters[:MANY])
        result = "" if type.result is None else f" -> {self._value(type.result)}"
        return f"{'async ' if type.is_async else ''}func({parameters}){result}"

    def _value(self, type: Value) -> str:
        if isinstance(type, str):
            return type
        return self._names.get(id(type)) or self._written(type)

    def _written(self, type: Value) -> str:
        """The type itself, whatever it is called."""
        if isinstance(type, str):
            return type
        if self._room <= 0:
            return "..."
        form: tuple[Any, ...] = type.form
        kind = form[0]
        self._room -= 8
        match kind:
            case "primitive":
                found = str(form[1])
            case "record":
                found = f"record {{ {_listed(f'{name}: {self._value(each)}' for name, each in form[1][:MANY])} }}"
            case "variant":
                cases = (name if each is None else f"{name}({self._value(each)})" for name, each in form[1][:MANY])
                found = f"variant {{ {_listed(cases)} }}"
            case "flags" | "enum":
                found = f"{kind} {{ {_listed(form[1][:MANY])} }}"
            case "own" | "borrow":
                name = self._names.get(id(form[1])) or form[1].resource.name
                found = name if kind == "own" else f"borrow<{name}>"
            case "tuple":
                found = f"tuple<{_listed(map(self._value, form[1][:MANY]))}>"
            case "result":
                found = self._result(form[1], form[2])
            case _:
                shown = (each for each in form[1:] if each is not None)
                parts = ", ".join(str(each) if isinstance(each, int) else self._value(each) for each in shown)
                found = f"{kind}<{parts}>" if parts else kind
        self._room -= len(found)
        return found

    def _result(self, ok: Value | None, error: Value | None) -> str:
        if error is None:
            return "result" if ok is None else f"result<{self._value(ok)}>"
        return f"result<{'_' if ok is None else self._value(ok)}, {self._value(error)}>"


def _listed(words: Iterable[str]) -> str:
    """With commas, and an ellipsis where there may be more."""
    found = list(words)
    return ", ".join(found + ["..."] * (len(found) == MANY))


_KINDS: dict[type, str] = {InstanceType: "an interface", ComponentType: "a world", ModuleType: "a module"}
