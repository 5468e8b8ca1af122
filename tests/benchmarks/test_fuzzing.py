"""The two loops whose times are compared: the reference is asked the same in both, and the figures are what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks import fuzzing
from benchmarks.fuzzing import FUZZ_ROWS, Alone, made, measure_fuzzing
from benchmarks.results import AGAVE, WASMTIME, Row
from conformance.fuzz.chain import Run, draw, replay
from conformance.fuzz.layout import SUBSCRIPTIONS
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.reference import Reference
from conformance.fuzz.side import Ended
from conformance.fuzz.steps import Step
from tests.conformance.fuzz.sides import DIRECTORY, on, opening, reading, seeking, writing

Asked = list[tuple[object, ...]]


@pytest.fixture
def both(tmp_path: Path) -> Callable[[], Lockstep]:
    return partial(Lockstep, str(tmp_path))


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Any]:
    yield partial(Alone, str(tmp_path))
    assert not list(tmp_path.iterdir())  # every side has been closed


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """All that the reference is asked: memory before a call, and the call with its numbers."""
    found: Asked = []

    def note(name: str) -> None:
        original = getattr(Reference, name)

        def noted(self: Reference, *arguments: Any) -> Any:
            found.append((name, *(list(each) if isinstance(each, list | tuple) else each for each in arguments)))
            return original(self, *arguments)

        monkeypatch.setattr(Reference, name, noted)

    for name in ("prepare", "put", "call", "tree"):
        note(name)
    return found


def drawn(seed: str, both: Callable[[], Lockstep], most: int = 400) -> Run:
    """A chain in which nothing differs, so that nobody is brought together again."""
    run = draw(Random(seed), both, most)
    assert not run.known and run.finding is None
    return run


PLAIN = [
    opening(4, "f"), writing(5, 4, [100]), seeking(6, 4, 3), reading(7, 4, [50]), on(8, "path_create_directory", 3, path="d"),
    opening(9, "d", DIRECTORY, rights=0), opening(10, "g", fd={"of": 9}), on(11, "fd_renumber", 10, to={"of": 4}),
    on(12, "fd_tell", 10), on(13, "fd_tell", 4), on(14, "fd_close", 4), on(15, "fd_tell", 4), opening(16, "new"),
    on(17, "fd_tell", 16), on(18, "fd_readdir", 3, buf=512, cookie=0), Step(19, "sched_yield"),
    Step(20, "fd_readdir", {"fd": {"of": 3}, "buf": 512, "cookie": 0}, walk=True),
    Step(21, "fd_readdir", {"fd": {"of": 3}, "buf": 512, "cookie": {"entry": 1}}, walk=True),
    Step(22, "fd_readdir", {"fd": {"of": 3}, "buf": 512, "cookie": {"entry": 2}}, walk=True),
    Step(23, "fd_readdir", {"fd": 0xFFFF_FFFF, "buf": 512, "cookie": 0}, walk=True),
    Step(24, "poll_oneoff", {"poll": [{"fd": {"of": 16}, "for": "read", "user": 3}]}),
    Step(25, "clock_time_get", {"id": 0, "precision": 0}, {2: 3}),
]  # fmt: skip


def test_the_reference_is_asked_the_same(both: Callable[[], Lockstep], alone: Any, asked: Asked) -> None:
    assert replay(PLAIN, both).known.keys() == {"bytes-that-can-be-read"}  # of which nothing has to be mended
    together = asked.copy()
    asked.clear()
    replay(PLAIN, alone)
    assert asked == together
    assert [each[:2] for each in asked if each[0] == "put"] == [("put", SUBSCRIPTIONS + 16)]
    assert len([each for each in asked if each[0] == "call"]) >= len(PLAIN)


@pytest.mark.parametrize("seed", ["2/2", "2/6", "2/7"])
def test_the_reference_is_asked_the_same_in_chains(
    seed: str, both: Callable[[], Lockstep], alone: Any, asked: Asked
) -> None:
    program = drawn(seed, both).steps
    together = asked.copy()
    asked.clear()
    run = draw(Random(seed), alone, len(program))
    assert run.steps == program and asked == together


def test_answers_are_the_references(both: Callable[[], Lockstep], alone: Any) -> None:
    with both() as sides, alone() as one:
        for step in PLAIN:
            here, there = one.step(step), sides.step(step)
            if isinstance(here.theirs, Ended):
                assert isinstance(there.theirs, Ended) and here.theirs.how == there.theirs.how and here.over == there.over
            else:
                assert here.theirs == there.theirs, step
                assert here.entries == there.entries, step
            assert here.ours == here.theirs and not here.unknown


def test_what_ends_a_chain_ends_it_alone_as_well(alone: Any) -> None:
    behind_an_effect = Step(6, "fd_seek", {"fd": {"of": 4}, "offset": 0, "whence": 0}, {3: 3})
    with alone() as one:
        assert one.step(Step(5, "proc_exit", {"rval": 3})).over
    with alone() as one:
        assert one.step(opening(4, "f")).succeeded and one.step(behind_an_effect).over


def test_a_program_is_drawn_or_run_again(both: Callable[[], Lockstep]) -> None:
    program = drawn("2/2", both, 40).steps
    assert len(program) == 40
    for again in (True, False):
        assert made(again, program, "2/2", both).steps == program


def test_a_trap_before_any_effect_doesnt_end_a_chain(alone: Any, both: Callable[[], Lockstep]) -> None:
    before_its_effect = Step(4, "path_open", opening(4, "a").values, {4: 48138, 7: 1})
    for sides in (both, alone):
        with sides() as one:
            outcome = one.step(before_its_effect)
            assert isinstance(outcome.theirs, Ended) and not outcome.over


def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Row]:
    """Figures with clocks that move on by a second at every look: each chain takes one."""
    monkeypatch.setattr(fuzzing, "pin", lambda: None)
    monkeypatch.setattr(fuzzing, "memory_folder", lambda: str(tmp_path))
    monkeypatch.setattr(fuzzing, "perf_counter", partial(next, count()))
    monkeypatch.setattr(fuzzing, "draw", lambda random, sides, most=40: draw(Random("1/4"), sides, most))
    return measure_fuzzing(2, 3, 1)


def test_figures_are_microseconds_a_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    runs: list[tuple[bool, str, int]] = []

    def short(drawn: bool, program: list[Step], chance: str, sides: Any) -> Run:
        run = made(drawn, program[:20], chance, sides)
        runs.append((drawn, sides.func.__name__, run.calls))
        return run

    monkeypatch.setattr(fuzzing, "made", short)
    rows = measured(monkeypatch, tmp_path)
    assert [(row.section, row.name, row.unit) for row in rows] == [("fuzzing", name, "µs") for name in FUZZ_ROWS]
    assert len(runs) == 2 * 2 * 3 * 2
    for number, row in enumerate(rows):
        for name, sides in ((AGAVE, "Lockstep"), (WASMTIME, "Alone")):
            calls = [each[2] for each in runs[12 * number :][:12] if each[1] == sides]
            assert row.figures[name] == pytest.approx(1e6 * len(calls) / sum(calls))
    assert {each[0] for each in runs[:12]} == {True} and {each[0] for each in runs[12:]} == {False}
    assert rows[0].wanted == pytest.approx(1 / 1.5) and rows[1].wanted is None
    assert not list(tmp_path.iterdir())
