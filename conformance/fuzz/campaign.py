"""Many chains, one after the other, until there have been enough calls or the time is over; what they found, made small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from time import monotonic

from conformance.calls.known import REFERENCE
from conformance.fuzz.chain import LENGTH, Coverage, Finding, Run, Sides, draw, replay
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.shrink import MOST_TRIES, shrink
from conformance.fuzz.steps import Step

MOST_FINDINGS = 20
"""So many different things are found before it ends: there is enough to do then."""


@dataclass
class Found:
    """A finding made small, and how often the like of it came up; `small` is what the small program shows."""

    chain: int
    first: Finding
    small: Finding
    times: int = 1


@dataclass
class Campaign:
    """What has been done so far."""

    seed: int
    calls: int = 0
    chains: int = 0
    longest: int = 0
    seconds: float = 0.0
    known: Counter[str] = field(default_factory=Counter)
    coverage: Coverage = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    against: str = REFERENCE

    @property
    def rate(self) -> float:
        """Calls a second, on both sides together with all that is compared; shrinking isn't counted."""
        return self.calls / self.seconds if self.seconds else 0.0

    def add(self, run: Run) -> None:
        """Count a chain."""
        self.chains += 1
        self.calls += run.calls
        self.longest = max(self.longest, run.calls)
        self.known.update(run.known)
        self.coverage.update(run.coverage)

    def merge(self, other: Campaign) -> None:
        """Count what another part of the same campaign has done; a finding that both have is kept once."""
        self.chains += other.chains
        self.calls += other.calls
        self.longest = max(self.longest, other.longest)
        self.seconds += other.seconds
        self.known.update(other.known)
        self.coverage.update(other.coverage)
        for found in other.found:
            same = next((each for each in self.found if each.first.signature == found.first.signature), None)
            if same is None:
                self.found.append(found)
            else:
                same.times += found.times


def chain(seed: int, number: int, sides: Sides, most: int = LENGTH) -> Run:
    """One chain of a campaign."""
    return draw(Random(f"{seed}/{number}"), sides, most)


def smaller(finding: Finding, sides: Sides, tries: int = MOST_TRIES) -> Finding:
    """The finding, with a program as small as can be."""

    def shows(steps: list[Step]) -> bool:
        found = replay(steps, sides).finding
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
    against: str = REFERENCE,
    first: int = 0,
    engine: str = "wasmtime",
) -> Campaign:
    """Run chains from number `first` on; `progress` is called behind each, and our guests are executed by `engine`."""
    sides = partial(Lockstep, within, against, engine=engine)
    campaign = Campaign(seed, against=against)
    began = monotonic()
    while campaign.calls < calls and len(campaign.found) < MOST_FINDINGS:
        if minutes is not None and monotonic() - began > 60 * minutes:
            break
        before = monotonic()
        number = first + campaign.chains
        done = chain(seed, number, sides, min(LENGTH, calls - campaign.calls))
        campaign.add(done)
        campaign.seconds += monotonic() - before
        if done.finding is not None:
            _keep(campaign, number, done.finding, sides, tries)
        progress(campaign)
    return campaign


def _keep(campaign: Campaign, number: int, finding: Finding, sides: Sides, tries: int) -> None:
    for each in campaign.found:
        if each.first.signature == finding.signature:
            each.times += 1
            return
    campaign.found.append(Found(number, finding, smaller(finding, sides, tries)))
