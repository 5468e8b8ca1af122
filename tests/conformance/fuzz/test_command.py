"""The command as users have it: what it prints, its exit codes, what it refuses, and that nothing is left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.main import ENTRY_POINTS
from agave_wasi.cli.options import UsageError
from conformance.fuzz.command import main
from conformance.fuzz.programs import memory_folder
from conformance.fuzz.steps import Step, save
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.fleet.clusters import cluster, free_port
from tests.conformance.fuzz.sides import on, opening
from tests.waiting import HANG, until

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def as_it_was(temporary: Path) -> Any:
    """Nothing is left behind, neither files nor a process that is bound to one CPU."""
    allowed = os.sched_getaffinity(0)
    yield
    assert os.sched_getaffinity(0) == allowed


def spoil(monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdirat(self: Any, fd: int, path: bytes) -> None:
        raise KernelError("ACCES")

    monkeypatch.setattr(Syscalls, "mkdirat", mkdirat)


def test_it_is_announced() -> None:
    assert next(iter(entry_points(group=ENTRY_POINTS, name="fuzz"))).value == "conformance.fuzz.command:main"


def test_a_clean_run(capsys: Captured) -> None:
    assert main(["--calls", "1500", "--seed", "3", "--against", "wasmtime"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("seed 3: 1,500 calls in ") and "not explained: 0" in out and not err


def test_the_cpu_model_finds_what_is_wrong_too(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["--calls", "1000", "--seed", "3", "--engine", "x86"]) == 0
    assert "not explained: 0" in capsys.readouterr().out
    with monkeypatch.context() as patch:
        spoil(patch)
        assert main(["--calls", "300", "--save", str(tmp_path), "--engine", "x86"]) == 1
        assert main(["replay", "--engine", "x86", str(tmp_path / "1.json")]) == 1
    assert main(["replay", "--engine", "x86", str(tmp_path / "1.json")]) == 0


def test_without_the_cpu_model_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.adapters.agave.model_version", lambda: None)
    with pytest.raises(Failure, match="CPU model"):
        main(["--calls", "10", "--engine", "x86"])


def test_the_cpu_model_is_for_random_calls_here() -> None:
    with pytest.raises(UsageError, match="--scheduler"):
        main(["--scheduler", "dask://127.0.0.1:1", "--engine", "x86"])


def test_components_and_types_on_the_cpu_model(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    from agave_wasi.engines.x86.store import Store

    made: list[Store] = []
    next_memory = Store.next_memory

    def seen(self: Store) -> int:
        made.append(self)
        return next_memory(self)

    monkeypatch.setattr(Store, "next_memory", seen)
    assert main(["--types", "6", "--engine", "x86", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["types"] == 6 and made
    made.clear()
    assert main(["--components", "--calls", "60", "--engine", "x86", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["calls"] >= 60 and made


def test_a_finding_of_components_on_the_cpu_model(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        spoil(patch)
        assert main(["--components", "--calls", "300", "--seed", "1", "--engine", "x86", "--save", str(tmp_path)]) == 1
        assert main(["replay", "--engine", "x86", str(tmp_path / "1.json")]) == 1
    assert main(["replay", "--engine", "x86", str(tmp_path / "1.json")]) == 0
    assert "descriptor." in capsys.readouterr().out


def test_a_finding_is_kept_and_replayed(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        spoil(patch)
        assert main(["--calls", "300", "--json", "--save", str(tmp_path / "found")]) == 1
        found = json.loads(capsys.readouterr().out)["found"]
        assert ["path_create_directory", "errno", "ACCES", "SUCCESS"] in [each["what"] for each in found]
        file = next(each["file"] for each in found if each["what"][-1] == "SUCCESS")
        assert main(["replay", file]) == 1
        assert "path_create_directory" in capsys.readouterr().out
        assert main(["replay", "--json", file]) == 1
        assert json.loads(capsys.readouterr().out)["found"]["ours"] == "ACCES"
    assert main(["replay", file]) == 0
    assert capsys.readouterr().out.endswith("call: the same\n")


def test_replay_names_what_is_known(tmp_path: Path, capsys: Captured) -> None:
    save(tmp_path / "p.json", [Step(4, "clock_time_get", {"id": 2, "precision": 0})], {})
    assert main(["replay", str(tmp_path / "p.json")]) == 0
    assert capsys.readouterr().out == "1 call: the same but for cpu-clocks\n"


def test_help(capsys: Captured) -> None:
    assert main(["--help"]) == main(["replay", "--help"]) == 0
    out = capsys.readouterr().out
    assert "--minutes M" in out and "agave-wasi fuzz replay found/1.json" in out and "Exit codes" in out


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (["prog.wasm"], "is no option"),
        (["--against", "other"], "there are wasmtime and node"),
        (["--minutes", "0"], "not a number of minutes"),
        (["--calls", "-1"], "negative"),
        (["--calls", "0"], "at least 1"),
        (["--short", "0"], "at least 1"),
        (["--types", "0"], "at least 1"),
        (["--short", "5", "--scheduler", "dask://127.0.0.1:1"], "--short programs are drawn here.*leave --scheduler out"),
        (["replay"], "it takes one file"),
        (["replay", "a", "b"], "it takes one file"),
    ],
)
def test_wrong_use(arguments: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        main(arguments)


def test_files_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match=r"--save .*file: File exists"):
        main(["--save", str(tmp_path / "file")])
    with pytest.raises(Failure, match="nowhere can't be read: No such file"):
        main(["replay", str(tmp_path / "nowhere")])


def test_a_program_that_was_written_wrongly(tmp_path: Path) -> None:
    for number, step in enumerate((Step(5, "fd_nothing"), on(5, "fd_seek", 4), opening(5, "a", fd="x"))):
        save(tmp_path / f"{number}.json", [step], {})
        with pytest.raises(Failure, match="the arguments of step 5 aren't as agave-wasi fuzz writes them"):
            main(["replay", str(tmp_path / f"{number}.json")])


def test_the_folder_in_memory_stands_behind_what_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory_folder() is None
    monkeypatch.delenv("TMPDIR")
    assert memory_folder() in ("/dev/shm", None)


def test_a_cluster(capsys: Captured, temporary: Path) -> None:
    with cluster(1) as made:
        assert main(["--calls", "300", "--json", "--scheduler", made.scheduler_address.replace("tcp", "dask")]) == 0
    scratch = temporary / "dask-scratch-space"  # the workers' own

    def cleared() -> bool:
        """Also by the shard that nobody waited for, whose process goes when its worker has gone."""
        shutil.rmtree(scratch, ignore_errors=True)
        return not list(temporary.iterdir())

    until(cleared)
    there = json.loads(capsys.readouterr().out)
    assert main(["--calls", "300", "--json"]) == 0
    here = json.loads(capsys.readouterr().out)
    timed = {"calls_per_second": 0, "known": {}}
    assert there | timed == here | timed


def test_a_cluster_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.fleet.cluster.CONNECTING", 0.3)
    with pytest.raises(UsageError, match=r"--scheduler '127\.0\.0\.1:1': it isn't the address of a Dask scheduler"):
        main(["--scheduler", "127.0.0.1:1"])
    with pytest.raises(Failure, match=r"no Dask scheduler answers at dask://127"):
        main(["--scheduler", f"dask://127.0.0.1:{free_port()}"])


def test_without_a_stdout() -> None:
    command = ["bash", "-c", '"$@" >&-', "-", sys.executable, "-m", "agave_wasi", "fuzz", "--calls", "50"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_nested_too_deeply_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(Failure, match=r"deep\.json is no JSON"):
        main(["replay", str(tmp_path / "deep.json")])


def test_types(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["--types", "20", "--seed", "3"]) == 0
    assert capsys.readouterr().out.startswith("seed 3: 20 types, ")
    from conformance.fuzz.types import ours

    monkeypatch.setattr(ours, "answer", lambda type, values: None)
    assert main(["--types", "20", "--json", "--save", str(tmp_path)]) == 1
    found = json.loads(capsys.readouterr().out)["found"]
    assert found and found[0]["file"] == str(tmp_path / "1.wat") and (tmp_path / "1.wat").read_text().startswith(";; seed 0")


@pytest.mark.parametrize("option", [["--calls", "5"], ["--short", "5"], ["--components"], ["--scheduler", "dask://127.0.0.1:1"]])
def test_types_are_drawn_alone(option: list[str]) -> None:
    with pytest.raises(UsageError, match="--types compares with wasmtime, here; leave --"):
        main(["--types", "5", *option])
