"""How values lie in memory and in core values: size, alignment, and flat types.

Flat types are letters: i i32, I i64, f f32, F f64. A type with more of them than a call may have lies in memory instead, so
letters beyond that number aren't kept. Source: Component Model, CanonicalABI.md, "Alignment", "Element Size", "Flattening".
"""

from __future__ import annotations

from agave_wasi.component.types import Enum, Flags, List, Map, Option, Record, Result, Tuple, ValType, Variant
from agave_wasi.engines.base import LinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.component.types import FuncType

MAX_FLAT_PARAMS = 16
MAX_FLAT_RESULTS = 1
MAX_FLAGS = 32
MAX_DEPTH = 100
"""So deep may types lie one in the other, as with wasmtime."""
MAX_NODES = 100_000
"""Of so many types may one be made: comparing two of them takes as many steps."""
SHOWN = 200
"""Characters of a type that a message shows."""
MANY = 10_000
"""So many types are remembered before all are forgotten: types come from guests."""


class Layout:
    """Size and alignment in bytes, flat core types, and where parts lie.

    `offsets` are those of the fields of a record or tuple; of a variant the one offset of every payload, and `tag` is the size
    of its discriminant. `nodes` and `depth` are how many types it is made of, and how deep they lie.
    """

    __slots__ = ("size", "align", "flat", "offsets", "tag", "nodes", "depth")

    def __init__(
        self, size: int, align: int, flat: str, offsets: tuple[int, ...] = (), tag: int = 0, parts: Sequence[Layout] = ()
    ) -> None:
        self.size = size
        self.align = align
        self.flat = flat[: MAX_FLAT_PARAMS + 1]
        self.offsets = offsets
        self.tag = tag
        self.nodes: int = 1 + sum([part.nodes for part in parts])
        self.depth: int = 1 + max([part.depth for part in parts], default=0)
        if self.depth > MAX_DEPTH:
            raise LinkError(f"a type is nested more than {MAX_DEPTH} deep")
        if self.nodes > MAX_NODES:
            raise LinkError(f"a type is made of more than {MAX_NODES} types")


def layout(type: ValType) -> Layout:
    """The layout of a type; LinkError if it has none in this version, or is nested too deeply."""
    try:
        found: Layout = remembered("layout", type, _known, _layout)
    except RecursionError:
        raise LinkError(f"a type is nested more than {MAX_DEPTH} deep") from None
    return found


def _layout(type: ValType) -> Layout:
    make = _LAYOUTS.get(type.kind)
    if make is None:
        raise LinkError(f"a value of type {type.kind} needs Preview 3; this version runs Preview 2")
    return make(type)


def remembered(name: str, type: Any, known: dict[Any, Any], make: Callable[[Any], Any]) -> Any:
    """`make(type)`, made once: for all types of this structure, in `known`.

    Of a type with handles it is kept with the type alone: resources lead to all that a guest has, which must go with it.
    """
    found = type.made.get(name)
    if found is None:
        shared = not type.has_handles()
        found = known.get(type) if shared else None
        if found is None:
            found = make(type)
            if shared:
                if len(known) >= MANY:
                    known.clear()
                known[type] = found
        type.made[name] = found
    return found


def core_type(type: FuncType, direction: str) -> tuple[str, str]:
    """(parameters, results) as letters of the core function that is lifted ("lift"), or that lowering makes ("lower")."""
    if type.is_async:
        raise LinkError(f"an async function ({brief_function(type)}) needs Preview 3; this version runs Preview 2")
    parameters = "".join([layout(each).flat for _, each in type.parameters])
    if len(parameters) > MAX_FLAT_PARAMS:
        parameters = "i"
    results = "" if type.result is None else layout(type.result).flat
    if len(results) > MAX_FLAT_RESULTS:
        return (parameters, "i") if direction == "lift" else (parameters + "i", "")
    return parameters, results


def brief(type: ValType) -> str:
    """A type as text for a message; the text of a large one would be larger than any use of it."""
    try:
        shown = str(type) if layout(type).nodes <= SHOWN else type.kind
    except LinkError:
        shown = type.kind
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "..."


def brief_function(type: FuncType) -> str:
    """A function's parameters by name."""
    return ", ".join([name for name, _ in type.parameters])


