"""`agave-wasi diff` of components: what it prints, and that it finds what was made different on purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.failures import Failure
from agave_wasi.engines.capi import to_wasm
from agave_wasi.loader import BadProgram
from agave_wasi.preview2.cli import Environment
from conformance.diff.command import main
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.component_calls.guests import FILES, OPENED, TOLD, component

pytestmark = pytest.mark.usefixtures("temporary")
FLAGS = component(f"""{OPENED}
  (call $make (local.get $top) (i32.const 64) (i32.const 6) (i32.const 256))
  (if (i32.load8_u (i32.const 256)) (then (call $print (i32.const 80) (i32.const 4))))
  (call $print (i32.const 64) (i32.const 3))""")


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "comp.wasm"
    path.write_bytes(FILES)
    return str(path)


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, errno: str) -> None:
    def refused(self: Any, *args: Any, **options: Any) -> None:
        raise KernelError(errno)

    monkeypatch.setattr(Syscalls, name, refused)


def test_identical(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([program, "--env", "A=b", "--", "x"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "comp.wasm: identical"
    assert second == "  6 host calls, exit code 0, 7 bytes of stdout, 2 files and folders left behind"


def test_a_component_in_text_and_without_a_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "comp.wat"
    path.write_text("""(component
      (core module $M (func (export "run") (result i32) (i32.const 1)))
      (core instance $m (instantiate $M))
      (func $run (result (result)) (canon lift (core func $m "run")))
      (instance $i (export "run" (func $run)))
      (export "wasi:cli/run@0.2.12" (instance $i)))""")
    assert main([str(path)]) == 0
    assert "0 host calls, exit code 1" in capsys.readouterr().out


def test_the_first_difference_with_all_that_decides(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse(monkeypatch, "unlinkat", "ACCES")
    assert main([program]) == 1
    out = capsys.readouterr().out
    assert out.startswith("comp.wasm: host call 3 differs\n")
    assert 'agave-wasi       descriptor#1.unlink-file-at(path="missing") = access\n' in out
    assert 'descriptor#1.unlink-file-at(path="missing") = no-entry\n' in out
    assert "  errno\n    agave-wasi       access\n" in out
    assert "result at 0x100, 2 bytes: 01 00" in out and "result at 0x100, 2 bytes: 01 14" in out
    assert "Files behind the call\n  the same on both sides" in out
    assert "The rule that decides\n  The name is gone" in out and "wasi-filesystem/blob/main/wit/types.wit" in out


def test_files_behind_the_call(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse(monkeypatch, "mkdirat", "IO")
    assert main([program]) == 1
    out = capsys.readouterr().out
    assert out.startswith("comp.wasm: host call 2 differs\n")
    behind = out.partition("Files behind the call\n")[2]
    assert behind.startswith("  /folder\n    agave-wasi       nothing\n")


def test_a_value_that_differs_in_memory_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guest = tmp_path / "env.wasm"
    guest.write_bytes(component("(call $environment (i32.const 128))"))
    real = Environment.get_environment
    monkeypatch.setattr(Environment, "get_environment", lambda self: [(name, value + "!") for name, value in real(self)])
    assert main([str(guest), "--env", "A=b", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["first"]["differences"] == [{"what": "result [0] [1]", "ours": "b!", "theirs": "b"}]
    assert told["first"]["ours"]["line"] == 'environment.get-environment() = [["A", "b!"]]'
    assert told["first"]["theirs"]["result"] == {"result": [["A", "b"]]}
    assert told["rule"]["rule"].startswith("The variables by name")


def test_where_it_goes_another_way_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guest, page = tmp_path / "flags.wasm", tmp_path / "page.html"
    guest.write_bytes(FLAGS)
    refuse(monkeypatch, "mkdirat", "IO")
    assert main([str(guest), "--json", "--html", str(page)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["first"]["calls"] == [1, 1] and told["runtimes"][0]["calls"] > told["runtimes"][1]["calls"]
    assert told["ending"] == [] and told["follow"]  # what is printed is a consequence
    shown = page.read_text(encoding="utf-8")
    assert 'id="first"' in shown and shown.count("descriptor#1.create-directory-at") == 2


def test_time_and_chance_are_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "told.wasm"
    path.write_bytes(TOLD)
    assert main([str(path), "--seed", "7"]) == 0
    assert "72 bytes of stdout" in capsys.readouterr().out


def test_components_within_are_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "comp.wat"
    path.write_text("""(component
      (import "wasi:cli/exit@0.2.12" (instance $e (export "exit" (func (param "status" (result))))))
      (component $C
        (import "e" (func $exit (param "status" (result))))
        (core func $lowered (canon lower (func $exit)))
        (core module $M (import "" "exit" (func $exit (param i32)))
          (func (export "run") (result i32) (call $exit (i32.const 1)) (i32.const 0)))
        (core instance $m (instantiate $M (with "" (instance (export "exit" (func $lowered))))))
        (func (export "run") (result (result)) (canon lift (core func $m "run"))))
      (alias export $e "exit" (func $exit))
      (instance $c (instantiate $C (with "e" (func $exit))))
      (alias export $c "run" (func $run))
      (instance $i (export "run" (func $run)))
      (export "wasi:cli/run@0.2.12" (instance $i)))""")
    assert main([str(path)]) == 0
    out = capsys.readouterr().out
    assert "exit code 1" in out and "Calls of 1 function by components within it weren't compared one by one." in out


@pytest.mark.parametrize(
    "options, message",
    [
        (["--invoke", "f()"], "only commands can be compared"),
        (["--preload", "a=b.wasm"], "--preload is for core modules"),
    ],
)
def test_what_cannot_be_compared(program: str, options: list[str], message: str) -> None:
    with pytest.raises(Failure, match=message):
        main([*options, program])


def test_a_component_is_no_library_of_a_module(program: str, tmp_path: Path) -> None:
    module = tmp_path / "module.wasm"
    module.write_bytes(to_wasm(b'(module (func (export "_start")))'))
    with pytest.raises(Failure, match="is a component; it takes core modules"):
        main(["--preload", f"a={program}", str(module)])


@pytest.mark.parametrize(
    "text, kind, message",
    [
        (b"(component (import \"local:a/b\" (instance (export \"f\" (func)))))", Failure, "local:a/b"),
        (b"(component (core type (module)))", Failure, "core type"),
        (b"(component (core func (canon waitable-set.new)))", Failure, "Preview 3"),
    ],
)
def test_components_that_cannot_be_recorded(tmp_path: Path, text: bytes, kind: type[Exception], message: str) -> None:
    path = tmp_path / "comp.wasm"
    path.write_bytes(to_wasm(text))
    with pytest.raises((kind, Exception), match=message):
        main([str(path)])


def test_a_malformed_one(program: str) -> None:
    path = Path(program)
    path.write_bytes(FILES[:-3])
    with pytest.raises(BadProgram, match="malformed component at offset"):
        main([program])
