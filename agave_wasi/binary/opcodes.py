"""The instruction set as a table: which opcodes exist, what follows them, and which feature brought them.

A row is (opcodes, immediates, features). Opcodes are hexadecimal, single or ranges; with a prefix byte (fb, fc, fd, fe)
they are the numbers that follow it, as LEB128. Each letter of the immediates is one of IMMEDIATES, in order. A row
without features is of the first version of WebAssembly. Some instructions have several rows: what they need depends on
an immediate, as a load that names a memory needs several memories to exist.
Source: core specification 5.4 (Instructions) and appendix A.4, the explainers of the proposals named in FEATURES.
"""

from __future__ import annotations

FEATURES = {
    "mutable-globals": "imports or exports a mutable global",
    "sign-extension": "sign extension instructions",
    "saturating-float-to-int": "float to integer conversions that do not trap",
    "multi-value": "functions with several results, or blocks with parameters",
    "bulk-memory": "copies and fills of whole memory areas, passive segments",
    "reference-types": "references as values, several tables",
    "call-indirect-overlong": "calls through table 0 that write its index in several bytes",
    "simd": "128-bit vectors",
    "relaxed-simd": "vector instructions whose results vary between machines",
    "tail-calls": "calls that replace their caller",
    "extended-const": "arithmetic in constant expressions",
    "multi-memory": "more than one memory",
    "memory64": "memories or tables with 64-bit addresses",
    "threads": "shared memories, atomic instructions",
    "exceptions": "exception tags, and throwing",
    "exceptions-exnref": "exception handling with try_table",
    "exceptions-legacy": "exception handling with try and catch, the form before standardisation",
    "function-references": "typed function references",
    "gc": "structs and arrays on a collected heap",
    "stack-switching": "continuations",
    "wide-arithmetic": "128-bit integer arithmetic",
    "custom-page-sizes": "memories with pages of another size than 64 KiB",
    "compact-imports": "imports in groups",
}

_LEB32 = rb"[\x80-\xff]{0,4}+[\x00-\x7f]"
_LEB64 = rb"[\x80-\xff]{0,9}+[\x00-\x7f]"
# Anything but the one zero byte that stood here before there were several tables and memories.
_NOT_ZERO = rb"(?:[\x01-\x7f]|[\x80-\xff]{1,4}+[\x00-\x7f])"
_REFERENCE = rb"(?:[\x68-\x75]|[\x63\x64]" + _LEB32 + rb")"

IMMEDIATES = {
    "x": _LEB32,  # an index, a label, a number of 32 bits, a heap type (a small negative number or an index)
    "y": _LEB64,
    "4": rb"[\x00-\xff]{4}",
    "8": rb"[\x00-\xff]{8}",
    "v": rb"[\x00-\xff]{16}",
    "k": rb"[\x00-\xff]",  # a lane
    "0": rb"\x00",
    "n": _NOT_ZERO,
    "z": rb"\x80{1,4}+\x00",
    "p": rb"(?!\x80{0,4}+\x00)" + _LEB32,
    "m": rb"[\x00-\x3f]" + _LEB64,  # alignment and offset
    "M": rb"[\x40-\x7f]" + _LEB32 + _LEB64,  # the same with a memory index between them
    "b": rb"[\x40\x7c-\x7f]",  # a block without parameters and with one plain result at most
    "V": rb"\x7b",
    "R": rb"[\x6f\x70]",
    "E": rb"[\x69\x74]",
    "G": rb"[\x6a-\x6e\x71-\x73]",
    "F": rb"[\x63\x64]" + _LEB32,
    "C": rb"[\x68\x75]",
    "I": rb"[\x80-\xff]{0,4}+[\x00-\x3f]",  # a block of the function type with that index
    "t": rb"\x01(?:[\x7b-\x7f]|" + _REFERENCE + rb")",  # one value type
}

_BLOCKS = (
    ("b", ""),
    ("V", "simd"),
    ("R", "reference-types"),
    ("E", "exceptions-exnref"),
    ("G", "gc"),
    ("F", "function-references"),
    ("C", "stack-switching"),
    ("I", "multi-value"),
)

_SIMD_PLAIN = "0e-14 23-53 5e-99 9b-a1 a3-a4 a7-ae b1 b5-ba bc-c1 c3-c4 c7-ce d1 d5-e1 e3-ed ef-ff"
_ATOMIC = "00-02 10-4e"


