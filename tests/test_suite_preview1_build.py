"""conformance/suites: the committed guest programs are what their sources give, and hold on the reference.

Compiling needs the pinned zig; without it, or with another one, those tests are skipped. AGAVE_SLOW=1 compiles all
programs, twice with separate caches, where otherwise a sample is compiled once.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from conformance.cli.main import main

ROOT = Path(__file__).parent.parent
SUITES = ROOT / "conformance" / "suites"
SUITE = SUITES / "preview1"
FOLDERS = [SUITE, SUITES / "preview1_worlds"]
SAMPLE = ["read_write", "sock_recv", "path_escape", "unstable_filestat", "proc_exit_42", "raw_calls"]
SLOW = os.environ.get("AGAVE_SLOW") == "1"


def script(name: str, *arguments: str, **environment: str) -> str:
    """Run one of the suite's scripts; its output, when it succeeds."""
    command = [sys.executable, "-m", f"conformance.suites.{name}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def zig() -> str:
    """The installed zig's version; empty when there is none."""
    try:
        return importlib.metadata.version("ziglang")
    except importlib.metadata.PackageNotFoundError:
        return ""


pinned_zig = pytest.mark.skipif(zig() != "0.17.0", reason="the suite is built with ziglang==0.17.0")


@pinned_zig
def test_sample_is_what_its_sources_give() -> None:
    assert script("build", "--check", *SAMPLE) == f"{len(SAMPLE)} of {len(SAMPLE)} match\n"


@pinned_zig
@pytest.mark.skipif(not SLOW, reason="compiles every program twice: set AGAVE_SLOW=1")
@pytest.mark.parametrize("cache", ["first", "second"])
def test_all_are_what_their_sources_give(cache: str, tmp_path: Path) -> None:
    script("build", "--check", ZIG_GLOBAL_CACHE_DIR=str(tmp_path / cache), ZIG_LOCAL_CACHE_DIR=str(tmp_path / cache))


def test_every_case_has_source_module_and_manifest() -> None:
    for folder in FOLDERS:
        sources = {path.stem for pattern in ("*.c", "*.wat") for path in folder.glob(pattern)}
        modules = {path.stem for path in folder.glob("*.wasm")}
        manifests = {path.stem for path in folder.glob("*.json")} - {"manifest"}
        assert modules == sources
        assert sources - manifests == ({"raw_calls", "raw_calls_unstable"} if folder == SUITE else set())
        assert manifests <= sources


def test_no_two_cases_have_one_name() -> None:
    names = [path.stem for folder in FOLDERS for path in folder.glob("*.wasm")]
    assert len(set(names)) == len(names)


def test_manifests_have_the_official_suite_s_fields() -> None:
    for path in (path for folder in FOLDERS for path in folder.glob("*.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if path.name == "manifest.json":
            assert manifest["name"]
            continue
        more = {"needs", "world"} if path.parent != SUITE else set()
        more |= {"after", "after_exact"} if "after" in manifest else set()
        assert set(manifest) == {"args", "root", "env", "exit_code", "stdout", "stderr"} | more, path.name
        assert all(manifest[key] for key in more)
        assert manifest["root"] is None or (SUITE / manifest["root"]).is_dir()


def test_programs_are_small() -> None:
    sizes = [path.stat().st_size for folder in FOLDERS for path in folder.glob("*.wasm")]
    assert max(sizes) < 50_000
    assert sum(sizes) < 2_000_000


def test_every_function_has_a_row_in_the_trap_table() -> None:
    table = tomllib.loads((SUITE / "traps.toml").read_text(encoding="utf-8"))
    assert len(table) == 46 + 1  # and [setup]


def test_cases_pass_on_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("wasmtime")
    assert main(["run", "--runtime", "wasmtime"]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.endswith("; nothing unexpected\n")


def test_trap_table_holds_on_the_reference() -> None:
    pytest.importorskip("wasmtime")
    assert script("trap_reference").endswith("rows hold\n")
