"""The command as users have it: what it prints, its exit codes, what it refuses, and that nothing is left behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.main import ENTRY_POINTS, guarded
from agave_wasi.cli.options import RUN_OPTIONS
from agave_wasi.engines.capi import to_wasm
from conformance.diff import command
from conformance.diff.command import MANUAL, OWN_OPTIONS, REFUSED, main
from conformance.suites.cases import SUITES
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.calls.test_compare import FILES
from tests.waiting import HANG

PROJECT = Path(__file__).resolve().parents[3]
TOUR = str(PROJECT / "demo" / "apps" / "tour" / "tour.wasm")
SUITE = SUITES[0]
pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "prog.wasm"
    path.write_bytes(to_wasm(FILES.encode()))
    return str(path)


def spoil(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlinkat(self: Any, fd: int, path: bytes) -> None:
        raise KernelError("ACCES")

    monkeypatch.setattr(Syscalls, "unlinkat", unlinkat)


def test_it_is_announced_and_the_command_finds_it() -> None:
    assert next(iter(entry_points(group=ENTRY_POINTS, name="diff"))).value == "conformance.diff.command:main"


def test_identical(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([program]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "prog.wasm: identical"
    assert second == "  7 host calls, exit code 0, 2 files and folders left behind"


def test_the_tour_is_identical_but_for_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([TOUR]) == 0
    out = capsys.readouterr().out
    assert out.startswith("tour.wasm: identical but for 2 known divergences\n")
    assert "first-buffer-only (spec-silent), host calls 9, " in out


def test_strict_stops_at_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--strict", TOUR]) == 1
    out = capsys.readouterr().out
    assert out.startswith("tour.wasm: host call 9 differs\n")
    assert "may do less than all of them" in out and "readv.html" in out


def test_the_first_difference_with_all_that_decides(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(monkeypatch)
    assert main([program]) == 1
    out = capsys.readouterr().out
    assert out.startswith("prog.wasm: host call 7 differs\n")
    assert 'agave-wasi       path_unlink_file(3</>, "hello") = ACCES (permission denied)' in out
    assert re.search(r'wasmtime [\d.]+  path_unlink_file\(3</>, "hello"\) = NOENT', out)
    assert "The rule that decides\n  The name is gone" in out and "docs.md#path_unlink_file" in out
    assert "Files behind the call\n  the same on both sides" in out


def test_memory_and_files_behind_the_call_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "prog.wat"
    path.write_text(FILES)
    writev = Syscalls.writev
    monkeypatch.setattr(Syscalls, "writev", lambda self, fd, buffers: writev(self, fd, [buffers[0][:3]]))
    assert main([str(path)]) == 1
    out = capsys.readouterr().out
    assert "prog.wat: host call 2 differs" in out
    assert "result at 0x68, 4 bytes: 03 00 00 00" in out and "result at 0x68, 4 bytes: 05 00 00 00" in out
    behind = out[out.index("Files behind the call") :]
    assert "  /file\n" in behind and "a file of 3 bytes" in behind and "a file of 5 bytes" in behind


def test_json(program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", program]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["identical"] is True and found["first"] is None and found["rule"] is None
    assert [each["calls"] for each in found["runtimes"]] == [7, 7]
    spoil(monkeypatch)
    assert main(["--json", program]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["first"]["calls"] == [6, 6]
    assert found["first"]["differences"] == [{"what": "errno", "ours": "ACCES", "theirs": "NOENT"}]
    assert found["first"]["ours"]["slots"] == [3, 32, 5]
    assert found["rule"]["link"].endswith("#path_unlink_file")


def test_options_may_stand_on_both_sides_and_arguments_behind(tmp_path: Path) -> None:
    dashes = ["--seed", "7", "prog.wasm", "--env", "A=b", "--", "--seed", "x"]
    assert command.parsed(dashes) == ({"seed": 7, "env": [("A", "b")]}, "prog.wasm", ["--seed", "x"])
    assert command.parsed(["prog.wasm", "in.txt", "--out"]) == ({}, "prog.wasm", ["in.txt", "--out"])
    assert command.parsed(["--", "prog.wasm", "--seed", "7"]) == ({}, "prog.wasm", ["--seed", "7"])
    both = ["--env", "A=1", "--env", "B=1", "prog.wasm", "--env", "A=2"]
    assert command.parsed(both)[0] == {"env": [("A", "2"), ("B", "1")]}


def run(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = guarded(["diff", *arguments])
    return code, capfd.readouterr().err


@pytest.mark.parametrize("option", sorted(REFUSED))
def test_what_the_reference_cannot_have_is_refused(option: str, program: str, capfd: pytest.CaptureFixture[str]) -> None:
    row = next(each for each in RUN_OPTIONS if each.name == option)
    example = {"tty": "--tty", "rights": "--rights strict"}.get(option, row.example)
    words = example.split()[: 2 if row.read else 1]
    code, err = run([*words, program], capfd)
    assert code == 2 and f"--{option} can't be compared: {REFUSED[option]}" in err


def test_the_manual_has_every_option_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert {each.name for each in MANUAL.options} | set(REFUSED) == {each.name for each in (*RUN_OPTIONS, *OWN_OPTIONS)}
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "--strict" in out and "Exit codes" in out and "agave-wasi diff prog.wasm" in out


HOSTILE = {
    "nothing": (b"", "isn't a WebAssembly program"),
    "cut off": (b"\0asm\1\0\0\0\1\x7f", "malformed module"),
    "component": (b"\0asm\x0d\0\1\0", "doesn't export wasi:cli/run"),
    "unknown function": (b'(module (import "wasi_snapshot_preview1" "fd_fly" (func)) (func (export "_start")))', "fd_fly"),
    "other module": (b'(module (import "env" "f" (func)) (func (export "_start")))', "env"),
    "no start": (b'(module (memory (export "memory") 1))', "has no _start function"),
    "both interfaces": (b'(module (import "wasi_unstable" "sched_yield" (func (result i32)))'
                        b'(import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (func (export "_start")))',
                        "interfaces of different layouts can't be recorded together"),
    "shared memory": (b'(module (memory (export "memory") 1 1 shared) (func (export "_start")))', "exports a shared memory"),
    "its memory": (b'(module (memory (import "m" "m") 1) (export "memory" (memory 0)) (func (export "_start")))',
                   "exports a memory that it imports"),
    "large memory": (b'(module (memory (export "memory") i64 1) (func (export "_start")))', "exports a 64-bit memory"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_cannot_be_compared_is_told_in_a_line(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content, expected = HOSTILE[name]
    path = tmp_path / "guest"
    path.write_bytes(content)
    code, err = run([str(path)], capfd)
    assert code == 125 and expected in err and "Traceback" not in err


@pytest.mark.parametrize(
    "arguments, code, expected",
    [
        ([], 2, "which program?"),
        (["absent.wasm"], 125, "absent.wasm can't be read"),
        (["--dir", "absent", TOUR], 125, "--dir absent: No such file or directory"),
        (["--stdin", "absent", TOUR], 125, "--stdin absent: No such file or directory"),
        (["--fs", "absent.tar", TOUR], 125, "--fs absent.tar"),
        (["--fs", "a.tar", "--dir", ".", TOUR], 2, "leave one of them out"),
        (["--mem", "/a", "--mem", "/a/../a", "--mem", "/", "--cwd", "../x", TOUR], 125, "--cwd"),
        (["--wrong", TOUR], 2, "there is no option --wrong"),
        ([TOUR, "--wrong"], 2, "arguments of the program come behind --"),
        ([TOUR, "--", "\udcff"], 125, "an argument isn't UTF-8"),
        (["--calls", "10", TOUR], 125, "made more than 10 host calls; --calls allows more"),
        (["--html", "absent/x.html", TOUR], 125, "--html absent/x.html can't be written: there is no folder absent"),
        (["--html", ".", "absent.wasm"], 125, "--html . is a folder"),
        (["--html", "/dev/full", TOUR], 125, "--html /dev/full can't be written: No space left on device"),
        (["--calls", "0", TOUR], 2, "it must be at least 1"),
    ],
)
def test_wrong_use(arguments: list[str], code: int, expected: str, capfd: pytest.CaptureFixture[str]) -> None:
    found, err = run(arguments, capfd)
    assert (found, "Traceback" in err) == (code, False) and expected in err


def test_endless_guests_come_to_an_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "loop.wat"
    path.write_text('(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))')
    code, err = run(["--timeout", "1", str(path)], capfd)
    assert code == 125 and "doesn't come to its end on agave-wasi" in err


def test_folders_of_the_host_stay_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("old")
    (folder / "link").symlink_to("file")
    guest = tmp_path / "prog.wasm"
    guest.write_bytes(to_wasm(FILES.encode()))
    for mode in ("rw", "overlay", "ro"):
        assert main(["--dir", f"{folder}::/:{mode}", str(guest)]) == 0, capsys.readouterr().out
        assert sorted(os.listdir(folder)) == ["file", "link"] and (folder / "file").read_text() == "old"


def test_as_a_process_with_colours_only_where_they_are_wanted(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agave_wasi", "diff", program], capture_output=True, text=True, check=False, timeout=HANG
    )
    assert (done.returncode, done.stdout.splitlines()[0], done.stderr) == (0, "prog.wasm: identical", "")
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("option", ["--html=page.html", "--json"])
def test_without_a_stdout(option: str, program: str, tmp_path: Path) -> None:
    command = ["bash", "-c", '"$@" >&-', "-", sys.executable, "-m", "agave_wasi", "diff", option, program]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG, cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "page.html").exists() is (option != "--json")


def test_the_verdict_is_told_though_its_page_cannot_be(program: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(["diff", "--html", "/dev/full", program]) == 125
    assert capfd.readouterr().out.startswith("prog.wasm: identical")


@pytest.mark.parametrize("name", ["libc_directories", "args_values", "stdin_empty", "proc_exit"])
def test_cases_in_the_process_of_their_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    programs = sorted(SUITE.glob(f"{name}*.wasm"))
    for path in programs[:1]:
        manifest = json.loads(path.with_suffix(".json").read_text())
        variables = [word for key, value in manifest["env"].items() for word in ("--env", f"{key}={value}")]
        mounts = ["--dir", f"{SUITE / manifest['root']}::/"] if manifest["root"] else []
        assert main([*variables, *mounts, str(path), "--", *manifest["args"]]) == 0, capsys.readouterr().out


LIBRARY = """(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
 (memory (export "memory") 1) (data (i32.const 8) "from the library\\n") (data (i32.const 0) "\\08\\00\\00\\00\\11\\00\\00\\00")
 (global (export "times") (mut i32) (i32.const 0))
 (func (export "say") (param i32) (result i32)
  (drop (call $write (local.get 0) (i32.const 0) (i32.const 1) (i32.const 64))) (i32.load (i32.const 64))))"""
USER = """(module (import "env" "say" (func $say (param i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
 (memory (export "memory") 1) (data (i32.const 8) "here\\n") (data (i32.const 0) "\\08\\00\\00\\00\\05\\00\\00\\00")
 (func (export "_start") (i32.store (i32.const 100) (call $say (i32.const 1)))
  (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64))))
 (func (export "_initialize") (i32.store (i32.const 96) (i32.const 40)))
 (func (export "sum") (param i32 f64) (result i32 f64)
  (i32.add (local.get 0) (i32.load (i32.const 96))) (f64.mul (local.get 1) (f64.const 2)))
 (func (export "strange") (result externref) (ref.null extern)))"""


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that needs a library, and the library."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user.wasm").write_bytes(to_wasm(USER.encode()))
    (tmp_path / "env.wat").write_text(LIBRARY)
    return tmp_path


def test_libraries_on_both_sides(two: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--preload", "env=env.wat", "user.wasm"]) == 0
    assert "  2 host calls, exit code 0, 22 bytes of stdout" in capsys.readouterr().out
    writev = Syscalls.writev

    def shorter(self: Any, fd: int, buffers: Any) -> Any:
        return writev(self, fd, [buffers[0][:3]] if len(buffers[0]) == 17 else buffers)

    monkeypatch.setattr(Syscalls, "writev", shorter)
    assert main(["--preload", "env=env.wat", "user.wasm"]) == 1
    out = capsys.readouterr().out
    assert "host call 1 differs" in out and "result at 0x40, 4 bytes: 11 00 00 00" in out


def test_an_export_on_both_sides(two: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--preload", "env=env.wat", "--invoke", "sum", "user.wasm", "--", "-7", "1.25"]
    assert main(words) == 0
    assert "0 host calls, exit code 0, result 33, 2.5, 1 file or folder" in capsys.readouterr().out
    assert main(["--json", *words]) == 0
    assert [each["ended"] for each in json.loads(capsys.readouterr().out)["runtimes"]] == ["exit code 0, result 33, 2.5"] * 2
    from conformance.calls import ours

    note = ours.note

    def other(recording: Any, result: Any) -> None:
        note(recording, result)
        recording.values = [34, 2.5]

    monkeypatch.setattr(ours, "note", other)
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "the host calls are the same, but not how it ends" in out and "34, 2.5" in out and "33, 2.5" in out


@pytest.mark.parametrize("words, code, expected", [
    (["--invoke", "sun", "user.wasm"], 125, "user.wasm exports no function sun; did you mean sum?"),
    (["--invoke", "sum", "user.wasm", "--", "1"], 2, "diff: sum takes 2 arguments, and 1 are given"),
    (["--invoke", "sum", "user.wasm", "--", "1", "x"], 2, "diff: the argument 'x' is no f64"),
    (["--invoke", "strange", "user.wasm"], 125, "strange returns externref, which can't be compared"),
    (["user.wasm"], 125, "env.say (func)"),
    (["--preload", "env=gone.wasm", "user.wasm"], 125, "gone.wasm can't be read: No such file or directory"),
    (["--preload", "env=hands.wat", "user.wasm"], 125, "--preload env=hands.wat hands say of WASI on to who imports it"),
    (["--preload", "env=old.wat", "user.wasm"], 125, "together (user.wasm wasi_snapshot_preview1, old.wat wasi_unstable)"),
])  # fmt: skip
def test_libraries_and_exports_that_cannot_be(
    two: Path, words: list[str], code: int, expected: str, capfd: pytest.CaptureFixture[str]
) -> None:
    kind = "(param i32 i32 i32 i32) (result i32)"
    (two / "hands.wat").write_text(
        f'(module (import "wasi_snapshot_preview1" "fd_write" (func $w {kind})) (export "say" (func $w)))'
    )
    (two / "old.wat").write_text(LIBRARY.replace("wasi_snapshot_preview1", "wasi_unstable"))
    found, err = run(words, capfd)
    assert (found, "Traceback" in err) == (code, False) and expected in err, err


def test_the_older_interface(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SUITE / "unstable_seek.wasm")]) == 0
    assert capsys.readouterr().out.startswith("unstable_seek.wasm: identical\n  15 host calls")
