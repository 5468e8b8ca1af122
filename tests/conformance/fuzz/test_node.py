"""node:wasi as the other side: calls, memory, exits, crashes and calls that never end; what was found there is known."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.calls.known import known
from conformance.fuzz.chain import draw, replay
from conformance.fuzz.command import main
from conformance.fuzz.layout import MEMORY, RESULTS, lay
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.node import Node, NoNode
from conformance.fuzz.side import Ended
from conformance.fuzz.steps import load
from tests.conformance.fuzz.sides import opening
from tests.conformance.fuzz.test_chain import FOLDER_OF_PROGRAMS

FOUND = sorted((FOLDER_OF_PROGRAMS / "node").glob("*.json"))
NEVER_ENDS = {"locks-that-stay"}
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Node]:
    made = Node(["p"], str(tmp_path))
    yield made
    made.close()
    assert not list(tmp_path.iterdir())


@needs_node
def test_a_call_writes_its_result_and_nothing_else(side: Node) -> None:
    laid = lay(opening(4, "é"))
    pieces = [*side.also, *laid.pieces]
    side.prepare(0xAB, pieces)
    side.put(0x40, 7)
    assert side.call("path_open", [3, *laid.slots[1:]]) == 0
    expected = bytearray(b"\xab" * MEMORY)
    for at, piece in [*pieces, (RESULTS, b"\4\0\0\0"), (0x40, b"\7\0\0\0")]:
        expected[at : at + len(piece)] = piece
    assert side.memory == expected
    assert {path: node.kind for path, node in side.tree().items()} == {"é": "regular-file"}


@needs_node
def test_an_exit_has_its_code(side: Node) -> None:
    side.prepare(0, ())
    assert side.call("proc_exit", [7]) == Ended("exit", code=7)


@needs_node
def test_a_crash_is_told(side: Node) -> None:
    side.prepare(0xAB, [(0x100, b"a")])  # and no NUL in all of memory
    ended = side.call("path_create_directory", [3, 0x100, 1])
    assert isinstance(ended, Ended) and ended.how == "crash"
    assert isinstance(side.call("sched_yield", []), Ended)


@needs_node
def test_a_call_that_never_ends_is_told(side: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.fuzz.node.PATIENCE", 0)
    side.prepare(0, ())
    assert side.call("sched_yield", []) == Ended("crash", "node gave no answer within 0 s")


@needs_node
@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_is_known(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.fuzz.node.PATIENCE", 2 if path.stem in NEVER_ENDS else 60)
    run = replay(load(path), lambda: Lockstep(str(tmp_path), "node"))
    assert run.finding is None and json.loads(path.read_text(encoding="utf-8"))["divergence"] in run.known


def test_every_divergence_has_its_program() -> None:
    assert {each.id for each in known("node")} - {path.stem for path in FOUND} == {"text-beyond-its-end"}, "no lockstep ends so"


@needs_node
def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    program = next(path for path in FOUND if path.stem == "renumber-of-nothing")
    assert main(["replay", "--against", "node", str(program)]) == 0
    assert capsys.readouterr().out == "1 call: the same but for renumber-of-nothing\n"


def test_without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoNode, match="node isn't found"):
        Node(["p"])


@needs_node
def test_a_chain_is_drawn(tmp_path: Path) -> None:
    from random import Random

    done = draw(Random(3), lambda: Lockstep(str(tmp_path), "node"), 15)
    assert done.calls > 0 and sum(done.coverage.values()) == done.calls
