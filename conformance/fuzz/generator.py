"""The seeded generator: one call after the other, from what the calls before have shown.

The same seed and the same answers give the same program. In a hostile chain some calls get numbers that no compiler would
have put there: pointers anywhere, lengths beyond memory, flags and enums that don't exist.
"""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import Any

from conformance.fuzz.layout import MEMORY, functions, slot_letters, slot_names
from conformance.fuzz.model import DIRECTORY, Model
from conformance.fuzz.steps import FIRST, NEVER_OPEN, Step
from conformance.fuzz.strategies import BEYOND, MANY_OPEN, values

WEIGHTS = {
    "path_open": 14.0, "fd_write": 8.0, "fd_read": 7.0, "fd_pwrite": 5.0, "fd_pread": 5.0, "fd_seek": 6.0, "fd_tell": 2.0,
    "fd_close": 5.0, "path_unlink_file": 4.0, "path_rename": 5.0, "path_create_directory": 4.0,
    "path_remove_directory": 3.0, "path_link": 3.0, "path_symlink": 3.0, "path_readlink": 3.0, "path_filestat_get": 6.0,
    "fd_filestat_get": 4.0, "fd_filestat_set_size": 4.0, "fd_filestat_set_times": 1.5, "path_filestat_set_times": 1.5,
    "fd_fdstat_get": 3.0, "fd_fdstat_set_flags": 2.0, "fd_readdir": 4.0, "fd_renumber": 1.0, "fd_sync": 0.3,
    "fd_datasync": 0.3, "poll_oneoff": 0.4, "fd_allocate": 0.01, "proc_exit": 0.003, "proc_raise": 0.002,
}  # fmt: skip
"""How often a function is called, beside the others; one that isn't named here has OTHERS."""
OTHERS = 0.3
HOSTILE_CALLS = 0.3
"""The part of a hostile chain's calls that have numbers put into their slots."""
EDGES = (0, 1, 3, 7, MEMORY - 1, MEMORY - 8, MEMORY, MEMORY + 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFF8)
WALK = (512, 700, 4096)
"""Rooms of a walk along a directory: each has a place for any entry."""
UNBOUNDED = {"fd_seek", "fd_filestat_set_size", "fd_allocate"}
"""Functions that could make a file too large to be compared."""


class Generator:
    """Draws a program's steps; `model` is told what became of them."""

    def __init__(self, random: Random, hostile: bool = False) -> None:
        self.random = random
        self.hostile = hostile
        self.model = Model()
        self.number = FIRST
        self.names = list(functions())
        self.weights = list(accumulate(WEIGHTS.get(name, OTHERS) for name in self.names))

    def step(self) -> Step:
        """The next call."""
        random = self.random
        name = self.names[bisect(self.weights, random.random() * self.weights[-1])]
        if name == "path_open" and len(self.model.open) > MANY_OPEN:
            name = "fd_close"
        step = Step(self.number, name, values(name, self.model, random))
        self.number += 1
        if name == "fd_readdir":
            step = self._listing(step)
        if self.hostile and not step.walk and random.random() < HOSTILE_CALLS:
            step.raw.update(hostile_slots(step, random))
        return step

    def _listing(self, step: Step) -> Step:
        """Half of the listings go on to the end, and some of those begin behind an entry of an earlier one."""
        random = self.random
        if random.random() < 0.5:
            return step
        found = step.values | {"buf": random.choice(WALK), "cookie": 0}
        fd: Any = found["fd"]
        known = self.model.open[fd["of"]].entries if isinstance(fd, dict) and fd["of"] in self.model.open else 0
        if known and self.model.open[fd["of"]].kind == DIRECTORY and random.random() < 0.4:
            found["cookie"] = {"entry": random.randrange(known)}
        return Step(step.number, step.name, found, walk=True)


def hostile_slots(step: Step, random: Random) -> dict[int, int]:
    """Numbers for some of a call's slots that no compiler would have put there."""
    letters, names = slot_letters(step.name), slot_names(step.name)
    if not letters:
        return {}
    found = {}
    for slot in random.sample(range(len(letters)), min(len(letters), random.choice((1, 1, 1, 2)))):
        if letters[slot] == "I":
            found[slot] = random.choice(BEYOND) if step.name in UNBOUNDED else random.choice((*BEYOND, 0, 1, (1 << 63) - 1))
        elif names[slot] in ("fd", "to", "old_fd", "new_fd"):
            found[slot] = random.choice((NEVER_OPEN, 0x8000_0000, 0xFFFF_FFFF))
        elif step.name == "poll_oneoff":
            found[slot] = _poll_slot(random, names[slot], len(step.values["poll"]))
        else:
            found[slot] = random.choice(EDGES) if random.random() < 0.7 else random.randrange(MEMORY + 16)
    return found


def _poll_slot(random: Random, name: str, count: int) -> int:
    """Numbers with which a poll reads no subscription that could mean a long wait."""
    if name.endswith("nsubscriptions"):
        return random.choice((0, count + 1, (1 << 16) + 1, 1 << 31, (1 << 32) - 1))
    return random.choice((1, 3, MEMORY, MEMORY - 1, 0xFFFF_FFF8)) if name.endswith("in") else random.choice(EDGES)
