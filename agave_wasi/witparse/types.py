"""Types without a name of their own. In a tree their leaves are `tree.Ref`, in a model what those stand for.

Specification: WIT.md, "Types".
"""

from __future__ import annotations

from agave_wasi.witparse.node import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Type(Node):
    """Any type: one of the classes below, a reference (tree), or a definition (model)."""


class Primitive(Type):
    """A type that a keyword names: `u8` to `s64`, `f32`, `f64`, `bool`, `char`, `string`, `error-context`."""

    name: str

    def __repr__(self) -> str:
        return self.name


class List(Type):
    """`list<item>`, or `list<item, length>` of a fixed length."""

    item: Type
    length: int | None = None


class Map(Type):
    """`map<key, value>`; a key is an integer, bool, char or string."""

    key: Type
    value: Type


class Option(Type):
    """`option<item>`."""

    item: Type


class Result(Type):
    """`result<ok, error>`; None where there is no payload."""

    ok: Type | None
    error: Type | None


class Tuple(Type):
    """`tuple<...>` of at least one item."""

    items: tuple[Type, ...]


class Own(Type):
    """A handle that owns a resource; in a tree only where it is written as `own<r>`."""

    resource: Type


class Borrow(Type):
    """`borrow<resource>`: a handle that is lent for a call."""

    resource: Type


class Stream(Type):
    """`stream<item>`, or `stream` without one."""

    item: Type | None


class Future(Type):
    """`future<item>`, or `future` without one."""

    item: Type | None


KEYS = ("u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "char", "bool", "string")
"""Primitives that may be keys of a map."""
PRIMITIVES = {name: Primitive(name) for name in (*KEYS, "f32", "f64", "error-context")}


def parts(type: Type) -> tuple[Type, ...]:
    """The types within a type without a name, in order."""
    match type:
        case List() | Option():
            return (type.item,)
        case Map():
            return (type.key, type.value)
        case Result():
            return tuple(each for each in (type.ok, type.error) if each is not None)
        case Tuple():
            return type.items
        case Own() | Borrow():
            return (type.resource,)
        case Stream() | Future():
            return () if type.item is None else (type.item,)
    return ()


def rebuilt(type: Type, leaf: Callable[[Type], Type], resource: Callable[[Type], Type]) -> Type:
    """The same type with what it names replaced: by `resource` in handles, by `leaf` elsewhere."""

    def maybe(each: Type | None) -> Type | None:
        return None if each is None else rebuilt(each, leaf, resource)

    match type:
        case Primitive():
            return type
        case List():
            return List(rebuilt(type.item, leaf, resource), type.length)
        case Option():
            return Option(rebuilt(type.item, leaf, resource))
        case Map():
            return Map(rebuilt(type.key, leaf, resource), rebuilt(type.value, leaf, resource))
        case Result():
            return Result(maybe(type.ok), maybe(type.error))
        case Tuple():
            return Tuple(tuple(rebuilt(each, leaf, resource) for each in type.items))
        case Own():
            return Own(resource(type.resource))
        case Borrow():
            return Borrow(resource(type.resource))
        case Stream():
            return Stream(maybe(type.item))
        case Future():
            return Future(maybe(type.item))
    return leaf(type)
