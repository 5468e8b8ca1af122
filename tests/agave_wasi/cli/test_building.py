"""From options to a world, its inputs and outputs: what is wrong is a Failure that names the option."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agave_wasi.cli import building
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import RUN_OPTIONS, parse
from agave_wasi.result import Result
from kernel_sim.clock import VirtualClock
from kernel_sim.entropy import SeededEntropy


def settings(*arguments: str) -> dict[str, Any]:
    return parse("run", list(arguments), RUN_OPTIONS)[0]


def test_options_are_those_of_a_world() -> None:
    made = building.world(settings(
        "--seed", "7", "--clock-start", "1970-01-01T00:00:01Z", "--clock-step", "5", "--fs-quota", "1M", "--max-fds", "9",
        "--fuel", "100", "--max-memory", "2M", "--max-stack", "64K", "--timeout", "1.5", "--rights", "strict", "--tty",
        "--mem", "/m", "--cwd", "/here", "--env", "A=1", "--max-output", "1K",
    ))  # fmt: skip
    with made:
        kernel, found = made.kernel, made.settings
        assert isinstance(kernel.clock, VirtualClock) and isinstance(kernel.entropy, SeededEntropy)
        assert (kernel.entropy.seed, kernel.clock.start, kernel.clock.step) == (7, 10**9, 5)
        assert (found.fs_quota, found.max_fds, found.fuel, found.max_memory) == (1 << 20, 9, 100, 2 << 20)
        assert (found.max_stack, found.timeout, found.strict_rights, found.tty) == (64 << 10, 1.5, True, True)
        assert [name for name, _ in made.preopens] == [b"/m", b"/", b"."] and found.env == {"A": "1"}
        assert kernel.budget is not None and kernel.budget.limit == 1024


def test_variables_of_files_come_first_and_later_ones_win(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("A=1\nB=x=y\n\n  # no variable\nC= spaces \n", encoding="utf-8")
    (tmp_path / "two").write_bytes(b"A=2\nRAW=\xff\n")
    files = (f"--env-file={tmp_path / name}" for name in ("one", "two"))
    given = settings("--env", "B=3", "--env", "MISSING_HERE", *files)
    assert building.environment(given) == {"A": "2", "B": "3", "C": " spaces", "RAW": "\udcff"}


@pytest.mark.parametrize("line", ["novalue", "=x", "A=\0"])
def test_a_line_that_is_no_variable_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "vars").write_text(f"A=1\n{line}\n")
    with pytest.raises(Failure, match=r"--env-file .*vars, line 2: .* isn't NAME=VALUE"):
        building.environment(settings("--env-file", str(tmp_path / "vars")))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dir", "missing"], "--dir missing: No such file"),
        (["--env-file", "missing"], "--env-file missing: No such file"),
        (["--fs", "missing"], "--fs missing can't be read"),
        (["--max-fds", "3"], "--max-fds: "),
        (["--cwd", "/dev/null"], "--cwd /dev/null: "),
    ],
)
def test_what_is_wrong_is_told_by_option(arguments: list[str], said: str) -> None:
    with pytest.raises(Failure) as failure:
        building.world(settings(*arguments))
    assert str(failure.value).startswith(said)


def test_stdin_that_is_missing() -> None:
    with pytest.raises(Failure, match="--stdin nowhere: No such file"):
        building.open_input("nowhere")
    fd = building.open_input(os.devnull)
    assert not os.get_inheritable(fd)
    os.close(fd)


def run(**options: Any) -> Any:
    """As much of a Run as its outputs need."""
    return SimpleNamespace(settings={name.replace("_", "-"): value for name, value in options.items()}, sink=None)


def test_events_go_to_the_file_and_on_to_where_they_went(tmp_path: Path) -> None:
    further: list[object] = []
    tracing = run(trace=str(tmp_path / "trace"))
    tracing.sink = further.append
    events = [{"call": "fd_write", "args": {"text": "é\udcff"}}, {"call": "proc_exit"}]
    with building.outputs(tracing):
        for event in events:
            tracing.sink(event)
    lines = (tmp_path / "trace").read_bytes().splitlines()
    assert lines[0] == '{"call":"fd_write","args":{"text":"é\\udcff"}}'.encode()
    assert json.loads(lines[1]) == events[1] and further == events


def test_a_file_that_could_not_be_written_is_told_before_the_run(tmp_path: Path) -> None:
    for name in ("save-fs", "coredump"):
        for path, why in ((tmp_path, "it is a directory"), (tmp_path / "no" / "x", "there is no folder")):
            with pytest.raises(Failure, match=f"--{name} .*: {why}"), building.outputs(run(**{name: str(path)})):
                raise AssertionError("it ran")
    with building.outputs(run(coredump=str(tmp_path / "core"))):
        pass
    assert not (tmp_path / "core").exists()


def test_a_full_disk_is_a_failure_that_names_the_option(tmp_path: Path) -> None:
    building.write_file("--coredump", str(tmp_path / "core"), b"data")
    assert (tmp_path / "core").read_bytes() == b"data"
    with pytest.raises(Failure, match="--coredump /dev/full: No space left"):
        building.write_file("--coredump", "/dev/full", b"data")


def test_nothing_is_written_back_after_a_bad_end(capfd: pytest.CaptureFixture[str]) -> None:
    for result in (Result(1), Result(0, "timeout", "x")):
        building.keep_files(run(commit=True), result)  # it has no world that could be asked to
        assert "nothing is written back" in capfd.readouterr().err


def test_how_a_run_ended_for_programs(agave: Any) -> None:
    def told(*words: str) -> dict[str, Any]:
        agave("run", "--result", "r.json", *words)
        found: dict[str, Any] = json.loads((agave.folder / "r.json").read_text())
        return found

    assert told("exit.wat") == {
        "program": "exit.wat", "exit_code": 42, "ended_by": "exit", "message": "", "instructions": None,
    }  # fmt: skip
    trap = told("trap.wat")
    assert (trap["exit_code"], trap["ended_by"], trap["message"]) == (134, "trap", "integer divide by zero")
    counted = told("--engine", "x86", "--icount", "hello.wat")["instructions"]
    assert f" {counted} instructions" in agave("run", "--engine", "x86", "--icount", "hello.wat").stderr.decode()
    assert told("--fuel", "5", "loop.wat")["ended_by"] == "limit"
    result = agave("run", "--result", "nowhere/r.json", "hello.wat")
    assert result.returncode == 125 and b"--result nowhere/r.json" in result.stderr and not result.stdout
