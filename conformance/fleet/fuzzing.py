"""The fuzzer on a cluster: each shard has some chains of a campaign, which are numbered, so the same as they are here.

Chains are counted in the order of their numbers, and the last one is cut off where the calls are done; so a campaign comes to
the same, to the call, on however many workers it ran, and however many of them have died.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from conformance.calls.known import REFERENCE
from conformance.fleet.cluster import connected
from conformance.fleet.work import job
from conformance.fuzz.campaign import MOST_FINDINGS, Campaign, Found, chain, smaller
from conformance.fuzz.chain import LENGTH, Finding, Run
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.programs import memory_folder
from conformance.fuzz.shrink import MOST_TRIES

CHAINS = 6
"""Chains of a shard: about as many calls as take a few seconds."""

Done = tuple[int, Run, Finding | None]
"""A chain's number, what it came to, and its finding made small, where it is the first of its kind in the shard."""


def run(
    scheduler: str,
    seed: int,
    calls: int,
    minutes: float | None = None,
    progress: Callable[[Campaign], object] = lambda campaign: None,
    tries: int = MOST_TRIES,
    against: str = REFERENCE,
) -> Campaign:
    """As `conformance.fuzz.campaign.run`, on a cluster; HarnessError if it can't be had, or not to the end."""
    merged = Merged(Campaign(seed, against=against), calls)
    began = time.monotonic()

    def jobs() -> Iterator[bytes]:
        first = 0
        while minutes is None or time.monotonic() - began <= 60 * minutes:
            yield job(run_chains, seed, first, CHAINS, tries, against)
            first += CHAINS

    with connected(scheduler) as cluster:
        for _, several in cluster.results(jobs() if calls else ()):
            for done in several:
                merged.waiting[done[0]] = done
            over = merged.count(tries)
            merged.campaign.seconds = time.monotonic() - began
            progress(merged.campaign)
            if over:
                break
    return merged.campaign


def run_chains(seed: int, first: int, count: int, tries: int, against: str, most: int = LENGTH) -> list[Done]:
    """Some chains of a campaign, of no more than so many calls each: what each came to."""
    sides = partial(Lockstep, memory_folder(), against)
    found: list[Done] = []
    known: set[tuple[str, ...]] = set()
    for number in range(first, first + count):
        run = chain(seed, number, sides, most)
        small = None
        if run.finding is not None and run.finding.signature not in known:
            known.add(run.finding.signature)
            small = smaller(run.finding, sides, tries)
        found.append((number, replace(run, steps=[]), small))
    return found


class Merged:
    """A campaign of so many calls as far as it has come, and chains that have come before their turn."""

    def __init__(self, campaign: Campaign, calls: int) -> None:
        self.campaign = campaign
        self.calls = calls
        self.waiting: dict[int, Done] = {}

    def count(self, tries: int) -> bool:
        """Count the chains whose turn it is; is the campaign over?"""
        campaign = self.campaign
        while campaign.chains in self.waiting:
            number, run, small = self.waiting.pop(campaign.chains)
            left = self.calls - campaign.calls
            if run.calls > left:  # the last one, as far as it goes: done once more, here
                ((_, run, small),) = run_chains(campaign.seed, number, 1, tries, campaign.against, left)
            campaign.add(run)
            if run.finding is not None:
                self._keep(number, run.finding, small)
            if campaign.calls >= self.calls or len(campaign.found) >= MOST_FINDINGS:
                return True
        return False

    def _keep(self, number: int, finding: Finding, small: Finding | None) -> None:
        for each in self.campaign.found:
            if each.first.signature == finding.signature:
                each.times += 1
                return
        self.campaign.found.append(Found(number, finding, small or finding))

