"""Imports of a component from classes of Python: WASI's own, and those of an embedder.

A class implements an interface: free functions are its methods; resources are classes of their own, whose instances are the
values. Names are WIT's, with underscores; a function that the class lacks is a LinkError. The versions of an interface that are
compatible (0.2.x) are one, so that their resources are one type.
"""

from __future__ import annotations

from agave_wasi.component.host import functions
from agave_wasi.component.linker import HostFunc
from agave_wasi.component.missing import explained
from agave_wasi.component.scope import Given, Supplier
from agave_wasi.component.types import FuncType, ResourceType
from agave_wasi.component.wit_types import WitTypes
from agave_wasi.engines.base import LinkError
from agave_wasi.witparse import wasi
from agave_wasi.witparse.versions import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


class HostSupplier(Supplier):
    """Gives one guest the interfaces in `classes`, of which the first counts; `make(class)` makes one when it is asked for.

    `linked` are instances of other components by the names of imports, which come first; versions may be left out. `missing`
    collects (interface, function) that nobody provides, so that all can be told at once.
    """

    def __init__(
        self,
        classes: Sequence[Mapping[str, type]],
        make: Callable[[type], Any],
        linked: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.classes = classes
        self.make = make
        self.linked = linked or {}
        self.made: dict[str, Any] = {}
        self.absent: dict[tuple[str, str], ResourceType] = {}
        self.missing: list[tuple[str, str]] = []
        self.types = WitTypes(self.resource)
        self.functions: dict[type, dict[str, Callable[..., Any]]] = {}

    def instance(self, name: str) -> Mapping[str, Any] | None:
        found = self.linked.get(canonical(name))
        return found if found is not None else self.linked.get(name.partition("@")[0])

    def resource(self, interface: str, name: str) -> ResourceType:
        given = None if interface else self.instance(name)
        if given is not None:
            return Given(given).resource(name, name)
        key = canonical(interface)
        kind = getattr(self._class(key), "resources", {}).get(name)
        if kind is not None:
            return _resource(kind, name)
        found = self.absent.get((key, name))
        if found is None:
            self.missing.append((interface, name))
            found = self.absent[key, name] = ResourceType(name)
        return found

    def function(self, interface: str, name: str, type: FuncType) -> Any:
        given = None if interface else self.instance(name)
        if given is not None:  # a function that is imported by itself
            return Given(given).function(name, name, type)
        host = self.host(interface)
        function = None if host is None else self._function(host, name)
        if function is None:
            self.missing.append((interface, name))
            function = _absent
        else:
            self._check(interface, name, type)
        full = f"{interface}#{name}" if interface else name
        blocking = getattr(function, "blocking", False)
        return HostFunc(full, type, function, getattr(host, "failure", None), blocking)

    def require_all(self) -> None:
        """LinkError if something that was imported isn't there."""
        if self.missing:
            raise LinkError(explained(self.missing))

    def _function(self, host: Any, name: str) -> Callable[..., Any] | None:
        """What implements a function of an interface; all but methods of resources are given the interface itself."""
        kind = type(host)
        if kind not in self.functions:
            self.functions[kind] = functions(kind)
        found = self.functions[kind].get(name)
        return found if found is None or name.startswith("[method]") else _given(found, host)

    def _check(self, interface: str, name: str, type: FuncType) -> None:
        """What is imported must have the type that the standard gives it."""
        declared = getattr(self._class(canonical(interface)), "declared", None) or wasi.interface(interface)
        function = None if declared is None else declared.functions.get(name)
        if function is None:
            return
        have = self.types.function(function)
        if have != type:
            raise LinkError(f"{interface}: {name} is imported as {type}, but it is {have}")

    def host(self, interface: str) -> Any:
        """The implementation of an interface in this guest, or None."""
        key = canonical(interface)
        found = self.made.get(key)
        if found is None:
            kind = self._class(key)
            found = None if kind is None else self.made.setdefault(key, self.make(kind))
        return found

    def _class(self, key: str) -> type | None:
        return next((each[key] for each in self.classes if key in each), None)


_resources: dict[type, ResourceType] = {}
"""The types of the host's resources: the same in every guest, so that what was compiled for them serves all."""


def _resource(kind: type, name: str) -> ResourceType:
    found = _resources.get(kind)
    if found is None:
        found = _resources[kind] = ResourceType(name, host=kind)
    return found


def _absent(*_: object) -> None:
    raise NotImplementedError("a missing import was called")


def _given(function: Callable[..., Any], host: Any) -> Callable[..., Any]:
    """The function with the interface's instance as its first argument."""

    def call(*values: Any) -> Any:
        return function(host, *values)

    call.__dict__.update(function.__dict__)
    return call
