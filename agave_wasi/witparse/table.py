"""Interfaces and worlds as tuples of strings, and back: what `compiled.py` holds, so that reading needs neither lark nor WIT.

A type is a string (a primitive, `_` for none) or a tuple that begins with what it is; `("", owner, name)` is a definition.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from agave_wasi.witparse.model import Case, Function, Interface, World
from agave_wasi.witparse.types import Type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Row = tuple[Any, ...]
    Coded = str | Row

CLASSES: dict[str, type[Type]] = {
    "list": t.List, "map": t.Map, "option": t.Option, "result": t.Result, "own": t.Own, "borrow": t.Borrow,
    "stream": t.Stream, "future": t.Future,
}  # fmt: skip
WORDS = {each: word for word, each in CLASSES.items()}


def coded(type: Type | None) -> Coded:
    """A type as it stands in a table."""
    match type:
        case None:
            return "_"
        case t.Primitive():
            return type.name
        case model.Definition():
            return ("", type.owner, type.name)
        case t.List():
            return ("list", coded(type.item), type.length)
        case t.Tuple():
            return ("tuple", *map(coded, type.items))
    return (WORDS[type.__class__], *(coded(each) for each in type.__dict__.values()))


def _defined(name: str, type: Type, owner: str) -> Coded:
    if not isinstance(type, model.Definition) or (type.owner, type.name) != (owner, name):
        return coded(type)
    match type:
        case model.Record(fields=cases) | model.Variant(cases=cases):
            return (type.__class__.__name__, *((case.name, coded(case.type)) for case in cases))
        case model.Enum(cases=names) | model.Flags(flags=names):
            return (type.__class__.__name__, *names)
    return (type.__class__.__name__,)


def row(interface: Interface) -> Row:
    """An interface as a row of a table: types, functions, used interfaces, gates."""
    types = tuple((name, _defined(name, type, interface.id)) for name, type in interface.types.items())
    functions = tuple(
        (each.name, each.kind, tuple((param.name, coded(param.type)) for param in each.params), coded(each.result),
         coded(each.resource), each.is_async)
        for each in interface.functions.values()
    )  # fmt: skip
    return types, functions, interface.uses, tuple(interface.gates.items())


def world_row(world: World) -> Row:
    """A world that has nothing but interfaces and functions of its own: the interfaces it imports, and those it exports."""
    sides = (world.imports, world.exports)
    if world.types or any(not isinstance(item, Interface) or item.id != name for side in sides for name, item in side.items()):
        raise ValueError(f"{world.id} has more than interfaces")
    return tuple(world.imports), tuple(world.exports), tuple(world.gates.items())


def interface(id: str, row: Row, other: Callable[[str], Interface]) -> Interface:
    """The interface of a row; `other` has those that it uses."""
    rows, functions, uses, gates = row
    types: dict[str, Type] = {}
    defined: dict[str, Coded] = dict(rows)

    def find(owner: str, name: str) -> Type:
        if owner != id:
            return other(owner).types[name]
        if name not in types:
            types[name] = define(name, defined[name])
        return types[name]

    def decode(code: Coded) -> Any:
        if isinstance(code, str):
            return None if code == "_" else t.PRIMITIVES[code]
        word = code[0]
        if word == "":
            return find(code[1], code[2])
        if word == "tuple":
            return t.Tuple(tuple(map(decode, code[1:])))
        if word == "list":
            return t.List(decode(code[1]), code[2])
        return CLASSES[word](*map(decode, code[1:]))

    def define(name: str, code: Any) -> Type:
        match code[0]:
            case "Record":
                return model.Record(name, id, tuple(Case(each, decode(type)) for each, type in code[1:]))
            case "Variant":
                return model.Variant(name, id, tuple(Case(each, decode(type)) for each, type in code[1:]))
            case "Enum":
                return model.Enum(name, id, tuple(code[1:]))
            case "Flags":
                return model.Flags(name, id, tuple(code[1:]))
            case "Resource":
                return model.Resource(name, id)
        found: Type = decode(code)
        return found

    for name in defined:
        find(id, name)
    made = {
        name: Function(name, kind, tuple(Case(each, decode(type)) for each, type in params), decode(result), decode(resource),
                       is_async)
        for name, kind, params, result, resource, is_async in functions
    }  # fmt: skip
    ordered = {name: types[name] for name in defined}
    return Interface(id, MappingProxyType(ordered), MappingProxyType(made), uses, MappingProxyType(dict(gates)))


def world(id: str, row: Row, find: Callable[[str], Interface]) -> World:
    """The world of a row, with its interfaces."""
    imports, exports, gates = row
    found = {name: find(name) for name in (*imports, *exports)}
    sides = [MappingProxyType({name: found[name] for name in side}) for side in (imports, exports)]
    return World(id, sides[0], sides[1], MappingProxyType({}), MappingProxyType(dict(gates)))
