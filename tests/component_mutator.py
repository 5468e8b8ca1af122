"""Breaks component binaries on purpose, for tests with hostile input.

As tests/mutator.py: a pure function of bytes and seed that shares no code with the reader. Core modules inside are mostly left
alone, since small changes to what stands around them reach the deeper checks.
"""

from __future__ import annotations

from random import Random

from tests.mutator import flip_bits, insert, overwrite, remove, repeat, truncate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Sections = list[tuple[int, bytes]]
    Mutation = Callable[[Random, bytes], bytes]

PREAMBLE = b"\0asm\x0d\0\x01\0"
CUSTOM, CORE_MODULE, COMPONENT = 0, 1, 4
_TELLING_BYTES = bytes.fromhex("00 01 02 03 04 05 11 12 3f 40 41 42 50 60 63 68 69 70 7f")


def mutate(data: bytes, seed: int) -> bytes:
    """A broken variant of the component `data`: one to three mutations, chosen by `seed`."""
    rng = Random(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = _somewhere(rng, data, rng.choice(MUTATIONS), 0)
    return data


def split(data: bytes) -> Sections | None:
    """The sections of a component, or None if it isn't one any more."""
    if data[:8] != PREAMBLE:
        return None
    found = []
    pos = 8
    while pos < len(data):
        id, size, shift = data[pos], 0, 0
        pos += 1
        while True:
            if pos >= len(data) or shift > 28:
                return None
            byte = data[pos]
            pos += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if pos + size > len(data):
            return None
        found.append((id, data[pos : pos + size]))
        pos += size
    return found


def join(sections: Sections) -> bytes:
    """The component of these sections."""
    found = [PREAMBLE]
    for id, payload in sections:
        size = len(payload)
        length = b""
        while size >= 0x80:
            length += bytes((size & 0x7F | 0x80,))
            size >>= 7
        found += [bytes((id,)), length, bytes((size,)), payload]
    return b"".join(found)


def _somewhere(rng: Random, data: bytes, mutation: Mutation, depth: int) -> bytes:
    """Mutate one section, or the row of sections, of this component or of one inside it."""
    sections = split(data)
    if not sections:
        return mutation(rng, data)
    if rng.random() < 0.15:
        return join(rng.choice(ROWS)(rng, sections))
    places = [place for place, (id, _) in enumerate(sections) if id not in (CUSTOM, CORE_MODULE)]
    if not places or rng.random() < 0.05:
        return mutation(rng, data)
    place = rng.choice(places)
    id, payload = sections[place]
    changed = _somewhere(rng, payload, mutation, depth + 1) if id == COMPONENT and depth < 8 else mutation(rng, payload)
    return join([*sections[:place], (id, changed), *sections[place + 1 :]])


def nudge(rng: Random, data: bytes) -> bytes:
    """Make a byte one more or one less: another index, count or kind."""
    return _one(rng, data, lambda byte: (byte + rng.choice((-1, 1))) & 0xFF)


def small(rng: Random, data: bytes) -> bytes:
    """Put a small number in the place of a byte."""
    return _one(rng, data, lambda byte: rng.randrange(12))


def telling(rng: Random, data: bytes) -> bytes:
    """Put a byte that means something in the format in the place of another."""
    return _one(rng, data, lambda byte: rng.choice(_TELLING_BYTES))


def swap(rng: Random, data: bytes) -> bytes:
    """Exchange two bytes near each other."""
    if len(data) < 2:
        return data
    found = bytearray(data)
    place = rng.randrange(len(found) - 1)
    other = min(len(found) - 1, place + rng.randint(1, 4))
    found[place], found[other] = found[other], found[place]
    return bytes(found)


def _one(rng: Random, data: bytes, change: Callable[[int], int]) -> bytes:
    if not data:
        return data
    found = bytearray(data)
    place = rng.randrange(len(found))
    found[place] = change(found[place])
    return bytes(found)


def without(rng: Random, sections: Sections) -> Sections:
    """Leave a section out."""
    place = rng.randrange(len(sections))
    return sections[:place] + sections[place + 1 :]


def twice(rng: Random, sections: Sections) -> Sections:
    """Write a section twice."""
    place = rng.randrange(len(sections))
    return sections[: place + 1] + sections[place:]


def moved(rng: Random, sections: Sections) -> Sections:
    """Put a section elsewhere."""
    found = list(sections)
    section = found.pop(rng.randrange(len(found)))
    found.insert(rng.randrange(len(found) + 1), section)
    return found


def renumbered(rng: Random, sections: Sections) -> Sections:
    """Give a section the id of another."""
    place = rng.randrange(len(sections))
    return [*sections[:place], (rng.randrange(14), sections[place][1]), *sections[place + 1 :]]


ROWS = (without, twice, moved, renumbered)
MUTATIONS: tuple[Mutation, ...] = (
    nudge, nudge, nudge, small, small, small, telling, telling, swap, flip_bits, overwrite, insert, remove, repeat, truncate,
)  # fmt: skip
