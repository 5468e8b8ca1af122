"""The adapter for the official runner, driven by a stub of its protocol: a process of its own that knows the file only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters import official
from tests.agave_wasi.guests import ROOT
from tests.conformance.made import add, suite
from tests.waiting import HANG

ADAPTER = ROOT / "conformance" / "adapters" / "official.py"
RUNNER = """
import importlib.util, json, subprocess, sys

adapter_path, test_path, given, calling = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4]
legacy = subprocess.run([sys.executable, adapter_path, "--version"], encoding="UTF-8", check=True, capture_output=True)
assert legacy.stdout == legacy.stderr == "", "an adapter that prints its version is one of the older kind"
spec = importlib.util.spec_from_file_location("official.py", adapter_path)
adapter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(adapter)
told = {
    "name": adapter.get_name(), "version": adapter.get_version(),
    "versions": adapter.get_wasi_versions(), "worlds": adapter.get_wasi_worlds(), "timeout": adapter.get_timeout_seconds(),
}
ways = {
    "version": lambda: adapter.compute_argv(test_path, given, [], "wasm32-wasip1"),
    "world and version": lambda: adapter.compute_argv(test_path, given, [], "wasi:cli/command", "wasm32-wasip1"),
    "names": lambda: adapter.compute_argv(test_path, given, [], wasi_world="wasi:cli/command", wasi_version="wasm32-wasip1"),
}
argv = ways[calling]()
assert isinstance(argv, list) and all(isinstance(each, str) for each in argv)
process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
process.stdin.write("Alice")
process.stdin.flush()
out, err = process.communicate(timeout=250)
print(json.dumps({**told, "exit_code": process.returncode, "stdout": out, "stderr": err}))
"""


def drive(program: Path, given: list[Any], calling: str = "version") -> dict[str, Any]:
    """What the stub shows of one test."""
    environment = {**os.environ, "AGAVE_WASI": f"{sys.executable} -m agave_wasi", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", RUNNER, str(ADAPTER), str(program), json.dumps(given), calling],
        cwd=program.parent, env=environment, capture_output=True, text=True, timeout=HANG,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("calling", ["version", "world and version", "names"])
def test_a_test_runs_however_it_is_asked_for(calling: str, tmp_path: Path) -> None:
    add(suite(tmp_path), "echo", "echo")
    told = drive(tmp_path / "echo.wasm", [[], {}, None], calling)
    assert (told["exit_code"], told["stdout"], told["stderr"]) == (0, "name?Alice", "bye\n")
    assert told["name"] == "agave-wasi" and told["version"][0].isdigit()
    assert told["versions"] == ["wasm32-wasip1"] and told["worlds"] == ["wasi:cli/command"] and told["timeout"] > 0


def test_what_a_test_is_given(tmp_path: Path) -> None:
    add(suite(tmp_path), "arguments", "arguments")
    add(tmp_path, "environment", "environment")
    assert drive(tmp_path / "arguments.wasm", [["a", "b c"], {}, None])["stdout"] == "arguments.wasm\0a\0b c\0"
    assert drive(tmp_path / "environment.wasm", [[], {"A": "b=c"}, None])["stdout"] == "A=b=c\0"


@pytest.mark.parametrize("folders", ["root", "pairs"])
def test_folders_are_the_host_s(folders: str, tmp_path: Path) -> None:
    add(suite(tmp_path), "keep", "keep")
    root = tmp_path / "root"
    root.mkdir()
    told = drive(tmp_path / "keep.wasm", [[], {}, str(root) if folders == "root" else [[str(root), "/"]]])
    assert told["exit_code"] == 0 and (root / "out.txt").read_text() == "words"


def test_paths_may_be_paths() -> None:
    assert official.pairs(Path("/h")) == [("/h", "/")]
    assert official.pairs([(Path("/h"), "g")]) == [("/h", "g")]
    assert official.compute_argv("t.wasm", ([], {}, Path("/h")), [], "v")[-3:] == ["--dir", "/h::/", "t.wasm"]


def test_a_runtime_that_is_not_there_is_an_error_that_the_runner_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGAVE_WASI", "no-such-command")
    with pytest.raises(FileNotFoundError):
        official.get_version()
