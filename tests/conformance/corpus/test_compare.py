"""A job on several runtimes: what is compared, in folders of the host and sealed, and which runtimes it is for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

pytest.importorskip("unicorn")

from agave_wasi.engines.capi import to_wasm
from conformance.corpus import jobs
from conformance.corpus.__main__ import as_data, make_table, run_job
from conformance.corpus.compare import judge
from conformance.corpus.jobs import JOBS, Job, Step
from conformance.corpus.packages import Package
from conformance.corpus.runners import AGAVE, MODEL, RUNNERS
from conformance.corpus.sealed import members, pack, parting, run_sealed
from tests.agave_wasi.cli.conftest import PROGRAMS

ONCE = replace(AGAVE, rounds=1)


def write(package: Path, name: str, text: str) -> None:
    (package / name).write_bytes(to_wasm(text.encode()))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package's folder with a program that writes a file, and its inputs; what is compiled is kept beside."""
    monkeypatch.setenv("AGAVE_CORPUS_DIR", str(tmp_path / "corpus"))
    monkeypatch.delenv("AGAVE_WASI_CACHE", raising=False)
    monkeypatch.setattr(jobs, "INPUTS", tmp_path / "inputs")
    inputs = tmp_path / "inputs" / "made"
    inputs.mkdir(parents=True)
    (inputs / "present.txt").write_text("present")
    folder = tmp_path / "package"
    (folder / "share").mkdir(parents=True)
    (folder / "share" / "shared.txt").write_text("shared")
    write(folder, "keep.wasm", PROGRAMS["keep"])
    return folder


def job(**fields: object) -> Job:
    made = Job("keeps", Package("made", "pip", "made==1", "keep.wasm", ""), (Step((), "keep"),), makes=("out.txt",))
    return replace(made, **fields)  # type: ignore[arg-type]


def test_both_engines_do_it_in_a_folder_and_sealed(package: Path) -> None:
    told: list[str] = []
    verdict = judge(job(shares=(("share", "/share"),), folders=("tmp",)), package, (AGAVE, MODEL), told.append)
    assert verdict.differences == []
    names = ["agave-wasi, run 1", "agave-wasi-x86, run 1", "agave-wasi, run 2", "agave-wasi, sealed", "agave-wasi-x86, sealed"]
    assert told == names
    assert [done.cold for done in verdict.rounds] == [True, True, False]
    ours, theirs = verdict.sealed
    assert ours.calls == theirs.calls > 2 and b'"call":"path_open"' in ours.traces[0]
    assert set(members(ours.images[0])) >= {"out.txt", "present.txt", "share/shared.txt", "tmp"}
    data = as_data(verdict)
    assert [each["runner"] for each in data["sealed"]] == ["agave-wasi", "agave-wasi-x86"] and data["beyond"] == {}


def test_what_an_engine_does_otherwise_is_seen(package: Path) -> None:
    """One whose clock goes faster: the program doesn't show what time it is, its trace does."""
    text = """(module (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (drop (call $now (i32.const 0) (i64.const 1) (i32.const 0)))
        (drop (call $now (i32.const 0) (i64.const 1) (i32.const 0)))))"""
    write(package, "keep.wasm", text)
    fast = replace(MODEL, name="fast", command=(*MODEL.command, "--clock-step", "5000"))
    (found,) = judge(job(makes=()), package, (ONCE, fast)).differences
    assert found.startswith("step 1: the trace differs between agave-wasi, sealed and fast, sealed: line 1")
    assert "clock_time_get" in found


def test_files_and_their_times_are_compared(package: Path) -> None:
    late = replace(MODEL, name="late", command=(*MODEL.command, "--clock-start", "2030-01-01"))
    found = judge(job(), package, (ONCE, late)).differences
    assert any(each.startswith("step 1: the files differ") and ": out.txt, tmp" in each for each in found), found


def test_the_exit_code_that_was_promised_is_asked_of_sealed_ones_too(package: Path) -> None:
    found = judge(job(steps=(Step((), "keep", 3),)), package, (ONCE, MODEL)).differences
    assert "agave-wasi-x86, sealed: step 1 (keep): exit code 0 instead of 3" in found


def test_a_program_that_a_step_makes_runs_sealed_too(package: Path) -> None:
    (jobs.INPUTS / "made" / "second.wasm").write_bytes(to_wasm(PROGRAMS["hello"].encode()))
    steps = Step((), "keep"), Step((), "hello", program="second.wasm")
    verdict = judge(job(steps=steps), package, (ONCE, MODEL))
    assert verdict.differences == []
    assert [step.stdout for step in verdict.sealed[1].steps] == [b"", b"hello\n"]
    gone = Step((), "none", program="gone.wasm")
    assert run_sealed(job(steps=(gone,)), package, AGAVE).failure == "an earlier step did not make gone.wasm"


def test_a_job_says_which_runners_it_isnt_for(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beyond = job(beyond=((MODEL.name, "takes a day"),))
    verdict = run_job(beyond, package, (ONCE, MODEL), Console(width=200))
    assert "made: keeps: not on agave-wasi-x86: takes a day" in capsys.readouterr().out
    assert verdict.ran and not verdict.sealed and {done.runner for done in verdict.rounds} == {ONCE}
    alone = run_job(beyond, package, (MODEL,), Console(width=200))
    assert not alone.ran and not alone.differences
    console = Console(width=200)
    console.print(make_table([verdict, alone], (ONCE, MODEL)))
    shown = capsys.readouterr().out
    assert "same" in shown and "not here" in shown


def test_every_reason_names_a_runner() -> None:
    for each in JOBS:
        for name, reason in each.beyond:
            assert name in {runner.name for runner in RUNNERS} and reason


def test_one_that_does_not_end_is_a_difference(package: Path) -> None:
    write(package, "keep.wasm", PROGRAMS["loop"])
    short = [replace(runner, timeout=1) for runner in (ONCE, MODEL)]
    found = judge(job(makes=()), package, short).differences
    assert "agave-wasi-x86, sealed: step 1 did not end within 1 s" in found


def test_an_archive_depends_on_names_and_contents_only(package: Path) -> None:
    first = pack(job(), package)
    (jobs.INPUTS / "made" / "present.txt").touch()
    assert pack(job(), package) == first
    (jobs.INPUTS / "made" / "present.txt").write_text("another")
    assert pack(job(), package) != first


def test_where_two_texts_part() -> None:
    assert parting(b"a\nb\n", b"a\nc\n") == "line 2\n    b\n    c"
    assert parting(b"a\n", b"a\nb\n") == "line 2\n    \n    b"
    assert parting(b"a\n", b"a") == "line 2\n    \n    (its end)"
