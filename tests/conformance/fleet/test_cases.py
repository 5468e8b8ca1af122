"""Cases on a cluster come to what they come to here: each once, with their files, whatever becomes of workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import LocalCluster

from conformance import expectations
from conformance.adapters.agave import Command, InProcess
from conformance.adapters.base import Found, Runtime
from conformance.adapters.configured import read_runtimes
from conformance.case import Case
from conformance.errors import HarnessError
from conformance.fleet import cases as fleet
from conformance.fleet.cases import pack, run_cases, run_shard
from conformance.outcome import Outcome, Verdict
from conformance.runner import Options
from conformance.runner import run_cases as run_here
from conformance.suite import read_suite
from tests.conformance.fleet.clusters import cluster
from tests.conformance.made import add, one, suite


@pytest.fixture(scope="module")
def two() -> Iterator[LocalCluster]:
    with cluster() as made:
        yield made


def found(runtime: Runtime) -> tuple[Runtime, Found]:
    there = runtime.find()
    assert isinstance(there, Found)
    return runtime, there


def plain(outcomes: list[Outcome]) -> list[Outcome]:
    """Outcomes without how long they took, which is never the same."""
    return [replace(each, seen=tuple(replace(seen, seconds=0.0) for seen in each.seen)) for each in outcomes]


def many(folder: Path) -> list[Case]:
    """Cases of all verdicts, with trees beside them and above, links that lead nowhere, names of all kinds."""
    (folder / "trees" / "deep" / "empty").mkdir(parents=True)
    (folder / "trees" / "deep" / "nowhere").symlink_to("/nowhere/at/all")
    (folder / "trees" / "déjà").write_bytes(bytes(range(256)))
    suite(folder / "s")
    (folder / "s" / "tree").mkdir()
    (folder / "s" / "tree" / "run").write_text("")
    (folder / "s" / "tree" / "run").chmod(0o755)
    for number in range(2):
        add(folder / "s", f"above{number}", "link", root="../trees", after={"/déjà": {"base64": ""}}, after_exact=True)
        add(folder / "s", f"keep{number}", "keep", dirs=["tree"], after={"/tree/run": ""}, exit_code=1, stdout="")
        add(folder / "s", f"hello{number}", stdout="hello\n")
    add(folder / "s", "needy", stdout="hello\n", world={"quota": 65536})
    add(folder / "s", "known", stdout="other")
    add(folder / "s", "broken", "(module (import \"env\" \"f\" (func)) (func (export \"_start\")))")
    return list(read_suite(folder / "s").cases)


def test_outcomes_are_those_of_here(two: LocalCluster, tmp_path: Path) -> None:
    cases = many(tmp_path)
    known = tmp_path / "known.toml"
    known.write_text(
        'version = 1\n[[suite]]\nname = "made"\n[[suite.test]]\nname = "known"\nexpected = "fail"\nreason = "a bug"\n'
    )
    options = Options(shuffle=3, reference="agave-wasi-command", expectations=expectations.load([known]))
    chosen = [found(InProcess()), found(Command())]
    told: list[Outcome] = []
    there = run_cases(two.scheduler_address, cases, chosen, options, told.append)
    here = run_here(cases, [runtime for runtime, _ in chosen], options)
    for one_there, one_here in zip(plain(there), plain(here), strict=True):
        assert one_there == one_here
    assert {outcome.verdict for outcome in there} >= {Verdict.PASS, Verdict.FAIL, Verdict.SKIP, Verdict.XFAIL}
    assert all(outcome.case is case for outcome, case in zip(there, [each for case in cases for each in (case, case)]))
    assert sorted(map(id, told)) == sorted(map(id, there))


def test_a_worker_is_killed_in_the_middle_and_nothing_is_lost_or_twice(
    two: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "MOST", 3)
    suite(tmp_path / "s")
    for number in range(20):
        add(tmp_path / "s", f"case{number:02}", stdout="said\n")
    runs = tmp_path / "runs"
    script = tmp_path / "runtime"  # its parent is the job's process, whose parent is the worker
    script.write_text(
        f"""#!/bin/sh
echo "$1" >> {runs}
if [ $(wc -l < {runs}) -ge 5 ] && mkdir {tmp_path}/once 2> /dev/null; then
    read -r _ _ _ worker _ < /proc/$PPID/stat
    kill -9 $worker
    exec sleep 3600
fi
echo said
"""
    )
    script.chmod(0o755)
    (tmp_path / "r.toml").write_text(f'[[runtime]]\nname = "deadly"\ncommand = ["{script}", "{{wasm}}"]\n')
    (deadly,) = read_runtimes(tmp_path / "r.toml")
    cases = read_suite(tmp_path / "s").cases
    told: list[str] = []
    outcomes = run_cases(
        two.scheduler_address, cases, [found(deadly)], Options(timeout=3000), lambda outcome: told.append(outcome.case.name)
    )
    names = [case.name for case in cases]
    assert [outcome.case.name for outcome in outcomes] == names
    assert all(outcome.verdict is Verdict.PASS for outcome in outcomes), [outcome.reasons for outcome in outcomes]
    assert sorted(told) == names
    ran = [Path(line).stem for line in runs.read_text().splitlines()]
    assert set(ran) == set(names) and 20 < len(ran) <= 25  # of the five that had begun, those that died with the worker


def test_what_a_shard_does_not_bring_back_is_missed(two: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = one(tmp_path, stdout="hello\n")
    monkeypatch.setattr(fleet, "pack", lambda tasks, *more: replace(pack(tasks, *more), tasks=()))
    with pytest.raises(HarnessError, match="has brought back nothing of 1 cases, made/case among them"):
        run_cases(two.scheduler_address, [case], [found(InProcess())], Options(), lambda outcome: None)


def test_messages_name_the_folders_of_whoever_asks(tmp_path: Path) -> None:
    case = one(tmp_path / "s", root="nowhere")
    with pytest.raises(HarnessError, match=f"the folder {tmp_path}/s/nowhere can't be copied"):
        run_shard(pack([(0, case, InProcess())], [found(InProcess())], Options()))


def test_files_that_cannot_be_read_are_told_before_they_are_sent(tmp_path: Path) -> None:
    case = one(tmp_path / "s", root="tree")
    (tmp_path / "s" / "tree").symlink_to("tree")
    with pytest.raises(HarnessError, match="tree can't be copied"):
        run_shard(pack([(0, case, InProcess())], [found(InProcess())], Options()))


def test_a_runtime_that_is_another_one_there(tmp_path: Path) -> None:
    task = (0, one(tmp_path), InProcess())
    with pytest.raises(HarnessError, match=r"agave-wasi is .* on a worker of the cluster, and 99 here: install the same"):
        run_shard(pack([task], [(InProcess(), Found("99", "here"))], Options()))
    (tmp_path / "r.toml").write_text('[[runtime]]\nname = "gone"\ncommand = "no-such-program {wasm}"\n')
    (gone,) = read_runtimes(tmp_path / "r.toml")
    with pytest.raises(HarnessError, match="gone is not found on a worker of the cluster: no-such-program is not in PATH"):
        run_shard(pack([(0, task[1], gone)], [(gone, Found("1", "here"))], Options()))
