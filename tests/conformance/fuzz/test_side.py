"""Both sides on their own: calls, traps, exits, memory, files; and that nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.fuzz.layout import MEMORY, RESULTS, lay
from conformance.fuzz.ours import ARGS, ENV, Ours
from conformance.fuzz.reference import Reference
from conformance.fuzz.side import Ended, Side
from tests.conformance.fuzz.sides import opening
from tests.descriptors import open_descriptors


@pytest.fixture(params=["ours", "theirs"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    made: Side = Ours() if request.param == "ours" else Reference(["p"], str(tmp_path))
    yield made
    made.close()
    assert not list(tmp_path.iterdir())


def test_a_call_writes_its_result_and_nothing_else(side: Side) -> None:
    laid = lay(opening(4, "é"))
    side.prepare(0xAB, laid.pieces)
    side.put(0x40, 7)
    assert side.call("path_open", [3, *laid.slots[1:]]) == 0
    expected = bytearray(b"\xab" * MEMORY)
    for at, piece in [*laid.pieces, (RESULTS, b"\4\0\0\0"), (0x40, b"\7\0\0\0")]:
        expected[at : at + len(piece)] = piece
    assert side.memory == expected
    assert {path: node.kind for path, node in side.tree().items()} == {"é": "regular-file"}


def test_traps_are_told_and_the_guest_goes_on(side: Side) -> None:
    for _ in range(3):
        ended = side.call("clock_time_get", [0, 0, MEMORY - 4])
        assert isinstance(ended, Ended) and ended.how == "trap" and str(ended).startswith("trap: ")
        assert side.call("sched_yield", []) == 0


def test_an_exit_has_its_code(side: Side) -> None:
    assert side.call("proc_exit", [7]) == Ended("exit", code=7)
    assert str(Ended("exit", code=7)) == "exit code 7"


def test_sides_leave_no_descriptor_open(tmp_path: Path) -> None:
    def use() -> None:
        for made in (Ours(), Reference(["p"], str(tmp_path))):
            made.call("fd_sync", [3])
            made.close()

    use()  # engines open some of their own, once
    before = open_descriptors().values()
    use()
    assert sorted(open_descriptors().values()) == sorted(before)


def test_both_are_given_the_same() -> None:
    ours = Ours()
    try:
        assert ours.argv[1:] == list(ARGS) and ours.call("environ_sizes_get", [0, 4]) == 0
        assert ours.memory[0] == len(ENV)
    finally:
        ours.close()
