"""`agave-wasi disasm`: listings, JSON, colours, the pager."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
from pathlib import Path
from typing import Any

from tests.waiting import HANG

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"


def test_one_function_and_all(agave: Any) -> None:
    result = agave("disasm", "trap.wat", "outer")
    lines = result.stdout.decode().splitlines()
    assert result.returncode == 0 and "\x1b" not in result.stdout.decode()
    assert re.fullmatch(r"function 1 outer: \d+ bytes of code at 0x\w+, of wasm 0x\w+ to 0x\w+", lines[0])
    assert any(re.fullmatch(r" +(0x\w+)? +\w+  call 0 +; inner", line) for line in lines)
    every = agave("disasm", "trap.wat").stdout.decode()
    assert [line.split()[1] for line in every.splitlines() if line.startswith("function")] == ["0", "1", "2"]
    assert agave("disasm", "trap.wat", "1").stdout == result.stdout


def test_wasm_between_and_bytes(agave: Any) -> None:
    lines = agave("disasm", "--source", "wasm", "--bytes", "trap.wat", "inner").stdout.decode().splitlines()
    division = next(number for number, line in enumerate(lines) if re.fullmatch(r" +0x\w+  i32.div_s", line))
    assert any(" cdq" in line or " idiv " in line for line in lines[division:])
    assert any(re.search(r"  55 +push rbp$", line) for line in lines)


def test_json(agave: Any) -> None:
    told = json.loads(agave("disasm", "--json", "trap.wat", "inner").stdout)
    (function,) = told["functions"]
    assert told["file"] == "trap.wat" and function["name"] == "inner" and function["index"] == 0
    assert sum(len(each["bytes"]) // 2 for each in function["code"]) == function["end"] - function["start"]
    assert "i32.div_s" in [text for each in function["code"] for text in each.get("source", [])]


def test_modules_of_a_component(agave: Any) -> None:
    titles = [line for line in agave("disasm", "twice.wat").stdout.decode().splitlines() if line.startswith("module")]
    assert [line.partition(": function")[0] for line in titles] == ["module 0 deep"] * 2 + ["module 1 leaf"] * 2
    leaf = agave("disasm", "twice.wat", "1/").stdout.decode()
    assert leaf.count("module 1 leaf: function") == 2 and "module 0" not in leaf
    half = agave("disasm", "twice.wat", "leaf/half").stdout
    assert half.startswith(b"module 1 leaf: function 0 half: ") and half == agave("disasm", "twice.wat", "1/0").stdout
    (told,) = json.loads(agave("disasm", "--json", "twice.wat", "run").stdout)["functions"]
    assert (told["module"], told["module_name"], told["index"]) == (1, "leaf", 1)


def test_wrong_use(agave: Any) -> None:
    for words, code, text in (
        (["disasm"], 2, b"which program?"),
        (["disasm", "trap.wat", "inner", "outer"], 2, b"one function at a time"),
        (["disasm", "--source", "c", "trap.wat"], 2, b"there is wasm"),
        (["disasm", "trap.wat", "iner"], 125, b"did you mean inner?"),
        (["disasm", "strange.wat"], 125, b"doesn't have WebAssembly's feature memory64"),
        (["disasm", "strange.wat", "s/f"], 125, b"doesn't have WebAssembly's feature memory64"),
        (["disasm", "component.wat", "0"], 125, b"is a component without core modules"),
        (["disasm", "twice.wat", "0"], 125, b"a number alone means no function; name it as MODULE/FUNCTION"),
        (["disasm", "twice.wat", "hlaf"], 125, b"did you mean half?; its modules:\n  0/  deep\n  1/  leaf\n"),
        (["disasm", "twice.wat", "half"], 125, b"half in 2 modules; name one of these:\n  0/1  deep: half\n  1/0  leaf: h"),
        (["disasm", str(METAL / "hello.elf")], 125, b"this is machine code already: objdump -d "),
        (["disasm", "broken.wat"], 125, b"broken.wat"),
        (["disasm", "nothing.wasm"], 125, b"can't be read"),
    ):
        result = agave(*words)
        assert result.returncode == code and text in result.stderr and b"Traceback" not in result.stderr, words


def on_terminal(agave: Any, **variables: str) -> str:
    """What the command shows on a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*agave.words, "disasm", "trap.wat", "inner"], stdin=slave, stdout=slave, stderr=slave, cwd=agave.folder,
        env=agave.environment | variables,
    )  # fmt: skip
    os.close(slave)
    shown = b""
    while select.select([master], [], [], HANG)[0]:
        try:
            part = os.read(master, 65536)
        except OSError:  # nobody is at the other end any more
            break
        shown += part
    os.close(master)
    assert process.wait(HANG) == 0
    return shown.decode()


def test_on_a_terminal_it_is_coloured_and_paged(agave: Any) -> None:
    pager = agave.folder / "pager"
    pager.write_text("#!/bin/sh\necho paged\ncat\n")
    pager.chmod(0o755)
    shown = on_terminal(agave, PAGER=str(pager))
    assert shown.startswith("paged") and "\x1b[34mpush\x1b[0m rbp" in shown
    assert "\x1b" not in on_terminal(agave, PAGER="cat", NO_COLOR="1")
    assert "function 0 inner" in on_terminal(agave, PAGER="no-such-pager-here")
    assert "function 0" not in on_terminal(agave, PAGER="true")  # which reads nothing
