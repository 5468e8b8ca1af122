"""Imports of a component from classes of Python: WASI's own, and those of an embedder.

A class implements an interface: free functions are its methods; resources are classes of their own, whose instances are the
values. Names are WIT's, with underscores; a function that the class lacks is a LinkError. The versions of an interface that are
compatible (0.2.x) are one, so that their resources are one type.
"""

from __future__ import annotations

from types import MethodType

from agave_wasi.component.host import functions, resources_of
from agave_wasi.component.linker import HostFunc
from agave_wasi.component.missing import explained
from agave_wasi.component.scope import Given, Supplier
from agave_wasi.component.types import FuncType, ResourceType, ValType
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
    collects (interface, function) that nobody provides, so that all can be told at once. `kept` has what an earlier guest of
    the same component was given by the same classes, and keeps it for the next: types are made and compared once.
    """

    def __init__(
        self,
        classes: Sequence[Mapping[str, type]],
        make: Callable[[type], Any],
        linked: Mapping[str, Mapping[str, Any]] | None = None,
        kept: dict[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.classes = classes
        self.make = make
        self.linked = linked or {}
        self.kept = kept if kept is not None and not linked else {}
        self._classes: dict[str, type | None] = {}
        self._known: dict[tuple[str, str], _Known] = {}
        self.made: dict[str, Any] = {}
        self.absent: dict[tuple[str, str], ResourceType] = {}
        self.missing: list[tuple[str, str]] = []
        self.types = WitTypes(self.resource)
        self.functions: dict[type, dict[str, Callable[..., Any]]] = {}

    def instance(self, name: str) -> Mapping[str, Any] | None:
        found = self.linked.get(canonical(name))
        return found if found is not None else self.linked.get(name.partition("@")[0])

    def again(self, name: str) -> Any:
        found = self.kept.get(name)
        if found is None:
            return None
        host = self.host(name)
        return {label: each.of(host) if isinstance(each, _Known) else each for label, each in found.items()}

    def remember(self, name: str, item: Any) -> None:
        if isinstance(item, dict) and not self.missing and not self.linked:
            known = {label: self._known.get((name, label), each) for label, each in item.items()}
            if all(isinstance(each, _Known | ValType | FuncType | ResourceType) for each in known.values()):
                self.kept[name] = known

    def resource(self, interface: str, name: str) -> ResourceType:
        given = None if interface else self.instance(name)
        if given is not None:
            return Given(given).resource(name, name)
        key = canonical(interface)
        kind = resources_of(self._class(key)).get(name)
        if kind is not None:
            return host_resource(kind, name)
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
        full = f"{interface}#{name}" if interface else name
        if function is None:
            self.missing.append((interface, name))
            return HostFunc(full, type, _absent)
        self._check(interface, name, type)
        known = _Known(full, type, function, not name.startswith("[method]"))
        self._known[interface, name] = known
        return known.of(host)

    def require_all(self) -> None:
        """LinkError if something that was imported isn't there."""
        if self.missing:
            raise LinkError(explained(self.missing))

    def _function(self, host: Any, name: str) -> Callable[..., Any] | None:
        """What implements a function of an interface; all but methods of resources are given the interface itself."""
        kind = type(host)
        if kind not in self.functions:
            self.functions[kind] = functions(kind)
        return self.functions[kind].get(name)

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
        if key not in self._classes:
            self._classes[key] = next((each[key] for each in self.classes if key in each), None)
        return self._classes[key]


class _Known:
    """A function of an interface's class, as every guest is given it; `takes_host` if the instance is its first argument."""

    __slots__ = ("name", "type", "function", "takes_host", "blocking")

    def __init__(self, name: str, type: FuncType, function: Callable[..., Any], takes_host: bool) -> None:
        self.name = name
        self.type = type
        self.function = function
        self.takes_host = takes_host
        self.blocking: bool = getattr(function, "blocking", False)

    def of(self, host: Any) -> HostFunc:
        """The function for the guest that has this instance of the interface."""
        function = MethodType(self.function, host) if self.takes_host else self.function
        return HostFunc(self.name, self.type, function, getattr(host, "failure", None), self.blocking)


_resources: dict[type, ResourceType] = {}
"""The types of the host's resources: the same in every guest, so that what was compiled for them serves all."""


def host_resource(kind: type, name: str) -> ResourceType:
    """The type of a resource of the host's: one for each class."""
    found = _resources.get(kind)
    if found is None:
        found = _resources[kind] = ResourceType(name, host=kind)
    return found


def _absent(*_: object) -> None:
    raise NotImplementedError("a missing import was called")
