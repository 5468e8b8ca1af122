"""Hypothesis draws short programs that are clean, goes everywhere, and makes what it finds small."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance.fuzz.campaign import Campaign
from conformance.fuzz.chain import Finding, replay
from conformance.fuzz.command import main
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.machine import NAMES, Differs, Machine, explore
from conformance.fuzz.steps import TOP
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls


@pytest.fixture
def sides(tmp_path: Path) -> Any:
    yield partial(Lockstep, str(tmp_path))
    assert not list(tmp_path.glob("agave-wasi-fuzz-*"))


def explored(sides: Any, programs: int, seed: int = 1) -> Campaign:
    return explore(seed, programs, sides, "wasmtime", 12)


SEEDS = range(1, 13)
"""What a seed draws differs from one release of Hypothesis to the next; what a dozen of them draw, hardly."""


def test_short_programs_are_clean_and_go_everywhere(sides: Any) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in SEEDS:
        done = explored(sides, 40, seed)
        assert not done.found and done.chains >= 40 and done.longest > 6
        seen += done.coverage
        everywhere = len({name for name, _ in seen} & set(NAMES)) > 12
        if everywhere and seen["path_open", "SUCCESS"] > 5 and seen["fd_readdir", "SUCCESS"] > 5:
            break
    else:
        pytest.fail(f"not everywhere: {seen}")


def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdirat(self: Any, fd: int, path: bytes) -> None:
        raise KernelError("ACCES")

    monkeypatch.setattr(Syscalls, "mkdirat", mkdirat)


def test_a_bug_is_found_and_made_small(sides: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        refused(patch)
        found = next(found for seed in SEEDS for found in explored(sides, 100, seed).found)
        small: Finding = found.small
        assert small.steps[-1].name == "path_create_directory" and len(small.steps) <= 4
        again = replay(small.steps, sides).finding
        assert again is not None and again.signature == small.signature
    assert replay(small.steps, sides).finding is None


def test_a_difference_in_files_alone_is_found(sides: Any) -> None:
    campaign = Campaign(1)
    machine = type("Drawn", (Machine,), {"sides": staticmethod(sides), "campaign": campaign})()
    machine.make("path_create_directory", {"fd": TOP, "path": "d"})
    (machine.both.theirs.root / "d" / "more").touch()
    with pytest.raises(Differs, match="the files") as told:
        machine.teardown()
    assert told.value.finding.files and campaign.calls == 1


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--short", "5", "--seed", "3"]) == 0
    assert "not explained: 0" in capsys.readouterr().out


def test_the_top_stays_open() -> None:
    from conformance.fuzz.machine import _given

    assert _given("fd_renumber", (TOP, {"of": 4}), ("a", "b")) == {"fd": TOP, "to": TOP}
    assert _given("path_symlink", (TOP, TOP), ("a", "b")) == {"fd": TOP, "new_path": "a"}
    assert _given("path_rename", (TOP, 7), ("a", "b")) == {"fd": TOP, "old_path": "a", "new_fd": 7, "new_path": "b"}
