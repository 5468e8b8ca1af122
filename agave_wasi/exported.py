"""A live component for Python: its exported interfaces as objects, its functions as methods, its resources as classes.

    with world.instantiate("calc.wasm") as calc:
        calc.exports["local:calc/ops"].add(1, 2)
        counter = calc.exports["local:calc/ops"].counter(5)
        counter.next()
        counter.drop()

Names are WIT's with underscores. Values are as `agave_wasi.component.types` has them; the error of a `result` is raised as a
WitError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agave_wasi.component.handles import Resource
from agave_wasi.component.linker import GuestFunc
from agave_wasi.component.types import ResourceType, python_name
from agave_wasi.components import LiveComponent
from agave_wasi.instance import LiveInstance
from agave_wasi.witparse.versions import canonical
from kernel_sim.errors import ProcessExit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.loader import Program
    from agave_wasi.program import Guest
    from agave_wasi.world import World
    from kernel_sim.devices import StreamDevice
    from kernel_sim.trace import Event


class LiveComponentInstance(LiveInstance):
    """A component whose exports are called one after the other. `exports` has interfaces and functions by their names."""

    def __init__(self, world: World, guest: Guest, devices: tuple[StreamDevice, ...], trace: list[Event]) -> None:
        assert guest.component is not None
        self._live = guest.component
        super().__init__(world, guest, devices, trace)

    def _make_exports(self) -> ComponentExports:
        return ComponentExports(self)

    def call(self, name: str, *values: Any) -> Any:
        """Call `function` or `interface#function`; BadProgram if there is none, and what `call_function` raises."""
        return self.call_function(self._live.function(name), values)

    def call_function(self, function: GuestFunc, values: tuple[Any, ...]) -> Any:
        """Call an exported function: its value.

        Raises WitError (the error of its result), TypeError if values don't fit, GuestTrap and the other endings, and
        RuntimeError once the program has exited.
        """
        return self._within(lambda: self._live.call(function, values))

    def drop(self, resource: Resource) -> None:
        """Drop a guest's resource that Python owns: its destructor runs."""
        self._within(lambda: self._live.drop(resource))

    def _within(self, call: Callable[[], Any]) -> Any:
        if self.exit_code is not None:
            raise RuntimeError(f"the program has exited with code {self.exit_code}")
        self._guest.store.require_open()
        try:
            with self._guest.watch(self.world.settings.timeout):
                return call()
        except ProcessExit as exit:
            self.exit_code = exit.code
            raise RuntimeError(f"the program exited with code {exit.code}") from None

    def _region(self, pointer: int, length: int) -> memoryview:
        raise TypeError("a component's memories are its own: nothing outside can read or write them")


def live_component(
    world: World,
    guest: Guest,
    program: Program,
    libraries: Mapping[str, Program],
    devices: tuple[StreamDevice, ...],
    trace: list[Event],
) -> LiveComponentInstance:
    """Instantiate a component in a guest's process; nothing is left of it if that fails."""
    try:
        with guest.watch(world.settings.timeout):
            LiveComponent(guest, program, libraries)
    except BaseException as error:
        guest.close()
        if isinstance(error, ProcessExit):
            raise RuntimeError(f"the program exited with code {error.code}") from None
        raise
    return LiveComponentInstance(world, guest, devices, trace)


class ComponentExports(Mapping[str, "Any"]):
    """What a component exports, by name; the version of an interface may be left out."""

    def __init__(self, instance: LiveComponentInstance) -> None:
        self._items = {
            name: _item(instance, name, item)
            for name, item in instance._live.instance.exports.items()
            if isinstance(item, GuestFunc | dict)
        }

    def __getitem__(self, name: str) -> Any:
        for each, item in self._items.items():
            if name in (each, each.partition("@")[0], canonical(each)):
                return item
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


def _item(instance: LiveComponentInstance, name: str, item: Any) -> Any:
    return ExportedInterface(instance, name, item) if isinstance(item, dict) else _function(instance, name, item)


class ExportedInterface:
    """An interface that a component exports: functions and classes of resources as attributes."""

    def __init__(self, instance: LiveComponentInstance, name: str, exports: Mapping[str, Any]) -> None:
        self._name = name
        for each, item in exports.items():
            if isinstance(item, ResourceType):
                setattr(self, python_name(each), ExportedResource(instance, each, item, exports))
        for each, item in exports.items():
            if isinstance(item, GuestFunc) and not each.startswith("["):
                setattr(self, python_name(each), _function(instance, each, item))

    def __repr__(self) -> str:
        names = [each for each in vars(self) if not each.startswith("_")]
        return f"<interface {self._name}: {', '.join(names)}>"


def _function(instance: LiveComponentInstance, name: str, function: GuestFunc) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        return instance.call_function(function, values)

    call.__name__ = call.__qualname__ = python_name(name)
    call.__doc__ = f"{name}: {function.type}"
    return call


class ExportedResource:
    """A resource that a component exports. Calling it is its constructor, if it has one; its static functions are attributes.

    `kind` is the class of its values, which have its methods and `drop`.
    """

    def __init__(self, instance: LiveComponentInstance, name: str, type_: ResourceType, exports: Mapping[str, Any]) -> None:
        self._name = name
        self._constructor: Callable[..., Any] | None = None
        methods: dict[str, Any] = {"__slots__": (), "__doc__": f"A {name}."}
        for label, function in exports.items():
            kind, _, path = label.removeprefix("[").partition("]")
            owner, _, member = path.partition(".")
            if owner != name or not isinstance(function, GuestFunc):
                continue
            call = _function(instance, member or name, function)
            if kind == "constructor":
                self._constructor = call
            elif kind == "static":
                setattr(self, python_name(member), call)
            else:
                methods[python_name(member)] = call
        methods.setdefault("drop", lambda value: instance.drop(value))
        self.kind: type[Resource] = type(python_name(name), (Resource,), methods)
        if type_.implementer is not None:
            type_.host = self.kind

    def __call__(self, *values: Any) -> Any:
        """A new value."""
        if self._constructor is None:
            raise TypeError(f"the resource {self._name} has no constructor")
        return self._constructor(*values)
