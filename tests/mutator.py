"""Breaks WebAssembly binaries on purpose, for tests with hostile input.

`mutate` is a pure function of the bytes and the seed: the same pair gives the same broken module on every machine, so a
failing seed is a complete report. It knows the outline of the format (sections, counts, limits, names), so that many of
its results pass the first checks and reach the deeper ones. It shares no code with the reader that it tests.
"""

from __future__ import annotations

from random import Random

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Sections = list[tuple[int, bytes]]
    Mutation = Callable[[Random, bytes], bytes]

_PREAMBLE = b"\0asm\x01\0\0\0"
_TELLING_BYTES = (0x00, 0x01, 0x0B, 0x40, 0x60, 0x63, 0x70, 0x7B, 0x7F, 0x80, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF)
_HUGE = (1 << 16, 1_000_000, 100_000_000, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 64) - 1)
_TYPE, _IMPORT, _FUNCTION, _TABLE, _MEMORY, _EXPORT, _CODE = 1, 2, 3, 4, 5, 7, 10

# Small modules whose sections are mixed into others: one that imports memory and a function, one with a table, its
# element segment and a start function, one with a passive data segment, one with custom sections only.
COMPANIONS = tuple(
    _PREAMBLE + bytes.fromhex(sections)
    for sections in (
        "01050160017f00 021a02 03656e76066d656d6f7279020001 06776173695f7801660000",
        "010401600000 03020100 040401700001 080100 0907010041000b0100 0a040102000b",
        "010401600000 03020100 0503010001 0c0101 0a07010500fc09000b 0b06010103616263",
        "0009046e616d650002016d 000c0970726f64756365727300 00",
    )
)


def mutate(data: bytes, seed: int) -> bytes:
    """A broken variant of the module `data`: one to three mutations, chosen by `seed`."""
    rng = Random(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(MUTATIONS)(rng, data)
    return data


def truncate(rng: Random, data: bytes) -> bytes:
    """Cut the end off."""
    return data[: rng.randrange(len(data) + 1)]


def flip_bits(rng: Random, data: bytes) -> bytes:
    """Turn over a few bits."""
    found = bytearray(data)
    for _ in range(rng.randint(1, 8) if found else 0):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def overwrite(rng: Random, data: bytes) -> bytes:
    """Put bytes that mean something in the format over others."""
    found = bytearray(data)
    for _ in range(rng.randint(1, 4) if found else 0):
        found[rng.randrange(len(found))] = rng.choice(_TELLING_BYTES)
    return bytes(found)


def insert(rng: Random, data: bytes) -> bytes:
    """Insert random bytes."""
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.randbytes(rng.randint(1, 12)) + data[place:]


def remove(rng: Random, data: bytes) -> bytes:
    """Take a few bytes out."""
    place = rng.randrange(len(data) + 1)
    return data[:place] + data[place + rng.randint(1, 12) :]


def repeat(rng: Random, data: bytes) -> bytes:
    """Write a piece twice."""
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.randint(1, 64)]
    return data[:start] + piece + data[start:]


def reorder_sections(rng: Random, data: bytes) -> bytes:
    """Exchange two sections."""
    sections = _split(data)
    if len(sections) > 1:
        one, other = rng.sample(range(len(sections)), 2)
        sections[one], sections[other] = sections[other], sections[one]
    return _join(sections)


def duplicate_section(rng: Random, data: bytes) -> bytes:
    """Repeat a section, at once or somewhere else."""
    sections = _split(data)
    if sections:
        sections.insert(rng.randrange(len(sections) + 1), rng.choice(sections))
    return _join(sections)


def delete_section(rng: Random, data: bytes) -> bytes:
    """Leave a section out."""
    sections = _split(data)
    if sections:
        del sections[rng.randrange(len(sections))]
    return _join(sections)


def rename_section(rng: Random, data: bytes) -> bytes:
    """Give a section another id."""
    return _change(rng, data, lambda id, payload: (rng.randrange(16), payload))


def wrong_section_size(rng: Random, data: bytes) -> bytes:
    """Claim another size for a section than it has."""
    sections = _split(data)
    if not sections:
        return data
    place = rng.randrange(len(sections))
    id, payload = sections[place]
    size = rng.choice((0, max(len(payload) - 1, 0), len(payload) + 1, *_HUGE))
    return _join(sections[:place]) + bytes((id,)) + _leb(size) + payload + _join(sections[place + 1 :])[8:]


def inflate_leb(rng: Random, data: bytes) -> bytes:
    """Write a section's size, or the count it begins with, in more bytes: still allowed up to five, not beyond."""
    sections = _split(data)
    if not sections:
        return data
    place = rng.randrange(len(sections))
    id, payload = sections[place]
    length = rng.randint(2, 12)
    size = _leb(len(payload))
    if rng.random() < 0.5:
        size = _padded(len(payload), length)
    elif payload:
        count, rest = _read_leb(payload)
        payload = _padded(count, length) + payload[rest:]
        size = _leb(len(payload))
    return _join(sections[:place]) + bytes((id,)) + size + payload + _join(sections[place + 1 :])[8:]


def huge_count(rng: Random, data: bytes) -> bytes:
    """Claim many items in a vector section."""

    def change(id: int, payload: bytes) -> tuple[int, bytes]:
        return id, _leb(rng.choice(_HUGE)) + payload[_read_leb(payload)[1] :]

    return _change(rng, data, change)


