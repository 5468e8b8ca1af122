"""docs/ci.md and docs/CONFORMANCE.md: their commands work, and what they list is what there is."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance import expectations
from conformance.adapters.configured import read_runtimes
from conformance.cli.words import RUN_OPTIONS
from conformance.fuzz.programs import CASE_OPTIONS, REPLAY_OPTIONS
from conformance.manifest import KNOWN
from conformance.observation import ENDINGS
from conformance.operations import STEPS
from conformance.outcome import Verdict
from conformance.reports.document import FORMAT, VERSION
from tests.agave_wasi.guests import ROOT
from tests.conformance.made import add, suite
from tests.waiting import HANG

CI = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs" / "CONFORMANCE.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_shell_recipe_runs(tmp_path: Path) -> None:
    add(suite(tmp_path / "my-suite"), "good", stdout="hello\n")
    (tmp_path / "known.toml").write_text("version = 1\n")
    recipe, badge, _ = blocks(CI, "sh")
    line = recipe.partition("mkdir")[2].replace(".venv/bin/agave-wasi", f"{sys.executable} -m agave_wasi")
    script = f"set -e\nexport PYTHONPATH={ROOT}\nmkdir{line}cd reports\n{badge.replace('python3', sys.executable)}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == [
        "badge.json", "conformance.html", "conformance.json", "junit.xml",
    ]  # fmt: skip
    shown = json.loads((tmp_path / "reports" / "badge.json").read_text())
    assert shown == {"schemaVersion": 1, "label": "conformance", "message": "1 of 1", "color": "blue"}


def test_the_workflow_is_yaml_and_does_what_the_shell_does() -> None:
    yaml: Any = pytest.importorskip("yaml")
    (text,) = blocks(CI, "yaml")
    steps = yaml.safe_load(text)["jobs"]["conformance"]["steps"]
    (run,) = [words for words in (shlex.split(step.get("run", "")) for step in steps) if "conformance" in words]
    command = blocks(CI, "sh")[0].partition(".venv/bin/agave-wasi")[2].replace("\\\n", " ").replace("reports/", "")
    assert sorted(run) == sorted(["agave-wasi", *shlex.split(command), "--reference", "wasmtime"])
    (upload,) = [step["with"]["path"].split() for step in steps if "upload-artifact" in step.get("uses", "")]
    assert set(upload) == {word for word in run if word.partition(".")[2] in ("xml", "html", "json")}


def test_every_option_that_is_mentioned_is_one() -> None:
    known = {f"--{option.name}" for option in (*RUN_OPTIONS, *CASE_OPTIONS, *REPLAY_OPTIONS)}
    known |= {"--wasi-suite", "--wasi-expectations", "--wasi-runtime", "--junitxml", "--help"}
    commands = "".join(blocks(CI, "sh") + blocks(CI, "yaml") + [MANUAL.split("## Runtimes")[0]])
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", commands))
    assert mentioned and mentioned <= known, mentioned - known


def test_the_examples_of_files_are_sound(tmp_path: Path) -> None:
    known, runtimes = blocks(MANUAL, "toml")
    for name, text in (("known", known), ("runtimes", runtimes)):
        (tmp_path / name).write_text(text)
        tomllib.loads(text)
    (expectation,) = expectations.read(tmp_path / "known", True)
    assert expectation.fails and expectation.runtime == "node"
    assert [each.name for each in read_runtimes(tmp_path / "runtimes")] == ["wasmtime-command"]


def test_what_is_listed_is_what_there_is() -> None:
    assert set(re.findall(r"^\| ([A-Z]+) \|", MANUAL, re.M)) == set(Verdict)
    manifest = MANUAL.partition("| key | meaning | else |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"`([a-z_]+)`", "\n".join(line.split("|")[1] for line in manifest.splitlines() if line)))
    assert listed == KNOWN - {"servers", "debug", "wasi_functions"}
    operations = MANUAL.partition("| operation | what is done")[2].partition("\n\n")[0]
    assert set(re.findall(r"(?:^\| |, )([a-z]+) \{", operations, re.M)) == set(STEPS)
    assert all(ending in MANUAL for ending in ENDINGS)
    assert f"`{FORMAT}`" in MANUAL and f"`version` {VERSION}" in MANUAL
