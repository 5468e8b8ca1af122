"""The canonical ABI once more, slowly and byte by byte, as the specification has it: what the closures are compared with.

Values are those of `agave_wasi.component.types`; handles are left out. Strategies for types and their values are here, too.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from agave_wasi.component import types as t
from tests.agave_wasi.component.fake import Guest

SIZES = {"bool": 1, "s8": 1, "u8": 1, "s16": 2, "u16": 2, "s32": 4, "u32": 4, "s64": 8, "u64": 8, "f32": 4, "f64": 8, "char": 4}


def parts(type: Any) -> tuple[str, list[Any]]:
    """A type as a record, a variant or itself."""
    match type.kind:
        case "record":
            return "record", [each for _, each in type.fields]
        case "tuple":
            return "record", list(type.types)
        case "list" if type.length is not None:
            return "record", [type.element] * type.length
        case "variant":
            return "variant", [each for _, each in type.cases]
        case "enum":
            return "variant", [None for _ in type.names]
        case "option":
            return "variant", [None, type.some]
        case "result":
            return "variant", [type.ok, type.err]
    return type.kind, []


def alignment(type: Any) -> int:
    kind, inner = parts(type)
    if kind == "record":
        return max(alignment(each) for each in inner)
    if kind == "variant":
        return max([tag_size(inner)] + [alignment(each) for each in inner if each is not None])
    if kind in ("string", "list", "map"):
        return 4
    return flags_size(type) if kind == "flags" else SIZES[kind]


def tag_size(cases: list[Any]) -> int:
    return {0: 1, 1: 1, 2: 2, 3: 4}[math.ceil(math.log2(len(cases)) / 8)]


def flags_size(type: Any) -> int:
    return 1 if len(type.names) <= 8 else 2 if len(type.names) <= 16 else 4


def round_up(at: int, align: int) -> int:
    return math.ceil(at / align) * align


def size(type: Any) -> int:
    kind, inner = parts(type)
    if kind == "record":
        end = 0
        for each in inner:
            end = round_up(end, alignment(each)) + size(each)
        return round_up(end, alignment(type))
    if kind == "variant":
        return round_up(payload_offset(inner) + max([0] + [size(each) for each in inner if each is not None]), alignment(type))
    if kind in ("string", "list", "map"):
        return 8
    return flags_size(type) if kind == "flags" else SIZES[kind]


def payload_offset(cases: list[Any]) -> int:
    return round_up(tag_size(cases), max([1] + [alignment(each) for each in cases if each is not None]))


def flatten(type: Any) -> list[str]:
    kind, inner = parts(type)
    if kind == "record":
        return [letter for each in inner for letter in flatten(each)]
    if kind == "variant":
        joined: list[str] = []
        for each in inner:
            for place, letter in enumerate([] if each is None else flatten(each)):
                if place == len(joined):
                    joined.append(letter)
                elif joined[place] != letter:
                    joined[place] = "i" if {joined[place], letter} == {"i", "f"} else "I"
        return ["i"] + joined
    if kind in ("string", "list", "map"):
        return ["i", "i"]
    return [{"s64": "I", "u64": "I", "f32": "f", "f64": "F"}.get(kind, "i")]


# Values as records and variants


def fields_of(type: Any, value: Any) -> list[Any]:
    return list(value)


def record_of(type: Any, values: list[Any]) -> Any:
    if type.kind == "list":
        return bytes(values) if type.element.kind == "u8" else values
    return type.make(*values) if type.kind == "record" else tuple(values)


def case_of(type: Any, value: Any) -> tuple[int, Any]:
    if type.kind == "variant":
        return [name for name, _ in type.cases].index(value.name), value.value
    if type.kind == "enum":
        return type.names.index(value), None
    if type.kind == "option":
        return (0, None) if value is None else (1, value.value if type.some.kind == "option" else value)
    return int(isinstance(value, t.Err)), value.value


def variant_of(type: Any, place: int, payload: Any) -> Any:
    if type.kind == "variant":
        return t.Case(type.cases[place][0], payload)
    if type.kind == "enum":
        return type.names[place]
    if type.kind == "option":
        return None if place == 0 else t.Some(payload) if type.some.kind == "option" else payload
    return (t.Ok, t.Err)[place](payload)


# Memory


def load_number(guest: Guest, at: int, count: int, signed: bool = False) -> int:
    assert 0 <= at <= len(guest.bytes) - count
    return int.from_bytes(guest.bytes[at : at + count], "little", signed=signed)


def store_number(guest: Guest, at: int, count: int, value: int) -> None:
    assert 0 <= at <= len(guest.bytes) - count
    guest.bytes[at : at + count] = (value % (1 << 8 * count)).to_bytes(count, "little")


def load(guest: Guest, at: int, type: Any) -> Any:
    assert at % alignment(type) == 0
    kind, inner = parts(type)
    if kind == "record":
        found, end = [], at
        for each in inner:
            end = round_up(end, alignment(each))
            found.append(load(guest, end, each))
            end += size(each)
        return record_of(type, found)
    if kind == "variant":
        place = load_number(guest, at, tag_size(inner))
        payload = None if inner[place] is None else load(guest, at + payload_offset(inner), inner[place])
        return variant_of(type, place, payload)
    if kind in ("string", "list", "map"):
        return load_range(guest, load_number(guest, at, 4), load_number(guest, at + 4, 4), type)
    if kind == "flags":
        return flags_of(type, load_number(guest, at, size(type)))
    if kind in ("f32", "f64"):
        return struct.unpack("<f" if kind == "f32" else "<d", guest.bytes[at : at + SIZES[kind]])[0]
    value = load_number(guest, at, SIZES[kind], kind[0] == "s")
    return chr(value) if kind == "char" else bool(value) if kind == "bool" else value


def flags_of(type: Any, bits: int) -> frozenset[str]:
    return frozenset(name for place, name in enumerate(type.names) if bits & 1 << place)


def load_range(guest: Guest, at: int, count: int, type: Any) -> Any:
    if type.kind == "string":
        encoding, size_in_bytes = {"utf8": "utf-8", "utf16": "utf-16-le", "latin1+utf16": "latin-1"}[guest.encoding], count
        if guest.encoding == "utf16" or (guest.encoding == "latin1+utf16" and count & 1 << 31):
            encoding, size_in_bytes = "utf-16-le", 2 * (count & ~(1 << 31))
        assert guest.encoding == "utf8" or at % 2 == 0
        return bytes(guest.bytes[at : at + size_in_bytes]).decode(encoding)
    if type.kind == "map":
        pair = t.Tuple((type.name, type.value))
        return dict(load(guest, at + place * size(pair), pair) for place in range(count))
    found = [load(guest, at + place * size(type.element), type.element) for place in range(count)]
    return bytes(found) if type.element.kind == "u8" else found


def store(guest: Guest, at: int, type: Any, value: Any) -> None:
    assert at % alignment(type) == 0
    kind, inner = parts(type)
    if kind == "record":
        end = at
        for each, field in zip(inner, fields_of(type, value), strict=True):
            end = round_up(end, alignment(each))
            store(guest, end, each, field)
            end += size(each)
    elif kind == "variant":
        place, payload = case_of(type, value)
        store_number(guest, at, tag_size(inner), place)
        if inner[place] is not None:
            store(guest, at + payload_offset(inner), inner[place], payload)
    elif kind in ("string", "list", "map"):
        pointer, count = store_range(guest, type, value)
        store_number(guest, at, 4, pointer)
        store_number(guest, at + 4, 4, count)
    elif kind in ("f32", "f64"):
        guest.bytes[at : at + SIZES[kind]] = struct.pack("<f" if kind == "f32" else "<d", value)
    else:
        store_number(guest, at, size(type), number_of(type, value))


def number_of(type: Any, value: Any) -> int:
    if type.kind == "flags":
        return sum(1 << type.names.index(name) for name in value)
    return ord(value) if type.kind == "char" else int(value)


def store_range(guest: Guest, type: Any, value: Any) -> tuple[int, int]:
    if type.kind == "string":
        if guest.encoding == "utf8":
            data, align, count = value.encode(), 1, len(value.encode())
        elif guest.encoding == "latin1+utf16" and all(ord(char) < 256 for char in value):
            data, align, count = value.encode("latin-1"), 2, len(value)
        else:
            data, align = value.encode("utf-16-le"), 2
            count = len(data) // 2 | (guest.encoding == "latin1+utf16") << 31
        return guest.put(data, guest.realloc(0, 0, align, len(data))), count
    element = t.Tuple((type.name, type.value)) if type.kind == "map" else type.element
    values = list(value.items() if type.kind == "map" else value)
    at = guest.realloc(0, 0, alignment(element), size(element) * len(values))
    for place, each in enumerate(values):
        store(guest, at + place * size(element), element, each)
    return at, len(values)


# Core values


def bits_of(letter: str, value: Any) -> int:
    if letter in "iI":
        return int(value)
    return int.from_bytes(struct.pack("<f" if letter == "f" else "<d", value), "little")


def of_bits(letter: str, bits: int) -> Any:
    if letter in "iI":
        return bits % (1 << (32 if letter == "i" else 64))
    return struct.unpack("<f", (bits % (1 << 32)).to_bytes(4, "little"))[0] if letter == "f" else struct.unpack(
        "<d", bits.to_bytes(8, "little")
    )[0]


def lower(guest: Guest, type: Any, value: Any) -> list[Any]:
    kind, inner = parts(type)
    if kind == "record":
        return [core for each, field in zip(inner, fields_of(type, value), strict=True) for core in lower(guest, each, field)]
    if kind == "variant":
        place, payload = case_of(type, value)
        letters = flatten(type)[1:]
        own = [] if inner[place] is None else flatten(inner[place])
        cores = [] if inner[place] is None else lower(guest, inner[place], payload)
        bits = [bits_of(letter, core) for letter, core in zip(own, cores)] + [0] * (len(letters) - len(own))
        return [place] + [of_bits(letter, each) for letter, each in zip(letters, bits, strict=True)]
    if kind in ("string", "list", "map"):
        return list(store_range(guest, type, value))
    if kind in ("f32", "f64"):
        return [value]
    return [of_bits("I" if kind in ("s64", "u64") else "i", number_of(type, value))]


def lift(guest: Guest, cores: Iterator[Any], type: Any) -> Any:
    kind, inner = parts(type)
    if kind == "record":
        return record_of(type, [lift(guest, cores, each) for each in inner])
    if kind == "variant":
        place, letters = next(cores), flatten(type)[1:]
        taken = [(letter, next(cores)) for letter in letters]
        if inner[place] is None:
            return variant_of(type, place, None)
        own = [of_bits(want, bits_of(have, core)) for want, (have, core) in zip(flatten(inner[place]), taken)]
        return variant_of(type, place, lift(guest, iter(own), inner[place]))
    if kind in ("string", "list", "map"):
        return load_range(guest, next(cores), next(cores), type)
    core = next(cores)
    if kind == "flags":
        return flags_of(type, core)
    if kind in ("f32", "f64"):
        return core
    if kind == "char":
        return chr(core)
    if kind == "bool":
        return bool(core)
    width = 8 * SIZES[kind]
    core %= 1 << width
    return core - (1 << width) if kind[0] == "s" and core >> width - 1 else core


# Types and values

NAMES = ("a", "b-c", "class", "d", "e1", "f-g-h", "i", "j", "k")
NUMBERS = {
    "u8": (0, 8), "s8": (1, 8), "u16": (0, 16), "s16": (1, 16), "u32": (0, 32), "s32": (1, 32), "u64": (0, 64), "s64": (1, 64)
}  # fmt: skip
SIMPLE = st.sampled_from([each for name, each in t.PRIMITIVES.items() if name != "error-context"])
KEYS = st.sampled_from([t.BOOL, t.U8, t.S16, t.U32, t.S64, t.CHAR, t.STRING])


def named(inner: Any, least: int = 1, most: int = 4) -> Any:
    return st.lists(inner, min_size=least, max_size=most).map(lambda found: tuple(zip(NAMES, found)))


def names(most: int) -> Any:
    return st.integers(1, most).map(lambda count: tuple(f"n{place}" for place in range(count)))


def composed(inner: Any) -> Any:
    maybe = st.none() | inner
    return st.one_of(
        st.builds(t.List, inner),
        st.builds(t.List, inner, st.integers(1, 4)),
        st.builds(t.Map, KEYS, inner),
        named(inner).map(t.Record),
        st.lists(inner, min_size=1, max_size=4).map(lambda found: t.Tuple(tuple(found))),
        named(maybe).map(t.Variant),
        st.builds(t.Option, inner),
        st.builds(t.Result, maybe, maybe),
    )


TYPES: Any = st.recursive(SIMPLE | names(32).map(t.Flags) | names(300).map(t.Enum), composed, max_leaves=8)


def values(type: Any) -> Any:
    """A strategy for values of a type."""
    kind = type.kind
    if kind in NUMBERS:
        signed, bits = NUMBERS[kind]
        return st.integers(-signed << bits - 1, (1 << bits - signed) - 1)
    match kind:
        case "bool":
            return st.booleans()
        case "f32" | "f64":
            return st.floats(width=int(kind[1:])).map(lambda value: value if value == value else math.nan)  # type: ignore[arg-type]
        case "char":
            return st.characters(exclude_categories=["Cs"])
        case "string":
            return st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.text("aé€😀", max_size=5)
        case "flags":
            return st.frozensets(st.sampled_from(type.names))
        case "enum":
            return st.sampled_from(type.names)
        case "map":
            return st.dictionaries(values(type.name), values(type.value), max_size=3)
        case "record":
            return st.tuples(*[values(each) for _, each in type.fields]).map(lambda found: type.make(*found))
        case "tuple":
            return st.tuples(*[values(each) for each in type.types])
        case "option":
            some = values(type.some)
            return st.none() | (some.map(t.Some) if type.some.kind == "option" else some)
        case "result":
            return payload(type.ok).map(t.Ok) | payload(type.err).map(t.Err)
        case "variant":
            return st.one_of([st.builds(t.Case, st.just(name), payload(each)) for name, each in type.cases])
    least, most = (0, 4) if type.length is None else (type.length, type.length)
    if type.element.kind == "u8":
        return st.binary(min_size=least, max_size=most)
    return st.lists(values(type.element), min_size=least, max_size=most)


def payload(type: Any) -> Any:
    return st.none() if type is None else values(type)


TYPED: Any = TYPES.flatmap(lambda type: st.tuples(st.just(type), values(type)))
"""A type, and a value of it."""


def shown(value: Any) -> Any:
    """Something that equal values have in common: also NaN, and -0.0 apart from 0.0."""
    if isinstance(value, dict):
        return "dict", [(shown(name), shown(each)) for name, each in value.items()]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, list | tuple):
        return type(value).__name__, getattr(value, "_fields", None), [shown(each) for each in value]
    return type(value).__name__, repr(value)
