"""`agave-wasi run`: options, their effect, and exit codes, each in a process of its own."""

from __future__ import annotations

import json
import struct
import tarfile
from pathlib import Path
from typing import Any

import pytest


def test_hello(agave: Any) -> None:
    result = agave("run", "hello.wat")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"hello\n", b"")


def test_exit_code_is_the_guests_own_in_eight_bits(agave: Any) -> None:
    assert agave("run", "exit.wat").returncode == 298 & 0xFF


def test_everything_behind_the_program_is_the_guests(agave: Any) -> None:
    result = agave("run", "--arg0", "me", "arguments.wat", "--fuel", "--help", "-x", "")
    assert result.stdout == b"me\0--fuel\0--help\0-x\0\0"
    assert agave("run", "--", "arguments.wat", "é").stdout == "arguments.wat\0é\0".encode()


def test_environment(agave: Any) -> None:
    (agave.folder / "vars.env").write_text("# a comment\n\nA=file\nB= two words \n")
    result = agave("run", "--env-file", "vars.env", "--env", "A=1", "--env=C=x=y", "--env", "FROM_HOST", "--env", "NOT_THERE",
                   "environment.wat", FROM_HOST="yes")  # fmt: skip
    assert sorted(result.stdout.split(b"\0")[:-1]) == [b"A=1", b"B= two words", b"C=x=y", b"FROM_HOST=yes"]


def test_two_runs_are_equal_and_chance_comes_from_options(agave: Any) -> None:
    first, second = (agave("run", "chance.wat").stdout for _ in range(2))
    assert first == second and len(first) == 16
    other = agave("run", "--seed", "7", "--clock-start", "2030-05-01", "--clock-step", "5", "chance.wat").stdout
    assert other[:8] != first[:8]
    assert struct.unpack("<Q", other[8:]) == (1903824000 * 10**9 + 5,)
    real = {agave("run", "--realtime", "chance.wat").stdout for _ in range(2)}
    assert len(real) == 2


def test_stdin_from_a_file(agave: Any) -> None:
    (agave.folder / "in.txt").write_bytes(b"Ada\n")
    result = agave("run", "--stdin", "in.txt", "echo.wat", stdin=b"unread")
    assert (result.stdout, result.stderr) == (b"name?Ada\n", b"bye\n")


@pytest.mark.parametrize(
    ("options", "on_host"),
    [(["--dir", "data"], True), (["--dir", "data::/x:rw"], True), (["--dir", "data::/x:overlay"], False),
     (["--dir", "data:overlay", "--commit"], True), (["--mem", "/m"], False), ([], False)],
)  # fmt: skip
def test_folders(agave: Any, options: list[str], on_host: bool) -> None:
    (agave.folder / "data").mkdir()
    assert agave("run", *options, "keep.wat").returncode == 0
    out = agave.folder / "data" / "out.txt"
    assert out.exists() == on_host
    assert not on_host or out.read_bytes() == b"words"


def test_a_read_only_folder_refuses_and_commit_wants_success(agave: Any) -> None:
    (agave.folder / "data").mkdir()
    assert agave("run", "--dir", "data:ro", "keep.wat").returncode != 0
    result = agave("run", "--dir", "data:overlay", "--commit", "show.wat")
    assert result.returncode == 44 and b"nothing is written back" in result.stderr
    assert list((agave.folder / "data").iterdir()) == []


def test_preopens_are_in_order_and_the_root_is_one_only_without_folders(agave: Any) -> None:
    (agave.folder / "data").mkdir()

    def preopens(*options: str) -> list[str]:
        tour = str(Path(__file__).resolve().parents[3] / "demo/apps/tour/tour.wasm")
        lines = agave("strace", "-e", "fd_prestat_get", *options, tour).stderr.decode().splitlines()
        return [line.split("<")[1].split(">")[0] for line in lines if "<" in line and "= BADF" not in line]

    assert preopens() == ["/"]
    assert preopens("--dir", "data") == ["data"]
    assert preopens("--dir", "data::/b", "--dir", "data::/a", "--mem", "/m", "--cwd", "/tmp") == ["/b", "/a", "/m", "."]
    assert preopens("--mem", "/m") == ["/m", "/"]


def test_images(agave: Any) -> None:
    assert agave("run", "--save-fs", "out.tar", "keep.wat").returncode == 0
    with tarfile.open(agave.folder / "out.tar") as archive:
        kept = archive.extractfile(next(each for each in archive.getmembers() if each.name.endswith("out.txt")))
        assert kept is not None and kept.read() == b"words"
    assert agave("run", "show.wat").returncode == 44
    assert agave("run", "--fs", "out.tar", "show.wat").returncode == 0


def test_preload(agave: Any) -> None:
    assert agave("run", "--preload", "env=answers.wat", "--invoke", "ask", "needs.wat").stdout == b"42\n"
    without = agave("run", "--invoke", "ask", "needs.wat")
    assert without.returncode == 125 and b"--preload env=" in without.stderr


def test_rights(agave: Any) -> None:
    assert agave("run", "--rights", "strict", "hello.wat").returncode == 0
    wrong = agave("run", "--rights", "lax", "hello.wat")
    assert wrong.returncode == 2 and b"lenient" in wrong.stderr


def test_standard_streams_look_like_pipes(agave: Any) -> None:
    assert agave("run", "kind.wat").returncode == agave("run", "--tty", "kind.wat").returncode == 0


def test_trace_is_lines_of_json_and_repeatable(agave: Any) -> None:
    traces = []
    for name in ("a.jsonl", "b.jsonl"):
        assert agave("run", "--trace", name, "keep.wat").returncode == 0
        traces.append((agave.folder / name).read_bytes())
    assert traces[0] == traces[1]
    events = [json.loads(line) for line in traces[0].splitlines()]
    assert [event["call"] for event in events] == ["path_open", "fd_write", "proc_exit"]


def test_listen_tells_where(agave: Any) -> None:
    result = agave("run", "--listen", "127.0.0.1:0", "hello.wat")
    assert result.stdout == b"hello\n" and b"listening at 127.0.0.1:" in result.stderr


def test_an_export_must_be_there(agave: Any) -> None:
    result = agave("run", "numbers.wat")
    assert result.returncode == 125 and b"--invoke" in result.stderr and b"all, none" in result.stderr
