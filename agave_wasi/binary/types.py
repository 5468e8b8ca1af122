"""The types of a module: how they are encoded, and the records that describe them.

A value type is kept as its text ("i32", "funcref", "(ref null 3)"), because a description is read by people and
compared as data. A number in it is an index into the module's own types. Source: core specification 5.3 (Types), with
the proposals threads (shared limits), custom page sizes and stack switching (continuations).
"""

from __future__ import annotations

from dataclasses import dataclass

from agave_wasi.binary.reader import MAX_FIELDS, MAX_PARAMETERS, MalformedModule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.binary.reader import Reader

_NUMBERS = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128"}
_PACKED = {0x78: "i8", 0x77: "i16"}
_HEAP = {
    0x75: "nocont",
    0x74: "noexn",
    0x73: "nofunc",
    0x72: "noextern",
    0x71: "none",
    0x70: "func",
    0x6F: "extern",
    0x6E: "any",
    0x6D: "eq",
    0x6C: "i31",
    0x6B: "struct",
    0x6A: "array",
    0x69: "exn",
    0x68: "cont",
}
_SHORT = {"none": "nullref", "nofunc": "nullfuncref", "noextern": "nullexternref"}
_SHORT |= {"noexn": "nullexnref", "nocont": "nullcontref"}

_REFERENCES = {code: _SHORT.get(heap, f"{heap}ref") for code, heap in _HEAP.items()}
_NULLABLE, _NON_NULL = 0x63, 0x64
_SHARED_64_PAGE = 0b1111

# What a heap type asks for when it stands in a long form, "(ref null any)"; those not listed came with collected heaps.
_HEAP_FEATURES = {"func": "function-references", "extern": "function-references"}
_HEAP_FEATURES |= {"exn": "exceptions-exnref", "noexn": "exceptions-exnref"}
_HEAP_FEATURES |= {"cont": "stack-switching", "nocont": "stack-switching"}
# The same by value type. A funcref is of the first version in a table, so it counts only elsewhere.
_FEATURES = {text: _HEAP_FEATURES.get(_HEAP[code], "gc") for code, text in _REFERENCES.items()}
_FEATURES |= dict.fromkeys(_NUMBERS.values(), "")
_FEATURES |= {"v128": "simd", "funcref": "", "externref": "reference-types"}


@dataclass(frozen=True, slots=True)
class FuncType:
    """A function's parameters and results."""

    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"({', '.join(self.params)}) -> ({', '.join(self.results)})"


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field of a struct, or the element of an array."""

    value: str
    mutable: bool

    def __str__(self) -> str:
        return f"(mut {self.value})" if self.mutable else self.value


@dataclass(frozen=True, slots=True)
class StructType:
    """A struct of the garbage collected heap."""

    fields: tuple[FieldType, ...]

    def __str__(self) -> str:
        return f"struct ({', '.join(map(str, self.fields))})"


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An array of the garbage collected heap."""

    element: FieldType

    def __str__(self) -> str:
        return f"array ({self.element})"


@dataclass(frozen=True, slots=True)
class ContinuationType:
    """A continuation of the function type with that index."""

    function: int

    def __str__(self) -> str:
        return f"cont {self.function}"


CompositeType = FuncType | StructType | ArrayType | ContinuationType


@dataclass(frozen=True, slots=True)
class MemoryType:
    """A linear memory: limits in pages of `2 ** page_log2` bytes."""

    minimum: int
    maximum: int | None = None
    shared: bool = False
    memory64: bool = False
    page_log2: int = 16

    def __str__(self) -> str:
        page = "pages" if self.page_log2 == 16 else f"pages of {1 << self.page_log2} bytes"
        words = [_limits(self.minimum, self.maximum), page]
        words += ["64-bit"] * self.memory64 + ["shared"] * self.shared
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class TableType:
    """A table: limits in elements of the reference type `element`."""

    element: str
    minimum: int
    maximum: int | None = None
    shared: bool = False
    table64: bool = False

    def __str__(self) -> str:
        words = [_limits(self.minimum, self.maximum), self.element]
        words += ["64-bit"] * self.table64 + ["shared"] * self.shared
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class GlobalType:
    """A global variable or constant."""

    value: str
    mutable: bool = False

    def __str__(self) -> str:
        return f"(mut {self.value})" if self.mutable else self.value


@dataclass(frozen=True, slots=True)
class TagType:
    """An exception tag: the values that an exception carries."""

    params: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"({', '.join(self.params)})"


ExternType = FuncType | TableType | MemoryType | GlobalType | TagType


def _limits(minimum: int, maximum: int | None) -> str:
    return f"{minimum}.." if maximum is None else f"{minimum}..{maximum}"


def value_type(reader: Reader) -> str:
    """Read a value type."""
    start = reader.pos
    code = reader.u8()
    text = _NUMBERS.get(code) or _REFERENCES.get(code)
    if text is not None:
        return text
    if code in (_NULLABLE, _NON_NULL):
        return f"(ref {'null ' if code == _NULLABLE else ''}{heap_type(reader)})"
    raise MalformedModule(start, f"{code:#04x} is no value type")


