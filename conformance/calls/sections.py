"""A guest rewritten so that the memories it brings along are imported instead: a shim can then use them before it runs.

Memories that are imported come first in their index space, so a module that imports none keeps every index; that is the
only kind which is rewritten. Nothing else of the module changes, its code least of all.
"""

from __future__ import annotations

from agave_wasi.binary.reader import CUSTOM, EXPORT, IMPORT, MEMORY, MODULE_PREAMBLE, TYPE, Reader, walk
from agave_wasi.binary.writer import custom, name, section, unsigned, vector

NAMESPACE = "agave-wasi memory"
"""What the imports are from; the names are the memories' numbers."""


def memory_types(wasm: bytes) -> list[bytes]:
    """The memories that a module defines, as they are encoded."""
    for each in walk(wasm):
        if each.id == MEMORY:
            reader = each.reader(wasm)
            return [_limits(reader, wasm) for _ in range(reader.count(2))]
    return []


def _limits(reader: Reader, wasm: bytes) -> bytes:
    start = reader.pos
    flags = reader.u8()
    reader.unsigned(64)
    if flags & 1:
        reader.unsigned(64)
    if flags & 8:  # a page size of its own
        reader.u32()
    return wasm[start : reader.pos]


def exported_memory(wasm: bytes) -> int | None:
    """The number of the memory that is exported as "memory", which is where WASI looks."""
    for each in walk(wasm):
        if each.id == EXPORT:
            reader = each.reader(wasm)
            for _ in range(reader.count(3)):
                title, kind, index = reader.name(), reader.u8(), reader.u32()
                if (title, kind) == ("memory", 2):
                    return index
    return None


def unusable_memory(wasm: bytes) -> str:
    """What is the matter with the memory that WASI would use, if anything is: only plain 32-bit ones can be looked into."""
    index, types = exported_memory(wasm), memory_types(wasm)
    if index is None:
        return ""
    if index >= len(types):
        return "exports a memory that it imports"
    flags = types[index][0]
    return "exports a shared memory" if flags & 2 else "exports a 64-bit memory" if flags & 4 else (
        "exports a memory whose pages have a size of their own" if flags & 8 else ""
    )  # fmt: skip


def memories_alone(types: list[bytes]) -> bytes:
    """A module that has these memories and exports each under its number."""
    exports = [name(str(number)) + b"\x02" + unsigned(number) for number in range(len(types))]
    parts = [MODULE_PREAMBLE, *section(MEMORY, [vector(types)]), *section(EXPORT, [vector(exports)])]
    return b"".join(parts)


def with_imported_memories(wasm: bytes) -> bytes:
    """The module with its memories as imports, behind those that it has."""
    types = memory_types(wasm)
    more = [name(NAMESPACE) + name(str(number)) + b"\x02" + type for number, type in enumerate(types)]
    parts: list[bytes | memoryview] = [MODULE_PREAMBLE]
    done = False
    for each in walk(wasm):
        payload = wasm[each.start : each.end]
        if each.id == IMPORT:
            reader = each.reader(wasm)
            count = reader.u32()
            parts += section(IMPORT, [unsigned(count + len(more)), wasm[reader.pos : each.end], *more])
            done = True
            continue
        if not done and each.id not in (CUSTOM, TYPE):
            parts += section(IMPORT, [vector(more)])
            done = True
        if each.id == CUSTOM:
            parts += custom(each.name, payload)
        elif each.id != MEMORY:
            parts += section(each.id, [payload])
    if not done:
        parts += section(IMPORT, [vector(more)])
    return b"".join(parts)
