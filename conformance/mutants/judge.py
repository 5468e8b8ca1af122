"""Judges a mutant: the suites' cases first, those that run its line before the others; then a bounded fuzz run.

Everything here happens in a child, for which the mutant's module is the mutated one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from conformance.mutants.scope import PROJECT

CASE, FUZZ, TEST, SURVIVED = "case", "fuzz", "test", "survived"
ATTEMPTS = 2
"""So often a case must fail."""


@dataclass(frozen=True)
class Verdict:
    """`how`: CASE, FUZZ or TEST, TIMEOUT or CRASH of `child`, or SURVIVED; `by` names the case or the call, `why` says more.

    `seconds` were computed for it, which is less dependent on what else the machine does than the time that went by.
    """

    how: str
    by: str = ""
    why: str = ""
    seconds: float = 0.0

    @property
    def caught(self) -> bool:
        """Has anything noticed?"""
        return self.how != SURVIVED


def judge(order: Sequence[str], seed: int, calls: int) -> Verdict:
    """Try all cases, the named ones first, then so many random calls; the first that notices ends it."""
    began = process_time()
    found = by_cases(order) or by_fuzzing(seed, calls) or Verdict(SURVIVED)
    return Verdict(found.how, found.by, found.why[:300], round(process_time() - began, 2))


def wake_early() -> None:
    """From now on every guest has a vDSO from its first call, which takes over what it can at once, and stays awake."""
    from agave_wasi.engines import gates
    from kernel_sim.vdso import descriptors, inodes, slots, vdso

    gates.AWAKE_AT = 1
    vdso.ENOUGH = sys.maxsize
    descriptors.PATIENCE = inodes.PATIENCE = slots.PATIENCE = 1  # type: ignore[attr-defined]  # each has its own


def by_cases(order: Sequence[str]) -> Verdict | None:
    """The first case that notices, twice: one that only failed because the machine was busy goes well the second time."""
    from conformance.mutants.trials import trials

    todo = trials()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        for number, name in enumerate(dict.fromkeys((*order, *todo))):
            for attempt in range(ATTEMPTS):
                folder = Path(scratch, f"{number} {attempt}")
                folder.mkdir()
                why = todo[name](folder)
                if not why:
                    break
            else:
                return Verdict(CASE, name, why)
    return None


def by_fuzzing(seed: int, calls: int) -> Verdict | None:
    """The first call that differs from the reference's."""
    from functools import partial

    from conformance.fuzz.campaign import chain
    from conformance.fuzz.chain import LENGTH
    from conformance.fuzz.lockstep import Lockstep
    from conformance.fuzz.programs import memory_folder

    done = number = 0
    while done < calls:
        run = chain(seed, number, partial(Lockstep, memory_folder()), min(LENGTH, calls - done))
        if run.finding is not None:
            first = run.finding.differences[0]
            return Verdict(FUZZ, run.steps[-1].name, f"call {done + run.calls}: {first.what}: {first.ours}, not {first.theirs}")
        done += run.calls
        number += 1
    return None


def by_tests(folders: Sequence[str]) -> Verdict:
    """The first of the project's own tests in these folders that fails; no test is too slow, and none draws as it likes."""
    import pytest
    from hypothesis import settings

    class Listener:
        failed = ""

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                self.failed = self.failed or report.nodeid

    settings.register_profile("judge", deadline=None, derandomize=True, database=None)
    settings.load_profile("judge")
    began = process_time()
    listener = Listener()
    options = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", f"--rootdir={PROJECT}"]
    code = pytest.main([*options, *(str(PROJECT / each) for each in folders)], plugins=[listener])
    seconds = round(process_time() - began, 2)
    if code == pytest.ExitCode.OK:
        return Verdict(SURVIVED, seconds=seconds)
    return Verdict(TEST, listener.failed, f"pytest: {code!s}", seconds)
