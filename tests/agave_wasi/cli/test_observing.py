"""Runs that are looked at: what they refuse, and where their output goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.observing import MEASURED_OPTIONS, NOT_HERE, Measured, settings_of
from agave_wasi.cli.options import RUN_OPTIONS, UsageError

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


def test_machine_code_is_refused() -> None:
    with pytest.raises(Failure, match="look is for WebAssembly programs"):
        Looking("look", {"engine": "x86"}, str(METAL / "hello.elf"), [], {})
