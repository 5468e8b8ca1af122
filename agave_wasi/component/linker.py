"""Instantiating components: their definitions, one after the other, over an engine for core modules.

A component instance is a scope whose index spaces fill up. What is in them: core modules, instances and functions are the
engine's; a component function is a `HostFunc` or a `GuestFunc`; a component instance is its exports by name.

- A host function that a guest calls is lowered (`canon.lowered`).
- A guest's function that the host calls is lifted (`canon.lifted`).
- A guest's function that another guest calls stands behind a generated adapter (`adapters.fuse`).
"""

from __future__ import annotations

from agave_wasi.binary.outline import Needs, needs
from agave_wasi.component import canon, model
from agave_wasi.component.crossings import crossing, drop
from agave_wasi.component.resources import DESTRUCTOR
from agave_wasi.component.scope import Scope, Supplier, supplied
from agave_wasi.component.state import InstanceState
from agave_wasi.component.types import FuncType, ResourceType
from agave_wasi.engines.base import LinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from agave_wasi.component.canon import Calls
    from agave_wasi.component.state import Task
    from agave_wasi.engines.base import CoreEngine
    from kernel_sim.errors import KernelError


class HostFunc:
    """A function of the host: `function(*values) -> value`; `failure` makes the error value of a KernelError."""

    __slots__ = ("name", "type", "function", "failure", "blocking")

    def __init__(
        self,
        name: str,
        type: FuncType,
        function: Callable[..., Any],
        failure: Callable[[KernelError], Any] | None = None,
        blocking: bool = False,
    ) -> None:
        self.name = name
        self.type = type
        self.function = function
        self.failure = failure
        self.blocking = blocking


class GuestFunc:
    """A component function made of a core function of `instance`."""

    __slots__ = ("name", "type", "instance", "core", "options", "_callable")

    def __init__(self, name: str, type: FuncType, instance: Instance, core: Any, options: model.Options) -> None:
        self.name = name
        self.type = type
        self.instance = instance
        self.core = core
        self.options = options
        self._callable: Callable[..., Any] | None = None

    def callable(self) -> Callable[..., Any]:
        """The function for Python: values to value."""
        if self._callable is None:
            parameters, results = canon.core_type(self.type, "lift")
            instance = self.instance
            core = instance.linker.engine.caller(self.core, parameters, results)
            options = instance.options(self.options, results)
            self._callable = canon.lifted(self.name, self.type, options, instance.state, core)
        return self._callable

    def returned(self) -> Callable[[Task, Any], Any]:
        """What is left of a call once the core function has returned: (task, core value) -> value."""
        options = self.instance.options(self.options, canon.core_type(self.type, "lift")[1])
        return canon.returned(self.name, self.type, options, self.instance.state)


class Destructor:
    """What is called with the representation of a resource when its owner drops it: `core` is the engine's function."""

    __slots__ = ("instance", "core")

    def __init__(self, instance: Instance, core: Any) -> None:
        self.instance = instance
        self.core = core

    def __call__(self, representation: int) -> None:
        """Called by the host."""
        task = self.instance.state.enter(DESTRUCTOR)
        self.instance.linker.engine.caller(self.core, "i", "")(representation)
        self.instance.state.leave(task)


MAX_INSTANCES = 10_000
"""Component instances of one guest, as many as an engine has of core instances."""
MAX_STEPS = 250_000
"""Definitions that may be instantiated, all instances together: a few bytes can ask for a component over and over."""


class Closure:
    """A component within, and the scope that its outer aliases mean."""

    __slots__ = ("component", "scope")

    def __init__(self, component: model.Component, scope: Scope) -> None:
        self.component = component
        self.scope = scope


class Code:
    """A compiled core module, and what it needs."""

    __slots__ = ("module", "needs")

    def __init__(self, module: Any, needs: Needs) -> None:
        self.module = module
        self.needs = needs


