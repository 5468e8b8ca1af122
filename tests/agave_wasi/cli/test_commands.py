"""The other commands: help, version, inspect, explain, syscalls, cache, completion, and commands of other packages."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import __version__
from agave_wasi.cli.completion import bash, fish, zsh
from agave_wasi.cli.inspect import REFUSED_FEATURES
from agave_wasi.cli.main import COMMANDS
from agave_wasi.cli.syscalls import markdown
from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.capi import VERSION, to_wasm
from agave_wasi.loader import engine_for
from kernel_sim.syscalls.table import table


def test_help_of_all_and_each(agave: Any) -> None:
    whole = agave("--help")
    assert whole.returncode == 0 and all(f"  {name}" in whole.stdout.decode() for name in COMMANDS)
    assert agave().stdout == agave("help").stdout == whole.stdout
    for name in COMMANDS:
        result = agave(name, "--help")
        said = result.stdout.decode()
        assert result.returncode == 0 and result.stderr == b""
        assert f"agave-wasi {name}" in said and "Examples" in said
        assert max(map(len, said.splitlines())) <= 110


def test_version(agave: Any) -> None:
    for arguments in (["--version"], ["-V"]):
        said = agave(*arguments).stdout.decode()
        assert said.startswith(f"agave-wasi {__version__} (wasmtime {VERSION}, Python 3.")


def test_inspect(agave: Any) -> None:
    said = agave("inspect", "keep.wat").stdout.decode()
    for text in ("imports from wasi_snapshot_preview1", "path_open", "a command", "nothing: everything"):
        assert text in said
    said = " ".join(agave("inspect", "missing.wat").stdout.decode().split())
    assert "-sPURE_WASI" in said and "did you mean fd_read?" in said and "exports no memory named memory" in said
    assert b"(i64) -> nothing" in agave("inspect", "mistyped.wat").stdout
    assert b"components (Preview 2 or later)" in agave("inspect", "component.wat").stdout


def test_inspect_json_says_what_a_run_would(agave: Any) -> None:
    found = json.loads(agave("inspect", "--json", "missing.wat").stdout)
    said = agave("run", "missing.wat").stderr.decode()
    assert [each["name"] for each in found["imports"]] == ["emscripten_notify_memory_growth", "fd_raed"]
    assert all(line in said for line in found["unsatisfied"] if "." in line.split()[0])
    assert json.loads(agave("inspect", "--json", "hello.wat").stdout)["unsatisfied"] == []


def test_refused_features_are_what_the_engine_refuses() -> None:
    engine = engine_for(EngineConfig())
    refused = {
        "exceptions-legacy": "(module (func try catch_all end))",
        "custom-page-sizes": "(module (memory 1 (pagesize 1)))",
    }
    assert refused.keys() <= REFUSED_FEATURES.keys()
    for text in refused.values():
        with pytest.raises(EngineError):
            engine.compile(to_wasm(text.encode()))


def test_explain(agave: Any) -> None:
    for name, text in (
        ("NOENT", "number 44"),
        ("44", "NOENT"),
        ("ENOENT", "path_open"),
        ("fd_read", "readv"),
        ("env.emscripten_notify_memory_growth", "wazero"),
        ("wasi:http/types@0.2.0", "wasmtime serve"),
    ):
        assert text in agave("explain", name).stdout.decode()
    everything = agave("explain").stdout.decode()
    assert "path_open" in everything and "NOTCAPABLE" in everything and "wbg" in everything


def test_syscalls(agave: Any) -> None:
    assert all(record.name in agave("syscalls").stdout.decode() for record in table()[:3])
    rows = json.loads(agave("syscalls", "--json").stdout)
    assert [row["number"] for row in rows] == [record.number for record in table()]
    assert agave("syscalls", "--markdown").stdout.decode() == markdown()


def test_cache(agave: Any, tmp_path: Path) -> None:
    own = {"AGAVE_WASI_CACHE": str(tmp_path / "own cache")}
    assert agave("cache", "path", **own).stdout.decode() == f"{tmp_path / 'own cache'}\n"
    assert b"0 in " in agave("cache", "list", **own).stdout
    agave("run", "hello.wat", **own)
    assert b"wasmtime-" in agave("cache", "list", **own).stdout
    assert agave("cache", "clear", **own).stdout.startswith(b"removed ")
    assert b"0 in " in agave("cache", "list", **own).stdout
    assert b"nothing is kept" in agave("cache", "list", AGAVE_WASI_CACHE="off").stdout


@pytest.mark.parametrize(("shell", "script"), [("bash", bash), ("zsh", zsh), ("fish", fish)])
def test_completion_is_sound(shell: str, script: Any, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(script())
    assert "--max-memory" in script() or "-l max-memory" in script()
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    assert subprocess.run([shell, "-n", str(path)], capture_output=True).stderr == b""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes(tmp_path: Path) -> None:
    (tmp_path / "script").write_text(bash())

    def completed(*words: str) -> list[str]:
        line = f"source {tmp_path}/script; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _agave_wasi"
        shell = ["bash", "-c", f"{line}; echo ${{COMPREPLY[@]}}"]
        return subprocess.run(shell, capture_output=True, text=True).stdout.split()

    assert completed("agave-wasi", "str") == ["strace"]
    assert completed("agave-wasi", "run", "--max-m") == ["--max-memory"]
    assert completed("agave-wasi", "run", "--rights", "s") == ["strict"]
    assert completed("agave-wasi", "explain", "fd_read") == ["fd_read", "fd_readdir"]
    assert completed("agave-wasi", "cache", "''")[-3:] == ["list", "clear", "path"]


def test_commands_of_other_packages(agave: Any, tmp_path: Path) -> None:
    site = tmp_path / "site"
    information = site / "other-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        "[agave_wasi.commands]\ngreet = other_commands:main\nbad = other_missing:main\n"
    )
    (site / "other_commands.py").write_text("def main(arguments):\n    print('hello', *arguments)\n    return 7\n")
    path = {"PYTHONPATH": f"{agave.environment['PYTHONPATH']}:{site}"}
    result = agave("greet", "you", **path)
    assert (result.returncode, result.stdout) == (7, b"hello you\n")
    result = agave("bad", **path)
    assert result.returncode == 125 and b"can't be loaded" in result.stderr and b"Traceback" not in result.stderr
    assert b"greet" in agave("--help", **path).stdout


def test_a_plain_run_imports_little(agave: Any) -> None:
    """What takes long to import, and what a plain run has no use for, stays out."""
    agave("run", "hello.wat")  # cached from now on
    script = (
        "import sys, os; sys.argv = ['agave-wasi', 'run', 'hello.wat']; before = set(sys.modules)\n"
        "os._exit = lambda code: print(*sorted(set(sys.modules) - before), code)\n"
        "from agave_wasi.cli.main import main; main()"
    )
    agave.words = [agave.words[0], "-S", "-c", script]
    (agave.folder / "hello.wasm").write_bytes(to_wasm((agave.folder / "hello.wat").read_bytes()))
    result = agave("", PYTHONPATH=f"{agave.environment['PYTHONPATH']}:{Path(pytest.__file__).parents[1]}")
    assert result.stdout.startswith(b"hello\n"), result.stderr
    *modules, code = result.stdout.decode().split()[1:]
    assert code == "0"
    heavy = {"re", "enum", "typing", "dataclasses", "json", "pathlib", "inspect", "hashlib", "argparse", "rich", "wasmtime",
             "agave_wasi.files", "agave_wasi.explain", "agave_wasi.cli.building", "agave_wasi.cli.help"}  # fmt: skip
    assert not heavy & set(modules)
