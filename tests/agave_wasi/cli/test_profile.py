"""`agave-wasi profile`: the table, the files, the exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"


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


def test_a_component_has_the_names_of_its_modules(agave: Any) -> None:
    result = agave("profile", "--json", "-o", "out.json", "--html", "out.html", "twice.wat")
    assert result.returncode == 0
    told = json.loads(result.stdout)
    assert set(told["modules"]) == {"twice.wat: module 0 deep", "twice.wat: module 1 leaf"}
    functions = {each["name"]: told["modules"][each["module"]] for each in told["functions"] if each["kind"] == "function"}
    assert functions == {"run": "twice.wat: module 1 leaf", "half": "twice.wat: module 1 leaf"}
    frames = json.loads((agave.folder / "out.json").read_text())["shared"]["frames"]
    assert {"name": "half", "file": "twice.wat: module 1 leaf"} in frames
    assert '"module 1!half"' in (agave.folder / "out.html").read_text()
    lines = agave("profile", "twice.wat").stderr.decode().splitlines()
    assert [line.split()[:2] for line in lines[2:4]] == [["module", "1!run"], ["module", "1!half"]]


def test_machine_code(agave: Any) -> None:
    shutil.copy(METAL / "clock.elf", agave.folder)
    result = agave("profile", "--json", "-o", "out.json", "--html", "out.html", "clock.elf")
    assert (result.returncode, result.stderr) == (0, b"slept 1000003 us\n")
    told = json.loads(result.stdout)
    counted = agave("run", "--engine", "x86", "--icount", "clock.elf").stderr
    assert f"agave-wasi: {told['instructions']} instructions\n".encode() == counted
    assert told["modules"] == ["clock.elf"]
    assert json.loads((agave.folder / "out.json").read_text())["shared"]["frames"][0] == {"name": "_start", "file": "clock.elf"}
    lines = agave("profile", "clock.elf").stderr.decode().splitlines()
    assert any(line.split()[:2] == ["writev", "[host]"] and line.endswith(" 3") for line in lines)
    crashed = agave("profile", "clock.elf", "crash")
    assert crashed.returncode == 134 and b"page fault" in crashed.stderr and b"main" in crashed.stderr
    refused = agave("profile", "--fuel", "5", "clock.elf")
    assert refused.returncode == 2 and b"profile: --fuel of machine code" in refused.stderr


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
