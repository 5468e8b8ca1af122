"""Is a trap earned? A call's own arguments say so: a pointer that can't be followed, an enum or a flag that there isn't.

This is the rule, written down a second time and apart from the code that it judges, so that a trap of ours beside an answer of
the reference is taken for one of two mistakes only where that mistake can be pointed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import unpack_from

from agave_wasi.abi.types import Buffer, Custom, Enum, Flags, IoVecs, Pair, Record, Scalar, StringArray, Text
from conformance.fuzz.layout import MEMORY, SUBSCRIPTION, functions

EVENT = 32


def earned(name: str, slots: Sequence[int], memory: memoryview) -> bool:
    """Does a call with these slots, from this memory, have a mistake that ends a program?"""
    return any(_faults(name, slots, memory))


def _faults(name: str, slots: Sequence[int], memory: memoryview) -> Iterator[bool]:
    signature = functions()[name]
    at = 0
    for parameter in signature.parameters:
        abi, first = parameter.abi, slots[at]
        match abi:
            case Text() | Buffer():
                yield _bad(first, slots[at + 1], 1)
            case IoVecs():
                yield _bad(first, 8 * slots[at + 1], 4) or _bad_vectors(memory, first, slots[at + 1])
            case Custom():
                yield _bad(first, SUBSCRIPTION * slots[at + 2], 8) or _bad(slots[at + 1], EVENT * slots[at + 2], 8)
            case Enum():
                yield first >= len(abi.members)
            case Flags():
                yield first >> len(abi.names) != 0
        at += len(abi.slots(parameter.name))
    results = signature.result.parts if isinstance(signature.result, Pair) else (signature.result,)
    for result, pointer in zip(results, slots[at:]):
        match result:
            case Scalar():
                yield _bad(pointer, result.bytes, result.bytes)
            case Record():
                yield _bad(pointer, result.size, result.align)
            case StringArray():  # how long they are only the world knows; anything near the end may be too long
                yield _bad(pointer, 1, 4) or _bad(slots[at + 1], 1, 1) or max(slots[at:]) > MEMORY - 4096


def _bad(pointer: int, length: int, align: int) -> bool:
    """Doesn't that lie in memory, at a multiple of its alignment?"""
    return pointer % align != 0 or pointer + length > MEMORY


def _bad_vectors(memory: memoryview, table: int, count: int) -> bool:
    return any(sum(unpack_from("<II", memory, table + 8 * number)) > MEMORY for number in range(count))
