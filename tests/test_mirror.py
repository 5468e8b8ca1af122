"""Tests mirror the project file for file: what a source file promises is tested in the file of the same name under tests/."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ROOMS = ("kernel_sim", "agave_wasi")
EXCEPTIONS = {
    "kernel_sim/devices.py": "types alone, which are never imported at run time: mypy checks who implements them",
    "agave_wasi/preview1/compiled.py": "generated: tests/agave_wasi/abi/test_codegen.py tests the generator, "
    "tests/agave_wasi/preview1/test_generate.py that this is what it writes",
    "agave_wasi/witparse/compiled.py": "generated: tests/agave_wasi/witparse/test_generate.py tests that this is what its "
    "generator writes, test_wasi.py what it says",
}
"""Files without a mirror, and why."""


def sources() -> list[str]:
    """The source files that promise something; what a package's own file only passes on is tested where it stands."""
    paths = (path for room in ROOMS for path in sorted((PROJECT / room).rglob("*.py")))
    return [path.relative_to(PROJECT).as_posix() for path in paths if not path.name.startswith("__")]


def mirror(source: str) -> Path:
    """Where the tests of a source file stand."""
    folder, _, name = source.rpartition("/")
    return PROJECT / "tests" / folder / f"test_{name}"


def has_tests(path: Path) -> bool:
    return path.exists() and re.search(r"^ *def test_", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


@pytest.mark.parametrize("source", sources())
def test_every_source_file_has_tests_of_its_own(source: str) -> None:
    if source in EXCEPTIONS:
        assert not mirror(source).exists(), f"{source} has tests of its own, so it is no exception any more"
    else:
        assert has_tests(mirror(source)), f"{source} has no tests in {mirror(source).relative_to(PROJECT)}"


def test_every_exception_is_about_a_file_that_there_is() -> None:
    assert EXCEPTIONS.keys() <= set(sources())
    assert all(EXCEPTIONS.values())
