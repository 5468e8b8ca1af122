"""`agave-wasi run --snapshot-at`, and `resume`: the same output as the whole run, in pieces."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.snapshots import Snapshot
from tests.agave_wasi.component.examples import CALC
from tests.agave_wasi.guests import COPIES, ENVIRONMENT, RANDOM, imported, prints, wat

READS_TWICE = f"""(module {imported("fd_read", "fd_write")} (memory (export "memory") 1)
    (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00")
    (func $copy (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start") (call $copy) (call $copy)))"""


@pytest.fixture
def programs(agave: Any) -> Path:
    folder: Path = agave.folder
    for name, text in (("random", RANDOM), ("env", ENVIRONMENT), ("copies", COPIES), ("reads", READS_TWICE)):
        (folder / f"{name}.wasm").write_bytes(wat(text))
    (folder / "prints.wasm").write_bytes(prints("hello", 3))
    return folder


def stop(agave: Any, at: str, program: str, *options: str, **more: Any) -> Any:
    return agave("run", "--engine", "x86", *options, "--snapshot-at", at, "--save", "s.agave", program, **more)


def test_output_exit_code_and_trace_in_two_pieces(agave: Any, programs: Path) -> None:
    whole = agave("run", "--engine", "x86", "--trace", "whole.jsonl", "prints.wasm")
    first = stop(agave, "call:proc_exit", "prints.wasm", "--trace", "first.jsonl")
    rest = agave("resume", "--trace", "rest.jsonl", "s.agave")
    assert (first.returncode, first.stderr, first.stdout) == (0, b"", whole.stdout)
    assert (rest.returncode, rest.stderr, rest.stdout) == (3, b"", b"")
    pieces = (programs / "first.jsonl").read_bytes() + (programs / "rest.jsonl").read_bytes()
    assert pieces == (programs / "whole.jsonl").read_bytes()


def test_from_point_to_point(agave: Any, programs: Path) -> None:
    whole = agave("run", "--env", "A=1", "env.wasm")
    first = stop(agave, "icount:50", "env.wasm", "--env", "A=1")
    second = agave("resume", "--snapshot-at", "call:environ_get", "--save", "t.agave", "s.agave")
    third = agave("resume", "t.agave")
    assert [each.returncode for each in (first, second, third)] == [0, 0, 0]
    assert first.stdout + second.stdout + third.stdout == whole.stdout and second.stdout and third.stdout


def test_a_file_as_input_goes_on_where_it_was_and_a_pipe_is_one_s_own(agave: Any, programs: Path) -> None:
    (programs / "in.txt").write_text("abcdef")
    first = stop(agave, "call:fd_read:2", "reads.wasm", "--stdin", "in.txt")
    (programs / "in.txt").unlink()
    assert first.stdout == b"abc" and agave("resume", "s.agave").stdout == b"def"
    (programs / "other.txt").write_text("xyz")
    assert agave("resume", "--stdin", "other.txt", "s.agave").stdout == b"xyz"
    assert stop(agave, "call:fd_read:2", "reads.wasm", stdin=b"abc").stdout == b"abc"
    assert agave("resume", "s.agave", stdin=b"123").stdout == b"123"


def test_folders_are_given_again(agave: Any, programs: Path) -> None:
    for name in ("one", "two"):
        (programs / name / "dir").mkdir(parents=True)
        (programs / name / "in.txt").write_text(name)
    stop(agave, "call:fd_read", "copies.wasm", "--dir", "one::/")
    refused = agave("resume", "s.agave")
    assert refused.returncode == 125 and b"s.agave: the program has a folder of the host as /" in refused.stderr
    assert agave("resume", "--dir", "two::/", "s.agave").returncode == 125  # which lacks the file that was open already
    (programs / "two" / "dir" / "out.txt").touch()
    assert agave("resume", "--dir", "two::/", "s.agave").returncode == 0
    assert (programs / "two" / "dir" / "out.txt").read_text() == "two"


def test_a_trap_is_told_as_ever(agave: Any) -> None:
    program = wat(
        f"""(module {imported("random_get")} (memory (export "memory") 1) (func $deep (unreachable))
        (func (export "_start") (drop (call $random_get (i32.const 0) (i32.const 4))) (call $deep)))"""
    )
    (agave.folder / "traps.wasm").write_bytes(program)
    whole = agave("run", "--engine", "x86", "traps.wasm")
    stop(agave, "call:random_get", "traps.wasm")
    rest = agave("resume", "s.agave")
    assert rest.returncode == 134 and rest.stderr == whole.stderr and b"deep" in rest.stderr


def test_points_that_are_not_reached_or_not_there(agave: Any, programs: Path) -> None:
    result = stop(agave, "icount:999999", "prints.wasm")
    assert result.returncode == 125 and result.stdout == b"hello" and not (programs / "s.agave").exists()
    assert b"the program ended with exit code 3 before icount:999999, so there is no snapshot" in result.stderr
    result = stop(agave, "call:nothing", "prints.wasm")
    assert result.returncode == 125 and b"prints.wasm imports no function nothing" in result.stderr
    assert stop(agave, "icount:1", "prints.wasm").stderr == b""


def test_within_what_can_not_be_stopped(agave: Any) -> None:
    """The host asks the program for memory in the middle of its call."""
    case = Path(__file__).parents[3] / "conformance" / "suites" / "preview2" / "args_values.wasm"
    shutil.copy(case, agave.folder)
    assert stop(agave, "call:environment.get-arguments", "args_values.wasm").returncode == 0
    count = Snapshot.load(agave.folder / "s.agave").count
    assert count == 0  # which nobody needed
    stop(agave, "call:environment.get-arguments", "args_values.wasm", "--icount")
    count = Snapshot.load(agave.folder / "s.agave").count
    result = stop(agave, f"icount:{count + 30}", "args_values.wasm")
    behind = Snapshot.load(agave.folder / "s.agave").count
    assert behind > count + 30 and b"within what can't be stopped, so it was taken at icount:%d" % behind in result.stderr


def test_a_component_goes_on_and_traps_as_ever(agave: Any) -> None:
    cases = Path(__file__).parents[3] / "conformance" / "suites" / "preview2"
    for name in ("stdout_twice", "abi_unknown_handle"):
        shutil.copy(cases / f"{name}.wasm", agave.folder)
    whole = agave("run", "--engine", "x86", "--trace", "whole.jsonl", "stdout_twice.wasm")
    at = "call:wasi:io/streams.[method]output-stream.blocking-write-and-flush"
    stop(agave, at, "stdout_twice.wasm", "--trace", "a.jsonl")
    rest = agave("resume", "--trace", "b.jsonl", "s.agave")
    assert (rest.returncode, rest.stdout, rest.stderr) == (whole.returncode, whole.stdout, whole.stderr) and rest.stdout
    pieces = [(agave.folder / f"{name}.jsonl").read_bytes() for name in ("whole", "a", "b")]
    assert pieces[0] == pieces[1] + pieces[2] and all(pieces)
    whole = agave("run", "--engine", "x86", "abi_unknown_handle.wasm")
    stop(agave, "icount:5", "abi_unknown_handle.wasm")
    rest = agave("resume", "s.agave")
    assert (rest.returncode, rest.stderr) == (134, whole.stderr) and b"unknown handle" in rest.stderr


def test_what_was_invoked_prints_its_results_in_the_end(agave: Any) -> None:
    text = '(module (func (export "f") (param i32 f32) (result i32 f32) local.get 0 (f32.mul (local.get 1) (f32.const 3))))'
    (agave.folder / "f.wasm").write_bytes(wat(text))
    (agave.folder / "calc.wat").write_bytes(CALC.read_bytes())
    for words in (("--invoke", "f", "f.wasm", "7", "0.1"), ("--invoke", 'echo("a b")', "calc.wat")):
        whole = agave("run", "--engine", "x86", *words)
        first = agave("run", "--engine", "x86", "--snapshot-at", "icount:20", "--save", "s.agave", *words)
        rest = agave("resume", "s.agave")
        assert (rest.returncode, rest.stdout) == (0, whole.stdout) and rest.stdout and first.stdout == b""


def test_a_full_disk_leaves_the_old_file(agave: Any, programs: Path) -> None:
    (programs / "s.agave").write_bytes(b"old")
    result = agave("run", "--engine", "x86", "--snapshot-at", "icount:5", "--save", "/dev/full", "prints.wasm")
    assert result.returncode == 125 and b"--save /dev/full: No space left on device" in result.stderr
    (programs / "folder").mkdir()
    result = agave("run", "--engine", "x86", "--snapshot-at", "icount:5", "--save", "folder", "prints.wasm")
    assert result.returncode == 125 and b"--save folder: it is a directory" in result.stderr and not result.stdout
    assert not list((programs / "folder").iterdir()) and (programs / "s.agave").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--engine", "x86", "--snapshot-at", "icount:1"), b"--snapshot-at goes with --save"),
        (("--engine", "x86", "--save", "x"), b"--save goes with --snapshot-at"),
        (("--snapshot-at", "icount:1", "--save", "x"), b"add --engine x86"),
        (("--engine", "x86", "--snapshot-at", "line:1", "--save", "x"), b"it is icount:N, call:NAME"),
        (("--engine", "x86", "--snapshot-at", "icount:x", "--save", "x"), b"no number from 1 on"),
    ],
)
def test_wrong_use_of_run(agave: Any, programs: Path, options: tuple[str, ...], text: bytes) -> None:
    result = agave("run", *options, "prints.wasm")
    assert result.returncode == 2 and text in result.stderr


def test_wrong_use_of_resume(agave: Any, programs: Path) -> None:
    for arguments in ((), ("a", "b")):
        result = agave("resume", *arguments)
        assert result.returncode == 2 and b"resume: which snapshot? Name one file" in result.stderr
    (programs / "x.agave").write_bytes(b"x")
    for name, text in (("x.agave", b"x.agave: this is no snapshot"), ("none", b"none: No such file")):
        result = agave("resume", name)
        assert result.returncode == 125 and text in result.stderr and b"Traceback" not in result.stderr


def test_where_nothing_can_be_written_nothing_runs(agave: Any, programs: Path) -> None:
    result = agave("run", "--engine", "x86", "--snapshot-at", "call:fd_write", "--save", "no/x", "prints.wasm")
    assert result.returncode == 125 and b"--save no/x: there is no folder no" in result.stderr and not result.stdout
