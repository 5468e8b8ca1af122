"""`agave-wasi profile`: the table, the files, the exit code."""

from __future__ import annotations

import json
from typing import Any


def test_a_table_on_stderr_and_the_guests_own_output(agave: Any) -> None:
    result = agave("profile", "hello.wat")
    assert (result.returncode, result.stdout) == (0, b"hello\n")
    lines = result.stderr.decode().splitlines()
    assert lines[0].endswith(" instructions") and "with callees" in lines[1]
    assert [line.split()[0] for line in lines[2:6]] == ["put", "_start", "memory_copy", "wasi_snapshot_preview1.fd_write"]
    assert "[engine]" in lines[4] and "[host]" in lines[5] and lines[5].endswith(" 1")
    assert agave("profile", "hello.wat").stderr == result.stderr
    assert b"the first 1 of 4" in agave("profile", "--top", "1", "hello.wat").stderr


def test_files_and_json(agave: Any) -> None:
    result = agave("profile", "-o", "out.json", "--html", "out.html", "--json", "hello.wat")
    assert result.returncode == 0 and result.stderr == b"hello\n"
    told = json.loads(result.stdout)
    functions = {each["name"]: each for each in told["functions"]}
    assert told["program"] == "hello.wat" and functions["_start"]["total"] < told["instructions"]
    assert functions["put"]["calls"] == 1 and functions["put"]["kind"] == "function" and functions["put"]["index"] == 1
    scope = json.loads((agave.folder / "out.json").read_text())
    assert scope["profiles"][0]["endValue"] == told["instructions"]
    assert "hello.wat" in {frame["file"] for frame in scope["shared"]["frames"]}
    assert "Profile of" in (agave.folder / "out.html").read_text()


def test_other_ends(agave: Any) -> None:
    assert agave("profile", "exit.wat").returncode == 42
    trapped = agave("profile", "trap.wat")
    assert trapped.returncode == 134 and b"inner" in trapped.stderr and b"integer divide by zero" in trapped.stderr
    assert agave("profile", "--timeout", "1", "loop.wat").returncode == 124
    called = agave("profile", "--invoke", "answer", "answers.wat")
    assert called.returncode == 0 and b"answer" in called.stderr and called.stdout == b"42\n"


def test_wrong_use(agave: Any) -> None:
    for words, text in (
        (["profile"], b"which program?"),
        (["profile", "--icount", "hello.wat"], b"there is no option --icount"),
        (["profile", "--engine", "x86", "hello.wat"], b"there is no option --engine"),
    ):
        result = agave(*words)
        assert result.returncode == 2 and text in result.stderr
    result = agave("profile", "-o", "nowhere/x.json", "hello.wat")
    assert result.returncode == 125 and b"there is no folder nowhere" in result.stderr and result.stdout == b""