def _memory(opcodes: str, rest: str, feature: str) -> tuple[tuple[str, str, str], ...]:
    """An instruction that addresses memory: the first one, or one that it names."""
    return (opcodes, "m" + rest, feature), (opcodes, "M" + rest, f"{feature} multi-memory")


TABLE: tuple[tuple[str, str, str], ...] = (
    ("20-22", "x", ""),
    ("45-bf", "", ""),
    ("41", "x", ""),
    *_memory("28-3e", "", ""),
    ("0c-0d 10 23-24", "x", ""),
    ("00-01 05 0b 0f 1a-1b", "", ""),
    *(("02-04", letter, feature) for letter, feature in _BLOCKS),
    ("42", "y", ""),
    ("43", "4", ""),
    ("44", "8", ""),
    ("11", "x0", ""),
    ("11", "xz", "call-indirect-overlong"),
    ("11", "xp", "reference-types"),
    ("3f-40", "0", ""),
    ("3f-40", "n", "multi-memory"),
    ("c0-c4", "", "sign-extension"),
    ("12", "x", "tail-calls"),
    ("13", "xx", "tail-calls"),
    ("08", "x", "exceptions"),
    ("0a", "", "exceptions-exnref"),
    ("19", "", "exceptions-legacy"),
    ("07 09 18", "x", "exceptions-legacy"),
    *(("06", letter, f"exceptions-legacy {feature}") for letter, feature in _BLOCKS),
    ("1c", "t", "reference-types"),
    ("25-26 d0 d2", "x", "reference-types"),
    ("d1", "", "reference-types"),
    ("14 d5-d6", "x", "function-references"),
    ("15", "x", "function-references tail-calls"),
    ("d4", "", "function-references"),
    ("d3", "", "gc"),
    ("e0 e2", "x", "stack-switching"),
    ("e1 e6", "xx", "stack-switching"),
    ("fc 00-07", "", "saturating-float-to-int"),
    ("fc 08", "x0", "bulk-memory"),
    ("fc 08", "xn", "bulk-memory multi-memory"),
    ("fc 09 0d", "x", "bulk-memory"),
    ("fc 0a", "00", "bulk-memory"),
    ("fc 0a", "0n", "bulk-memory multi-memory"),
    ("fc 0a", "nx", "bulk-memory multi-memory"),
    ("fc 0b", "0", "bulk-memory"),
    ("fc 0b", "n", "bulk-memory multi-memory"),
    ("fc 0c 0e", "xx", "bulk-memory"),
    ("fc 0f-11", "x", "reference-types"),
    ("fc 13-16", "", "wide-arithmetic"),
    ("fb 00-01 06-07 0b-0e 10 14-17", "x", "gc"),
    ("fb 02-05 08-0a 11-13", "xx", "gc"),
    ("fb 0f 1a-1e", "", "gc"),
    ("fb 18-19", "kxxx", "gc"),
    (f"fd {_SIMD_PLAIN}", "", "simd"),
    *_memory("fd 00-0b 5c-5d", "", "simd"),
    *_memory("fd 54-5b", "k", "simd"),
    ("fd 0c-0d", "v", "simd"),
    ("fd 15-22", "k", "simd"),
    ("fd 100-113", "", "relaxed-simd simd"),
    *_memory(f"fe {_ATOMIC}", "", "threads"),
    ("fe 03", "0", "threads"),
)

# Instructions with a vector: (opcode, immediates before it, an item, immediates behind it, features). One regular
# expression cannot count, so these are decoded one by one. A `try_table` has its block type first, which may be any.
_CATCH = rb"(?:[\x00\x01]" + _LEB32 + _LEB32 + rb"|[\x02\x03]" + _LEB32 + rb")"
_HANDLER = rb"(?:\x00" + _LEB32 + _LEB32 + rb"|\x01" + _LEB32 + rb")"

COUNTED: tuple[tuple[int, str, bytes, str, str], ...] = (
    (0x0E, "", _LEB32, "x", ""),
    *((0x1F, letter, _CATCH, "", f"exceptions-exnref {feature}") for letter, feature in _BLOCKS),
    (0xE3, "x", _HANDLER, "", "stack-switching"),
    (0xE4, "xx", _HANDLER, "", "stack-switching"),
    (0xE5, "x", _HANDLER, "", "stack-switching"),
)
