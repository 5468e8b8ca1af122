"""Where a step's values lie in guest memory, and the slots that name them: derived from the functions' signatures.

    0x0100  results        0x0600  subscriptions     0x0c00  texts
    0x0400  vectors        0x0800  events            0x4000  data

A place that holds a descriptor is told apart, because the two sides have different numbers there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from struct import Struct, error, pack
from typing import Any

from agave_wasi.abi.signature import Signature
from agave_wasi.abi.types import Bool, Buffer, Custom, Enum, Flags, IoVecs, Text
from agave_wasi.preview1.interface import Preview1, signatures
from conformance.fuzz.steps import Step

MEMORY = 1 << 16
RESULTS, RESULT_SIZE = 0x100, 0x80
VECTORS, MOST_VECTORS = 0x400, 32
SUBSCRIPTIONS, EVENTS, MOST_SUBSCRIPTIONS = 0x600, 0x800, 8
TEXTS, DATA = 0xC00, 0x4000
ROOM = MEMORY - DATA - 16 * MOST_VECTORS
"""Bytes of data that a step may have at the most."""
PATTERN = bytes(range(256)) * (MEMORY // 256 + 1)
SUBSCRIPTION = 48
_vector = Struct("<II").pack
_PACKED = {"i": "<I", "I": "<Q"}


@dataclass(slots=True)
class Laid:
    """A step in memory: slots, pieces of memory, and where descriptors go: slots, and addresses."""

    slots: list[int] = field(default_factory=list)
    pieces: list[tuple[int, bytes]] = field(default_factory=list)
    slot_descriptors: list[tuple[int, int]] = field(default_factory=list)
    placed_descriptors: list[tuple[int, int]] = field(default_factory=list)
    text: int = TEXTS
    """Where the next text goes."""


Placer = Callable[[Laid, Any], None]


@cache
def functions() -> dict[str, Signature]:
    """The signatures of Preview 1 by name."""
    return {each.name: each for each in signatures(Preview1)}


@cache
def slot_names(name: str) -> tuple[str, ...]:
    """The names of a function's slots."""
    return tuple(slot.name for slot in functions()[name].slots())


@cache
def slot_letters(name: str) -> str:
    """The core types of a function's parameters: i or I."""
    return functions()[name].core_type()[0]


def text_bytes(text: str) -> bytes:
    """A path as bytes; what isn't UTF-8 is kept as lone surrogates."""
    return text.encode("utf-8", "surrogateescape")


@cache
def _plan(name: str) -> tuple[tuple[tuple[str, Placer], ...], tuple[int, ...]]:
    """How each parameter of a function is laid, and the pointers to its results."""
    signature = functions()[name]
    pointers = range(len(signature.result.pointers()))
    return tuple((each.name, _placer(each.abi)) for each in signature.parameters), tuple(
        RESULTS + RESULT_SIZE * number for number in pointers
    )


def _placer(abi: object) -> Placer:
    match abi:
        case Text():
            return _text
        case Buffer():
            return _buffer
        case IoVecs(write=True):
            return _filled_vectors
        case IoVecs():
            return _vectors
        case Custom():
            return _subscriptions
    return _number


def lay(step: Step) -> Laid:
    """A step's slots and memory."""
    found = Laid()
    parameters, pointers = _plan(step.name)
    values = step.values
    for name, place in parameters:
        place(found, values[name])
    found.slots += pointers
    for slot, number in step.raw.items():
        found.slots[slot] = number
        found.slot_descriptors = [each for each in found.slot_descriptors if each[0] != slot]
    return found


def fits(step: Step) -> bool:
    """Can this step be made at all? One from a file may be anything."""
    try:
        laid = lay(step.with_value("cookie", 0) if step.walk else step)
        numbers = [Struct(_PACKED[letter]).pack(slot) for letter, slot in zip(slot_letters(step.name), laid.slots, strict=True)]
        descriptors = [descriptor for _, descriptor in laid.slot_descriptors + laid.placed_descriptors]
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, error):
        return False
    inside = all(at >= 0 and at + len(piece) <= MEMORY for at, piece in laid.pieces)
    return inside and len(numbers) == len(laid.slots) and all(isinstance(each, int) for each in descriptors)


def _number(found: Laid, value: Any) -> None:
    if isinstance(value, dict):
        found.slot_descriptors.append((len(found.slots), value["of"]))
        value = 0
    found.slots.append(value)


def _text(found: Laid, value: str) -> None:
    raw = text_bytes(value)
    found.pieces.append((found.text, raw))
    found.slots += (found.text, len(raw))
    found.text += len(raw) + 1


def _buffer(found: Laid, size: int) -> None:
    found.slots += (DATA, size)


def _filled_vectors(found: Laid, value: dict[str, Any]) -> None:
    at, fill = DATA, value["fill"]
    for size in value["sizes"]:
        found.pieces.append((at, PATTERN[fill : fill + size]))
        at += size + 8
    _vectors(found, value["sizes"])


def _vectors(found: Laid, sizes: list[int]) -> None:
    table, at = b"", DATA
    for size in sizes:
        table += _vector(at, size)
        at += size + 8
    found.pieces.append((VECTORS, table))
    found.slots += (VECTORS, len(sizes))


def _subscriptions(found: Laid, values: list[dict[str, Any]]) -> None:
    raw = b""
    for number, each in enumerate(values):
        if "clock" in each:
            raw += pack("<QB7xI4xQQH6x", each["user"], 0, each["clock"], each["timeout"], 0, each["flags"])
            continue
        raw += pack("<QB7xI28x", each["user"], 1 + (each["for"] == "write"), 0)
        if isinstance(each["fd"], dict):
            found.placed_descriptors.append((SUBSCRIPTIONS + SUBSCRIPTION * number + 16, each["fd"]["of"]))
        else:
            raw = raw[:-32] + pack("<I28x", each["fd"])
    found.pieces.append((SUBSCRIPTIONS, raw))
    found.slots += [SUBSCRIPTIONS, EVENTS, len(values)]


def shown(step: Step) -> str:
    """A step as people read it: names of flags, descriptors by the step that opened them."""
    signature = functions()[step.name]
    parts = []
    for parameter in signature.parameters:
        value = step.values[parameter.name]
        match parameter.abi:
            case Bool() | Flags() if isinstance(value, int):
                names = [name for bit, name in enumerate(parameter.abi.names) if value >> bit & 1]
                value = f"{len(names)} rights" if len(names) > 6 else "|".join(names) or "0"
            case Enum() if isinstance(value, int) and value < len(parameter.abi.members):
                value = parameter.abi.members[value]
            case Text():
                value = repr(value)
            case IoVecs(write=True):
                value = f"{value['sizes']} bytes from {value['fill'] % 256:#04x} on"
        parts.append(f"{parameter.name}={descriptor(value)}")
    slots = slot_names(step.name)
    parts += [f"{slots[slot]}:={value:#x}" for slot, value in sorted(step.raw.items())]
    return f"{step.number}: {step.name}({', '.join(parts)})" + (" to the end" if step.walk else "")


def descriptor(value: Any) -> Any:
    """A value, with descriptors in few words."""
    if isinstance(value, dict) and "of" in value:
        return ("stdin", "stdout", "stderr", "/")[value["of"]] if value["of"] < 4 else f"fd of {value['of']}"
    if isinstance(value, list):
        return [{key: descriptor(part) for key, part in each.items()} if isinstance(each, dict) else each for each in value]
    return value
