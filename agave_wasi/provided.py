"""An embedder's interfaces for components: a Python class, checked against WIT when it is declared.

    @world.interface("local:log/sink@1.0.0", wit="log.wit")
    class Sink:
        def write(self, line: str) -> None: ...

        class Entry:                                  # the resource `entry`
            def __init__(self, text: str) -> None: ...    # its constructor
            def length(self) -> int: ...

Every guest has an instance of its own, made without arguments. Names are WIT's: functions with underscores, resources as
classes within, in capitals (`out-stream` is `OutStream`). Values are as `agave_wasi.component.types` has them; raising WitError
gives the error of a `result`. A method `drop` of a resource is called when its owner drops it.
"""

from __future__ import annotations

from inspect import Parameter, getattr_static, signature

from agave_wasi.component.types import python_name
from agave_wasi.engines.interrupt import exposed
from agave_wasi.nearest import nearest
from agave_wasi.witparse import wasi
from agave_wasi.witparse.versions import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import Any, TypeVar

    from agave_wasi.witparse.model import Function, Interface

    C = TypeVar("C", bound=type)


class WrongInterface(TypeError):
    """A class isn't what WIT says; the text names the function and the cure."""


def found(name: str, wit: str | os.PathLike[str] | None) -> Interface:
    """The interface of that name in a WIT file, folder or text, or of WASI; WrongInterface if there is none.

    WitError says what is wrong with the WIT.
    """
    if wit is None:
        declared = wasi.interface(name)
        if declared is None:
            raise WrongInterface(f"{name} is no interface of WASI: say where its WIT is, with wit=")
        return declared
    interfaces: dict[str, Interface] = {
        each.id: each for package in _packages(wit) for each in package.interfaces.values()
    }
    for id, known in interfaces.items():
        if name in (id, canonical(id), id.partition("@")[0]):
            return known
    raise WrongInterface(f"there is no interface {name} in that WIT; it has {', '.join(interfaces) or 'none'}")


def _packages(wit: str | os.PathLike[str]) -> list[Any]:
    from pathlib import Path

    if isinstance(wit, str) and "\n" in wit:
        from agave_wasi.witparse.layout import load_text

        return list(load_text(wit).values())
    from agave_wasi.witparse.layout import load

    return list(load(Path(wit)).values())


def declared(
    interfaces: dict[str, type], name: str, wit: str | os.PathLike[str] | None
) -> Callable[[type], type]:
    """A decorator that adds a class to `interfaces`, by the canonical name of the interface that it provides."""
    interface = found(name, wit)

    def enter(cls: type) -> type:
        interfaces[canonical(interface.id)] = provide(cls, interface)
        return cls

    return enter


def provide(cls: C, declared: Interface) -> C:
    """Make a class an implementation of an interface; WrongInterface if it isn't one."""
    classes = {name: _class_of(cls, name) for name in declared.resources}
    functions: dict[str, Callable[..., Any]] = {}
    for label, function in declared.functions.items():
        owner = cls if function.resource is None else classes[function.resource.name]
        functions[label] = _implementation(owner, function)
    owners: list[type] = [cls, *classes.values()]
    for each in owners:
        _no_others(each, {inner.__name__ for inner in classes.values()}, declared)
    cls.interface = canonical(declared.id)  # type: ignore[attr-defined]
    cls.resources = classes  # type: ignore[attr-defined]
    cls.declared = declared  # type: ignore[attr-defined]
    cls.wit_functions = functions  # type: ignore[attr-defined]
    return cls


def _class_of(cls: type, resource: str) -> type:
    name = "".join(word.capitalize() for word in resource.split("-"))
    inner: Any = getattr_static(cls, name, None)
    if isinstance(inner, type):
        return inner
    raise WrongInterface(f"{cls.__name__} needs a class {name} within for the resource {resource}")


def _implementation(owner: type, function: Function) -> Callable[..., Any]:
    """What is called for a function of WIT, with the interface's instance first unless it is a method of a resource."""
    wanted = [python_name(each.name) for each in function.params]
    if function.kind == "constructor":
        _check(owner, owner.__name__, owner, wanted)
        return exposed(lambda host, *values: owner(*values))
    name = python_name(function.plain)
    member = getattr_static(owner, name, None)
    if member is None:
        have = [each for each in vars(owner) if not each.startswith("_")]
        close = nearest(name, have)
        raise WrongInterface(f"{owner.__name__} lacks {name}" + (f"; is {close} meant for it?" if close else ""))
    if function.kind == "static":
        if not isinstance(member, staticmethod):
            raise WrongInterface(f"{owner.__name__}.{name} must be a staticmethod: WIT has it static")
        _check(owner, name, member.__func__, wanted)
        plain = member.__func__
        return exposed(lambda host, *values: plain(*values))
    if isinstance(member, staticmethod) or not callable(member):
        raise WrongInterface(f"{owner.__name__}.{name} must be a method")
    _check(owner, name, member, ["self", *wanted] if function.kind == "function" else wanted)
    return exposed(member)


def _check(owner: type, name: str, function: Any, wanted: list[str]) -> None:
    """The parameters must have WIT's names, in its order."""
    have = list(signature(function).parameters.values())
    names = [each.name for each in have if each.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    if len(names) != len(have) or names != wanted:
        shown = ", ".join(map(str, have))
        raise WrongInterface(f"{owner.__name__}.{name} has the parameters ({shown}), but WIT has ({', '.join(wanted)})")


def _no_others(owner: type, classes: set[str], declared: Interface) -> None:
    """A public function that WIT doesn't have is a misspelt one; what is internal begins with an underscore."""
    known = {python_name(each.plain) for each in declared.functions.values()} | classes | {"drop"}
    for name, member in vars(owner).items():
        if not name.startswith("_") and name not in known and (callable(member) or isinstance(member, staticmethod)):
            where = f"{owner.__name__}.{name}"
            raise WrongInterface(f"{where} isn't in {declared.id}; call it _{name} if it is internal")
