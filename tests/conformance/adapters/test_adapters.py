"""Adapters: the same cases on every runtime that is here, and what each makes of guests that trap, hang and break."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.agave import Command, InProcess, OnModel, WorkerSession, options
from conformance.adapters.base import Found, Missing, Runtime
from conformance.adapters.node import BrowserShim, Jco, Node, package_folder
from conformance.adapters.pywasm import Pywasm
from conformance.adapters.registry import choose, runtimes
from conformance.adapters.wasmtime_py import WasmtimePy
from conformance.case import Case
from conformance.errors import HarnessError, WrongUse
from conformance.features import ALL, FEATURES
from conformance.observation import Entry, Observation
from conformance.processes import Groups
from conformance.runner import observe
from tests.conformance.made import one
from tests.waiting import HANG

HERE: list[Runtime] = [InProcess(), Command(), OnModel(), WasmtimePy(), Node(), BrowserShim(), Jco(), Pywasm()]
FAITHFUL = [each for each in HERE if each.name in ("agave-wasi", "agave-wasi-command", "agave-wasi-x86", "wasmtime-py")]


def names(each: Any) -> str:
    return str(each.name)


def seen(runtime: Runtime, case: Case, timeout: float = HANG) -> Observation:
    """One run on a runtime, if it is here."""
    if isinstance(runtime.find(), Missing):
        pytest.skip(f"{runtime.name} is not here")
    groups = Groups()
    with runtime.session(groups) as session:
        observation = observe(case, session, timeout)
    assert not groups._alive
    return observation


@pytest.mark.parametrize("runtime", HERE, ids=names)
def test_what_a_guest_prints_and_how_it_exits(runtime: Runtime, tmp_path: Path) -> None:
    case = one(tmp_path, guest="echo", stdin="Alice" if "stdin" in runtime.provides else "")
    found = seen(runtime, case)
    assert (found.ended_by, found.exit_code, found.stdout, found.stderr) == ("exit", 0, b"name?Alice", b"bye\n"), found
    assert seen(runtime, one(tmp_path, guest="seven")).exit_code == (7 if "exit code" in runtime.provides else 1)


@pytest.mark.parametrize("runtime", HERE, ids=names)
def test_arguments_and_environment(runtime: Runtime, tmp_path: Path) -> None:
    case = one(tmp_path, guest="arguments", args=["one", "two words"])
    assert seen(runtime, case).stdout == b"case.wasm\0one\0two words\0"
    assert seen(runtime, one(tmp_path, guest="environment", env={"NAME": "a=b"})).stdout == b"NAME=a=b\0"


@pytest.mark.parametrize("runtime", HERE, ids=names)
def test_files_are_a_copy_and_can_be_looked_at_afterwards(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_bytes(b"text\xff")
    case = one(tmp_path, guest="keep", root="tree", after={})
    found = seen(runtime, case)
    assert found.exit_code == 0, found
    assert found.files == {"/file": Entry("file", b"text\xff"), "/out.txt": Entry("file", b"words")}
    assert os.listdir(tmp_path / "tree") == ["file"]
    case = one(tmp_path, guest="keep", dirs=["tree"], after={})
    assert (seen(runtime, case).files or {}).keys() == {"/tree/file", "/tree/out.txt"}


@pytest.mark.parametrize("runtime", FAITHFUL, ids=names)
def test_links_and_empty_folders_are_copied_as_they_are(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "tree" / "empty").mkdir(parents=True)
    (tmp_path / "tree" / "old").symlink_to("/nowhere")
    found = seen(runtime, one(tmp_path, guest="link", root="tree", after={}))
    assert found.exit_code == 0, found
    assert found.files == {
        "/empty": Entry("directory"),
        "/link": Entry("link", b"nowhere"),
        "/old": Entry("link", b"/nowhere"),
    }


@pytest.mark.parametrize("runtime", HERE, ids=names)
def test_a_trap_is_no_exit_code(runtime: Runtime, tmp_path: Path) -> None:
    found = seen(runtime, one(tmp_path, guest="trap"))
    if runtime.name == "agave-wasi-command":
        assert found.exit_code == 134
    else:
        assert (found.ended_by, found.exit_code) == ("trap", None), found
        assert found.message


@pytest.mark.parametrize("runtime", HERE, ids=names)
def test_a_guest_that_goes_on_for_ever_is_stopped(runtime: Runtime, tmp_path: Path) -> None:
    found = seen(runtime, one(tmp_path, guest="endless"), 1.0)
    assert (found.ended_by, found.exit_code) == ("timeout", None), found


@pytest.mark.parametrize("runtime", HERE, ids=names)
def test_a_guest_that_cannot_be_linked_is_refused(runtime: Runtime, tmp_path: Path) -> None:
    found = seen(runtime, one(tmp_path, guest="missing"))
    if runtime.name == "agave-wasi-command":
        assert found.exit_code == 125
    else:
        assert found.ended_by == "refused" and found.message, found


def ways_out() -> Iterator[Any]:
    """Each runtime with each way out of a folder."""
    lets_out = pytest.mark.xfail(strict=True, reason="follows links: https://nodejs.org/api/wasi.html#security")
    for runtime in HERE:
        for way in ("absolute", "above", "link"):
            marks = (lets_out,) if (runtime.name, way) == ("node", "link") else ()
            yield pytest.param(runtime, way, id=f"{runtime.name}-{way}", marks=marks)


@pytest.mark.parametrize("runtime, way", [*ways_out()])
def test_no_guest_gets_at_what_lies_outside(runtime: Runtime, way: str, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "up").symlink_to(tmp_path)
    victim = tmp_path / "victim"
    victim.touch()
    path = {"absolute": str(victim), "above": f"../../..{victim}", "link": "up/victim"}[way]
    guest = f"""(module
      (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
      (memory (export "memory") 1) (data (i32.const 0) "{path}")
      (func (export "_start") (call $proc_exit
        (i32.ne (i32.const 0) (call $unlink (i32.const 3) (i32.const 0) (i32.const {len(path)}))))))"""
    found = seen(runtime, one(tmp_path, guest=guest, root="tree"))
    assert victim.exists() and (found.ended_by, found.exit_code) != ("exit", 0), found
    if runtime.name == "pywasm":
        assert found.ended_by == "crash" and found.message.startswith("the guest was led out of its folders by "), found


def test_a_start_function_may_end_pywasm(tmp_path: Path) -> None:
    guest = """(module (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
      (func $begin (call $proc_exit (i32.const 9))) (start $begin) (func (export "_start")))"""
    found = seen(Pywasm(), one(tmp_path, guest=guest))
    assert (found.ended_by, found.exit_code) == ("exit", 9), found


def test_features_are_known() -> None:
    for runtime in HERE:
        assert runtime.provides <= ALL, runtime.name
        assert len(runtime.lacks) == len(FEATURES) - len(runtime.provides)


def test_a_case_is_refused_with_the_words_of_its_manifest(tmp_path: Path) -> None:
    case = one(tmp_path, world={"quota": 9}, needs="nine bytes")
    assert (WasmtimePy().refuses(case), InProcess().refuses(case)) == ("needs nine bytes", "")
    assert WasmtimePy().refuses(one(tmp_path, world={"quota": 9})) == "needs a limit of what the file system holds"


def test_options_of_the_command(tmp_path: Path) -> None:
    case = one(tmp_path, env={"A": "1"}, world={"max_fds": 9, "rights": "strict"})
    folders = [("/", tmp_path, "rw"), ("/r", tmp_path, "ro"), ("/m", tmp_path, "memory")]
    assert options(case, folders) == [
        "--realtime", "--dir", f"{tmp_path}::/:rw", "--dir", f"{tmp_path}::/r:ro", "--mem", "/m", "--env", "A=1",
        "--max-fds", "9", "--rights", "strict",
    ]  # fmt: skip


# The worker


def test_one_worker_serves_many_cases(tmp_path: Path) -> None:
    case = one(tmp_path)
    with WorkerSession(Groups()) as session:
        assert isinstance(session, WorkerSession)
        observe(case, session, HANG)
        first = session.worker
        observe(case, session, HANG)
        assert session.worker is first and first is not None
    assert first.poll() is not None


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    case = one(tmp_path, guest="loop")
    with WorkerSession(Groups()) as session:
        assert isinstance(session, WorkerSession)
        worker = session.worker = session._start()
        timer = threading.Timer(1, os.kill, [worker.pid, signal.SIGKILL])
        timer.start()
        found = observe(case, session, HANG)
        timer.join()
        assert (found.ended_by, found.message) == ("crash", "the runtime was ended by SIGKILL")
        assert observe(one(tmp_path), session, HANG).stdout == b"hello\n"


def test_a_worker_that_is_stuck_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.adapters.agave.GRACE", 0.5)
    monkeypatch.setattr(
        "conformance.adapters.agave.python_command", lambda module: [sys.executable, "-c", "import time; time.sleep(3600)"]
    )
    with WorkerSession(Groups()) as session:
        found = observe(one(tmp_path), session, 0.5)
    assert (found.ended_by, found.message) == ("timeout", "the runtime was stuck, and was stopped")


def test_errors_of_a_case_s_files_come_through(tmp_path: Path) -> None:
    case = one(tmp_path, root="tree")
    for runtime in FAITHFUL:
        with pytest.raises(HarnessError, match="tree"), runtime.session(Groups()) as session:
            observe(case, session, HANG)


# Found, or not


def test_names_lead_to_runtimes_that_are_here(tmp_path: Path) -> None:
    known = runtimes()
    assert list(choose(["agave-wasi", "wasmtime"], known)) == ["agave-wasi", "wasmtime-py"]
    everything = choose(["node", "all"] if isinstance(known["node"].find(), Found) else ["all"], known)
    assert {"agave-wasi", "agave-wasi-command", "wasmtime-py"} <= everything.keys()
    assert all(isinstance(found, Found) for _, found in everything.values())
    with pytest.raises(WrongUse, match="there is no runtime nod; did you mean node"):
        choose(["nod"], known)


def test_what_is_not_here_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AGAVE_WASI_PYWASM", str(tmp_path / "none"))
    with pytest.raises(HarnessError, match=r"node is not found here: install Node.js"):
        choose(["node"], runtimes())
    with pytest.raises(HarnessError, match=r"pywasm is not found here: .*AGAVE_WASI_PYWASM names the Python"):
        choose(["pywasm"], runtimes())


def test_the_cpu_model_may_not_be_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.adapters.agave.model_version", lambda: None)
    found = OnModel().find()
    assert isinstance(found, Missing) and "agave-wasi[metal]" in found.cure
    with pytest.raises(HarnessError, match="CPU model"):
        choose(["agave-wasi-x86"], runtimes())


def test_npm_packages_are_found_where_node_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "node_modules" / "@bjorn3" / "browser_wasi_shim"
    package.mkdir(parents=True)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.delenv("NODE_PATH", raising=False)
    assert package_folder("@bjorn3/browser_wasi_shim") != package
    (package / "package.json").write_text('{"version": "1.2.3"}')
    assert package_folder("@bjorn3/browser_wasi_shim") == package
    if isinstance(Node().find(), Found):
        found = BrowserShim().find()
        assert isinstance(found, Found) and found.version.startswith("1.2.3 (node ")
        (package / "package.json").write_text("{")
        damaged = BrowserShim().find()
        assert isinstance(damaged, Missing) and "is damaged" in damaged.cure
