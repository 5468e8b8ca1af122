"""What many parts of a component binary are made of: names, sorts, value types, and what an import or export is.

The limits are wasmtime's where it has one: a small file can't ask for much. Source: Component Model, Binary.md.
"""

from __future__ import annotations

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.component.model import ExternType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.binary.reader import Reader
    from agave_wasi.component.model import Annotations, ValueType

MAX_NAME = 100_000
MAX_NAME_OPTIONS = 10
MAX_DEPTH = 100
"""How deep components, or declarations of types, may be nested. It also keeps Python's own stack from running out."""

SORTS = {1: "func", 2: "value", 3: "type", 4: "component", 5: "instance"}
CORE_SORTS = {
    0x00: "core func", 0x01: "core table", 0x02: "core memory", 0x03: "core global", 0x04: "core tag", 0x10: "core type",
    0x11: "core module", 0x12: "core instance",
}  # fmt: skip
CORE_ITEMS = frozenset(("core func", "core table", "core memory", "core global", "core tag"))
"""Sorts of what a core instance can export."""

PRIMITIVES = {
    0x7F: "bool", 0x7E: "s8", 0x7D: "u8", 0x7C: "s16", 0x7B: "u16", 0x7A: "s32", 0x79: "u32", 0x78: "s64", 0x77: "u64",
    0x76: "f32", 0x75: "f64", 0x74: "char", 0x73: "string", 0x64: "error-context",
}  # fmt: skip

NAME_OPTIONS = {0: "implements", 1: "versionsuffix", 2: "external-id"}
PLAIN, INTERFACE, WITH_OPTIONS = range(3)


def unknown(offset: int, code: int, what: str) -> MalformedModule:
    """The error about a byte that the format has no meaning for."""
    return MalformedModule(offset, f"{code:#04x} is no {what}")


def name(reader: Reader) -> str:
    """A UTF-8 string of at most MAX_NAME bytes."""
    start = reader.pos
    size = reader.u32()
    if size > MAX_NAME:
        raise MalformedModule(start, f"a name of {size} bytes, more than the implementation limit of {MAX_NAME}")
    at = reader.pos
    reader.skip(size)
    try:
        return str(reader.data[at : reader.pos], "utf-8")
    except UnicodeDecodeError:
        raise MalformedModule(start, "a name is not UTF-8") from None


def extern_name(reader: Reader) -> tuple[str, Annotations]:
    """The name of an import or export, and what is said about it: (option, text) pairs of "implements" and the like."""
    start = reader.pos
    form = reader.u8()
    if form > WITH_OPTIONS:
        raise unknown(start, form, "form of an import's or export's name")
    text = name(reader)
    if form != WITH_OPTIONS:
        return text, ()
    found: list[tuple[str, str]] = []
    for _ in range(reader.count(2, MAX_NAME_OPTIONS)):
        start = reader.pos
        code = reader.u8()
        option = NAME_OPTIONS.get(code)
        if option is None:
            raise unknown(start, code, "option of a name")
        if any(option == other for other, _ in found):
            raise MalformedModule(start, f"the name {text!r} has the option {option} twice")
        found.append((option, name(reader)))
    return text, tuple(found)


def sort(reader: Reader) -> str:
    """What an index or alias is of: "func", "core memory" and so on."""
    start = reader.pos
    code = reader.u8()
    if code == 0:
        code = reader.u8()
        found = CORE_SORTS.get(code)
        what = "core sort"
    else:
        found = SORTS.get(code)
        what = "sort"
    if found is None:
        raise unknown(start, code, what)
    return found


def sort_and_place(reader: Reader) -> tuple[str, int]:
    """A sort and an index of it."""
    return sort(reader), reader.u32()


def value_type(reader: Reader) -> ValueType:
    """A primitive's name, or a type's index."""
    start = reader.pos
    if start < reader.end:
        found = PRIMITIVES.get(reader.data[start])
        if found is not None:
            reader.pos = start + 1
            return found
    index = reader.signed(33)
    if index < 0:
        raise unknown(start, index & 0x7F, "value type")
    return index


def optional(reader: Reader, read: Callable[[Reader], Any]) -> Any:
    """What `read` reads, or None, as the byte before it says."""
    start = reader.pos
    code = reader.u8()
    if code > 1:
        raise MalformedModule(start, f"{code:#04x}, where 0 is nothing and 1 something")
    return read(reader) if code else None


def flag(reader: Reader, what: str) -> bool:
    """A byte that is 0 or 1."""
    start = reader.pos
    code = reader.u8()
    if code > 1:
        raise MalformedModule(start, f"{what} is 0 or 1, not {code:#04x}")
    return code == 1


def extern_type(reader: Reader) -> ExternType:
    """What an import or export is."""
    start = reader.pos
    code = reader.u8()
    if code == 0:
        code = reader.u8()
        if code != 0x11:
            raise unknown(start, code, "core sort of an import or export, which is 0x11: a module")
        return ExternType("core module", reader.u32())
    if code == 2:
        start = reader.pos
        bound = reader.u8()
        if bound > 1:
            raise unknown(start, bound, "bound of a value")
        return ExternType("value", value_type(reader) if bound else ("eq", reader.u32()))
    if code == 3:
        start = reader.pos
        bound = reader.u8()
        if bound > 1:
            raise unknown(start, bound, "bound of a type")
        return ExternType("type", None, "sub") if bound else ExternType("type", reader.u32(), "eq")
    kind = SORTS.get(code)
    if kind is None:
        raise unknown(start, code, "sort of an import or export")
    return ExternType(kind, reader.u32())
