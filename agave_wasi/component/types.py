"""Component-level types: what a value is, whatever memory it lies in. Equal structure is equal type; resources by identity.

What a value of each type is in Python, for host functions and for those who call exports:

| type | Python value |
|---|---|
| bool, u8 ... s64, f32, f64 | bool, int, float |
| char, string | str of one character, str |
| list<u8> | bytes (any bytes-like object is taken) |
| list<T>, map<K, V> | list, dict |
| tuple | tuple |
| record | a named tuple (a dict by field names is taken as well) |
| variant | Case(name, value) |
| enum | str, the case's name |
| flags | frozenset of str |
| option<T> | None or the value; Some(value) where T is an option itself |
| result<T, E> | Ok(value) or Err(value); as a function's whole result the value itself, or WitError(value) raised |
| own, borrow | the host's own object, or a Resource that stands for a guest's |

Source: Component Model, Explainer, "Type definitions".
"""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


class ValType:
    """A value's type. `key` is its structure, which equality and hashing go by; `made` what was made for this object."""

    __slots__ = ("key", "made", "_hash", "_handles")

    kind = ""

    def __init__(self, *key: Any) -> None:
        self.key = key
        self.made: dict[str, Any] = {}
        self._hash = hash((self.kind, key))
        self._handles: bool | None = None

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(other) is type(self) and self._hash == other._hash and self.kind == other.kind and self.key == other.key
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return self.kind

    def parts(self) -> Iterator[ValType]:
        """The types that it is made of."""
        return iter(())

    def has_handles(self) -> bool:
        """Whether a handle can be in a value of it."""
        if self._handles is None:
            self._handles = any(part.has_handles() for part in self.parts())
        return self._handles


