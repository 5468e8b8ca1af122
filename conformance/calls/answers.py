"""What a run was told of time and chance, in order, so that another run can be told the same.

Clocks and entropy differ between any two hosts, and a program that reads them would go its own way on each. So the
answers that agave-wasi's world gave are laid over the reference's: the reference is asked first, and decides about errors;
where it succeeds, what it wrote is replaced. A wait for clocks alone is asked with no time to wait, and then answered as it
was answered here. Waits for descriptors are the reference's own.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import pack_into, unpack_from
from typing import Any

from conformance.calls.call import Call, Region

GIVEN = ("clock_time_get", "clock_res_get", "random_get", "poll_oneoff")
"""The functions whose results are given."""
STATS = {"fd_filestat_get": 1, "path_filestat_get": 4}
"""Functions that tell times of files: the slot with the place of the result."""
STEP = 1000
"""Nanoseconds by which a clock goes on when there are no more answers."""
EVENT = 32


@dataclass(frozen=True)
class Layout:
    """Where an interface has what is looked at: the times of a filestat, and in a subscription to a clock the clock, the
    time to wait, and the flags; `subscription` is how long one is."""

    times: slice
    subscription: int
    clock: int
    timeout: int
    flags: int


NEWER = Layout(slice(40, 64), 48, 16, 24, 40)
OLDER = Layout(slice(32, 56), 56, 24, 32, 48)

Key = tuple[Any, ...]


def key_of(name: str, slots: tuple[int, ...], args: dict[str, Any]) -> Key:
    """Which answers belong together: those of one clock, of random bytes of one length, of one list of waits."""
    if name == "random_get":
        return name, slots[1]
    if name == "poll_oneoff":
        return name, json.dumps(args.get("poll"))
    if name in STATS:
        return name, json.dumps(args)
    return name, slots[0]


def clocks_only(name: str, args: dict[str, Any]) -> bool:
    """Is this a wait for nothing but clocks?"""
    waits = args.get("poll")
    return name == "poll_oneoff" and isinstance(waits, list) and bool(waits) and all("clock" in each for each in waits)


def is_given(call: Call) -> bool:
    """Does a call have an answer that another run is to be told?"""
    if call.errno != "SUCCESS" or (call.name not in GIVEN and call.name not in STATS):
        return False
    if any(each.size != len(each.data) for each in call.written):  # it isn't known whole
        return False
    return call.name != "poll_oneoff" or clocks_only(call.name, call.args)


def write(path: Path, calls: Iterable[Call]) -> None:
    """Keep the answers of a recording in a file."""
    lines = [json.dumps([*key_of(each.name, each.slots, each.args), [part.plain() for part in each.written]])
             for each in calls if is_given(each)]  # fmt: skip
    path.write_text("\n".join(lines), encoding="utf-8")


def read(path: Path, layout: Layout = NEWER) -> Answers:
    """The answers in a file, for a guest of an interface with that layout."""
    return Answers(_entries(path), layout)


def _entries(path: Path) -> Iterator[tuple[Key, list[Region]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        *key, regions = json.loads(line)
        yield tuple(key), [Region.restore(each) for each in regions]


class Answers:
    """Answers by what they are about, each given once and in order."""

    def __init__(self, entries: Iterable[tuple[Key, list[Region]]] = (), layout: Layout = NEWER) -> None:
        self.layout = layout
        self.left: dict[Key, deque[list[Region]]] = defaultdict(deque)
        self.clocks: dict[int, int] = {}
        self.known = False
        for key, regions in entries:
            self.left[key].append(regions)
            self.known = True

    def hurry(self, call: Call, memory: memoryview) -> bytes | None:
        """Before a wait for clocks alone: let it not wait; what must be put back afterwards, if anything."""
        if not self.known or not clocks_only(call.name, call.args):
            return None
        places = self._subscriptions(call)
        kept = bytes(memory[places.start : places.stop])
        for at in places:
            pack_into("<Q", memory, at + self.layout.timeout, 0)
        return kept

    def _subscriptions(self, call: Call) -> range:
        """Where the subscriptions of a wait begin."""
        start, count, size = call.slots[0], call.slots[2], self.layout.subscription
        return range(start, start + size * count, size)

    def replace(self, call: Call, memory: memoryview) -> None:
        """After a call that has succeeded: put the answer that was given elsewhere over its results."""
        if not self.known or call.name not in GIVEN:
            return
        several = self.left.get(key_of(call.name, call.slots, call.args))
        if several:
            self._store(call, several.popleft(), memory)
        elif call.name == "clock_time_get" and call.slots[0] in self.clocks:
            self.clocks[call.slots[0]] += STEP
            pack_into("<Q", memory, call.slots[2], self.clocks[call.slots[0]])

    def date(self, call: Call, memory: memoryview) -> None:
        """After a call that told times of a file, and was recorded: give the guest those that were told elsewhere."""
        several = self.left.get(key_of(call.name, call.slots, call.args)) if call.name in STATS and self.known else None
        if several:
            place = call.slots[STATS[call.name]]
            times = self.layout.times
            memory[place + times.start : place + times.stop] = several.popleft()[0].data[times]

    def _store(self, call: Call, regions: list[Region], memory: memoryview) -> None:
        if call.name == "clock_time_get":
            self.clocks[call.slots[0]] = int.from_bytes(regions[0].data, "little")
        if call.name == "poll_oneoff":
            self._pass_time(call, regions[1].data, memory)
        for address, region in zip(_places(call), regions):
            memory[address : address + region.size] = region.data

    def _pass_time(self, call: Call, events: bytes, memory: memoryview) -> None:
        """A wait that is answered has taken its time: where clocks go on by themselves, they go on from there."""
        users = {unpack_from("<Q", events, at)[0] for at in range(0, len(events), EVENT)}
        layout = self.layout
        for at in self._subscriptions(call):
            (user,), (clock,) = unpack_from("<Q", memory, at), unpack_from("<I", memory, at + layout.clock)
            (timeout,), (flags,) = unpack_from("<Q", memory, at + layout.timeout), unpack_from("<H", memory, at + layout.flags)
            if user in users and not flags & 1 and clock in self.clocks:
                self.clocks[clock] += timeout


def _places(call: Call) -> tuple[int, ...]:
    """Where the regions of an answer go, in the order in which they are recorded."""
    match call.name:
        case "clock_time_get":
            return (call.slots[2],)
        case "clock_res_get":
            return (call.slots[1],)
        case "random_get":
            return (call.slots[0],)
    return call.slots[3], call.slots[1]