class Linker:
    """What all component instances of one guest share: the engine, and what its host calls have in common.

    `modules` keeps the code of core modules and adapters from one guest to the next of the same component; `needs` is what core
    modules need, by their offsets, as far as that is known.
    """

    __slots__ = ("engine", "calls", "modules", "needs", "instances", "steps")

    def __init__(
        self, engine: CoreEngine, calls: Calls, modules: dict[Any, Any], needs: Mapping[int, Needs] | None = None
    ) -> None:
        self.engine = engine
        self.calls = calls
        self.modules = modules
        self.needs = needs or {}
        self.instances = self.steps = 0

    def count(self, steps: int) -> None:
        """One more instance, of a component with so many definitions; LinkError if that is too much."""
        self.instances += 1
        self.steps += steps
        if self.instances > MAX_INSTANCES or self.steps > MAX_STEPS:
            raise LinkError(
                f"it asks for more than {MAX_INSTANCES} component instances, or for more than {MAX_STEPS} definitions in them"
            )

    def instantiate(self, name: str, component: model.Component, supplier: Supplier) -> Instance:
        """An instance of a component whose imports come from `supplier`; LinkError if it lacks some, before anything runs."""
        return Instance(self, name, Closure(component, Scope()), supplier)

    def compile(self, module: model.CoreModule) -> Code:
        """The compiled module, made once."""
        found: Code | None = self.modules.get(module.offset)
        if found is None:
            needed = self.needs.get(module.offset) or needs(module.binary)
            found = self.modules[module.offset] = Code(self.engine.compile(module.binary, module.offset), needed)
        return found

    def adapter(self, text: bytes) -> Any:
        """The compiled module of an adapter, made once."""
        found = self.modules.get(text)
        if found is None:
            found = self.modules[text] = self.engine.compile(text)
        return found


