"""Static types of values and functions: what a component's types say, before any instance of it is there.

A type is equal to another in two ways. By structure: both have the same `shape`, a number that a `Shapes` gives out, so that
comparing costs nothing however large types are. By name: they are one object; a definition, and each import or export of a
type, makes another object, which is what the rule goes by that exports may only use types that are exported too. Source:
Component Model, Explainer, "Type Definitions" and "Type Checking"; limits are wasmtime's.
"""

from __future__ import annotations

from agave_wasi.component.validate import extents
from agave_wasi.component.validate.invalid import InvalidComponent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

MAX_SIZE = 1_000_000
"""How many parts a type may have, written out in full: types share parts, so a small file can hold a huge type."""
MAX_DEPTH = 100
MAX_WORK = 10_000_000
"""How many parts may be looked at in one validation, those of shared parts counted each time. Real components need
thousands."""
MAX_FLAT = 16
"""More core values than these are passed in memory. A type's `flat` is None where it needs more."""

_NAMED = frozenset(("record", "variant", "enum", "flags"))
_FLAT = {"s64": "I", "u64": "I", "f32": "f", "f64": "F", "string": "ii"}
NOTHING: frozenset[Any] = frozenset()


class Resource:
    """A resource type. `local` says that this component defines it itself, so it knows the representation."""

    __slots__ = ("local", "name")

    def __init__(self, name: str, local: bool = False) -> None:
        self.name = name
        self.local = local


class ResourceAlias:
    """A place in a space of types that a resource stands at; one resource may have several names."""

    __slots__ = ("resource",)

    def __init__(self, resource: Resource) -> None:
        self.resource = resource


class Defined:
    """A value type that isn't just a primitive's name.

    `form` is as model.TypeDefinition has it, with types (a primitive's name, or a Defined) and ResourceAliases instead of
    indices. `flat` are the core types of its values as letters (i i32, I i64, f f32, F f64); `pointers`: it has a list or
    string in it. `needs` are the types in it that must have a name before it is used outside. `extent` is its size and
    alignment in bytes.
    """

    __slots__ = ("borrows", "depth", "extent", "flat", "form", "needs", "pointers", "resources", "shape", "size")

    def __init__(self, form: tuple[Any, ...], shape: int, parts: list[Value]) -> None:
        self.form = form
        self.shape = shape
        kind: str = form[0]
        inner = [part for part in parts if isinstance(part, Defined)]
        self.size: int = 1 + sum(part.size if isinstance(part, Defined) else 1 for part in parts)
        self.depth: int = 1 + max((part.depth for part in inner), default=0)
        self.borrows: bool = kind == "borrow" or any(part.borrows for part in inner)
        self.pointers: bool = (
            kind == "map" or (kind == "list" and len(form) == 2) or form == ("primitive", "string")
            or any(part == "string" or (isinstance(part, Defined) and part.pointers) for part in parts)
        )  # fmt: skip
        if kind in ("stream", "future"):
            self.pointers = False
        self.resources: frozenset[Resource]
        self.needs: frozenset[Defined | ResourceAlias]
        if kind in ("own", "borrow"):
            self.resources, self.needs = frozenset((form[1].resource,)), frozenset((form[1],))
        else:
            self.resources, self.needs = _union(part.resources for part in inner), _union(map(needed, inner))
        self.flat = _flat(form)
        self.extent = _extent(form)

    def again(self) -> Defined:
        """The same type under another name."""
        found = Defined.__new__(Defined)
        for slot in Defined.__slots__:
            setattr(found, slot, getattr(self, slot))
        return found

    def __str__(self) -> str:
        return str(self.form[1] if self.form[0] == "primitive" else self.form[0])


Value = str | Defined


