"""What WIT means: packages in which every name has been looked up. Plain immutable objects; nothing here needs lark.

A type is one of `types`, whose leaves are the definitions below; `use` and `type a = b` have been followed to where a type
was defined, so that two interfaces which share a type share an object. Functions and interfaces have the names that they
have in a component binary: `[method]descriptor.read`, `wasi:io/streams@0.2.12`.
"""

from __future__ import annotations

from collections.abc import Mapping

from agave_wasi.witparse.node import Node
from agave_wasi.witparse.types import Borrow, Own, Type

Gates = tuple[tuple[str, str], ...]
"""Kind ("since", "unstable", "deprecated") and version or feature of each gate."""


class Case(Node):
    """A field of a record, a case of a variant, or a parameter; the type is None for a case without one."""

    name: str
    type: Type | None


class Definition(Type):
    """A type with a name of its own. `owner` is the interface or world that defines it."""

    name: str
    owner: str

    def __hash__(self) -> int:
        return hash((self.owner, self.name))

    def __repr__(self) -> str:
        return f"{self.owner}.{self.name}"


class Record(Definition):
    """A record and its fields."""

    fields: tuple[Case, ...]


class Variant(Definition):
    """A variant and its cases."""

    cases: tuple[Case, ...]


class Enum(Definition):
    """An enum and the names of its cases."""

    cases: tuple[str, ...]


class Flags(Definition):
    """A set of flags, by their names from bit 0 on."""

    flags: tuple[str, ...]


class Resource(Definition):
    """A resource. What can be done with it are functions of its interface: `Interface.of`."""


class Function(Node):
    """A function. A method's parameters begin with `self`, and a constructor has its result.

    `kind` is "function", "method", "static" or "constructor"; `resource` what the last three belong to.
    """

    name: str
    kind: str
    params: tuple[Case, ...]
    result: Type | None
    resource: Resource | None = None
    is_async: bool = False

    @property
    def plain(self) -> str:
        """The name without brackets and resource: `read` of `[method]descriptor.read`."""
        if self.kind == "function":
            return self.name
        return self.name.partition("]")[2].rpartition(".")[2] if self.kind != "constructor" else "constructor"


class Interface(Node):
    """An interface: `id` is its name with package and version, or the plain one if it is written within a world.

    `types` has every type by the name that it has here, also those from other interfaces; `functions` those of resources,
    too. `uses` are the interfaces whose types it uses, directly. `gates` are by the name of the item, its own under "".
    """

    id: str
    types: Mapping[str, Type]
    functions: Mapping[str, Function]
    uses: tuple[str, ...] = ()
    gates: Mapping[str, Gates] = {}

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def name(self) -> str:
        """`streams` of `wasi:io/streams@0.2.12`."""
        return self.id.partition("@")[0].rpartition("/")[2]

    @property
    def resources(self) -> dict[str, Resource]:
        """The resources that are defined here, by name."""
        return {name: each for name, each in self.types.items() if isinstance(each, Resource) and each.owner == self.id
                and each.name == name}  # fmt: skip

    def of(self, resource: str) -> dict[str, Function]:
        """The functions of a resource by their plain names; its constructor is called `constructor`."""
        functions = (each for each in self.functions.values() if each.resource is not None and each.resource.name == resource)
        return {each.plain: each for each in functions}


class World(Node):
    """A world: what is imported and exported, by the name that it has in a component, and types that it defines or uses.

    Interfaces that are imported only because another one uses their types are among the imports, before that one.
    """

    id: str
    imports: Mapping[str, Interface | Function]
    exports: Mapping[str, Interface | Function]
    types: Mapping[str, Type] = {}
    gates: Mapping[str, Gates] = {}

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def name(self) -> str:
        """`command` of `wasi:cli/command@0.2.12`."""
        return self.id.partition("@")[0].rpartition("/")[2]


class Package(Node):
    """A package: `id` is `namespace:name@version`; interfaces and worlds by their plain names."""

    id: str
    interfaces: Mapping[str, Interface]
    worlds: Mapping[str, World]

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def name(self) -> str:
        """`wasi:io` of `wasi:io@0.2.12`."""
        return self.id.partition("@")[0]

    @property
    def version(self) -> str:
        """The version, or nothing."""
        return self.id.partition("@")[2]


def member(package: str, name: str) -> str:
    """The id of an interface or world of a package: `wasi:io@0.2.12` and `streams` make `wasi:io/streams@0.2.12`."""
    plain, at, version = package.partition("@")
    return f"{plain}/{name}{at}{version}"


def handle(type: Type) -> Type:
    """What a type is as a value: a resource by its own name is a handle that owns it."""
    return Own(type) if isinstance(type, Resource) else type


def function(name: str, kind: str, params: tuple[Case, ...], result: Type | None, resource: Resource | None = None,
             is_async: bool = False) -> Function:  # fmt: skip
    """A function by its plain name, as it is in a component: with brackets, `self`, and a constructor's result."""
    if resource is None:
        return Function(name, kind, params, result, None, is_async)
    if kind == "constructor":
        return Function(f"[constructor]{resource.name}", kind, params, result or Own(resource), resource, is_async)
    if kind == "method":
        params = (Case("self", Borrow(resource)), *params)
    return Function(f"[{kind}]{resource.name}.{name}", kind, params, result, resource, is_async)
