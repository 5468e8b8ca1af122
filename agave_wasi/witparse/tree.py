"""What is written in a WIT text, item by item, before any name is looked up. Every string that somebody wrote is a `Name`.

Specification: WIT.md, "Lexical structure" to "Types".
"""

from __future__ import annotations

from agave_wasi.witparse.node import Node
from agave_wasi.witparse.source import Name
from agave_wasi.witparse.types import Type


class Ref(Type):
    """A type by its name in the scope round it."""

    name: Name


class Gate(Node):
    """`@since(version = ...)`, `@unstable(feature = ...)` or `@deprecated(version = ...)`: kind, and version or feature."""

    kind: str
    value: Name


class Head(Node):
    """What stands in front of an item: lines of documentation, gates, the name that the world outside has for it."""

    docs: str = ""
    gates: tuple[Gate, ...] = ()
    external: str | None = None


BARE = Head()


class Named(Node):
    """An item with a name."""

    name: Name


class Case(Node):
    """A field of a record, a case of a variant or enum, or a flag; with a type where it has one."""

    name: Name
    type: Type | None = None
    docs: str = ""


class Alias(Named):
    """`type name = type;`"""

    type: Type
    head: Head = BARE


class Record(Named):
    """`record name { field: type, ... }`"""

    fields: tuple[Case, ...]
    head: Head = BARE


class Variant(Named):
    """`variant name { case(type), ... }`"""

    cases: tuple[Case, ...]
    head: Head = BARE


class Enum(Named):
    """`enum name { case, ... }`"""

    cases: tuple[Case, ...]
    head: Head = BARE


class Flags(Named):
    """`flags name { flag, ... }`"""

    flags: tuple[Case, ...]
    head: Head = BARE


class Function(Named):
    """A function: `kind` is "function", "method", "static" or "constructor" (whose name is its keyword)."""

    kind: str
    params: tuple[Case, ...]
    result: Type | None
    is_async: bool = False
    head: Head = BARE


class Resource(Named):
    """`resource name;` or `resource name { ... }`"""

    functions: tuple[Function, ...] = ()
    head: Head = BARE


Definition = Alias | Record | Variant | Enum | Flags | Resource


class PackageName(Node):
    """`namespace:name@version`, with nested ones as `a:b:name/inner`: the words before, the words behind the last colon."""

    namespaces: tuple[Name, ...]
    names: tuple[Name, ...]
    version: Name | None = None

    def __str__(self) -> str:
        version = f"@{self.version}" if self.version else ""
        return f"{':'.join(self.namespaces)}:{'/'.join(self.names)}{version}"


class Path(Node):
    """An interface or world by its name: in this package, or of another one."""

    package: PackageName | None
    name: Name

    def __str__(self) -> str:
        if self.package is None:
            return str(self.name)
        package, at, version = str(self.package).partition("@")
        return f"{package}/{self.name}{at}{version}"


class Rename(Node):
    """`name` or `name as new`; None if it keeps its name."""

    name: Name
    new: Name | None = None


class Use(Node):
    """`use path.{a, b as c};`"""

    path: Path
    names: tuple[Rename, ...]
    head: Head = BARE


class Include(Node):
    """`include path with { a as b }`"""

    path: Path
    renames: tuple[Rename, ...] = ()
    head: Head = BARE


class Interface(Named):
    """`interface name { ... }`, also one written within a world."""

    items: tuple[Use | Definition | Function, ...]
    head: Head = BARE


class Extern(Node):
    """`import` or `export` of a world (`direction`): an interface by its path, or under a name of its own anything."""

    direction: str
    name: Name | None
    what: Path | Function | Interface
    head: Head = BARE


class World(Named):
    """`world name { ... }`"""

    items: tuple[Extern | Use | Include | Definition, ...]
    head: Head = BARE


class TopUse(Node):
    """`use path as name;` outside of interfaces and worlds: a name for this file alone."""

    path: Path
    new: Name | None = None


class Package(Node):
    """`package name { ... }` within a file."""

    name: PackageName
    items: tuple[TopUse | Interface | World, ...]
    docs: str = ""


class File(Node):
    """A whole text; `name` is what its own `package ...;` says, if it has one."""

    name: PackageName | None
    items: tuple[TopUse | Interface | World | Package, ...]
    docs: str = ""
