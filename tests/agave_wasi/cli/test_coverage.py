"""`agave-wasi coverage`: the table, the tracefile, JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"


def test_a_table_on_stderr_and_the_guests_own_output(agave: Any) -> None:
    result = agave("coverage", "hello.wat")
    assert (result.returncode, result.stdout) == (0, b"hello\n")
    lines = result.stderr.decode().splitlines()
    assert lines[0].startswith("hello.wat: 2 of 3 functions ran, and ") and lines[0].endswith(" blocks")
    assert sorted(line.split()[0] for line in lines[2:]) == ["_start", "put"]
    assert b"; 1 of those that ran" in agave("coverage", "--top", "1", "hello.wat").stderr


def test_files_and_json(agave: Any) -> None:
    result = agave("coverage", "--lcov", "out.info", "--json", "hello.wat")
    assert result.returncode == 0 and result.stderr == b"hello\n"
    (module,) = json.loads(result.stdout)["modules"]
    assert module["module"] == "hello.wat" and module["functions_run"] == 2
    assert {each["name"]: each["calls"] for each in module["functions"]} == {"put": 1, "get": 0, "_start": 1}
    info = (agave.folder / "out.info").read_text()
    assert info.startswith("TN:\nSF:hello.wat\n") and "FNDA:0,get\n" in info and info.endswith("end_of_record\n")


def test_a_component_has_the_names_of_its_modules(agave: Any) -> None:
    result = agave("coverage", "--lcov", "out.info", "--json", "twice.wat")
    assert result.returncode == 0
    found = {each["module"]: each for each in json.loads(result.stdout)["modules"]}
    assert set(found) == {"twice.wat: module 0 deep", "twice.wat: module 1 leaf"}
    calls = {each["name"]: each["calls"] for each in found["twice.wat: module 1 leaf"]["functions"]}
    assert calls == {"half": 1, "run": 1} and found["twice.wat: module 0 deep"]["functions_run"] == 0
    assert "SF:twice.wat: module 1 leaf\n" in (agave.folder / "out.info").read_text()


def test_machine_code(agave: Any) -> None:
    shutil.copy(METAL / "clock.elf", agave.folder)
    result = agave("coverage", "--lcov", "out.info", "clock.elf")
    lines = result.stderr.decode().splitlines()
    assert (result.returncode, result.stdout) == (0, b"slept 1000003 us\n")
    assert lines[0].startswith("clock.elf: 7 of 11 functions ran, and ")
    assert {line.split()[0] for line in lines[2:]} == {"_start", "start", "main", "put", "print", "print_number", "leave"}
    info = (agave.folder / "out.info").read_text()
    assert "SF:././clock.c\n" in info and "FNDA:3,print\n" in info and "FNDA:0,fail\n" in info


def test_other_ends_and_wrong_use(agave: Any) -> None:
    assert agave("coverage", "exit.wat").returncode == 42
    assert agave("coverage", "trap.wat").returncode == 134
    assert agave("coverage", "--instructions", "5", "hello.wat").returncode == 2
    result = agave("coverage", "--lcov", "nowhere/x", "hello.wat")
    assert result.returncode == 125 and result.stdout == b""
