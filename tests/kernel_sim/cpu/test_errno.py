"""The numbers of errors."""

from __future__ import annotations

import errno
import re
import sys
from pathlib import Path

import pytest

from kernel_sim.cpu.errno import NUMBERS
from kernel_sim.errors import errno_names


def test_every_error_has_a_number_of_its_own() -> None:
    assert NUMBERS.keys() == set(errno_names())
    assert len(set(NUMBERS.values())) == len(NUMBERS) and 0 not in NUMBERS.values()


def test_the_documentation_has_them_all() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "METAL.md").read_text(encoding="utf-8")
    assert {name: int(number) for number, name in re.findall(r"(\d+) ([A-Z0-9]+) \|", text)} == NUMBERS


@pytest.mark.skipif(sys.platform != "linux", reason="the numbers are Linux'")
def test_the_numbers_are_linux_own() -> None:
    assert {name: getattr(errno, "E" + name) for name in NUMBERS if name != "NOTCAPABLE"} == {
        name: number for name, number in NUMBERS.items() if name != "NOTCAPABLE"
    }
