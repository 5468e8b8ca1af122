"""Runs that are looked at: what they refuse, and where their output goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.observing import ADAPTER, MEASURED_OPTIONS, NOT_HERE, Measured, settings_of
from agave_wasi.cli.options import RUN_OPTIONS, UsageError
from agave_wasi.engines.x86.elf import MAGIC, Image
from agave_wasi.profiling.places import Places
from agave_wasi.profiling.symbols import SymbolPlaces
from agave_wasi.program import Guest
from kernel_sim.cpu.machine import Machine
from tests.agave_wasi.guests import modelled

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"


def test_options_are_those_of_run_without_what_counts() -> None:
    names = {option.name for option in RUN_OPTIONS}
    assert {option.name for option in MEASURED_OPTIONS} == names - set(NOT_HERE) and set(NOT_HERE) <= names


def test_a_run_that_is_looked_at_goes_to_its_end() -> None:
    for given in (["--snapshot-at", "icount:5"], ["--save", "x.agave"]):
        with pytest.raises(UsageError, match=f"look: there is no option {given[0]}"):
            settings_of("look", [*given, "prog"], MEASURED_OPTIONS, [])


def test_settings() -> None:
    assert settings_of("look", ["--help"], MEASURED_OPTIONS, ()) is None
    found = settings_of("look", ["--seed", "5", "prog", "--seed"], MEASURED_OPTIONS, ("seed", "json"))
    assert found == ({"engine": "x86"}, {"seed": 5, "json": None}, ["prog", "--seed"])


def test_a_configuration_file_for_run(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text('engine = "wasmtime"\nseed = 7\n')
    found = settings_of("look", ["--config", str(file), "prog"], MEASURED_OPTIONS, ())
    assert found is not None and found[0]["engine"] == "x86" and found[0]["seed"] == 7
    file.write_text("instructions = 7\n")
    with pytest.raises(UsageError, match="look: --instructions, which the --config file has"):
        settings_of("look", ["--config", str(file), "prog"], MEASURED_OPTIONS, ())


class Looking(Measured):
    def tell(self) -> None:
        """There is nothing to tell."""

    def begin_program(self, machine: Machine, image: Image, data: bytes) -> None:
        """Nothing is looked at."""
        assert not machine.counting and image.entry in image.symbols and data[:4] == MAGIC


def looking(path: str, **settings: Any) -> Looking:
    return Looking("look", {"engine": "x86", **settings}, path, [], {})


def test_machine_code_has_a_machine_that_does_not_count() -> None:
    assert looking(str(METAL / "hello.elf"), stdin="/dev/null").result().exit_code == 0
    with pytest.raises(UsageError, match="look: --fuel of machine code is its instructions"):
        looking(str(METAL / "hello.elf"), fuel=5).result()


def test_names_of_modules(tmp_path: Path) -> None:
    run = looking(str(METAL / "hello.elf"))
    machine: Any = None
    places = SymbolPlaces(machine, Image(0, [], {}))
    assert run.module_names(places) == [("hello.elf", str(METAL / "hello.elf"))]
    (tmp_path / "lib.wat").write_text('(module (func (export "f")))')
    (tmp_path / "prog.wat").write_text('(module (import "lib" "f" (func $f)) (func (export "_start") (call $f)))')
    path = str(tmp_path / "prog.wat")
    told: list[list[tuple[str, str]]] = []

    class Telling(Looking):
        def begin(self, guest: Guest) -> None:
            self.places = Places(modelled(guest.store))

        def tell(self) -> None:
            told.append(self.module_names(self.places))
            self.program = None
            told.append(self.module_names(self.places))

    run = Telling("look", {"engine": "x86", "preload": [("lib", str(tmp_path / "lib.wat"))]}, path, [], {})
    assert run.result().exit_code == 0
    assert told == [[("lib.wat", str(tmp_path / "lib.wat")), ("prog.wat", path)], [(ADAPTER, "")] * 2]