class Instance(Scope):
    """A component instance. Given are its `arguments`: imports by name, or a supplier at the root."""

    __slots__ = ("linker", "name", "state", "arguments", "exports", "_options", "_memories")

    def __init__(
        self,
        linker: Linker,
        name: str,
        closure: Closure,
        arguments: Supplier | Mapping[str, Any],
        parent: Instance | None = None,
    ) -> None:
        super().__init__(closure.scope)
        self.linker = linker
        self.name = name
        self.state: InstanceState = InstanceState(name, parent.state if parent is not None else None)
        linker.calls.instances.append(self.state)
        self.arguments = arguments
        self.exports: dict[str, Any] = {}
        self._options: dict[tuple[model.Options, str], canon.Options] = {}
        self._memories: dict[int, Callable[[], memoryview]] = {}
        linker.count(len(closure.component.definitions))
        for each in closure.component.definitions:
            _STEPS[type(each)](self, each)

    # Core modules and instances

    def _core_module(self, each: model.CoreModule) -> None:
        self.add("core module", self.linker.compile(each))

    def _core_instantiate(self, each: model.CoreInstantiate) -> None:
        if isinstance(self.arguments, Supplier):
            self.arguments.require_all()
        code = self.get("core module", each.module)
        exports = {name: _exports(self.get("core instance", index)) for name, index in each.arguments}
        needed = code.needs
        items = [exports[space](name) for space, name in needed.imports]
        engine = self.linker.engine
        engine.reserve(needed.memories, needed.tables, needed.collects)
        self.add("core instance", engine.instantiate(code.module, needed.imports, items, needed.starts))

    def _core_bundle(self, each: model.CoreBundle) -> None:
        self.add("core instance", {name: self.get(sort, index) for name, sort, index in each.exports})

    # Components and instances

    def _nested(self, each: model.Nested) -> None:
        self.add("component", Closure(each.component, self))

    def _instantiate(self, each: model.Instantiate) -> None:
        if isinstance(self.arguments, Supplier):
            self.arguments.require_all()
        arguments = {name: self.get(sort, index) for name, sort, index in each.arguments}
        name = f"{self.name}/{len(self.spaces['instance'])}"
        self.add("instance", Instance(self.linker, name, self.get("component", each.component), arguments, self).exports)

    def _bundle(self, each: model.Bundle) -> None:
        self.add("instance", {name: self.get(sort, index) for name, sort, index in each.exports})

    def _import(self, each: model.Import) -> None:
        given = self.arguments
        if isinstance(given, Supplier):
            item = given.again(each.name)
            if item is None:
                item = supplied("", each.name, each.type, self, given)
                given.remember(each.name, item)
        else:
            item = given[each.name]
        self.add(each.type.kind, item)

    def _export(self, each: model.Export) -> None:
        item = self.get(each.sort, each.place)
        if isinstance(item, GuestFunc | ResourceType) and not item.name:
            item.name = each.name  # what people know it by
        self.exports[each.name] = item
        self.add(each.sort, item)

    # Aliases and types

    def _alias_export(self, each: model.AliasExport) -> None:
        self.add(each.sort, self.get("instance", each.instance)[each.name])

    def _alias_core_export(self, each: model.AliasCoreExport) -> None:
        self.spaces[each.sort].append(_exports(self.spaces["core instance"][each.instance])(each.name))

    def _alias_outer(self, each: model.AliasOuter) -> None:
        self.add(each.sort, self.at(each.levels).get(each.sort, each.place))

    def _core_type(self, each: model.CoreType) -> None:
        self.add("core type", each)

    def _type(self, each: model.TypeDefinition) -> None:
        if each.type[0] == "resource":
            destructor = None if each.type[1] is None else Destructor(self, self.get("core func", each.type[1]))
            resource = ResourceType("", self.state, destructor)
            self.linker.calls.resources.append(resource)
            self.add("type", resource)
        else:
            self.add("type", self.define(each.type))

    # Canonical functions

    def options(self, given: model.Options, results: str = "") -> canon.Options:
        """Canonical options with what they refer to. `results` is the core result of a lifted function, as letters."""
        found = self._options.get((given, results))
        if found is None:
            engine = self.linker.engine
            memory = None if given.memory is None else self._memory(given.memory)
            realloc = None if given.realloc is None else engine.caller(self.get("core func", given.realloc), "iiii", "i")
            after = None if given.post_return is None else engine.caller(self.get("core func", given.post_return), results, "")
            found = self._options[given, results] = canon.Options(given.encoding, memory, realloc, after)
        return found

    def _memory(self, index: int) -> Callable[[], memoryview]:
        """What gives a view of a core memory: one for all functions that use it."""
        found = self._memories.get(index)
        if found is None:
            found = self._memories[index] = self.linker.engine.memory(self.get("core memory", index))
        return found

    def _lift(self, each: model.CanonLift) -> None:
        type = self.get("type", each.type)
        self.add("func", GuestFunc("", type, self, self.get("core func", each.function), each.options))

    def _lower(self, each: model.CanonLower) -> None:
        function = self.get("func", each.function)
        if isinstance(function, GuestFunc):
            self.add("core func", crossing(self.linker, function, self, each.options))
            return
        lowered = canon.lowered(
            function.name, function.type, self.options(each.options), self.state, self.linker.calls, function.function,
            function.failure, function.blocking,
        )  # fmt: skip
        self.add("core func", self.linker.engine.function(lowered))

    def _canon_resource(self, each: model.CanonResource) -> None:
        resource = self.get("type", each.type)
        if each.operation == "drop" and resource.destructor is not None:
            self.add("core func", drop(self.linker, resource, self))
            return
        name = resource.name or "resource"
        make = {"new": canon.resource_new, "rep": canon.resource_rep, "drop": canon.resource_drop}[each.operation]
        self.add("core func", self.linker.engine.function(make(name, resource, self.state, self.linker.calls)))

    def _builtin(self, each: model.CanonBuiltin) -> None:
        raise LinkError(f"{self.name} uses {each.name}, which belongs to Preview 3; this version runs Preview 2")

    # Values

    def _start(self, each: model.Start) -> None:
        function = self.get("func", each.function)
        call = function.callable() if isinstance(function, GuestFunc) else function.function
        result = call(*[self.get("value", index) for index in each.arguments])
        if each.results:
            self.add("value", result)

    def _value(self, each: model.ValueDefinition) -> None:
        raise LinkError(f"{self.name} defines a constant value, which no released version of the Component Model has")


def _exports(instance: Any) -> Callable[[str], Any]:
    """What gives the exports of a core instance, which is the engine's or a bundle."""
    return instance.__getitem__ if type(instance) is dict else instance.get_export


_STEPS: dict[type, Callable[[Instance, Any], None]] = {
    model.CoreModule: Instance._core_module,
    model.CoreInstantiate: Instance._core_instantiate,
    model.CoreBundle: Instance._core_bundle,
    model.CoreType: Instance._core_type,
    model.Nested: Instance._nested,
    model.Instantiate: Instance._instantiate,
    model.Bundle: Instance._bundle,
    model.AliasExport: Instance._alias_export,
    model.AliasCoreExport: Instance._alias_core_export,
    model.AliasOuter: Instance._alias_outer,
    model.TypeDefinition: Instance._type,
    model.CanonLift: Instance._lift,
    model.CanonLower: Instance._lower,
    model.CanonResource: Instance._canon_resource,
    model.CanonBuiltin: Instance._builtin,
    model.Start: Instance._start,
    model.ValueDefinition: Instance._value,
    model.Import: Instance._import,
    model.Export: Instance._export,
}