class Function:
    """A function's type."""

    __slots__ = ("is_async", "needs", "parameters", "resources", "result", "shape", "size")

    def __init__(self, parameters: tuple[tuple[str, Value], ...], result: Value | None, is_async: bool, shape: int) -> None:
        self.parameters = parameters
        self.result = result
        self.is_async = is_async
        self.shape = shape
        used = [type for _, type in parameters] + ([] if result is None else [result])
        self.size = 1 + sum(map(size_of, used))
        inner = [type for type in used if isinstance(type, Defined)]
        self.resources: frozenset[Resource] = _union(type.resources for type in inner)
        self.needs: frozenset[Defined | ResourceAlias] = _union(map(needed, inner))


class Shapes:
    """Makes types and gives each structure its number; one of these serves a whole validation, and counts its work."""

    __slots__ = ("_numbers", "_primitives", "_work")

    def __init__(self) -> None:
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._primitives: dict[tuple[Any, ...], Defined] = {}
        self._work = 0

    def spend(self, work: int, offset: int) -> None:
        """Count work; InvalidComponent if it is too much: a small file must not keep a validation busy for long."""
        self._work += work
        if self._work > MAX_WORK:
            raise InvalidComponent(offset, f"types that take more than {MAX_WORK} steps to check")

    def define(self, form: tuple[Any, ...], offset: int = 0) -> Defined:
        """The value type of that form; InvalidComponent if it is larger or deeper than types may be."""
        number = self._numbers.setdefault(_structure(form), len(self._numbers))
        found = Defined(form, number, list(parts(form)))
        if found.size > MAX_SIZE:
            raise InvalidComponent(offset, f"a type of more than {MAX_SIZE} parts")
        if found.depth > MAX_DEPTH:
            raise InvalidComponent(offset, f"types are nested more than {MAX_DEPTH} deep")
        if found.extent[0] > extents.MAX_BYTES or (form[0] == "map" and _pair(form)[0] > extents.MAX_BYTES):
            raise InvalidComponent(offset, f"values of more than {extents.MAX_BYTES} bytes")
        self.spend(1 + len(found.resources) + len(found.needs), offset)
        return found

    def primitive(self, form: tuple[str, str]) -> Defined:
        """The definition of a primitive type: always the same one, since it needs no name."""
        found = self._primitives.get(form)
        if found is None:
            found = self._primitives[form] = self.define(form)
        return found

    def function(
        self, parameters: tuple[tuple[str, Value], ...], result: Value | None, is_async: bool, offset: int = 0
    ) -> Function:
        """The function type with those parts."""
        key = tuple([(name.lower(), _shape_key(type)) for name, type in parameters])
        structure = ("func", key, None if result is None else _shape_key(result), is_async)
        found = Function(parameters, result, is_async, self._numbers.setdefault(structure, len(self._numbers)))
        if found.size > MAX_SIZE:
            raise InvalidComponent(offset, f"a function type of more than {MAX_SIZE} parts")
        self.spend(1 + len(found.resources) + len(found.needs), offset)
        return found


def needed(type: Defined) -> frozenset[Defined | ResourceAlias]:
    """The types that must have a name where this one is used: itself, or those in it."""
    return frozenset((type,)) if type.form[0] in _NAMED else type.needs


def _union(sets: Iterable[frozenset[Any]]) -> frozenset[Any]:
    """Of sets that are mostly empty or the same."""
    found = NOTHING
    for each in sets:
        if each and each is not found:
            found = found | each if found else each
    return found


def size_of(type: Value) -> int:
    """How many parts it has."""
    return type.size if isinstance(type, Defined) else 1


def shape_of(type: Value) -> Any:
    """What is equal for types of equal structure."""
    return _shape_key(type)


def _shape_key(type: Any) -> Any:
    if isinstance(type, Defined):
        return type.form[1] if type.form[0] == "primitive" else type.shape
    return type.resource if isinstance(type, ResourceAlias) else type


def _structure(form: tuple[Any, ...]) -> tuple[Any, ...]:
    """What is equal for forms of equal structure; the case of names makes no difference."""
    kind = form[0]
    if kind in ("flags", "enum"):
        return (kind, *[name.lower() for name in form[1]])
    if kind in ("record", "variant"):
        return (kind, *[(name.lower(), None if type is None else _shape_key(type)) for name, type in form[1]])
    return mapped(form, _shape_key)