def cases(type: ValType) -> Sequence[tuple[str, ValType | None]]:
    """What is a variant at heart as cases: (name, payload's type)."""
    if isinstance(type, Variant):
        return type.cases
    if isinstance(type, Option):
        return ("none", None), ("some", type.some)
    if isinstance(type, Result):
        return ("ok", type.ok), ("error", type.err)
    assert isinstance(type, Enum)
    return [(name, None) for name in type.names]


def fields(type: ValType) -> Sequence[ValType]:
    """What is a record at heart as the types of its fields."""
    if isinstance(type, Record):
        return [each for _, each in type.fields]
    assert isinstance(type, Tuple)
    return type.types


def aligned(offset: int, align: int) -> int:
    """The next multiple of `align`."""
    return (offset + align - 1) & -align


def _record(type: ValType) -> Layout:
    parts = [layout(each) for each in fields(type)]
    if not parts:
        raise LinkError(f"a {type.kind} has no fields")
    offsets, end = [], 0
    for part in parts:
        offsets.append(aligned(end, part.align))
        end = offsets[-1] + part.size
    align = max([part.align for part in parts])
    flat = "".join([part.flat for part in parts])
    return Layout(aligned(end, align), align, flat, tuple(offsets), parts=parts)


def _variant(type: ValType) -> Layout:
    payloads = [each for _, each in cases(type)]
    if not payloads:
        raise LinkError(f"a {type.kind} has no cases")
    tag = 1 if len(payloads) <= 1 << 8 else 2 if len(payloads) <= 1 << 16 else 4
    parts = [layout(each) for each in payloads if each is not None]
    inner = max([part.align for part in parts], default=1)
    offset = aligned(tag, inner)
    align = max(tag, inner)
    flat = ""
    for part in parts:
        flat = join(flat, part.flat)
    size = aligned(offset + max([part.size for part in parts], default=0), align)
    return Layout(size, align, "i" + flat, (offset,), tag, parts)


def join(first: str, second: str) -> str:
    """The core types that values of either flat types fit into."""
    both = [a if a == b else "i" if {a, b} == {"i", "f"} else "I" for a, b in zip(first, second)]
    return "".join(both) + first[len(both) :] + second[len(both) :]


def _flags(type: ValType) -> Layout:
    assert isinstance(type, Flags)
    count = len(type.names)
    if not 0 < count <= MAX_FLAGS:
        raise LinkError(f"a flags type has {count} flags, but must have 1 to {MAX_FLAGS}")
    size = 1 if count <= 8 else 2 if count <= 16 else 4
    return Layout(size, size, "i")


def _list(type: ValType) -> Layout:
    assert isinstance(type, List)
    part = layout(type.element)
    if type.length is None:
        return Layout(8, 4, "ii", parts=[part])
    if type.length < 1:
        raise LinkError("a list of fixed length has no elements")
    flat = part.flat * min(type.length, MAX_FLAT_PARAMS + 1)
    return Layout(part.size * type.length, part.align, flat, parts=[part])


def _map(type: ValType) -> Layout:
    assert isinstance(type, Map)
    return Layout(8, 4, "ii", parts=[layout(type.name), layout(type.value)])


def _fixed(size: int, flat: str, align: int | None = None) -> Callable[[Any], Layout]:
    found = Layout(size, align or size, flat)
    return lambda type: found


_LAYOUTS: dict[str, Callable[[Any], Layout]] = {
    "bool": _fixed(1, "i"), "u8": _fixed(1, "i"), "s8": _fixed(1, "i"), "u16": _fixed(2, "i"), "s16": _fixed(2, "i"),
    "u32": _fixed(4, "i"), "s32": _fixed(4, "i"), "u64": _fixed(8, "I"), "s64": _fixed(8, "I"), "f32": _fixed(4, "f"),
    "f64": _fixed(8, "F"), "char": _fixed(4, "i"), "string": _fixed(8, "ii", 4), "own": _fixed(4, "i"),
    "borrow": _fixed(4, "i"), "record": _record, "tuple": _record, "variant": _variant, "enum": _variant,
    "option": _variant, "result": _variant, "flags": _flags, "list": _list, "map": _map,
}  # fmt: skip
_known: dict[ValType, Layout] = {}
