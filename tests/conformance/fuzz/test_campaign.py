"""A short campaign with a fixed seed is clean; findings of one kind are counted together; limits are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.fuzz.campaign import run
from conformance.fuzz.layout import functions
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls


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
