"""Kept programs on other runtimes, and as cases, by the command that users have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import UsageError
from conformance.fuzz.command import main
from conformance.fuzz.steps import save
from tests.conformance.fuzz.sides import on, opening, writing

Captured = pytest.CaptureFixture[str]
SAME = [opening(4, "f"), writing(5, 4, [10]), on(6, "fd_filestat_get", 4)]
OTHER = [opening(4, "f"), writing(5, 4, [10, 20])]


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, str]:
    found = {"same": SAME, "other": OTHER, "trap": [on(4, "fd_seek", 3, offset=0, whence=9)]}
    for name, steps in found.items():
        save(tmp_path / f"{name}.json", steps, {})
    return {name: str(tmp_path / f"{name}.json") for name in found}


@pytest.mark.parametrize("runtime", ["agave-wasi", "wasmtime"])
def test_a_program_is_replayed_on_a_runtime(runtime: str, programs: dict[str, str], capsys: Captured) -> None:
    assert main(["replay", "--runtime", runtime, programs["same"]]) == 0
    assert capsys.readouterr().out.startswith("PASS ")


def test_what_a_runtime_answers_otherwise_is_told(programs: dict[str, str], capsys: Captured) -> None:
    assert main(["replay", "--runtime", "wasmtime", "--json", programs["other"]]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert told["runtime"] == "wasmtime-py" and told["verdict"] == "FAIL"
    assert any("step 0005: errno 0000 0000" in reason for reason in told["reasons"])


def test_a_case_is_made_and_can_be_run(programs: dict[str, str], tmp_path: Path, capsys: Captured) -> None:
    suite = tmp_path / "suite"
    assert main(["case", "--into", str(suite), "--name", "one", programs["same"]]) == 0
    assert main(["case", "--into", str(suite), programs["other"]]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(suite / f"{name}{ending}") for name in ("one", "other") for ending in (".wat", ".wasm", ".json")
    ]
    from conformance.cli.main import main as conformance

    assert conformance(["run", str(suite), "--jobs", "1"]) == 0
    assert "2 PASS; nothing unexpected" in capsys.readouterr().out


def test_what_can_be_no_case_is_told(programs: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(Failure, match="step 4 ends with a trap"):
        main(["case", "--into", str(tmp_path), programs["trap"]])
    with pytest.raises(Failure, match="step 4 ends with a trap"):
        main(["replay", "--runtime", "agave-wasi", programs["trap"]])
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="file: "):
        main(["case", "--into", str(tmp_path / "file"), programs["same"]])


@pytest.mark.parametrize("name", ["a/b", ".hidden", ""])
def test_names_that_are_no_names_of_files(name: str, programs: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"--name|empty"):
        main(["case", "--name", name, programs["same"]])


def test_a_runtime_that_there_is_not(programs: dict[str, str]) -> None:
    with pytest.raises(Exception, match="there is no runtime nod"):
        main(["replay", "--runtime", "nod", programs["same"]])


@pytest.mark.parametrize("word", ["replay", "case"])
def test_it_takes_one_file(word: str, capsys: Captured) -> None:
    with pytest.raises(UsageError, match=f"fuzz {word}: it takes one file"):
        main([word])
    assert main([word, "--help"]) == 0 and "fuzz case" in capsys.readouterr().out
