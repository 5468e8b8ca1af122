"""Programs on two fresh sides, drawn call by call or run again, and many of them one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from time import monotonic

from conformance.components.fuzz.generator import Generator
from conformance.components.fuzz.lockstep import Lockstep, Outcome
from conformance.components.fuzz.values import BadValue
from conformance.fuzz.campaign import MOST_FINDINGS, Campaign, Found
from conformance.fuzz.chain import CHECKPOINT, HOSTILE_ODDS, LENGTH, Finding, Run
from conformance.fuzz.shrink import shrink
from conformance.fuzz.steps import Step

MOST_TRIES = 400
"""Tries to make a finding smaller: a fresh pair of sides takes ten milliseconds."""
Sides = Callable[[], Lockstep]


def note(run: Run, outcome: Outcome) -> None:
    """Count a step that has been made."""
    run.calls += outcome.calls
    run.steps.append(outcome.step)
    run.known.update({each.id: 1 for each in outcome.known})
    if outcome.calls:
        run.coverage[outcome.step.name, outcome.ours.partition(" ")[0]] += outcome.calls
    if outcome.unknown:
        run.finding = Finding(run.steps, outcome.unknown, (outcome.ours, outcome.theirs))


def _look(run: Run, sides: Lockstep) -> bool:
    """A checkpoint: compare all files; is there a difference?"""
    found = sides.files()
    if found:
        run.finding = Finding(run.steps, found, files=True)
    return bool(found)


def draw(random: Random, sides: Sides, most: int = LENGTH) -> Run:
    """Draw a chain of about so many calls at most, and run it as it is drawn."""
    run = Run()
    length = min(most, random.choice((LENGTH, LENGTH, LENGTH // 4, LENGTH // 30)))
    generator = Generator(random, random.random() < HOSTILE_ODDS)
    with sides() as both:
        checked = 0
        while run.calls < length and len(run.steps) < LENGTH:
            step = generator.step()
            outcome = both.step(step)
            note(run, outcome)
            if outcome.unknown or outcome.over:
                break
            while both.dropped:
                generator.model.held.pop(both.dropped.pop(), None)
            if outcome.succeeded:
                generator.model.after(step)
            elif outcome.ours == "last-operation-failed" == outcome.theirs:
                generator.model.failed(step)
            if (run.calls - checked >= CHECKPOINT or run.calls >= length) and not generator.queue:
                checked = run.calls
                if _look(run, both):
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


def smaller(finding: Finding, sides: Sides, tries: int = MOST_TRIES) -> Finding:
    """The finding, with a program as small as can be."""

    def shows(steps: list[Step]) -> bool:
        try:
            found = replay(steps, sides).finding
        except BadValue:
            return False
        return found is not None and found.like(finding)

    steps = shrink(finding.steps, shows, tries)
    found = replay(steps, sides).finding
    return found if found is not None and found.like(finding) else finding


def run(
    seed: int,
    calls: int,
    minutes: float | None = None,
    within: str | None = None,
    progress: Callable[[Campaign], object] = lambda campaign: None,
    tries: int = MOST_TRIES,
    engine: str = "wasmtime",
) -> Campaign:
    """Run chains until there have been so many calls, or the time is over. Our guests are executed by `engine`."""
    sides = partial(Lockstep, within, engine)
    campaign = Campaign(seed)
    began = monotonic()
    while campaign.calls < calls and len(campaign.found) < MOST_FINDINGS:
        if minutes is not None and monotonic() - began > 60 * minutes:
            break
        before = monotonic()
        done = draw(Random(f"components {seed}/{campaign.chains}"), sides, min(LENGTH, calls - campaign.calls))
        campaign.add(done)
        campaign.seconds += monotonic() - before
        if done.finding is not None:
            _keep(campaign, done.finding, sides, tries)
        progress(campaign)
    return campaign


def _keep(campaign: Campaign, finding: Finding, sides: Sides, tries: int) -> None:
    for each in campaign.found:
        if each.first.signature == finding.signature:
            each.times += 1
            return
    campaign.found.append(Found(campaign.chains - 1, finding, smaller(finding, sides, tries)))
