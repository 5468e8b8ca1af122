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
from conformance.suites import build
from conformance.suites.languages import LANGUAGES, BuildError, Language
from tests.waiting import HANG

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
        sources = {path.stem for path in folder.iterdir() if path.suffix in LANGUAGES}
        modules = {path.stem for path in folder.glob("*.wasm")}
        manifests = {path.stem for path in folder.glob("*.json")} - {"manifest"}
        assert modules == sources
        assert sources - manifests == ({"raw_calls", "raw_calls_unstable"} if folder == SUITE else set())
        assert manifests <= sources


def test_no_two_cases_have_one_name() -> None:
    names = [path.stem for folder in FOLDERS for path in folder.glob("*.wasm")]
    assert len(set(names)) == len(names)


def test_manifests_have_the_official_suite_s_fields() -> None:
    paths = [path for folder in FOLDERS for path in folder.glob("*.json")]
    manifests = {path: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    beside = {name for manifest in manifests.values() for name in manifest.get("world", {}).get("beside", ())}
    for path, manifest in manifests.items():
        if path.name == "manifest.json":
            assert manifest["name"]
            continue
        more = {"needs", "world"} if path.parent != SUITE else set()
        more &= set(manifest) if path.stem in beside else more  # what runs beside another one may be a plain case itself
        more |= {"after", "after_exact"} if "after" in manifest else set()
        assert set(manifest) == {"args", "root", "env", "exit_code", "stdout", "stderr"} | more, path.name
        assert all(manifest[key] for key in more)
        assert manifest["root"] is None or (SUITE / manifest["root"]).is_dir()


def test_programs_are_small() -> None:
    """Each language by what its own runtime takes: Go's alone is nearly two megabytes, so there is one program of it."""
    most = {".rs": 120_000, ".go": 2_500_000}
    for folder in FOLDERS:
        for source in (path for path in folder.iterdir() if path.suffix in LANGUAGES):
            assert source.with_suffix(".wasm").stat().st_size < most.get(source.suffix, 60_000), source.name
    assert len([path for folder in FOLDERS for path in folder.glob("*.go")]) <= 1


def test_there_are_guests_of_every_language() -> None:
    assert {path.suffix for path in build.sources()} == set(LANGUAGES)


class Missing(Language):
    """A language whose compiler isn't here."""

    ending = ".wat"

    def missing(self) -> str:
        return "it isn't here: get it"

    def build(self, source: Path) -> bytes:
        raise AssertionError


@pytest.mark.parametrize(("comes", "status"), [(False, 0), (True, 1)])
def test_what_has_no_compiler_is_skipped_with_a_reason(
    comes: bool, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which is an error where the project's dependencies should have brought it."""
    language = Missing()
    language.comes = comes
    monkeypatch.setitem(LANGUAGES, ".wat", language)
    assert build.main(["--check", "proc_exit_0", "proc_exit_1"]) == status
    shown = capsys.readouterr()
    assert shown.out == "0 of 0 match, 2 skipped\n"
    assert shown.err == "skipped 2 *.wat: it isn't here: get it\n"


def test_a_program_that_differs_is_told_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    language = Missing()
    monkeypatch.setattr(language, "missing", lambda: "")
    monkeypatch.setattr(language, "build", lambda source: b"other")
    monkeypatch.setitem(LANGUAGES, ".wat", language)
    assert build.main(["--check", "proc_exit_0"]) == 1
    assert "isn't what proc_exit_0.wat gives (5)" in capsys.readouterr().err


def test_a_source_that_is_wrong_is_told_of(tmp_path: Path) -> None:
    source = tmp_path / "wrong.wat"
    source.write_text("(module (nonsense))")
    with pytest.raises(BuildError, match=r"wrong\.wat"):
        build.build(source)


def test_every_function_has_a_row_in_the_trap_table() -> None:
    table = tomllib.loads((SUITE / "traps.toml").read_text(encoding="utf-8"))
    assert len(table) == 46 + 1  # and [setup]


def test_cases_pass_on_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("wasmtime")
    assert main(["run", "--runtime", "wasmtime", "--timeout", str(HANG)]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.endswith("; nothing unexpected\n")


def test_trap_table_holds_on_the_reference() -> None:
    pytest.importorskip("wasmtime")
    assert script("trap_reference").endswith("rows hold\n")
