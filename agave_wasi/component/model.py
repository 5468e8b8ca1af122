"""A decoded component: its definitions in order, as the binary has them. Each adds to an index space; nothing is resolved yet.

Sorts are named as the text format names them: "func", "value", "type", "component", "instance", and "core func", "core table",
"core memory", "core global", "core tag", "core type", "core module", "core instance". An index counts within its sort.
Source: Component Model, Binary.md.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from agave_wasi.component.records import NamedTuple

# Types as they are written: a primitive by its name, anything else by its index in the space of types.
ValueType = str | int
# What is said about the name of an import or export: ("implements" | "versionsuffix" | "external-id", text).
Annotations = tuple[tuple[str, str], ...]


class Options(NamedTuple):
    """Canonical options. Indices of core functions and a core memory; None where an option isn't given."""

    encoding: str = "utf8"
    memory: int | None = None
    realloc: int | None = None
    post_return: int | None = None
    is_async: bool = False
    callback: int | None = None
    core_type: int | None = None
    gc: bool = False


class CoreModule(NamedTuple):
    """An embedded module: `binary` is a view of the component's own bytes."""

    offset: int
    binary: memoryview


class CoreInstantiate(NamedTuple):
    """An instance of core module number `module`; each argument names a core instance."""

    offset: int
    module: int
    arguments: tuple[tuple[str, int], ...]


class CoreBundle(NamedTuple):
    """A core instance made of exports: (name, sort, index)."""

    offset: int
    exports: tuple[tuple[str, str, int], ...]


class CoreType(NamedTuple):
    """A core type: `type` is one of the tuples below, of core value types as agave_wasi.binary.types writes them.

    ("func", parameters, results), ("module", declarations), or ("rec", types): a group of types, which adds each of them. In it
    are ("func", parameters, results), ("struct", fields), ("array", element), ("cont", index).
    Declarations are CoreImportDeclaration, CoreExportDeclaration, CoreType, AliasOuter.
    """

    offset: int
    type: tuple[Any, ...]


class CoreImportDeclaration(NamedTuple):
    """An import in a module type.

    `type` is ("func" or "tag", its type's index), or ("table", "memory" or "global", a record of agave_wasi.binary.types).
    """

    offset: int
    module: str
    name: str
    type: tuple[str, Any]


class CoreExportDeclaration(NamedTuple):
    """An export in a module type; `type` as in CoreImportDeclaration."""

    offset: int
    name: str
    type: tuple[str, Any]


class Nested(NamedTuple):
    """A component within."""

    offset: int
    component: Component


class Instantiate(NamedTuple):
    """An instance of component number `component`; arguments are (name, sort, index)."""

    offset: int
    component: int
    arguments: tuple[tuple[str, str, int], ...]


class Bundle(NamedTuple):
    """An instance made of exports: (name, sort, index). `annotated` are the names with annotations, and these."""

    offset: int
    exports: tuple[tuple[str, str, int], ...]
    annotated: tuple[tuple[str, Annotations], ...] = ()


class AliasExport(NamedTuple):
    """Export `name` of instance number `instance`."""

    offset: int
    sort: str
    instance: int
    name: str


class AliasCoreExport(NamedTuple):
    """Export `name` of core instance number `instance`."""

    offset: int
    sort: str
    instance: int
    name: str


class AliasOuter(NamedTuple):
    """What the component `levels` out (0: this one) has of that sort under number `place`."""

    offset: int
    sort: str
    levels: int
    place: int


class TypeDefinition(NamedTuple):
    """A type. `type` is one of the tuples below, whose parts are ValueTypes:

    ("primitive", name), ("record", ((name, type), ...)), ("variant", ((name, type or None), ...)), ("list", type),
    ("list", type, length), ("map", key, value), ("tuple", (type, ...)), ("flags", (name, ...)), ("enum", (name, ...)),
    ("option", type), ("result", ok or None, err or None), ("own", index), ("borrow", index), ("stream", type or None),
    ("future", type or None), ("func", ((name, type), ...), result or None, is async), ("component", declarations),
    ("instance", declarations), ("resource", destructor's index or None).

    Declarations are TypeDefinition, CoreType, AliasExport, AliasCoreExport, AliasOuter, ImportDeclaration, ExportDeclaration.
    """

    offset: int
    type: tuple[Any, ...]


class ExternType(NamedTuple):
    """What an import or export is. `kind`: "core module", "func", "value", "type", "component", "instance".

    `type` is its type's index; of a value, the ValueType or ("eq", index of a value). Of a type, `bound` is "eq" or "sub" (a
    new resource; `type` is None then).
    """

    kind: str
    type: Any
    bound: str = ""


class ImportDeclaration(NamedTuple):
    """An import in a component type."""

    offset: int
    name: str
    type: ExternType
    annotations: Annotations = ()


class ExportDeclaration(NamedTuple):
    """An export in a component or instance type; it adds to the type's own index space of its sort."""

    offset: int
    name: str
    type: ExternType
    annotations: Annotations = ()


class CanonLift(NamedTuple):
    """A component function made of core function number `function`; `type` is its type's index."""

    offset: int
    function: int
    options: Options
    type: int


class CanonLower(NamedTuple):
    """A core function made of component function number `function`."""

    offset: int
    function: int
    options: Options


class CanonResource(NamedTuple):
    """A core function about resources; `operation` is "new", "drop" or "rep", `type` the resource's index."""

    offset: int
    operation: str
    type: int


class CanonBuiltin(NamedTuple):
    """Another built-in, of Preview 3: its name in the text format ("task.return", "stream.read", ...), and what it is given."""

    offset: int
    name: str
    arguments: tuple[Any, ...]


class Start(NamedTuple):
    """Calls function number `function` with values; adds `results` values."""

    offset: int
    function: int
    arguments: tuple[int, ...]
    results: int


class ValueDefinition(NamedTuple):
    """A constant value: its type and its encoded bytes."""

    offset: int
    type: ValueType
    encoded: bytes


class Import(NamedTuple):
    """Something from outside."""

    offset: int
    name: str
    type: ExternType
    annotations: Annotations = ()


class Export(NamedTuple):
    """Something for outside; it also adds to the index space of its sort. `type` is ascribed, or None."""

    offset: int
    name: str
    sort: str
    place: int
    type: ExternType | None
    annotations: Annotations = ()


class Custom(NamedTuple):
    """A custom section."""

    offset: int
    name: str
    data: memoryview


class Component:
    """`definitions` in order, `customs` beside them; `size` in bytes."""

    __slots__ = ("definitions", "customs", "size")

    def __init__(self, definitions: list[Any], customs: list[Custom], size: int) -> None:
        self.definitions = definitions
        self.customs = customs
        self.size = size
