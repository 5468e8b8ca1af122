"""What a component lowers: its functions of the host and the handles that it drops, in order, with their types.

Types of a component come into being when it is instantiated. So it is, as ever, but on an engine that runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from agave_wasi.component import model
from agave_wasi.component.bind import HostSupplier
from agave_wasi.component.calls import Calls
from agave_wasi.component.linker import HostFunc, Linker
from agave_wasi.component.plan import Plan, plan
from agave_wasi.component.types import FuncType
from agave_wasi.engines.base import HostFunction
from agave_wasi.preview2 import INTERFACES
from kernel_sim.process import Process

TRACE = "agave:trace/calls"
STEP = f"{TRACE}#step"


class Lowered(NamedTuple):
    """A core function that a component makes of the host's: `place` is where its definition is among the component's.

    `plan` has how its values of `type` are lifted; one that drops handles has neither, but the name of the `resource`.
    """

    place: int
    name: str
    parameters: str
    results: str
    options: model.Options
    plan: Plan | None
    type: FuncType | None
    resource: str = ""


def lowered(component: model.Component) -> list[Lowered]:
    """All of the component itself; those within nested components aren't among them. LinkError if it can't be linked."""
    engine = _Nothing()
    calls = Calls(Process(1, [], []))  # which nobody makes
    supplier = _Anything((INTERFACES,), lambda kind: kind(None))
    instance = Linker(engine, calls, {}).instantiate("the component", component, supplier)
    found = []
    for place, each in enumerate(component.definitions):
        match each:
            case model.CanonLower():
                function = instance.get("func", each.function)
                if isinstance(function, HostFunc) and function.name != STEP:
                    known = plan(function.type)
                    found.append(Lowered(place, function.name, *known.lowered, each.options, known, function.type))
            case model.CanonResource(operation="drop"):
                resource = instance.get("type", each.type)
                if resource.implementer is None:
                    name = resource.name or "resource"
                    found.append(Lowered(place, f"resource.drop {name}", "i", "", model.Options(), None, None, name))
    return found


def within(component: model.Component) -> int:
    """How many functions are lowered by components within, whose calls aren't seen one by one."""
    inner = [each.component for each in component.definitions if isinstance(each, model.Nested)]
    here = sum(isinstance(definition, model.CanonLower) for each in inner for definition in each.definitions)
    return here + sum(map(within, inner))


class _Anything(HostSupplier):
    """Says nothing of imports that nobody provides: both sides will."""

    def require_all(self) -> None:
        pass


class _Exports:
    def get_export(self, name: str) -> Any:
        return name


class _Nothing:
    """An engine that runs nothing."""

    def compile(self, wasm: bytes | memoryview, offset: int | None = None) -> Any:
        return offset

    def reserve(self, memories: int, tables: int, collects: bool = False) -> None:
        pass

    def instantiate(self, module: Any, names: Sequence[tuple[str, str]], items: Sequence[Any], starts: bool) -> Any:
        return _Exports()

    def function(self, function: HostFunction) -> Any:
        return function

    def memory(self, memory: Any) -> Callable[[], memoryview]:
        return lambda: memoryview(b"")

    def caller(self, function: Any, parameters: str, results: str) -> Callable[..., Any]:
        return lambda *values: 0
