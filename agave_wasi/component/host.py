"""What host classes build on: the marks that say which interface, resource or function of WIT something is.

    @interface("local:calc/ops", Counter)
    class Ops(Host):
        def add(self, a: int, b: int) -> int: ...

    @resource("local:calc/ops", "counter")
    class Counter(Host):
        @constructor
        @staticmethod
        def constructor(ops: Ops, start: int) -> Counter: ...
        def next(self) -> int: ...

An interface's free functions are methods of its class, of which every guest has one instance. A resource's methods are methods
of its class, whose instances are the values. Names are WIT's with underscores; `functions` derives WIT's names from them, so
nothing else of a class can be reached by a guest: not what begins with an underscore, nor what is marked `internal`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from kernel_sim.syscalls import Syscalls

    F = TypeVar("F", bound=Callable[..., Any])
    C = TypeVar("C", bound=type)

_OWN = ("drop", "failure")
"""Methods that the linker calls, and no guest by name."""


class Host:
    """A host class of one process; `kernel` is the process' door to the kernel."""

    __slots__ = ("kernel",)

    def __init__(self, kernel: Syscalls) -> None:
        self.kernel = kernel

    def restored(self) -> None:
        """The state is there again: bring about what follows from it. ValueError if it can't be."""


def interface(name: str, *resources: type) -> Callable[[C], C]:
    """Mark a class as the interface `name` (without a patch version: `wasi:io/poll@0.2`) with the classes of its resources.

    The class gets `interface` (the name) and `resources` (name -> class). ValueError for a class of another interface.
    """

    def enter(cls: C) -> C:
        for each in resources:
            owner = getattr(each, "interface", None)
            if owner != name:
                raise ValueError(f"{each.__name__} is a resource of {owner or 'no interface'}, and not of {name}")
        cls.interface = name  # type: ignore[attr-defined]
        cls.resources = {each.resource: each for each in resources}  # type: ignore[attr-defined]
        return cls

    return enter


def resource(interface: str, name: str, **state: str) -> Callable[[C], C]:
    """Mark a class as the resource `name` of `interface`; a method `drop`, if it has one, is called when its owner drops it.

    `state` says what its objects are made of, for those who keep them: slots, with the kind of each.
    """

    def enter(cls: C) -> C:
        cls.interface = interface  # type: ignore[attr-defined]
        cls.resource = name  # type: ignore[attr-defined]
        cls.state = state  # type: ignore[attr-defined]
        return cls

    return enter


def blocking(method: F) -> F:
    """Mark a function that may have to wait: it raises WouldBlock before it has changed what starting again would meet."""
    method.__dict__["blocking"] = True
    return method


def internal(method: F) -> F:
    """Mark a method that is for other host classes, and no function of WIT."""
    method.__dict__["internal"] = True
    return method


def static(method: F) -> F:
    """Mark a staticmethod as a `[static]` function of its resource: it is given the interface's instance first."""
    method.__func__.__dict__["given"] = "static"  # type: ignore[attr-defined]
    return method


def constructor(method: F) -> F:
    """Mark a staticmethod called `constructor` as its resource's: it is given the interface's instance first."""
    method.__func__.__dict__["given"] = "constructor"  # type: ignore[attr-defined]
    return method


def resources_of(host: type | None) -> dict[str, type]:
    """The classes of an interface's resources, by their names in WIT; none where there is no class, or one without."""
    found: dict[str, type] = getattr(host, "resources", {})
    return found


def functions(host: type) -> dict[str, Callable[..., Any]]:
    """What a guest can call of an interface's class, by WIT's names; all but methods of resources take its instance first.

    A free function is `now`, others are `[method]descriptor.read`, `[static]fields.from-list`, `[constructor]fields`.
    """
    known: dict[str, Callable[..., Any]] | None = host.__dict__.get("wit_functions")
    if known is not None:  # an embedder's class, whose functions were looked up by the names of WIT
        return known
    found = {_wit_name(name): function for name, function in _public(host)}
    for resource, kind in host.__dict__["resources"].items():
        for name, function in _public(kind):
            given = function.__dict__.get("given", "method")
            label = f"[constructor]{resource}" if given == "constructor" else f"[{given}]{resource}.{_wit_name(name)}"
            found[label] = function
    return found


def _public(cls: type) -> list[tuple[str, Callable[..., Any]]]:
    """The functions of a class and those that it builds on, up to `Host`."""
    found: dict[str, Callable[..., Any]] = {}
    for each in reversed(cls.__mro__):
        if each is object or each is Host:
            continue
        for name, member in each.__dict__.items():
            function = member.__func__ if isinstance(member, staticmethod) else member
            marks = getattr(function, "__dict__", {})
            if name[0] != "_" and name not in _OWN and callable(function) and "internal" not in marks:
                found[name] = function
    return list(found.items())


def _wit_name(name: str) -> str:
    """The WIT name that a Python name stands for."""
    return name.rstrip("_").replace("_", "-")