def mapped(form: tuple[Any, ...], change: Callable[[Any], Any]) -> tuple[Any, ...]:
    """The same form, with what `change` gives for each type and resource in it."""
    kind = form[0]
    if kind in ("record", "variant"):
        return (kind, tuple([(name, None if type is None else change(type)) for name, type in form[1]]))
    if kind == "tuple":
        return (kind, tuple([change(type) for type in form[1]]))
    if kind in ("flags", "enum"):
        return form
    if kind == "list":
        return (kind, change(form[1]), *form[2:])
    return (kind, *[None if type is None else change(type) for type in form[1:]])


def parts(form: tuple[Any, ...]) -> Iterator[Value]:
    """The value types in a form."""
    kind = form[0]
    if kind in ("record", "variant"):
        yield from (type for _, type in form[1] if type is not None)
    elif kind == "tuple":
        yield from form[1]
    elif kind in ("list", "map", "option", "result", "stream", "future"):
        yield from (type for type in form[1:] if isinstance(type, (str, Defined)))


def flat_of(type: Value) -> str | None:
    """The core types of a value, as letters; None if they are more than MAX_FLAT."""
    return type.flat if isinstance(type, Defined) else _FLAT.get(type, "i")


def has_pointers(type: Value) -> bool:
    """Is there a list or string in it?"""
    return type.pointers if isinstance(type, Defined) else type == "string"


def extent_of(type: Value) -> tuple[int, int]:
    """Size and alignment of a value in memory."""
    return type.extent if isinstance(type, Defined) else extents.primitive(type)


def _pair(form: tuple[Any, ...]) -> tuple[int, int]:
    return extents.row((extent_of(form[1]), extent_of(form[2])))


def _extent(form: tuple[Any, ...]) -> tuple[int, int]:
    match form[0]:
        case "primitive":
            return extents.primitive(form[1])
        case "record":
            return extents.row(extent_of(type) for _, type in form[1])
        case "tuple":
            return extents.row(map(extent_of, form[1]))
        case "variant":
            return extents.cases(None if type is None else extent_of(type) for _, type in form[1])
        case "option":
            return extents.cases((None, extent_of(form[1])))
        case "result":
            return extents.cases(None if type is None else extent_of(type) for type in form[1:])
        case "enum":
            return extents.cases((None,) * len(form[1]))
        case "flags":
            return extents.flags(len(form[1]))
        case "list" if len(form) == 3:
            size, align = extent_of(form[1])
            return size * form[2], align
        case "list" | "map":
            return extents.POINTERS
    return extents.HANDLE


def _flat(form: tuple[Any, ...]) -> str | None:
    kind = form[0]
    match kind:
        case "primitive":
            return flat_of(form[1])
        case "record":
            return flat_row(type for _, type in form[1])
        case "tuple":
            return flat_row(form[1])
        case "variant":
            return _flat_cases(type for _, type in form[1])
        case "option":
            return _flat_cases((None, form[1]))
        case "result":
            return _flat_cases(form[1:])
        case "map":
            return "ii"
        case "list":
            return "ii" if len(form) == 2 else flat_row(form[1] for _ in range(min(form[2], MAX_FLAT + 1)))
    return "i"


def flat_row(types: Any) -> str | None:
    """The core types of values one after the other."""
    found = ""
    for type in types:
        letters = flat_of(type)
        if letters is None or len(found) + len(letters) > MAX_FLAT:
            return None
        found += letters
    return found


def _flat_cases(types: Any) -> str | None:
    """A discriminant, then room for the payload of any case: two types that share a place take a wide enough one."""
    joined: list[str] = []
    for type in types:
        letters = "" if type is None else flat_of(type)
        if letters is None:
            return None
        for place, letter in enumerate(letters):
            if place == len(joined):
                joined.append(letter)
            elif joined[place] != letter:
                joined[place] = "i" if {joined[place], letter} == {"i", "f"} else "I"
    return "i" + "".join(joined) if len(joined) < MAX_FLAT else None
