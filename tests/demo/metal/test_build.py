"""The programs for the bare machine are what their sources build to, and their header is what the kernel has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kernel_sim.clock import CLOCK_IDS
from kernel_sim.cpu.errno import NUMBERS
from kernel_sim.cpu.layout import GATE
from kernel_sim.openfile import Rights
from kernel_sim.syscalls.table import table

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"
HEADER = (METAL / "agave.h").read_text(encoding="utf-8")


def test_the_programs_are_what_their_sources_build_to() -> None:
    pytest.importorskip("ziglang")
    command = [sys.executable, str(METAL / "build.py"), "--check"]
    done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_header_has_every_syscall_by_its_number() -> None:
    numbers = {name: int(number) for name, number in re.findall(r"#define SYS_(\w+) (\d+)", HEADER)}
    assert numbers == {record.name: record.number for record in table()}


def test_the_header_s_other_numbers_are_the_kernel_s() -> None:
    assert f"#define AGAVE_GATE {GATE:#X}ul".replace("0X", "0x") in HEADER
    for name in ("NOENT", "PIPE"):
        assert f"ERROR_{name} = {NUMBERS[name]}" in HEADER
    assert CLOCK_IDS == ("realtime", "monotonic", "process-cputime", "thread-cputime")
    assert (Rights.FD_READ, Rights.FD_WRITE, Rights.ALL) == (1 << 1, 1 << 6, (1 << 30) - 1)
    for text in ("RIGHT_READ = 1 << 1", "RIGHT_WRITE = 1 << 6", "RIGHT_ALL = (1 << 30) - 1"):
        assert text in HEADER