class Primitive(ValType):
    """A type without parts, by its name in WIT."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()


PRIMITIVES = {
    name: Primitive(name)
    for name in (
        "bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string", "error-context",
    )
}  # fmt: skip
BOOL, S8, U8, S16, U16, S32, U32, S64, U64, F32, F64, CHAR, STRING, ERROR_CONTEXT = PRIMITIVES.values()


class List(ValType):
    """list<element>, or list<element, length> where the length is fixed."""

    __slots__ = ("element", "length")

    kind = "list"

    def __init__(self, element: ValType, length: int | None = None) -> None:
        super().__init__(element, length)
        self.element = element
        self.length = length

    def __str__(self) -> str:
        return f"list<{self.element}>" if self.length is None else f"list<{self.element}, {self.length}>"

    def parts(self) -> Iterator[ValType]:
        yield self.element


class Map(ValType):
    """map<name, value>: a list of pairs in memory."""

    __slots__ = ("name", "value")

    kind = "map"

    def __init__(self, name: ValType, value: ValType) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value

    def __str__(self) -> str:
        return f"map<{self.name}, {self.value}>"

    def parts(self) -> Iterator[ValType]:
        yield self.name
        yield self.value


class Record(ValType):
    """record { name: type, ... }; `make` makes the named tuple of its values."""

    __slots__ = ("fields", "make")

    kind = "record"

    def __init__(self, fields: tuple[tuple[str, ValType], ...]) -> None:
        super().__init__(*fields)
        self.fields = fields
        self.make: Callable[..., tuple[Any, ...]] = _named_tuple([name for name, _ in fields])

    def __str__(self) -> str:
        return f"record {{{', '.join(f'{name}: {each}' for name, each in self.fields)}}}"

    def parts(self) -> Iterator[ValType]:
        return (each for _, each in self.fields)


class Tuple(ValType):
    """tuple<types...>"""

    __slots__ = ("types",)

    kind = "tuple"

    def __init__(self, types: tuple[ValType, ...]) -> None:
        super().__init__(*types)
        self.types = types

    def __str__(self) -> str:
        return f"tuple<{', '.join(map(str, self.types))}>"

    def parts(self) -> Iterator[ValType]:
        return iter(self.types)


class Variant(ValType):
    """variant { name(type), name, ... }"""

    __slots__ = ("cases",)

    kind = "variant"

    def __init__(self, cases: tuple[tuple[str, ValType | None], ...]) -> None:
        super().__init__(*cases)
        self.cases = cases

    def __str__(self) -> str:
        shown = (name if each is None else f"{name}({each})" for name, each in self.cases)
        return f"variant {{{', '.join(shown)}}}"

    def parts(self) -> Iterator[ValType]:
        return (each for _, each in self.cases if each is not None)


class Enum(ValType):
    """enum { names... }"""

    __slots__ = ("names",)

    kind = "enum"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(*names)
        self.names = names

    def __str__(self) -> str:
        return f"enum {{{', '.join(self.names)}}}"


class Flags(ValType):
    """flags { names... }, at most 32 of them."""

    __slots__ = ("names",)

    kind = "flags"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(*names)
        self.names = names

    def __str__(self) -> str:
        return f"flags {{{', '.join(self.names)}}}"


class Option(ValType):
    """option<some>"""

    __slots__ = ("some",)

    kind = "option"

    def __init__(self, some: ValType) -> None:
        super().__init__(some)
        self.some = some

    def __str__(self) -> str:
        return f"option<{self.some}>"

    def parts(self) -> Iterator[ValType]:
        yield self.some


class Result(ValType):
    """result<ok, err>, each of which may be missing."""

    __slots__ = ("ok", "err")

    kind = "result"

    def __init__(self, ok: ValType | None = None, err: ValType | None = None) -> None:
        super().__init__(ok, err)
        self.ok = ok
        self.err = err

    def __str__(self) -> str:
        if self.err is None:
            return "result" if self.ok is None else f"result<{self.ok}>"
        return f"result<{'_' if self.ok is None else self.ok}, {self.err}>"

    def parts(self) -> Iterator[ValType]:
        return (each for each in (self.ok, self.err) if each is not None)


class ResourceType:
    """What handles refer to; every one is a type of its own.

    `implementer` is the InstanceState of the component instance that defines it (None: the host), `destructor` what is called
    with the representation when the host drops what it owns. `host` is the Python class of a host's resource, where it has one.
    """

    __slots__ = ("name", "implementer", "destructor", "host")

    def __init__(self, name: str, implementer: object = None, destructor: Any = None, host: type | None = None) -> None:
        self.name = name
        self.implementer = implementer
        self.destructor = destructor
        self.host = host

    def __repr__(self) -> str:
        return self.name or "resource"


class HandleType(ValType):
    """What own and borrow have in common."""

    __slots__ = ("resource",)

    def __init__(self, resource: ResourceType) -> None:
        super().__init__(resource)
        self.resource = resource
        self._handles = True

    def __str__(self) -> str:
        return f"{self.kind}<{self.resource}>"


class Own(HandleType):
    """own<resource>: whoever has it must drop it or hand it on."""

    __slots__ = ()

    kind = "own"


class Borrow(HandleType):
    """borrow<resource>: only for the time of a call."""

    __slots__ = ()

    kind = "borrow"


class Stream(ValType):
    """stream<element>, of Preview 3: known, and refused where a call would need it."""

    __slots__ = ("element",)

    kind = "stream"

    def __init__(self, element: ValType | None = None) -> None:
        super().__init__(element)
        self.element = element

    def __str__(self) -> str:
        return self.kind if self.element is None else f"{self.kind}<{self.element}>"

    def parts(self) -> Iterator[ValType]:
        if self.element is not None:
            yield self.element


class Future(Stream):
    """future<element>, of Preview 3."""

    __slots__ = ()

    kind = "future"


class FuncType:
    """A function's parameters by name and its result. Two are equal if names and types are."""

    __slots__ = ("parameters", "result", "is_async", "made")

    def __init__(
        self, parameters: tuple[tuple[str, ValType], ...], result: ValType | None = None, is_async: bool = False
    ) -> None:
        self.parameters = parameters
        self.result = result
        self.is_async = is_async
        self.made: dict[str, Any] = {}

    def has_handles(self) -> bool:
        """Whether it takes or gives handles."""
        return any(each.has_handles() for _, each in self.parameters) or (self.result is not None and self.result.has_handles())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FuncType) and (
            self.parameters == other.parameters and self.result == other.result and self.is_async == other.is_async
        )

    def __hash__(self) -> int:
        return hash((self.parameters, self.result, self.is_async))

    def __str__(self) -> str:
        shown = ", ".join(f"{name}: {each}" for name, each in self.parameters)
        return f"{'async ' if self.is_async else ''}func({shown})" + (f" -> {self.result}" if self.result is not None else "")

    __repr__ = __str__


Case = namedtuple("Case", "name value", defaults=(None,))
"""A variant's value: the case's name, and its payload or None."""
Some = namedtuple("Some", "value")
"""A value of option<option<T>> that isn't none."""
Ok = namedtuple("Ok", "value", defaults=(None,))
"""A result that went well."""
Err = namedtuple("Err", "value", defaults=(None,))
"""A result that didn't."""


class WitError(Exception):
    """The error of a function whose type is a result: raised by host functions, and to those who call exports."""

    def __init__(self, value: Any = None) -> None:
        super().__init__(value)
        self.value = value


def python_name(name: str) -> str:
    """A WIT name as Python writes it: words joined by underscores, with one more after a keyword."""
    from keyword import iskeyword

    found = name.replace("-", "_")
    return found + "_" if iskeyword(found) else found


_made: dict[tuple[str, ...], Any] = {}
"""Named tuples by their fields: making a class takes long, and there are few of them."""
MANY = 1000


def _named_tuple(names: list[str]) -> Any:
    key = tuple(names)
    if len(_made) > MANY:  # types come from guests: no more of them than is useful
        _made.clear()
    found = _made.get(key)
    if found is None:  # a field may not begin with an underscore: `rename` guards against `_1` and the like
        found = _made[key] = namedtuple("Record", [python_name(name) for name in names], rename=True)
    return found
