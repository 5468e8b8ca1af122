"""What instructions are given: the edges of each type, and random values beside them. All values are bytes, little endian."""

from __future__ import annotations

from itertools import product

TYPE_CHECKING = False
if TYPE_CHECKING:
    from random import Random

SIZES = {"i": 4, "I": 8, "f": 4, "F": 8, "V": 16}


def _integers(bits: int) -> list[int]:
    top = 1 << bits
    near = [0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536]
    edges = {*near, *(top - value for value in near if value)}
    edges |= {top // 2 - 1, top // 2, top // 2 + 1, top // 4, 0x0123456789ABCDEF, 0xAAAAAAAAAAAAAAAA, 0x5555555555555555}
    return sorted({edge % top for edge in edges})


_HALVES = (0.0, 0.5, 1.0, 1.5, 2.5, 0.49999997, 3.1415927, 127.5, 128.0, 255.0, 256.0, 32767.5, 65535.0)


def _floats(mantissa: int, exponent: int) -> list[int]:
    """A format's edges as bits: numbers of bits of its mantissa and exponent."""
    from struct import pack, unpack

    code, word = ("<f", "<I") if exponent == 8 else ("<d", "<Q")
    sign = 1 << mantissa + exponent
    infinity = (1 << exponent) - 1 << mantissa
    quiet = 1 << mantissa - 1
    bits = {unpack(word, pack(code, value))[0] for value in _HALVES}
    for power in (7, 8, 15, 16, 31, 32, 52, 53, 63, 64):  # round every integer's limit, what is next to it on both sides
        exact = unpack(word, pack(code, 2.0**power))[0]
        bits |= {exact - 1, exact, exact + 1}
    smallest = 1 << mantissa
    bits |= {1, 2, smallest - 1, smallest, smallest + 1, infinity - 1}
    bits |= {infinity, infinity | quiet, infinity | 1, infinity | quiet | 5, infinity | quiet - 1}
    return sorted(bits | {each | sign for each in bits})


_WIDTHS = {"i8": 1, "i16": 2, "i32": 4, "i64": 8, "f32": 4, "f64": 8}
EDGES: dict[str, list[bytes]] = {
    "i": [value.to_bytes(4, "little") for value in _integers(32)],
    "I": [value.to_bytes(8, "little") for value in _integers(64)],
    "f": [value.to_bytes(4, "little") for value in _floats(23, 8)],
    "F": [value.to_bytes(8, "little") for value in _floats(52, 11)],
}
_LANES = {
    1: [value.to_bytes(1, "little") for value in (0, 1, 2, 15, 16, 31, 64, 100, 126, 127, 128, 129, 200, 254, 255)],
    2: [value.to_bytes(2, "little") for value in _integers(16)],
}


def vector(random: Random) -> bytes:
    """A v128 of edges of one kind of lane, or of anything."""
    kind = random.choice(("i8", "i16", "i", "I", "f", "F", "any"))
    if kind == "any":
        return random.randbytes(16)
    edges = _LANES[_WIDTHS[kind]] if kind in _WIDTHS else EDGES[kind]
    count = 16 // len(edges[0])
    if not random.randrange(4):
        return random.choice(edges) * count
    return b"".join(random.choice(edges) for _ in range(count))


def value(random: Random, letter: str) -> bytes:
    """A value of a type: mostly an edge."""
    if letter == "V":
        return vector(random)
    if not random.randrange(3):
        return random.randbytes(SIZES[letter])
    return random.choice(EDGES[letter])


def cases(random: Random, parameters: str, count: int) -> list[tuple[bytes, ...]]:
    """`count` tuples of arguments: of one or two scalars every combination of edges comes first, if there is room."""
    found: list[tuple[bytes, ...]] = []
    if "V" not in parameters and len(parameters) <= 2:
        combinations = list(product(*(EDGES[letter] for letter in parameters)))
        if len(combinations) > count:
            combinations = random.sample(combinations, count * 3 // 4)
        found += combinations
    while len(found) < count:
        found.append(tuple(value(random, letter) for letter in parameters))
    return found