def huge_limits(rng: Random, data: bytes) -> bytes:
    """Ask for a huge memory or table, 4 GiB and more, also with flags that nobody has defined."""
    flags = rng.choice((0, 1, 2, 3, 4, 5, 8, 0x0F, 0x80))
    low, high = rng.choice((65536, 65537, *_HUGE)), rng.choice((0, 65536, *_HUGE))
    limits = bytes((flags,)) + _leb(low) + (_leb(high) if flags & 1 else b"")
    if rng.random() < 0.6:
        return _put(data, _MEMORY, b"\x01" + limits)
    return _put(data, _TABLE, b"\x01\x70" + limits)


def four_gib_memory(rng: Random, data: bytes) -> bytes:
    """Ask for exactly the largest 32-bit memory, in every way that is well formed."""
    limits = rng.choice((b"\0\x80\x80\x04", b"\x01\x80\x80\x04\x80\x80\x04", b"\x04\x80\x80\x04"))
    return _put(data, _MEMORY, b"\x01" + limits)


def wrong_types(rng: Random, data: bytes) -> bytes:
    """Change types: a byte of the type section, or the type index of a function."""

    def change(id: int, payload: bytes) -> tuple[int, bytes]:
        found = bytearray(payload)
        if len(found) > 1:
            found[rng.randrange(1, len(found))] = rng.choice((0x7F, 0x7E, 0x7D, 0x7C, 0x7B, 0x70, 0x6F, 0x63, 0x60, 1))
        return id, bytes(found)

    return _change(rng, data, change, rng.choice((_TYPE, _FUNCTION)))


def rename_import(rng: Random, data: bytes) -> bytes:
    """Change letters in the names of imports or exports, to others or to what is no UTF-8."""

    def change(id: int, payload: bytes) -> tuple[int, bytes]:
        found = bytearray(payload)
        letters = [place for place, byte in enumerate(found) if chr(byte).isalpha()]
        for place in rng.sample(letters, min(len(letters), rng.randint(1, 3))):
            found[place] = rng.choice((0x00, 0x0A, 0x1B, 0x41, 0x7A, 0xC3, 0xFF))
        return id, bytes(found)

    return _change(rng, data, change, rng.choice((_IMPORT, _IMPORT, _EXPORT)))


def scramble_code(rng: Random, data: bytes) -> bytes:
    """Put random instructions into the code section."""

    def change(id: int, payload: bytes) -> tuple[int, bytes]:
        found = bytearray(payload)
        for _ in range(rng.randint(1, 6) if found else 0):
            found[rng.randrange(len(found))] = rng.choice((rng.randrange(256), rng.choice(_TELLING_BYTES)))
        return id, bytes(found)

    return _change(rng, data, change, _CODE)


def splice(rng: Random, data: bytes) -> bytes:
    """Mix the sections of two modules."""
    ours, theirs = _split(data), _split(rng.choice(COMPANIONS))
    if rng.random() < 0.5:
        cut = rng.randrange(len(ours) + 1)
        return _join(ours[:cut] + theirs[rng.randrange(len(theirs)) :])
    mixed = {id: payload for id, payload in ours if id}
    mixed |= {id: payload for id, payload in theirs if rng.random() < 0.7}
    return _join(sorted(mixed.items()))


def glue(rng: Random, data: bytes) -> bytes:
    """Put another file behind the module, or behind half of it."""
    return data[: rng.choice((len(data), len(data) // 2))] + rng.choice(COMPANIONS)


MUTATIONS: tuple[Mutation, ...] = (
    truncate,
    flip_bits,
    overwrite,
    insert,
    remove,
    repeat,
    reorder_sections,
    duplicate_section,
    delete_section,
    rename_section,
    wrong_section_size,
    inflate_leb,
    huge_count,
    huge_limits,
    four_gib_memory,
    wrong_types,
    rename_import,
    scramble_code,
    splice,
    glue,
)


def _leb(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(found) + bytes((value,))


def _padded(value: int, length: int) -> bytes:
    short = _leb(value)
    if len(short) >= length:
        return short
    return short[:-1] + bytes((short[-1] | 0x80,)) + b"\x80" * (length - len(short) - 1) + b"\0"


def _read_leb(data: bytes, place: int = 0) -> tuple[int, int]:
    """A number and the place behind it; what is no number reads as 0."""
    value = 0
    for step, byte in enumerate(data[place : place + 10]):
        value |= (byte & 0x7F) << 7 * step
        if byte < 0x80:
            return value, place + step + 1
    return 0, min(place + 10, len(data))


def _split(data: bytes) -> Sections:
    """The sections, as far as they can be told apart."""
    found: Sections = []
    place = 8
    while place < len(data):
        size, start = _read_leb(data, place + 1)
        found.append((data[place], data[start : start + size]))
        place = max(start + size, place + 1)
    return found


def _join(sections: Sections) -> bytes:
    return _PREAMBLE + b"".join(bytes((id,)) + _leb(len(payload)) + payload for id, payload in sections)


def _change(
    rng: Random, data: bytes, change: Callable[[int, bytes], tuple[int, bytes]], only: int | None = None
) -> bytes:
    """Change one section: any, or one with the id `only` if there is one."""
    sections = _split(data)
    places = [place for place, (id, _) in enumerate(sections) if only in (None, id)]
    if places:
        place = rng.choice(places)
        sections[place] = change(*sections[place])
    return _join(sections)


def _put(data: bytes, id: int, payload: bytes) -> bytes:
    """Replace the section `id`, or add it where it belongs."""
    sections = _split(data)
    kept = [section for section in sections if section[0] != id]
    place = next((place for place, section in enumerate(kept) if section[0] > id), len(kept))
    return _join([*kept[:place], (id, payload), *kept[place:]])
