"""A case: what it knows of itself, what a runtime must offer for it, and what differs when it fails."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from conformance.case import CORE, Case, copy_of
from conformance.errors import HarnessError
from conformance.observation import Entry, Observation
from conformance.suites.cases import SUITES, cases

MANIFEST: dict[str, Any] = {"args": ["a"], "root": "tree", "env": {}, "exit_code": 3, "stdout": "out", "stderr": ""}


def make(folder: Path, module: bytes = CORE, **changes: Any) -> Case:
    """A case in a folder."""
    (folder / "one.json").write_text(json.dumps({**MANIFEST, **changes}))
    (folder / "one.wasm").write_bytes(module)
    return Case.read(folder / "one.json")


def test_all_cases_or_those_that_are_named() -> None:
    names = [case.name for case in cases()]
    assert len(names) == sum(len(list(suite.glob("*.json"))) - 1 for suite in SUITES)
    assert [str(case) for case in cases("sock_recv", "read_write")] == ["read_write", "sock_recv"]
    assert cases("no_such_case") == []


def test_a_case_knows_its_files(tmp_path: Path) -> None:
    case = make(tmp_path)
    assert (case.name, case.program, case.root, case.world) == ("one", tmp_path / "one.wasm", tmp_path / "tree", {})
    assert case.folder(None) is None
    assert [(each.guest, each.source, each.mode) for each in case.folders] == [("/", tmp_path / "tree", "rw")]


def test_folders_are_those_that_the_manifest_names(tmp_path: Path) -> None:
    assert [each.guest for each in make(tmp_path, root=None, dirs=["a", "b"]).folders] == ["a", "b"]
    assert [(each.guest, each.source) for each in make(tmp_path, root=None).folders] == [("/", None)]
    bare = Case.read(tmp_path / "one.json", empty_root=False)
    assert bare.folders == []
    mounts = [{"guest": "/ro", "root": "x", "mode": "ro"}]
    assert [each.mode for each in make(tmp_path, world={"mounts": mounts}).folders] == ["rw", "ro"]


def test_features_are_what_a_runtime_must_offer(tmp_path: Path) -> None:
    assert make(tmp_path).features == {"exit code"}
    assert make(tmp_path, exit_code=1).features == frozenset()
    assert make(tmp_path, CORE + b"wasi_unstable", exit_code=0).features == {"unstable"}
    assert make(tmp_path, b"\0asm\x0d\0\x01\0", exit_code=0).features == {"component"}
    assert make(tmp_path, exit_code=0, stdin="x", dirs=["d"]).features == {"stdin", "relative folders"}
    world = {"quota": 1, "stdin": {"data": "x", "then": "wait"}, "mounts": [{"guest": "/m", "root": None, "mode": "failing"}]}
    assert make(tmp_path, exit_code=0, world=world).features == {"quota", "waiting stdin", "failing folder"}
    assert make(tmp_path, exit_code=0, world={"stdin": {"data": "x"}}).features == {"stdin"}
    assert Case.read(tmp_path / "one.json").stdin == "x"


def test_what_is_no_module_is_said(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"one.wasm is no WebAssembly: it begins with 'MZ'"):
        assert make(tmp_path, b"MZ").features
    (tmp_path / "one.wasm").unlink()
    with pytest.raises(HarnessError, match=r"one.wasm can't be read"):
        assert Case.read(tmp_path / "one.json").features


def test_faults_are_what_differs(tmp_path: Path) -> None:
    case = make(tmp_path)
    assert case.faults(3, "out", "") == []
    assert case.faults(None, "output", "oops") == [
        "exit_code None, expected 3",
        "stdout 'output', expected 'out'",
        "stderr 'oops', expected ''",
    ]


@pytest.mark.parametrize(
    "seen, lines",
    [
        (Observation(exit_code=3, stdout=b"out"), []),
        (Observation(exit_code=0, stdout=b"out"), ["exit_code 0, expected 3"]),
        (Observation(exit_code=3, stdout=b"out more"), ["stdout 'out more', expected 'out'"]),
        (Observation(exit_code=3, stdout=b"out", stderr=b"\xff"), ["stderr '\\\\xff', expected ''"]),
        (Observation("trap", None, b"out", message="unreachable"), ["trap: unreachable"]),
        (Observation(exit_code=3, stdout=b"out", leaked=("a pipe",)), ["left open: a pipe"]),
    ],
)
def test_differences_are_exact(seen: Observation, lines: list[str], tmp_path: Path) -> None:
    assert make(tmp_path).differences(seen) == lines


def test_lenient_is_only_what_the_manifest_does_not_speak_of(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"stderr": ""}')
    case = Case.read(tmp_path / "one.json")
    noisy = Observation(stdout=b"noise", stderr=b"noise")
    assert len(case.differences(noisy)) == 2
    assert case.differences(noisy, lenient=True) == ["stderr 'noise', expected ''"]


def test_files_afterwards_are_as_the_manifest_says(tmp_path: Path) -> None:
    wanted = {"/f": "text", "/gone": None, "/d": {"directory": True}, "/l": {"link": "f"}, "/b": {"base64": "/w=="}}
    case = make(tmp_path, exit_code=0, stdout="", after=wanted)
    right = {"/f": Entry("file", b"text"), "/d": Entry("directory"), "/l": Entry("link", b"f"), "/b": Entry("file", b"\xff")}
    assert case.differences(Observation(files=right)) == []
    assert case.differences(Observation(files={**right, "/more": Entry("directory")})) == []
    wrong = {**right, "/gone": Entry("file", b"x"), "/f": Entry("file", b"texts")}
    assert case.differences(Observation(files=wrong)) == [
        "/f: 'texts', expected 'text'",
        "/gone: 'x', expected nothing",
    ]
    assert case.differences(Observation()) == ["files: the runtime doesn't show them"]
    exact = make(tmp_path, exit_code=0, stdout="", after=wanted, after_exact=True)
    assert exact.differences(Observation(files=right)) == []
    assert exact.differences(Observation(files={**right, "/more": Entry("directory")})) == [
        "/more: a directory, expected nothing"
    ]


def test_a_guest_that_must_trap_does_so_and_nothing_else(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "one.json").write_text('{"trap": true}')
    case = Case.read(tmp_path / "one.json")
    trapped = Observation("trap", None, stderr=b"what the runtime says of it", message="unreachable")
    assert case.differences(trapped) == []
    stated = make(tmp_path, trap=True, stdout="", stderr="")
    assert stated.differences(trapped) == ["stderr 'what the runtime says of it', expected ''"]
    assert case.differences(Observation(exit_code=134)) == []  # as a command says it
    assert case.differences(Observation("trap", None, stdout=b"x")) == ["stdout 'x', expected ''"]
    assert case.differences(Observation(exit_code=1)) == ["exit: exit code 1, expected a trap"]
    assert case.differences(Observation("timeout", None, message="stopped")) == ["timeout: stopped, expected a trap"]
    assert case.differences(Observation("crash", None, message="broken")) == ["crash: broken, expected a trap"]


def test_a_copy_is_a_new_folder(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "f").write_text("text")
    (tmp_path / "from" / "l").symlink_to("/nowhere")
    copy = copy_of(tmp_path / "from", tmp_path / "to")
    assert (copy / "f").read_text() == "text"
    assert os.readlink(copy / "l") == "/nowhere"
    assert list(copy_of(None, tmp_path / "empty").iterdir()) == []


def test_what_cannot_be_copied_is_said(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    os.mkfifo(tmp_path / "from" / "pipe")
    with pytest.raises(HarnessError, match="pipe is neither file, folder nor link"):
        copy_of(tmp_path / "from", tmp_path / "to")
    with pytest.raises(HarnessError, match="can't be copied"):
        copy_of(tmp_path / "none", tmp_path / "other")
