"""One program on two fresh sides: drawn call by call, or run again; and the first thing in it that isn't explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from conformance.calls.rules import Difference
from conformance.fuzz.generator import Generator
from conformance.fuzz.lockstep import Lockstep, Outcome, named
from conformance.fuzz.side import Ended
from conformance.fuzz.steps import Step

CHECKPOINT = 500
"""So many calls lie between two looks at all files."""
HOSTILE_ODDS = 0.15
"""The part of the chains that has hostile calls in it."""
LENGTH = 3000
FILES = "the files"

Coverage = Counter[tuple[str, str]]
Sides = Callable[[], Lockstep]


@dataclass
class Finding:
    """Something that isn't explained: the program up to there, what differs, and both answers to its last call."""

    steps: list[Step]
    differences: list[Difference]
    answers: tuple[str, str] = ("", "")
    files: bool = False
    """It shows in the files only, and not in an answer."""

    @property
    def signature(self) -> tuple[str, ...]:
        """What makes two findings the same one, most likely."""
        if self.files:
            return (FILES, *sorted({each.what.rpartition("/")[2] for each in self.differences}))
        first = self.differences[0]
        sort = first.what.partition(" ")[0]
        values = (str(first.ours), str(first.theirs)) if sort in ("errno", "ending") else ()
        return self.steps[-1].name, sort, *values

    def like(self, other: Finding) -> bool:
        """Is this the same thing, in a program that may be another?"""
        return self.files == other.files and (self.files or self.signature == other.signature)


@dataclass
class Run:
    """What a chain came to."""

    calls: int = 0
    finding: Finding | None = None
    known: Counter[str] = field(default_factory=Counter)
    coverage: Coverage = field(default_factory=Counter)
    steps: list[Step] = field(default_factory=list)


def note(run: Run, outcome: Outcome) -> None:
    """Count a step that has been made."""
    run.calls += 1
    run.steps.append(outcome.step)
    if outcome.known:
        run.known.update({each.id: 1 for each in outcome.known})
    ours = outcome.ours
    run.coverage[outcome.step.name, ours.how if isinstance(ours, Ended) else named(ours)] += 1
    if outcome.unknown:
        run.finding = Finding(run.steps, outcome.unknown, outcome.answers())


def _look(run: Run, sides: Lockstep) -> bool:
    """A checkpoint: compare all files; is there a difference?"""
    found = sides.files()
    if found:
        run.finding = Finding(run.steps, found, files=True)
    return bool(found)


def draw(random: Random, sides: Sides, most: int = LENGTH) -> Run:
    """Draw a chain of at most so many calls, and run it as it is drawn."""
    run = Run()
    length = min(most, random.choice((LENGTH, LENGTH, LENGTH // 4, LENGTH // 30)))
    generator = Generator(random, random.random() < HOSTILE_ODDS)
    with sides() as both:
        for number in range(1, length + 1):
            step = generator.step()
            outcome = both.step(step)
            note(run, outcome)
            if outcome.unknown or outcome.over:
                break
            if outcome.succeeded:
                generator.model.after(step, outcome.entries)
            if (number % CHECKPOINT == 0 or number == length) and _look(run, both):
                break
    return run


def replay(steps: Sequence[Step], sides: Sides) -> Run:
    """Run a program again, from its beginning on two fresh sides."""
    run = Run()
    with sides() as both:
        for step in steps:
            outcome = both.step(step)
            note(run, outcome)
            if outcome.unknown or outcome.over:
                return run
        _look(run, both)
    return run
