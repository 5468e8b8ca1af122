"""Functions and values of arbitrary types, drawn from a seed. Values are as `agave_wasi.component.types` has them.

All value types but resources, streams and futures; and no lists of fixed length, which the reference's C API can't turn on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from struct import unpack
from typing import Any

from agave_wasi.component import types as t

INTEGERS = {"u8": 8, "s8": 8, "u16": 16, "s16": 16, "u32": 32, "s32": 32, "u64": 64, "s64": 64}
PRIMITIVES = [each for each in t.PRIMITIVES.values() if each.kind != "error-context"]
KEYS = [each for each in PRIMITIVES if each.kind not in ("f32", "f64")]
WORDS = (
    "a", "b", "c", "x", "y", "z", "class", "def", "none", "is", "x1", "HTTP", "s2-t", "return", "value", "count", "index",
    "name", "n-th", "type", "self", "u8", "list", "async", "a-b-c", "q0",
)  # fmt: skip
"""Names, among them such as mean something in Python or WIT."""
ALPHABETS = ("ab", "aé", "ab\x7f\x80\xff", "aé€😀\0", "\ud7ff\ue000\uffff\U0010ffff\u0100", "☃x")
MANY = 400
"""Cases that a large enum or variant has: more than a byte counts."""
MOST_FLAGS = 32


class Drawing:
    """Draws from one random generator; the same one draws the same."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def function(self) -> t.FuncType:
        """The type of an echo: `answer` says what its result is made of."""
        random = self.random
        count = random.choice((0, 1, 1, 1, 1, 2, 2, 3, 4, 6))
        if random.random() < 0.06:
            count = random.randrange(14, 20)  # about as many as are passed without memory
        parts = [self.type(random.choice((1, 1, 2, 3, 4, 6, 9)) if count < 7 else 1) for _ in range(count)]
        names = self.names(count + 1)
        if count >= 2 and random.random() < 0.15:  # the last parameter chooses which of the first two is answered
            parts.append(t.BOOL)
            return t.FuncType(tuple(zip(names, parts)), t.Result(parts[0], parts[1]))
        results: list[t.ValType | None] = [None, *parts, t.Tuple(tuple(parts))] if parts else [None]
        weights = [1, *[3] * len(parts), 6] if parts else [1]
        if count == 1:
            weights[-1] = 2
        return t.FuncType(tuple(zip(names, parts)), random.choices(results, weights)[0])

    def type(self, leaves: int) -> t.ValType:
        """A type of about so many parts."""
        if leaves <= 1:
            return self._leaf()
        return self.random.choice(_LARGER)(self, leaves - 1)

    def names(self, count: int) -> list[str]:
        """So many different names."""
        if count <= len(WORDS):
            return self.random.sample(WORDS, count)
        return [f"n{number}" for number in range(count)]

    def _leaf(self) -> t.ValType:
        random = self.random
        kind = random.random()
        if kind < 0.12:
            return t.Enum(tuple(self.names(MANY if random.random() < 0.1 else random.randrange(1, 6))))
        if kind < 0.24:
            return t.Flags(tuple(self.names(random.choice((1, 2, 7, 8, 9, 16, 17, 31, 32)))))
        if kind < 0.3:
            return random.choice((t.Result(), t.List(t.U8), t.Option(t.BOOL)))
        if kind < 0.4:
            return t.STRING
        return random.choice(PRIMITIVES)

    def _parts(self, leaves: int, most: int) -> list[t.ValType]:
        count = self.random.randrange(1, most + 1)
        return [self.type(max(1, leaves // count)) for _ in range(count)]

    def _maybe(self, leaves: int) -> t.ValType | None:
        return None if self.random.random() < 0.25 else self.type(leaves)

    def _list(self, leaves: int) -> t.ValType:
        return t.List(self.type(leaves))

    def _map(self, leaves: int) -> t.ValType:
        return t.Map(self.random.choice(KEYS), self.type(leaves))

    def _record(self, leaves: int) -> t.ValType:
        parts = self._parts(leaves, 5)
        return t.Record(tuple(zip(self.names(len(parts)), parts)))

    def _tuple(self, leaves: int) -> t.ValType:
        return t.Tuple(tuple(self._parts(leaves, 8)))

    def _variant(self, leaves: int) -> t.ValType:
        parts: list[t.ValType | None] = [*self._parts(leaves, 5)]
        parts = [None if self.random.random() < 0.25 else each for each in parts]
        if self.random.random() < 0.03:
            parts += [None] * MANY
        return t.Variant(tuple(zip(self.names(len(parts)), parts)))

    def _option(self, leaves: int) -> t.ValType:
        return t.Option(self.type(leaves))

    def _result(self, leaves: int) -> t.ValType:
        return t.Result(self._maybe(leaves // 2), self._maybe(leaves // 2))

    # Values

    def value(self, type: t.ValType) -> Any:
        """A value of the type."""
        return _VALUES[type.kind](self, type)

    def _bool(self, type: t.ValType) -> bool:
        return self.random.random() < 0.5

    def _integer(self, type: t.ValType) -> int:
        bits = INTEGERS[type.kind]
        low = -(1 << bits - 1) if type.kind[0] == "s" else 0
        high = low + (1 << bits) - 1
        near = self.random.choice((low, high, 0, 1, low + 1, high - 1, high >> 1, -1))
        if self.random.random() < 0.5 and low <= near <= high:
            return near
        return self.random.randint(low, high)

    def _float(self, type: t.ValType) -> float:
        random, size = self.random, 4 if type.kind == "f32" else 8
        if random.random() < 0.5:
            return random.choice((0.0, -0.0, 1.0, -1.5, float("inf"), float("-inf"), float("nan"), 2.0**-126, 2.0**-149))
        found: float = unpack("<f" if size == 4 else "<d", random.randbytes(size))[0]
        return found

    def _char(self, type: t.ValType) -> str:
        code = self.random.choice((0, 0x41, 0x7F, 0x80, 0xFF, 0x100, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF))
        if self.random.random() < 0.5:
            code = self.random.randrange(0x10F800)
            code += 0x800 if code >= 0xD800 else 0
        return chr(code)

    def _string(self, type: t.ValType) -> str:
        letters = self.random.choice(ALPHABETS)
        size = self.random.choice((0, 1, 2, 3, 5, 8, 17, 40, 400 if self.random.random() < 0.1 else 4))
        found = [self.random.choice(letters) for _ in range(size)]
        if found and self.random.random() < 0.2:  # what doesn't fit what came before, at the very end
            found[-1] = self.random.choice(("é", "€", "😀"))
        return "".join(found)

    def _flags(self, type: t.Flags) -> frozenset[str]:
        return frozenset(name for name in type.names if self.random.random() < 0.5)

    def _enum(self, type: t.Enum) -> str:
        return self.random.choice(type.names)

    def _elements(self, type: t.List) -> Any:
        if type.element.kind == "u8":
            return self.random.randbytes(self.random.choice((0, 1, 7, 64, 2000 if self.random.random() < 0.05 else 3)))
        count = self.random.choice((0, 0, 1, 1, 2, 3, 60 if self.random.random() < 0.02 else 2))
        return [self.value(type.element) for _ in range(count)]

    def _pairs(self, type: t.Map) -> dict[Any, Any]:
        return {self.value(type.name): self.value(type.value) for _ in range(self.random.randrange(4))}

    def _fields(self, type: t.Record) -> Any:
        return type.make(*[self.value(each) for _, each in type.fields])

    def _items(self, type: t.Tuple) -> tuple[Any, ...]:
        return tuple([self.value(each) for each in type.types])

    def _case(self, type: t.Variant) -> t.Case:
        name, payload = self.random.choice(type.cases)
        return t.Case(name, None if payload is None else self.value(payload))

    def _some(self, type: t.Option) -> Any:
        if self.random.random() < 0.3:
            return None
        found = self.value(type.some)
        return t.Some(found) if type.some.kind == "option" else found

    def _ok(self, type: t.Result) -> Any:
        make, payload = self.random.choice(((t.Ok, type.ok), (t.Err, type.err)))
        return make(None if payload is None else self.value(payload))


def answer(type: t.FuncType, values: Sequence[Any]) -> Any:
    """What the host's function answers to these values: one of them, all of them, or nothing."""
    result, kinds = type.result, [each for _, each in type.parameters]
    if result is None:
        return None
    if isinstance(result, t.Result) and kinds[-1:] == [t.BOOL] and len(kinds) > 2 and [result.ok, result.err] == kinds[:2]:
        return t.Ok(values[0]) if values[-1] else t.Err(values[1])
    if isinstance(result, t.Tuple) and list(result.types) == kinds:
        return tuple(values)
    return values[kinds.index(result)]


_LARGER: list[Callable[[Drawing, int], t.ValType]] = [
    Drawing._list, Drawing._record, Drawing._record, Drawing._tuple, Drawing._variant, Drawing._variant, Drawing._option,
    Drawing._result, Drawing._map,
]  # fmt: skip
_VALUES: dict[str, Callable[[Drawing, Any], Any]] = {
    **dict.fromkeys(INTEGERS, Drawing._integer), "bool": Drawing._bool, "f32": Drawing._float, "f64": Drawing._float,
    "char": Drawing._char, "string": Drawing._string, "flags": Drawing._flags, "enum": Drawing._enum,
    "list": Drawing._elements, "map": Drawing._pairs, "record": Drawing._fields, "tuple": Drawing._items,
    "variant": Drawing._case, "option": Drawing._some, "result": Drawing._ok,
}  # fmt: skip
