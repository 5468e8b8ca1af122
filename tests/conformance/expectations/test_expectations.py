"""Expectations: the official format with reasons, and every mistake in one named."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import HarnessError
from conformance.expectations import Expectations, load, ours, read

OFFICIAL = """
version = 1
[[suite]]
name = "made"
[[suite.test]]
name = "a"
action = "skip"
[[suite.test]]
name = "b"
expected = "fail"
"""
SUITE = 'version = 1\n[[suite]]\nname = "made"\n'
TEST = SUITE + '[[suite.test]]\nname = "a"\n'


def file(folder: Path, text: str) -> Path:
    path = folder / "known.toml"
    path.write_text(text)
    return path


def test_the_official_format(tmp_path: Path) -> None:
    known = load([file(tmp_path, OFFICIAL)])
    a, b = known.of("made", "a", "node"), known.of("made", "b", "node")
    assert a is not None and b is not None
    assert (a.skips, a.fails, b.skips, b.fails) == (True, False, False, True)
    assert b.told == "known.toml gives no reason"
    assert known.of("made", "c", "node") is None and known.of("other", "a", "node") is None


def test_one_runtime_s_are_not_another_s(tmp_path: Path) -> None:
    text = TEST + 'reason = "of all"\n' + TEST.partition("\n")[2].replace('"made"\n', '"made"\nruntime = "node"\n')
    known = load([file(tmp_path, text + 'reason = "of node"\nlink = "https://example.org"\nexpected = "fail"\n')])
    node, other = known.of("made", "a", "node"), known.of("made", "a", "wasmtime-py")
    assert node is not None and node.told == "of node (https://example.org)" and node.fails
    assert other is not None and other.told == "of all" and not other.fails


def test_ours_give_reasons_and_links() -> None:
    ours()


def test_those_of_cases_that_are_gone_are_told(tmp_path: Path) -> None:
    known: Expectations = load([file(tmp_path, OFFICIAL)])
    assert known.unused([("made", ["a"])], ["node"]) == ["known.toml expects something of made/b, and there is no such case"]
    assert known.unused([("other", [])], ["node"]) == []


@pytest.mark.parametrize(
    "text, words",
    [
        ("version = ", "is no TOML"),
        ("", "version must be 1"),
        ("version = 2", "version must be 1"),
        ("version = 1\nsuite = 3", "suite must be written as"),
        ("version = 1\n[[suite]]", "needs a name"),
        (SUITE + "[[suite.test]]", "of made has no name"),
        (TEST + 'acton = "skip"', "there is no key acton; known are action"),
        (TEST + 'action = "leave"', 'action is "skip" or "run"'),
        (TEST + 'expected = "error"', 'expected is "pass" or "fail"'),
        (TEST + "reason = 1", "reason and link are texts"),
    ],
)
def test_mistakes_are_named(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=words):
        read(file(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"none.toml can't be read"):
        read(tmp_path / "none.toml")


def test_ours_must_give_reasons(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="a reason and a link are required"):
        read(file(tmp_path, OFFICIAL), reasons=True)
