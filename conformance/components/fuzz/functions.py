"""What a program can call: each function of the interfaces of `conformance.components.wasi`, and the drop of each resource.

Names are short, for they are unique: `descriptor.read-via-stream`, `monotonic-clock.now`, `pollable.drop`.
"""

from __future__ import annotations

from functools import cache

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components import wasi
from conformance.components.text import DROP

LEFT_OUT = {"timezone"}
"""Interfaces that the reference doesn't offer unless its embedder asks for them."""


class Callee:
    """A function, or the drop of a resource: its interface, its name there, parameters and result."""

    __slots__ = ("number", "name", "interface", "import_name", "function", "dropped")

    def __init__(self, number: int, name: str, interface: model.Interface, function: model.Function, dropped: bool) -> None:
        self.number = number
        self.name = name
        self.interface = interface
        self.import_name = function.name
        self.function = function
        self.dropped = dropped

    @property
    def params(self) -> dict[str, t.Type]:
        """The parameters' types by name."""
        return {each.name: each.type for each in self.function.params if each.type is not None}

    @property
    def result(self) -> t.Type | None:
        """The result's type."""
        return self.function.result


@cache
def interfaces() -> tuple[model.Interface, ...]:
    """The interfaces."""
    return tuple(each for each in wasi.interfaces() if each.name not in LEFT_OUT)


@cache
def callees() -> dict[str, Callee]:
    """Everything that can be called, by name; numbers are places in this order."""
    found: dict[str, Callee] = {}
    for interface in interfaces():
        for function in interface.functions.values():
            owner = function.resource.name if function.resource is not None else interface.name
            name = f"{owner}.{function.plain}"
            found[name] = Callee(len(found), name, interface, function, False)
        for resource in interface.resources.values():
            name = f"{resource.name}.drop"
            drop = model.Function(DROP + resource.name, "function", (model.Case("self", t.Borrow(resource)),), None)
            found[name] = Callee(len(found), name, interface, drop, True)
    return found
