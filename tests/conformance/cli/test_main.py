"""`agave-wasi conformance` as a command: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cli.words import RUN_OPTIONS, interspersed
from conformance.suite import OURS
from tests.agave_wasi.guests import ROOT
from tests.conformance.fleet.clusters import cluster, free_port
from tests.conformance.made import add, suite
from tests.waiting import HANG, until

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def conformance(tmp_path: Path) -> Run:
    """The command, in a folder of its own."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "agave_wasi", "conformance", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=HANG)

    return run


def test_help_of_the_whole_and_of_each(conformance: Run) -> None:
    told = conformance().stdout
    for command in ("run", "list", "show", "runtimes", "coverage", "numeric"):
        assert f"{command}: " in told
        page = conformance(command, "--help").stdout
        assert f"agave-wasi conformance {command} " in page and "Examples" in page
        assert conformance("help", command).stdout == page
    assert (
        "conformance" in subprocess.run([sys.executable, "-m", "agave_wasi", "--help"], capture_output=True, text=True).stdout
    )


def test_nothing_unexpected_is_0_and_silent_but_for_the_summary(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    add(tmp_path / "s", "needy", servers=[{"name": "a"}])
    done = conformance("run", "s")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "SKIP  made/needy: needs http"
    assert lines[1].startswith("agave-wasi 0.") and lines[1].endswith(": 1 PASS, 1 SKIP; nothing unexpected")
    assert len(lines) == 2


def test_the_engine_is_ours_alone(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    done = conformance("run", "s", "--engine", "x86")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("agave-wasi-x86 0.") and ", unicorn 2." in done.stdout
    done = conformance("run", "s", "--engine", "x86", "--runtime", "node")
    assert done.returncode == 2 and "--engine is agave-wasi's" in done.stderr


def test_a_failure_is_1_with_its_reasons(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "bad", stdout="hell", exit_code=3)
    done = conformance("run", "s")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:3] == [
        "FAIL  made/bad",
        "      exit_code 0, expected 3",
        "      stdout 'hello\\n', expected 'hell'",
    ]
    assert done.stdout.endswith(": 1 FAIL; 1 unexpected\n")


def test_what_is_expected_and_what_is_not(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "bad", stdout="hell")
    test = 'version = 1\n[[suite]]\nname = "made"\n[[suite.test]]\nname = "{}"\n'
    (tmp_path / "bad.toml").write_text(
        test.format("bad") + 'expected = "fail"\nreason = "a bug"\nlink = "https://example.org/1"\n'
    )
    done = conformance("run", "s", "--expectations", "bad.toml")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[:2] == ["XFAIL made/bad", "      a bug (https://example.org/1)"]
    add(tmp_path / "s", "bad", stdout="hello\n")
    done = conformance("run", "s", "--expectations", "bad.toml")
    assert done.returncode == 1
    assert "XPASS made/bad" in done.stdout and "1 unexpected" in done.stdout
    (tmp_path / "gone.toml").write_text(test.format("gone") + 'action = "skip"\n')
    done = conformance("run", "s", "--expectations", "gone.toml")
    assert "gone.toml expects something of made/gone, and there is no such case" in done.stderr


def test_a_timeout_is_an_error(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "loops", "endless")
    done = conformance("run", "s", "--timeout", "1")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == ["ERROR made/loops", "      timeout: stopped by the timeout"]


def test_the_reference_is_shown_and_not_judged(conformance: Run, tmp_path: Path) -> None:
    pytest.importorskip("wasmtime")
    add(suite(tmp_path / "s"), "bad", stdout="hell")
    done = conformance("run", "s", "--reference", "wasmtime")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "FAIL  made/bad on agave-wasi" in lines and "      the reference, wasmtime-py, says FAIL as well" in lines
    assert lines[-1].startswith("wasmtime-py ") and lines[-1].endswith(": 1 FAIL; the reference, which isn't judged")
    done = conformance("run", "s", "--runtime", "wasmtime", "--reference", "wasmtime")
    assert done.returncode == 0


def test_lenient_and_repeat(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "noisy")
    assert conformance("run", "s").returncode == 1
    assert conformance("run", "s", "--lenient", "--repeat", "3", "--shuffle", "1", "-j2").returncode == 0


def test_a_runtime_of_a_file(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    (tmp_path / "r.toml").write_text(
        f'[[runtime]]\nname = "own"\ncommand = ["{sys.executable}", "-m", "agave_wasi", "run", "{{dirs}}", "{{wasm}}"]\n'
        'dir = ["--dir", "{host}::{guest}"]\n'
    )
    done = conformance("run", "s", "--runtime", "own", "--runtimes", "r.toml")
    assert (done.returncode, done.stdout) == (0, "own unknown: 1 PASS; nothing unexpected\n")
    rows = json.loads(conformance("runtimes", "--runtimes", "r.toml", "--json").stdout)
    assert rows[-1]["name"] == "own" and rows[-1]["found"] and "stdin" in rows[-1]["lacks"]


@pytest.mark.parametrize(
    "words, code, text",
    [
        (["rum"], 2, "there is no command rum; did you mean run?"),
        (["run", "nowhere"], 2, "conformance run: there is no suite and no folder nowhere"),
        (["run", "--filter", "x*y"], 2, "no case matches x*y"),
        (["run", "--runtime", "wasmtme"], 2, "there is no runtime wasmtme; did you mean wasmtime"),
        (["run", "--job", "3"], 2, "there is no option --job; did you mean --jobs?"),
        (["run", "--jobs", "0"], 2, "it must be at least 1"),
        (["run", "--html", "-"], 2, "only --json writes to stdout"),
        (["run", "--html", "none/r.html"], 125, "--html none/r.html can't be written"),
        (["run", "--html", "."], 125, "--html . is a folder; name a file in it"),
        (["run", "s/bad.wasm"], 2, "s/bad.wasm is a file; name its folder, and the case with --filter: s --filter bad"),
        (["run", ""], 2, "there is no suite and no folder"),
        (["list", "empty"], 125, "empty has no .wasm files, nor have the folders in it; name a folder with cases"),
        (["list", "b"], 125, "broken.wasm is no WebAssembly: it begins with 'text'; build it again, or name it in"),
        (["run", "--expectations", "none.toml"], 125, "none.toml can't be read"),
        (["run", "--runtimes", "none.toml"], 125, "none.toml can't be read"),
        (["run", "s"], 125, "args must be a list of texts"),
        (["show"], 2, "which case?"),
        (["show", "a", "b", "c"], 2, "'c' is one word too many"),
        (["runtimes", "x"], 2, "takes no names"),
        (["coverage", "preview3"], 2, "there is no coverage of preview3; did you mean preview2?"),
        (["numeric", "table"], 2, "there are no instructions called table; did you mean tables?"),
        (["coverage", "preview1", "preview2"], 2, "'preview2' is one word too many"),
    ],
)
def test_wrong_use_is_2_and_what_is_wrong_outside_125(
    words: list[str], code: int, text: str, conformance: Run, tmp_path: Path
) -> None:
    add(suite(tmp_path / "s"), "bad", args="a b")
    (tmp_path / "empty").mkdir()
    (suite(tmp_path / "b") / "broken.wasm").write_text("text")
    done = conformance(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert text in done.stderr and done.stderr.count("\n") == 1


def test_a_report_that_fails_takes_nothing_with_it(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    done = conformance("run", "s", "--junit", "/dev/full", "--html", "r.html", "--markdown", "/dev/full", "--json", "r.json")
    assert done.returncode == 125 and done.stdout.endswith(": 1 PASS; nothing unexpected\n")
    assert [line.partition(" can't")[0] for line in done.stderr.splitlines()] == [
        "agave-wasi: --markdown /dev/full", "agave-wasi: --junit /dev/full",
    ]  # fmt: skip
    assert sorted(each.name for each in tmp_path.iterdir()) == ["r.html", "r.json", "s"]


@pytest.mark.parametrize("words, cases", [
    ([], ["bad", "good"]), (["--traces", "g*"], ["good"]), (["--traces", "none"], []),
])  # fmt: skip
def test_a_page_has_the_traces_that_are_asked_for(conformance: Run, tmp_path: Path, words: list[str], cases: list[str]) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    add(tmp_path / "s", "bad", stdout="hell")
    done = conformance("run", "s", "--html", "r.html", "--json", "r.json", *words)
    assert (done.returncode, done.stderr) == (1, "")
    told = {case["name"]: case.get("traces") for case in json.loads((tmp_path / "r.json").read_text())["cases"]}
    assert [name for name in told if told[name]] == cases
    assert all(len(told[name]["sides"]) == 2 and told[name]["marks"] == {"same": 1} for name in cases)
    assert (tmp_path / "r.html").read_text().count("<template ") == len(cases)


@pytest.mark.parametrize("words", ["run s", "run s --json -", "list s", "show good s", "runtimes", "runtimes --json"])
def test_wherever_stdout_leads(words: str, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    command = [sys.executable, "-m", "agave_wasi", "conformance", *words.split()]

    def ended(how: str) -> tuple[int, str]:
        shell = ["bash", "-c", f'"$@" {how}', "-", *command]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(shell, cwd=tmp_path, env=environment, capture_output=True, text=True)
        return done.returncode, done.stderr

    assert ended("> /dev/full") == (125, "agave-wasi: the output can't be written: No space left on device\n")
    assert ended(">&-") == (0, "")
    assert ended("| true; exit ${PIPESTATUS[0]}")[0] in (0, 141)


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "loops", "endless")
    (tmp_path / "temporary").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "temporary")}
    command = [sys.executable, "-m", "agave_wasi", "conformance", "run", "s", "--html", "r.html"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until(lambda: list((tmp_path / "temporary").glob("agave-wasi-case-*/first")))
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=HANG) == (b"", b"")
    assert process.returncode == 130
    assert list((tmp_path / "temporary").iterdir()) == [] and not (tmp_path / "r.html").exists()


def test_list(conformance: Run, tmp_path: Path) -> None:
    told = conformance("list").stdout
    assert all(f"{name}: " in told for name in OURS) and "needs a limit of 6 descriptors" in told
    rows = json.loads(conformance("list", "preview1", "--filter", "fd_s*", "--json").stdout)
    assert [row["name"] for row in rows] == ["fd_sync"] and rows[0]["features"] == []


def test_show(conformance: Run) -> None:
    told = conformance("show", "stdin_text").stdout
    assert "17 bytes on stdin" in told and "stdin_text.c" in told
    (row,) = json.loads(conformance("show", "mount_readonly", "preview1_worlds", "--json").stdout)
    assert row["features"] == ["read-only folder"] and row["needs"] and row["world"]["mounts"][0]["mode"] == "ro"


def test_runtimes(conformance: Run) -> None:
    rows = json.loads(conformance("runtimes", "--json").stdout)
    by_name = {row["name"]: row for row in rows}
    assert by_name["agave-wasi"]["found"] and list(by_name["agave-wasi"]["lacks"]) == []
    assert all(row["found"] or row["install"] for row in rows)
    assert "agave-wasi-command" in conformance("runtimes").stdout


def test_progress_is_for_terminals_only(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    reader, writer = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    command = [sys.executable, "-m", "agave_wasi", "conformance", "run", "s"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=writer)
    os.close(writer)
    shown = b""
    while True:
        try:
            piece = os.read(reader, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(reader)
    assert process.stdout is not None and b"nothing unexpected" in process.stdout.read()
    process.stdout.close()
    assert process.wait() == 0
    assert b"1/1" in shown and "━".encode() in shown


def test_options_may_stand_anywhere() -> None:
    settings, words = interspersed("c", ["a", "--jobs", "2", "b", "--runtime=x", "--runtime", "y", "--", "--z"], RUN_OPTIONS)
    assert settings == {"jobs": 2, "runtime": ["x", "y"]} and words == ["a", "b", "--z"]


@pytest.mark.parametrize("words, code, told", [
    (["--scheduler", "127.0.0.1:8786"], 2, "it isn't the address of a Dask scheduler; it takes dask://HOST:PORT, for example"),
    (["--scheduler", "dask://127.0.0.1:8786", "--jobs", "2"], 2, "--jobs is for this machine, and --scheduler for others"),
    (["--scheduler", f"dask://127.0.0.1:{free_port()}"], 125, "no Dask scheduler answers at dask://127.0.0.1:"),
])  # fmt: skip
def test_a_cluster_that_cannot_be_had(conformance: Run, tmp_path: Path, words: list[str], code: int, told: str) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    done = conformance("run", "s", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_a_cluster_without_its_library(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    (tmp_path / "distributed.py").write_text("raise ImportError('not here')")
    done = conformance("run", "s", "--scheduler", "dask://127.0.0.1:1")
    assert done.returncode == 125
    assert "--scheduler needs dask.distributed (not here): pip install 'agave-wasi[dask]'" in done.stderr


def test_a_run_on_a_cluster(conformance: Run, tmp_path: Path) -> None:
    add(suite(tmp_path / "s"), "good", stdout="hello\n")
    add(tmp_path / "s", "bad", stdout="hell")
    with cluster(1) as made:
        done = conformance("run", "s", "--scheduler", made.scheduler_address.replace("tcp", "dask"), "--json", "out.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[0] == "FAIL  made/bad" and done.stdout.endswith(": 1 PASS, 1 FAIL; 1 unexpected\n")
    assert [case["name"] for case in json.loads((tmp_path / "out.json").read_text())["cases"]] == ["bad", "good"]
