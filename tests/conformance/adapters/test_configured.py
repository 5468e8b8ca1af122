"""Any command line as a runtime: from a runtimes.toml to words, and what is wrong in one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from conformance.adapters.base import Found, Missing
from conformance.adapters.configured import put, read_runtimes
from conformance.adapters.registry import runtimes
from conformance.errors import HarnessError
from conformance.processes import Groups, python_command
from conformance.runner import observe
from tests.conformance.made import one
from tests.waiting import HANG

ROW = '[[runtime]]\nname = "own"\ncommand = ["run", "{dirs}", "{env}", "{wasm}", "{args}"]\n'
ENTRY = """
dir = ["--dir", "{host}::{guest}"]
dir_ro = "--dir {host}::{guest}:ro"
env = "--env {name}={value}"
provides = ["stdin"]
"""


def file(folder: Path, text: str) -> Path:
    path = folder / "runtimes.toml"
    path.write_text(text)
    return path


def test_a_command_line_is_made_of_a_template(tmp_path: Path) -> None:
    (runtime,) = read_runtimes(file(tmp_path, ROW + ENTRY))
    case = one(tmp_path / "s", args=["{wasm}", "a b"], env={"A": "{name}"})
    argv = runtime.template.argv(case, [("/", Path("/h"), "rw"), ("/r", Path("/h {guest}"), "ro")])
    assert argv == [
        "run", "--dir", "/h::/", "--dir", "/h {guest}::/r:ro", "--env", "A={name}", str(case.program.resolve()), "{wasm}",
        "a b",
    ]  # fmt: skip
    assert runtime.provides == {"stdin", "read-only folder", "exit code"}


def test_names_in_values_mean_nothing() -> None:
    assert put("a{x}b{y}{z}{", x="{y}", y="1") == "a{y}b1{z}{"


def test_it_runs(tmp_path: Path) -> None:
    template = [*python_command("agave_wasi"), "run", "{dirs}", "{env}", "{wasm}", "{args}"]
    words = ", ".join(json.dumps(each) for each in template)
    text = f'[[runtime]]\nname = "own"\ncommand = [{words}]\nversion = ["{sys.executable}", "--version"]\n' + ENTRY
    (runtime,) = read_runtimes(file(tmp_path, text))
    found = runtime.find()
    assert isinstance(found, Found) and found.version.startswith("Python 3")
    with runtime.session(Groups()) as session:
        seen = observe(one(tmp_path / "s", guest="keep", after={}), session, HANG)
        assert seen.exit_code == 0 and seen.files and list(seen.files) == ["/out.txt"], seen
        assert observe(one(tmp_path / "s", guest="loop"), session, 0.5).ended_by == "timeout"


def test_one_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    (runtime,) = read_runtimes(file(tmp_path, ROW.replace('"run"', '"no-such-runtime"') + 'install = "get it"'))
    assert runtime.find() == Missing("get it")
    with pytest.raises(HarnessError, match="no-such-runtime can't be started"), runtime.session(Groups()) as session:
        observe(one(tmp_path / "s"), session, 30)
    (runtime,) = read_runtimes(file(tmp_path, ROW.replace('"run"', '"sh"') + 'version = "false"'))
    assert isinstance(runtime.find(), Missing)


@pytest.mark.parametrize(
    "text, words",
    [
        ("runtime = ", "is no TOML"),
        ("", r"it needs a \[\[runtime\]\]"),
        ("[[runtime]]", "has no name"),
        ('[[runtime]]\nname = "x"', "must have {wasm} in it"),
        (ROW + "dirs = 1", "runtime own: there is no key dirs; known are name"),
        (ROW + "about = 1", "are texts"),
        (ROW + "dir = 1", "dir is a text or a list of texts"),
        (ROW + 'dir = "\'"', "dir can't be split into words"),
        (ROW + 'provides = ["magic"]', "provides is a list of features, which are unstable"),
    ],
)
def test_mistakes_are_named(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=words):
        read_runtimes(file(tmp_path, text))


def test_names_are_not_taken_twice(tmp_path: Path) -> None:
    assert "own" in runtimes(file(tmp_path, ROW))
    for name in ("node", "all", "wasmtime"):
        with pytest.raises(HarnessError, match=f"there is a runtime {name} already"):
            runtimes(file(tmp_path, ROW.replace("own", name)))
    with pytest.raises(HarnessError, match="can't be read"):
        read_runtimes(tmp_path / "none.toml")
