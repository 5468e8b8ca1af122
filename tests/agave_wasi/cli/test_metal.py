"""`agave-wasi run --engine x86`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.options import UsageError
from agave_wasi.cli.run import Run
from agave_wasi.loader import BadProgram
from tests.waiting import HANG

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"


def test_a_program_from_its_file_to_its_exit_code(agave: Any) -> None:
    for name in ("hello", "copy", "clock"):
        shutil.copy(METAL / f"{name}.elf", agave.folder)
    result = agave("run", "--engine", "x86", "--arg0", "hi", "hello.elf", "you")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"hello, you\n", b"")
    result = agave("run", "--engine", "x86", "--dir", ".::/", "copy.elf", "hello.elf", "copied")
    assert result.returncode == 0 and (agave.folder / "copied").read_bytes() == (METAL / "hello.elf").read_bytes()
    result = agave("run", "--engine", "x86", "clock.elf", "crash")
    lines = result.stderr.decode().splitlines()
    assert result.returncode == 134
    assert lines[0].startswith("agave-wasi: clock.elf trapped: page fault: read at 0x40, by the instruction at ")
    assert sum(line.startswith("=> 0x") for line in lines) == 1 and lines[-1].lstrip().startswith("rip ")
    result = agave("run", "--engine", "x86", "--fuel", "10", "hello.elf")
    assert result.returncode == 125 and b"--fuel allows more" in result.stderr


def test_stopped_at_a_point_and_gone_on_with(agave: Any) -> None:
    for name in ("hello", "clock"):
        shutil.copy(METAL / f"{name}.elf", agave.folder)
    stop = ("run", "--engine", "x86", "--save", "s.agave", "--snapshot-at")
    assert agave(*stop, "call:writev", "hello.elf", "you").returncode == 0
    result = agave("resume", "s.agave")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"hello, you\n", b"")
    whole = agave("run", "--engine", "x86", "clock.elf", "crash")
    assert agave(*stop, "icount:5", "clock.elf", "crash").returncode == 0
    rest = agave("resume", "s.agave")
    assert (rest.returncode, rest.stderr) == (134, whole.stderr) and b"clock.elf trapped" in rest.stderr
    result = agave(*stop, "func:nothing", "hello.elf")
    assert result.returncode == 125 and b"hello.elf has no symbol nothing" in result.stderr


def run(path: str, **settings: Any) -> None:
    Run({"engine": "x86", **settings}, path, []).result()


@pytest.mark.parametrize("option", ["invoke", "preload", "link", "coredump"])
def test_what_is_for_webassembly_is_refused(option: str) -> None:
    with pytest.raises(UsageError, match=f"--{option} is for WebAssembly"):
        run(str(METAL / "hello.elf"), **{option: "x"})


def test_what_is_no_elf_program(tmp_path: Path) -> None:
    module = tmp_path / "m.wasm"
    module.write_bytes(b"\0asm\1\0\0\0")
    with pytest.raises(BadProgram, match="has no _start function"):
        run(str(module))
    with pytest.raises(BadProgram, match="can't be read"):
        run(str(tmp_path / "nothing"))
    with pytest.raises(BadProgram, match="run with --engine x86"):
        Run({}, str(METAL / "hello.elf"), []).result()


def test_without_the_cpu_model_there_is_a_cure() -> None:
    program = "import sys; sys.modules['unicorn'] = None; from agave_wasi.__main__ import main; main()"
    command = [sys.executable, "-c", program, "run", "--engine", "x86", str(METAL / "hello.elf")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=HANG)
    assert ran.returncode == 125 and "pip install 'agave-wasi[metal]'" in ran.stderr, ran.stderr


def test_a_plain_run_loads_nothing_of_it(agave: Any) -> None:
    result = agave("run", "grow.wat", PYTHONPROFILEIMPORTTIME="1")
    assert result.returncode == 0 and b"agave_wasi.cli.run" in result.stderr
    for name in (b"unicorn", b"capstone", b"elftools", b"kernel_sim.cpu", b"agave_wasi.metal"):
        assert name not in result.stderr
