"""Suites in pytest: what becomes of each verdict, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.agave_wasi.guests import ROOT
from tests.conformance.made import add, suite
from tests.waiting import HANG


def pytest_here(folder: Path, *words: str) -> tuple[int, str]:
    """Exit code and output of pytest in a folder."""
    plugins = ["-p", "conformance.pytest_plugin"] if not announced() else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *plugins, *words],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=HANG,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def announced() -> bool:
    """Is the plugin an entry point of the installed package? Else it is named, so that a checkout can be tested."""
    from importlib.metadata import entry_points

    return "agave_wasi_conformance" in entry_points(group="pytest11").names


def made(folder: Path) -> Path:
    """A suite with a case for each verdict."""
    place = suite(folder / "s")
    add(place, "good", stdout="hello\n")
    add(place, "needy", servers=[{"name": "a"}])
    return place


def test_cases_are_tests(tmp_path: Path) -> None:
    made(tmp_path)
    code, shown = pytest_here(tmp_path, "--wasi-suite", "s")
    assert code == 0, shown
    assert "PASSED wasi::made/good[agave-wasi]" in shown and "needs http" in shown
    assert "1 passed, 1 skipped" in shown


def test_a_failure_shows_its_reasons_and_nothing_else(tmp_path: Path) -> None:
    add(made(tmp_path), "bad", stdout="hell")
    code, shown = pytest_here(tmp_path, "--wasi-suite", "s")
    assert code == 1
    assert "FAIL made/bad on agave-wasi\n  stdout 'hello\\n', expected 'hell'\n" in shown
    assert "Traceback" not in shown and "1 failed, 1 passed, 1 skipped" in shown


def test_expectations(tmp_path: Path) -> None:
    add(made(tmp_path), "bad", stdout="hell")
    rows = ["version = 1", "[[suite]]", 'name = "made"']
    for name in ("good", "bad"):
        rows += ["[[suite.test]]", f'name = "{name}"', 'expected = "fail"', 'reason = "a bug"']
    (tmp_path / "known.toml").write_text("\n".join(rows))
    code, shown = pytest_here(tmp_path, "--wasi-suite", "s", "--wasi-expectations", "known.toml")
    assert code == 1 and "1 failed, 1 skipped, 1 xfailed" in shown
    assert "XPASS made/good on agave-wasi\n  expected to fail: a bug" in shown


def test_they_stand_beside_other_tests_and_can_be_chosen(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n")
    assert "2 passed, 1 skipped" in pytest_here(tmp_path, "--wasi-suite", "s")[1]
    code, shown = pytest_here(tmp_path, "--wasi-suite", "s", "-k", "good")
    assert code == 0 and "1 passed, 2 deselected" in shown
    assert "1 passed" in pytest_here(tmp_path)[1]


def test_on_several_runtimes(tmp_path: Path) -> None:
    made(tmp_path)
    words = ("--wasi-runtime", "agave-wasi", "--wasi-runtime", "agave-wasi-command", "--wasi-timeout", "300")
    code, shown = pytest_here(tmp_path, "--wasi-suite", "s", *words)
    assert code == 0 and "2 passed, 2 skipped" in shown and "made/good[agave-wasi-command]" in shown


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    code, shown = pytest_here(tmp_path, "--wasi-suite", "nowhere")
    assert code == 4 and "there is no suite and no folder nowhere" in shown
    add(suite(tmp_path / "s"), "bad", args=1)
    code, shown = pytest_here(tmp_path, "--wasi-suite", "s")
    assert code == 4 and "args must be a list of texts" in shown