def reference_type(reader: Reader) -> str:
    """Read a reference type."""
    start = reader.pos
    text = value_type(reader)
    if text in _NUMBERS.values():
        raise MalformedModule(start, f"{text} is no reference type")
    return text


def heap_type(reader: Reader) -> str:
    """Read a heap type: one of the abstract ones, or a type index."""
    start = reader.pos
    code = reader.signed(33)
    if code >= 0:
        return str(code)
    text = _HEAP.get(code & 0x7F) if code >= -64 else None
    if text is None:
        raise MalformedModule(start, "unknown heap type")
    return text


def func_type(reader: Reader) -> FuncType:
    """Read the parameters and results of a function type."""
    params = tuple([value_type(reader) for _ in range(reader.count(limit=MAX_PARAMETERS))])
    results = tuple([value_type(reader) for _ in range(reader.count(limit=MAX_PARAMETERS))])
    return FuncType(params, results)


def composite_types(reader: Reader) -> list[CompositeType]:
    """Read one entry of the type section: a type, or a group of types that may refer to each other."""
    if reader.pos < reader.end and reader.data[reader.pos] == 0x4E:
        reader.u8()
        return [_sub_type(reader) for _ in range(reader.count(2))]
    return [_sub_type(reader)]


def _sub_type(reader: Reader) -> CompositeType:
    start = reader.pos
    form = reader.u8()
    if form in (0x50, 0x4F):
        for _ in range(reader.count()):
            reader.u32()
        start = reader.pos
        form = reader.u8()
    if form == 0x60:
        return func_type(reader)
    if form == 0x5F:
        return StructType(tuple([_field(reader) for _ in range(reader.count(2, MAX_FIELDS))]))
    if form == 0x5E:
        return ArrayType(_field(reader))
    if form == 0x5D:
        index = reader.signed(33)
        if index < 0:
            raise MalformedModule(start, "a continuation needs a type index")
        return ContinuationType(index)
    raise MalformedModule(start, f"{form:#04x} is no form of a type")


def _field(reader: Reader) -> FieldType:
    code = reader.data[reader.pos] if reader else -1
    if code in _PACKED:
        reader.u8()
        value = _PACKED[code]
    else:
        value = value_type(reader)
    return FieldType(value, _mutable(reader))


def _mutable(reader: Reader) -> bool:
    start = reader.pos
    flag = reader.u8()
    if flag > 1:
        raise MalformedModule(start, f"mutability is 0 or 1, not {flag}")
    return flag == 1


def memory_type(reader: Reader) -> MemoryType:
    """Read a memory's limits."""
    minimum, maximum, flags = _read_limits(reader)
    page_log2 = 16
    if flags & 8:
        start = reader.pos
        page_log2 = reader.u32()
        if page_log2 > 16:
            raise MalformedModule(start, f"a page of 2 ** {page_log2} bytes")
    return MemoryType(minimum, maximum, bool(flags & 2), bool(flags & 4), page_log2)


def table_type(reader: Reader) -> TableType:
    """Read a table's element type and limits."""
    element = reference_type(reader)
    start = reader.pos
    minimum, maximum, flags = _read_limits(reader)
    if flags & 8:
        raise MalformedModule(start, "a table has no page size")
    return TableType(element, minimum, maximum, bool(flags & 2), bool(flags & 4))


def _read_limits(reader: Reader) -> tuple[int, int | None, int]:
    start = reader.pos
    flags = reader.u8()
    if flags & ~_SHARED_64_PAGE:
        raise MalformedModule(start, f"unknown limits flags {flags:#04x}")
    bits = 64 if flags & 4 else 32
    minimum = reader.unsigned(bits)
    return minimum, reader.unsigned(bits) if flags & 1 else None, flags


def global_type(reader: Reader) -> GlobalType:
    """Read a global's value type and mutability."""
    return GlobalType(value_type(reader), _mutable(reader))


def features_of_value(value: str) -> str:
    """The feature (see `features.FEATURES`) that this value type needs, or "" for one of the first version."""
    known = _FEATURES.get(value)
    if known is not None:
        return known
    heap = value.rstrip(")").split()[-1]
    return "function-references" if heap.isdigit() else _HEAP_FEATURES.get(heap, "gc")


def features_of_type(type: CompositeType | ExternType) -> set[str]:
    """The features that a type needs."""
    found: set[str] = set()
    match type:
        case FuncType(params, results):
            found |= {features_of_value(value) for value in params + results if value != "funcref"}
            if "funcref" in params + results:
                found.add("reference-types")
            if len(results) > 1:
                found.add("multi-value")
        case StructType() | ArrayType():
            found.add("gc")
        case ContinuationType():
            found.add("stack-switching")
        case TagType(params):
            found |= {"exceptions"} | {features_of_value(value) for value in params}
        case TableType():
            found.add(features_of_value(type.element))
            found |= {"memory64"} if type.table64 else set()
            found |= {"threads"} if type.shared else set()
        case MemoryType():
            found |= {"memory64"} if type.memory64 else set()
            found |= {"threads"} if type.shared else set()
            found |= {"custom-page-sizes"} if type.page_log2 != 16 else set()
        case GlobalType():
            found.add("reference-types" if type.value == "funcref" else features_of_value(type.value))
    found.discard("")
    return found
