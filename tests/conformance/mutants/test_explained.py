"""Explanations are about mutants that there are, each told once and with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.mutants.explained import explanations, stale
from conformance.mutants.sample import everything

ONE = 'module = "m"\nfunction = "f"\nbefore = "a"\nafter = "b"\n'


def written(folder: Path, *entries: str) -> Path:
    path = folder / "explained.toml"
    path.write_text("".join(f"[[survivor]]\n{each}" for each in entries))
    return path


def test_ours_are_about_mutants_that_there_are() -> None:
    assert stale(everything()) == []


def test_reading(tmp_path: Path) -> None:
    path = written(tmp_path, ONE + 'reason = "because"\n', ONE + 'number = 1\nreason = "because, too"\n')
    assert {key: each.reason for key, each in explanations(path).items()} == {
        ("m", "f", "a", "b", 0): "because", ("m", "f", "a", "b", 1): "because, too",
    }  # fmt: skip
    assert [each.number for each in stale([], path)] == [0, 1]


@pytest.mark.parametrize("entry", [ONE, ONE + 'reason = ""\n', ONE + 'reason = "r"\nline = 5\n'])
def test_one_that_explains_nothing(tmp_path: Path, entry: str) -> None:
    with pytest.raises(ValueError, match="and a reason above all"):
        explanations(written(tmp_path, entry))


def test_one_that_is_told_twice(tmp_path: Path) -> None:
    entry = ONE + 'reason = "r"\n'
    with pytest.raises(ValueError, match="explained twice"):
        explanations(written(tmp_path, entry, entry))
