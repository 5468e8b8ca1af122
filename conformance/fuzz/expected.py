"""What a program shows on agave-wasi, step by step: what a case made of it is to assert.

Everything that may be otherwise on another runtime is named as well, as pieces of memory that aren't looked at: numbers of
descriptors, files and devices, times that nobody has set, what clocks and entropy say, the order of a listing and of events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from struct import unpack_from
from typing import Any

from conformance.calls.rules import within
from conformance.fuzz.layout import MEMORY, Laid, lay
from conformance.fuzz.listing import Entry, walk
from conformance.fuzz.lockstep import named
from conformance.fuzz.ours import SPAN, Ours
from conformance.fuzz.quick import DIRECTORY, FIXED, STAT, STATS
from conformance.fuzz.side import Answer, Ended
from conformance.fuzz.steps import NEVER_OPEN, Step

CLOSED = NEVER_OPEN + 1
"""What stands for a descriptor that isn't open."""
EVENT = 32
PADDED_RECORDS = {"fd_fdstat_get": ((1, 1), (4, 4)), "fd_prestat_get": ((1, 3),)}
"""Bytes between the fields: place and length."""
OF_THE_WORLD = {"args_get", "environ_get", "args_sizes_get", "environ_sizes_get"}
"""Functions whose results the program's own name is a part of, or whose order is open."""
END = (MEMORY - 1, b"\0")
"""The last byte of memory."""
Place = tuple[int, int]


class NoCase(Exception):
    """A program that can't become a case; the text says why."""


@dataclass
class Expected:
    """A step and what it shows: its slots with descriptors as the steps that opened them (`None`: closed), and the answer."""

    step: Step
    laid: Laid
    descriptors: dict[int, int | None]
    """What is in a slot, by slot: the number of a step, or None for a number that isn't open."""
    placed: dict[int, int | None]
    """The same for places in memory."""
    fill: int
    answer: int = 0
    memory: bytes = b""
    masked: list[Place] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    """What a walk has found."""


def expected(steps: Sequence[Step]) -> tuple[list[Expected], int]:
    """What each step shows, and the code that the program ends with; NoCase."""
    found: list[Expected] = []
    open_fds: dict[int, int] = {number: number for number in range(4)}
    ours = Ours()
    try:
        for step in steps:
            each = _begun(step, open_fds)
            answer = _made(each, ours, open_fds)
            found.append(each)
            if isinstance(answer, Ended):
                if answer.how != "exit":
                    raise NoCase(f"step {step.number} ends with a {answer}, and no guest goes on behind that to assert it")
                return found, answer.code
            each.answer = answer
            if answer == 0:
                _keep(each, ours, open_fds)
        return found, 0
    finally:
        ours.close()


def _begun(step: Step, open_fds: dict[int, int]) -> Expected:
    laid = lay(step.with_value("cookie", 0) if step.walk else step)

    def current(descriptor: int) -> int | None:
        return descriptor if descriptor in open_fds else None

    descriptors = {slot: current(descriptor) for slot, descriptor in laid.slot_descriptors}
    placed = {at: current(descriptor) for at, descriptor in laid.placed_descriptors}
    return Expected(step, laid, descriptors, placed, 0x80 | step.number & 0x7F)


def _made(each: Expected, ours: Ours, open_fds: dict[int, int]) -> Answer:
    def number(descriptor: int | None) -> int:
        return CLOSED if descriptor is None else open_fds[descriptor]

    slots = each.laid.slots.copy()
    for slot, descriptor in each.descriptors.items():
        slots[slot] = number(descriptor)
    if each.step.walk:
        listing = walk(ours, slots[0], each.step.values["buf"], 0, each.fill)
        each.entries = listing.entries
        return listing.answer
    ours.prepare(each.fill, [END, *each.laid.pieces])
    for at, descriptor in each.placed.items():
        ours.put(at, number(descriptor))
    answer = ours.call(each.step.name, slots)
    each.memory = bytes(ours.memory)
    each.masked = [(at, 4) for at in each.placed]
    if answer == 0:
        each.masked += _masked(each.step.name, slots, each.memory)
    return answer


def _masked(name: str, slots: list[int], memory: bytes) -> list[Place]:
    """The places in memory that a call which succeeded may leave otherwise elsewhere."""
    last = slots[-1] if slots else 0
    if name in FIXED:
        return [(last, FIXED[name])]
    if name in STATS:
        return [(last + at, size) for at, size in _stat_places(memory, last)]
    if name in PADDED_RECORDS:
        return [(last + at, size) for at, size in PADDED_RECORDS[name]]
    if name == "random_get":
        return [(slots[0], slots[1])]
    if name in OF_THE_WORLD:
        return [(0, MEMORY)]
    if name == "fd_readdir":
        return [(slots[1], min(slots[2], unpack_from("<I", memory, last)[0]))]
    if name == "poll_oneoff":
        return [(slots[1], EVENT * slots[2])]
    return []


def _stat_places(memory: bytes, at: int) -> list[Place]:
    """Numbers of device and file and the padding; of a directory how large it is; the times that weren't set."""
    kind = memory[at + 16]
    found = [(0, 16), (17, 7)]
    if kind == DIRECTORY:
        found.append((24, 16))
    times = unpack_from("<QQQ", memory, at + 40)
    found += [(40 + 8 * number, 8) for number, time in enumerate(times) if number != 1 or within(time, (SPAN,))]
    assert found[-1][0] + found[-1][1] <= STAT
    return found


def _keep(each: Expected, ours: Ours, open_fds: dict[int, int]) -> None:
    """Keep up with what is open."""
    step, slots = each.step, each.laid.slots
    match step.name:
        case "path_open":
            open_fds[step.number] = unpack_from("<I", each.memory, slots[-1])[0]
        case "fd_close" if 0 in each.descriptors:
            open_fds.pop(_of(step.values["fd"]), None)
        case "fd_renumber" if not step.raw:
            one, other = (_of(step.values[key]) for key in ("fd", "to"))
            if one != other:
                open_fds.pop(one, None)


def _of(fd: Any) -> int:
    return fd["of"] if isinstance(fd, dict) else -1


def shows(each: Expected) -> str:
    """The answer in a word, for a comment."""
    return named(each.answer)
