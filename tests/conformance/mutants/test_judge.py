"""A mutant is judged: by the case that was named first, by a random call, or nothing notices it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.mutants import judge, trials
from conformance.mutants.child import CRASH
from conformance.mutants.judge import CASE, FUZZ, SURVIVED, TEST, Verdict
from tests.conformance.mutants.fresh import fresh

PROGRAM = """
import json
from dataclasses import asdict
from conformance.mutants.child import in_child
from conformance.mutants.loading import put_in
from conformance.mutants.places import mutants
from conformance.mutants import judge
from conformance.mutants.scope import sources
module, after, work = {module!r}, {after!r}, {work}
mutant = next(each for each in mutants(module, sources()[module].read_text()) if each.after == after)
def alone():
    put_in(mutant)
    return work()
found = in_child(alone)
print(json.dumps(asdict(found) if found is not None else None))
"""


def judged(module: str, after: str, work: str) -> Verdict | None:
    found = json.loads(fresh(PROGRAM.format(module=module, after=after, work=work)))
    return Verdict(**found) if found is not None else None


def test_by_the_case_that_is_named() -> None:
    after = "if len(self.fds) > self.fds.limit:"
    found = judged("kernel_sim.syscalls.paths", after, "lambda: judge.judge(['fd_limit'], 1, 100)")
    assert found is not None and found.caught
    assert (found.how, found.by) == (CASE, "fd_limit") and "exit_code 1" in found.why


def test_by_a_row_of_the_table_of_traps() -> None:
    found = judged("agave_wasi.preview1.compiled", "if pointer & align + 1 or pointer + length > memory_size:",
                   "lambda: judge.by_cases(['traps of args_get'])")  # fmt: skip
    assert found is not None and (found.how, found.by) == (CASE, "traps of args_get")


def test_by_a_random_call() -> None:
    found = judged("kernel_sim.syscalls.files", "file.offset -= count", "lambda: judge.by_fuzzing(1, 3000)")
    assert found is not None and found.how == FUZZ and found.by.startswith("fd_") and found.why.startswith("call ")


def test_by_nothing() -> None:
    found = judged("kernel_sim.clock", "if deadline >= self.elapsed:", "lambda: judge.by_fuzzing(1, 300)")
    assert found is None


@pytest.mark.parametrize("early", [False, True])
def test_with_a_vdso_from_the_first_call_on(early: bool) -> None:
    program = f"""
from conformance.mutants.judge import wake_early
if {early}:
    wake_early()
from agave_wasi import World
from conformance.suites.trap_reference import SUITE
with World() as world, world.instantiate(str(SUITE / "raw_calls.wasm")) as live:
    live.call("clock_time_get", 0, 0, 64)
    print(live._guest.switch.vdso is not None)
"""
    assert fresh(program) == str(early)


def test_by_a_test() -> None:
    folder = "tests/kernel_sim/vdso/test_names.py"
    found = judged("kernel_sim.vdso.names", "if entry:", f"lambda: judge.by_tests([{folder!r}])")
    assert found is not None and found.how == TEST and found.by.startswith(f"{folder}::test_")
    found = judged("kernel_sim.clock", "if deadline >= self.elapsed:", f"lambda: judge.by_tests([{folder!r}])")
    assert found is not None and found.how == SURVIVED


@pytest.mark.parametrize("whys, how", [(["", ""], None), (["late", ""], None), (["wrong", "wrong"], CASE)])
def test_a_case_must_fail_twice(whys: list[str], how: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once may have been the machine, which was busy."""
    folders: list[Path] = []

    def trial(folder: Path) -> str:
        assert folder.is_dir() and folder not in folders
        folders.append(folder)
        return whys[len(folders) - 1]

    monkeypatch.setattr(trials, "trials", lambda: {"one": trial})
    found = judge.by_cases(["one"])
    assert (found and found.how) == how and len(folders) == (2 if whys[0] else 1)


@pytest.mark.parametrize("how, caught", [(CASE, True), (FUZZ, True), (TEST, True), (CRASH, True), (SURVIVED, False)])
def test_what_counts_as_caught(how: str, caught: bool) -> None:
    assert Verdict(how).caught is caught
