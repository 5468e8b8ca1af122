"""The reference on a second CPU: it answers as in place, whatever a call ends with, and whether its thread sleeps or not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from threading import enumerate as threads
from time import sleep

import pytest

from agave_wasi.engines.capi import to_wasm
from conformance.fuzz import abreast
from conformance.fuzz.abreast import FIRST_NAP, GAIN, LONGEST_NAP, Abreast, SecondCpu, second_cpu
from conformance.fuzz.chain import draw, replay
from conformance.fuzz.layout import MEMORY, RESULTS
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.side import Ended
from tests.conformance.fuzz.sides import opening

FREE = second_cpu(range(1024))
pytestmark = pytest.mark.skipif(FREE is None, reason="threads can't be moved here")


@pytest.fixture
def cpu(monkeypatch: pytest.MonkeyPatch) -> SecondCpu:
    """One that is the same as the first, as a test may have only one; it may be as busy as it likes."""
    monkeypatch.setattr(os, "sched_setaffinity", lambda thread, cpus: None, raising=False)
    monkeypatch.setattr(abreast, "CREDIT", 1e6)
    return SecondCpu(0, 0)


@pytest.fixture
def side(cpu: SecondCpu, tmp_path: Path) -> Iterator[Abreast]:
    made = Abreast(["p"], str(tmp_path), cpu)
    yield made
    made.close()
    assert not made._thread.is_alive() and not list(tmp_path.iterdir())


def out(side: Abreast) -> None:
    """Wait until the thread is out of the loop."""
    for _ in range(10_000):
        if not side._out.locked():
            return
        sleep(0.001)
    raise AssertionError("the thread doesn't come out")


def test_the_door_is_a_module() -> None:
    assert to_wasm(abreast.text().encode()).startswith(b"\0asm")


@pytest.mark.parametrize("seed", ["2/2", "2/6", "hostile/164", "hostile/197"])
def test_chains_are_the_same_as_in_place(seed: str, cpu: SecondCpu, tmp_path: Path) -> None:
    here = draw(Random(seed), partial(Lockstep, str(tmp_path)), 400)
    there = draw(Random(seed), partial(Lockstep, str(tmp_path), cpu=cpu), 400)
    assert (there.steps, there.coverage, there.known, there.finding) == (here.steps, here.coverage, here.known, here.finding)
    again = replay(here.steps, partial(Lockstep, str(tmp_path), cpu=cpu))
    assert again.coverage == here.coverage and cpu.calls[0] == 0
    assert not [each for each in threads() if each.name.endswith("(_serve)")]


def test_a_defect_is_found_as_in_place(monkeypatch: pytest.MonkeyPatch, cpu: SecondCpu, tmp_path: Path) -> None:
    tell = Abreast.finish
    monkeypatch.setattr(Abreast, "finish", lambda self: 8 if tell(self) == 44 else tell(self))
    found = draw(Random("2/2"), partial(Lockstep, str(tmp_path), cpu=cpu), 400).finding
    assert found is not None and found.answers == ("NOENT", "BADF")


def test_traps_and_exits_are_told_and_the_guest_goes_on(side: Abreast) -> None:
    for _ in range(3):
        ended = side.call("clock_time_get", [0, 0, MEMORY - 4])
        assert isinstance(ended, Ended) and ended.how == "trap" and "Pointer" in ended.text
        assert side.call("sched_yield", []) == 0
    assert side.call("proc_exit", [7]) == Ended("exit", code=7)


def test_a_thread_that_sleeps_is_sent_back(side: Abreast) -> None:
    for _ in range(3):
        assert side.call("sched_yield", []) == 0
        out(side)


def test_one_that_comes_out_before_it_sees_the_call_is_sent_back(side: Abreast) -> None:
    assert side.call("sched_yield", []) == 0
    out(side)
    assert side._out.acquire(False)  # `begin` takes it for one that is still inside
    side.begin("fd_tell", [3, RESULTS])
    side._out.release()
    assert side.finish() == 8


def test_an_answer_that_comes_late_is_waited_for(side: Abreast) -> None:
    out(side)
    side.prepare(0, [(0x600, (1).to_bytes(16, "little") + b"\1\0\0\0\0\0\0\0" + (20_000_000).to_bytes(16, "little"))])
    assert side.call("poll_oneoff", [0x600, 0x800, 1, RESULTS]) == 0
    assert side.cpu.credit < abreast.CREDIT


def test_it_can_be_closed_while_a_call_is_made(cpu: SecondCpu, tmp_path: Path) -> None:
    for sleeps in (False, True):
        made = Abreast(["p"], str(tmp_path), cpu)
        if sleeps:
            assert made.call("sched_yield", []) == 0
            out(made)
        made.begin("random_get", [0, MEMORY])
        made.close()
        assert not made._thread.is_alive() and not list(tmp_path.iterdir())


def test_files_are_in_its_folder(side: Abreast) -> None:
    from conformance.fuzz.layout import lay

    laid = lay(opening(4, "a"))
    side.prepare(0, laid.pieces)
    assert side.call("path_open", [3, *laid.slots[1:]]) == 0
    assert list(side.tree()) == ["a"]


def test_calls_are_made_in_place_while_the_other_cpu_is_busy(cpu: SecondCpu, side: Abreast) -> None:
    def in_place(count: int) -> int:
        before = cpu.calls[0]
        for _ in range(count):
            assert side.call("fd_tell", [3, RESULTS]) == 8
        return cpu.calls[0] - before

    assert in_place(3) == 0
    cpu.credit = -1
    side.begin("clock_time_get", [0, 0, MEMORY - 4])  # a trap is always late
    ended = side.finish()
    assert isinstance(ended, Ended) and ended.how == "trap" and cpu.left == FIRST_NAP
    assert in_place(FIRST_NAP + 5) == FIRST_NAP
    assert isinstance(side.call("proc_exit", [3]), Ended)


def test_naps_get_longer_while_they_come_soon() -> None:
    cpu = SecondCpu(0, 1)

    def nap(calls: int) -> int:
        cpu.calls[1] += calls
        assert cpu.late(1.0)
        return cpu.left

    assert not cpu.late(abreast.CREDIT) and cpu.credit == 0
    cpu.calls[1] += 100
    assert not cpu.late(0) and cpu.credit == 100 * GAIN
    assert not cpu.late(0) and cpu.credit == 100 * GAIN
    assert [nap(10) for _ in range(9)] == [min(FIRST_NAP << times, LONGEST_NAP) for times in range(9)]
    cpu.calls[1] += LONGEST_NAP
    assert not cpu.late(0)
    assert nap(1) == FIRST_NAP


def test_without_a_second_cpu_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert second_cpu([]) is None and second_cpu([3]) is None
    found = second_cpu([0, 5, 2])
    assert found is not None and (found.here, found.there) == (5, 2)
    monkeypatch.setattr(abreast, "machine", lambda: "aarch64")
    assert second_cpu([0, 5, 2]) is None
    monkeypatch.setattr(abreast, "machine", lambda: "x86_64")
    monkeypatch.setattr(abreast, "TASKS", "/nowhere")
    assert second_cpu([0, 5, 2]) is None
