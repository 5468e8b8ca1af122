"""A short campaign with a fixed seed is clean; findings of one kind are counted together; limits are kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance.calls.rules import Difference
from conformance.fuzz.campaign import Campaign, Found, chain, run
from conformance.fuzz.chain import Finding
from conformance.fuzz.layout import functions
from conformance.fuzz.lockstep import Lockstep
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.fuzz.sides import opening


def test_a_short_run_finds_nothing_that_is_not_explained(tmp_path: Path) -> None:
    done = run(1, 15_000, within=str(tmp_path))
    assert not done.found and done.calls == 15_000 and done.longest > 2000
    assert {name for name, _ in done.coverage} >= functions().keys() - {"proc_raise", "proc_exit", "fd_allocate"}
    assert not list(tmp_path.iterdir())


def test_progress_is_told_behind_each_chain(tmp_path: Path) -> None:
    seen: list[int] = []
    done = run(2, 2000, within=str(tmp_path), progress=lambda campaign: seen.append(campaign.calls))
    assert seen == sorted(seen) and seen[-1] == done.calls and len(seen) == done.chains


def test_what_is_found_often_is_made_small_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fstat(self: Any, fd: int) -> Any:
        raise KernelError("NXIO")

    monkeypatch.setattr(Syscalls, "fstat", fstat)
    done = run(3, 1500, within=str(tmp_path), tries=300)
    assert [each.first.signature for each in done.found if "BADF" not in each.first.signature] == [
        ("fd_filestat_get", "errno", "NXIO", "SUCCESS")
    ]
    (found,) = (each for each in done.found if "BADF" not in each.first.signature)
    assert found.times > 5 and len(found.small.steps) == 1 and found.small.answers == ("NXIO", "SUCCESS")


def test_no_time_is_no_call(tmp_path: Path) -> None:
    done = run(4, 1000, minutes=1e-9, within=str(tmp_path))
    assert done.calls == done.chains == 0 and done.rate == 0


def test_shards_together_are_the_whole(tmp_path: Path) -> None:
    whole, first = run(2, 900, within=str(tmp_path)), run(2, 1, within=str(tmp_path))
    assert first.calls == 1 and first.chains == 1
    numbers = [chain(2, number, partial(Lockstep, str(tmp_path))).calls for number in range(2)]
    one = run(2, numbers[0], within=str(tmp_path))
    other = run(2, numbers[1], within=str(tmp_path), first=1)
    one.merge(other)
    assert one.chains == 2 and one.calls == sum(numbers) and sum(one.coverage.values()) == one.calls
    assert whole.seed == one.seed and one.longest == max(numbers)


def test_a_finding_of_two_shards_is_kept_once() -> None:
    finding = Finding([opening(4, "f")], [Difference("errno", "SUCCESS", "BADF")])
    one, other = (Campaign(1, calls=5, chains=1, found=[Found(0, finding, finding, times)]) for times in (2, 3))
    one.merge(other)
    (found,) = one.found
    assert found.times == 5 and one.calls == 10 and one.chains == 2
