"""What a core module declares: types of tables, memories and globals, imports, segments.

An initial value or an offset is a tuple of (instruction, immediate), numbers as integers (floats as their bits, so that no NaN
changes), a v128 as 16 bytes, a null reference with the letter of its type: `(("i32.const", 1024),)`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    Instruction = tuple[str, int | bytes | str]
    Expression = tuple[Instruction, ...]

_CONSTANTS = frozenset(("i32.const", "i64.const", "f32.const", "f64.const", "v128.const"))


class TableType:
    """A table: the letter of its `element`, and its limits in elements."""

    __slots__ = ("element", "minimum", "maximum")

    def __init__(self, element: str, minimum: int, maximum: int | None) -> None:
        self.element = element
        self.minimum = minimum
        self.maximum = maximum


class MemoryType:
    """A memory: its limits in pages of 64 KiB."""

    __slots__ = ("minimum", "maximum")

    def __init__(self, minimum: int, maximum: int | None) -> None:
        self.minimum = minimum
        self.maximum = maximum


class GlobalType:
    """A global: the letter of its `value`, whether it is `mutable`, and what it begins with if it is the module's own."""

    __slots__ = ("value", "mutable", "init")

    def __init__(self, value: str, mutable: bool, init: Expression | None = None) -> None:
        self.value = value
        self.mutable = mutable
        self.init = init

    @property
    def constant(self) -> Instruction | None:
        """The one constant that it begins with. All other values are computed by compiled code."""
        if self.init is not None and len(self.init) == 1 and self.init[0][0] in _CONSTANTS:
            return self.init[0]
        return None


class Import:
    """What a module asks for. `type` is an index of a type for functions and tags."""

    __slots__ = ("module", "name", "kind", "type")

    def __init__(self, module: str, name: str, kind: str, type: int | TableType | MemoryType | GlobalType) -> None:
        self.module = module
        self.name = name
        self.kind = kind
        self.type = type


class Element:
    """An element segment: `mode` active, passive or declared; what it holds as indices of `functions`, or as `values`."""

    __slots__ = ("mode", "table", "offset", "element", "functions", "values")

    def __init__(
        self,
        mode: str,
        table: int,
        offset: Expression,
        element: str,
        functions: list[int] | None,
        values: list[Expression] | None,
    ) -> None:
        self.mode = mode
        self.table = table
        self.offset = offset
        self.element = element
        self.functions = functions
        self.values = values

    @property
    def items(self) -> list[Expression]:
        """Each element as an expression."""
        if self.values is not None:
            return self.values
        return [(("ref.func", function),) for function in self.functions or ()]


class DataSegment:
    """A data segment: `mode` active or passive; its `length` bytes are at `start` in the file."""

    __slots__ = ("mode", "memory", "offset", "start", "length")

    def __init__(self, mode: str, memory: int, offset: Expression, start: int, length: int) -> None:
        self.mode = mode
        self.memory = memory
        self.offset = offset
        self.start = start
        self.length = length
