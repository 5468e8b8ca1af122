"""The fuzzer on a cluster: a campaign comes to the same as here, to the call, also when a worker dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from distributed import LocalCluster

from conformance.errors import HarnessError
from conformance.fleet import fuzzing
from conformance.fuzz import campaign as campaigns
from conformance.fuzz.campaign import Campaign, Found
from conformance.fuzz.chain import Finding, Run
from conformance.fuzz.programs import memory_folder
from tests.conformance.fleet.clusters import cluster, free_port
from tests.waiting import within

CALLS = 9_000


@pytest.fixture(scope="module")
def two() -> Iterator[LocalCluster]:
    with cluster() as made:
        yield made


@pytest.fixture(scope="module")
def here() -> Campaign:
    return campaigns.run(5, CALLS, None, memory_folder())


def told(done: Campaign) -> tuple[object, ...]:
    """What a campaign came to, but for what is known of the reference: time decides what its polls answer, and so how often."""
    return done.seed, done.calls, done.chains, done.longest, done.coverage, done.found


def test_a_campaign_is_that_of_here(two: LocalCluster, here: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "CHAINS", 2)
    seen: list[int] = []
    there = fuzzing.run(two.scheduler_address, 5, CALLS, progress=lambda done: seen.append(done.calls))
    assert told(there) == told(here) and there.calls == CALLS
    assert there.known and here.known
    assert seen == sorted(seen) and seen[-1] == CALLS


def test_a_worker_is_killed_in_the_middle(two: LocalCluster, here: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "CHAINS", 1)
    killed: list[int] = []

    def kill(done: Campaign) -> None:
        if not killed:
            worker = next(iter(two.workers.values()))
            killed.append(worker.process.pid)
            os.kill(worker.process.pid, signal.SIGKILL)

    assert told(fuzzing.run(two.scheduler_address, 5, CALLS, progress=kill)) == told(here)
    assert killed


def test_time_ends_it(two: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "CHAINS", 2)


    def in_time(seconds: float) -> Campaign:
        return fuzzing.run(two.scheduler_address, 1, 1 << 60, minutes=seconds / 60)

    done = within(in_time, enough=lambda campaign: campaign.chains)  # some of it goes by before it is connected
    assert done.chains and done.chains % fuzzing.CHAINS == 0
    assert fuzzing.run(two.scheduler_address, 1, 0).calls == 0


def finding(name: str) -> Finding:
    from conformance.calls.rules import Difference
    from conformance.fuzz.steps import Step

    return Finding([Step(4, name)], [Difference("errno", "BADF", "SUCCESS")])


def test_findings_are_counted_once_by_the_order_of_chains() -> None:
    merged = fuzzing.Merged(Campaign(0), 100)
    first, again, other = finding("fd_sync"), finding("fd_sync"), finding("fd_close")
    small = finding("fd_sync")
    merged.waiting = {2: (2, Run(10, other), other), 1: (1, Run(10, again), again)}
    assert not merged.count(0) and merged.campaign.chains == 0  # 0 hasn't come
    merged.waiting[0] = (0, Run(10, first), small)
    assert not merged.count(0)
    assert merged.campaign.found == [Found(0, first, small, 2), Found(2, other, other)]
    assert merged.campaign.found[0].small is small


def test_a_shard_makes_only_the_first_of_a_kind_small(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = iter(["fd_sync", "fd_sync", "fd_close"])
    monkeypatch.setattr(fuzzing, "chain", lambda *_: Run(1, finding(next(kinds)), steps=[]))
    asked: list[str] = []

    def smaller(found: Finding, *_: object) -> Finding:
        asked.append(found.steps[-1].name)
        return found

    monkeypatch.setattr(fuzzing, "smaller", smaller)
    done = fuzzing.run_chains(0, 4, 3, 10, "wasmtime")
    assert [number for number, _, _ in done] == [4, 5, 6] and asked == ["fd_sync", "fd_close"]


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.fleet import cluster as fleet

    monkeypatch.setattr(fleet, "CONNECTING", 0.3)
    with pytest.raises(HarnessError, match="no Dask scheduler answers"):
        fuzzing.run(f"tcp://127.0.0.1:{free_port()}", 0, 10)
