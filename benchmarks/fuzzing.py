"""What comparing costs: the fuzzer's loop with both sides, beside the same loop with the reference alone.

Both draw the same chains from the same seeds, lay them out, make their calls and keep up the generator's model of the files;
the one compares, the other has nothing to compare with. They take turns, chain by chain, in one process and on one CPU.
"""

from __future__ import annotations

from functools import partial
from random import Random
from statistics import median
from struct import unpack_from
from time import perf_counter
from typing import Any

from conformance.calls.rules import Difference
from conformance.fuzz.chain import Run, draw, replay
from conformance.fuzz.layout import lay
from conformance.fuzz.listing import walk
from conformance.fuzz.lockstep import BEFORE, EFFECTS, Lockstep, Outcome
from conformance.fuzz.programs import memory_folder
from conformance.fuzz.reference import Reference
from conformance.fuzz.side import Ended
from conformance.fuzz.steps import NEVER_OPEN, Step

from .driver import pin
from .results import AGAVE, WASMTIME, Row

CHAINS, ROUNDS = 24, 5
FUZZ_ROWS = ("fuzz call", "fuzz call, drawn before")


class Alone:
    """The reference in a fuzz chain, with nobody beside it."""

    def __init__(self, within: str | None) -> None:
        self.side = Reference(["program"], within)
        self.fds = {number: number for number in range(4)}
        self.cookies: dict[int, list[int]] = {}

    def __enter__(self) -> Alone:
        return self

    def __exit__(self, *_: object) -> None:
        self.side.close()

    def files(self) -> list[Difference]:
        """A look at all files, as at a checkpoint."""
        self.side.tree()
        return []

    def step(self, step: Step) -> Outcome:
        """Make a call."""
        fill = 0x80 | step.number & 0x7F
        if step.walk:
            return self._walk(step, fill)
        laid = lay(step)
        for slot, descriptor in laid.slot_descriptors:
            laid.slots[slot] = self.fds.get(descriptor, NEVER_OPEN + 1)
        self.side.prepare(fill, laid.pieces)
        for at, descriptor in laid.placed_descriptors:
            self.side.put(at, self.fds.get(descriptor, NEVER_OPEN + 1))
        answer = self.side.call(step.name, laid.slots)
        outcome = Outcome(step, answer, answer)
        if isinstance(answer, Ended):
            outcome.over = answer.how != "trap" or (step.name in EFFECTS and not BEFORE.match(answer.text))
        elif answer == 0:
            self._follow(step, laid.slots)
        return outcome

    def _follow(self, step: Step, slots: list[int]) -> None:
        if step.name == "path_open":
            self.fds[step.number] = unpack_from("<I", self.side.memory, slots[-1])[0]
            return
        renumbered = step.name == "fd_renumber" and not step.raw and step.values["fd"] != step.values["to"]
        if renumbered or (step.name == "fd_close" and 0 not in step.raw):
            self.fds.pop(_of(step.values["fd"]), None)
        if renumbered:
            self.cookies.pop(_of(step.values["to"]), None)

    def _walk(self, step: Step, fill: int) -> Outcome:
        fd, cookie = step.values["fd"], step.values["cookie"]
        known = self.cookies.get(_of(fd), [])
        behind = cookie["entry"] if isinstance(cookie, dict) and cookie["entry"] < len(known) else None
        number = self.fds.get(fd["of"], NEVER_OPEN + 1) if isinstance(fd, dict) else fd
        found = walk(self.side, number, step.values["buf"], known[behind] if behind is not None else 0, fill)
        outcome = Outcome(step, found.answer, found.answer)
        if outcome.succeeded and behind is None:
            self.cookies[_of(fd)] = [each.cookie for each in found.entries]
            outcome.entries = len(found.entries)
        return outcome


def _of(fd: Any) -> int:
    return fd["of"] if isinstance(fd, dict) else -1


def made(drawn: bool, program: list[Step], chance: str, sides: Any) -> Run:
    """A program drawn once more, and no longer than it was; or run again."""
    return draw(Random(chance), sides, len(program)) if drawn else replay(program, sides)


def measure_fuzzing(chains: int = CHAINS, rounds: int = ROUNDS, seed: int = 1) -> list[Row]:
    """Microseconds a call: as a campaign does it, which draws calls; and with programs that have been drawn before.

    The column of agave-wasi is both sides compared, that of wasmtime-py the reference alone.
    """
    pin()
    both, alone = partial(Lockstep, memory_folder()), partial(Alone, memory_folder())
    programs = [draw(Random(f"{seed}/{number}"), both).steps for number in range(chains)]
    rows = [Row("fuzzing", name, "µs") for name in FUZZ_ROWS]
    for row, drawn in zip(rows, (True, False)):
        taken: dict[str, list[float]] = {AGAVE: [], WASMTIME: []}
        for _ in range(rounds):
            seconds, calls = (dict.fromkeys(taken, 0.0) for _ in range(2))
            for number, program in enumerate(programs):
                for name, sides in ((AGAVE, both), (WASMTIME, alone)):
                    began = perf_counter()
                    run = made(drawn, program, f"{seed}/{number}", sides)
                    seconds[name] += perf_counter() - began
                    calls[name] += run.calls
            for name, times in taken.items():
                times.append(1e6 * seconds[name] / calls[name])
        row.figures = {name: median(times) for name, times in taken.items()}
    return rows
