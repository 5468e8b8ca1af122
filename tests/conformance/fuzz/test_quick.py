"""What is seen without decoding: the same as the whole way says, on a long chain and where something is wrong."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from conformance.calls.rules import Correspondence
from conformance.fuzz import lockstep
from conformance.fuzz.chain import draw, replay
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.quick import FIXED, STATS, alike, lay_over
from conformance.fuzz.steps import TOP, Step
from kernel_sim.fs.inode import Entry
from kernel_sim.syscalls import Syscalls
from tests.conformance.fuzz.sides import on, opening, run


def test_the_whole_way_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def noted(name: str, *rest: Any) -> bool:
        names.append(name)
        return lay_over(name, *rest)

    monkeypatch.setattr(lockstep, "lay_over", noted)
    drawn = draw(Random(21), lambda: Lockstep(str(tmp_path)), 1500)
    assert {*FIXED, *STATS, "random_get", "fd_readdir"} - {"clock_res_get"} <= set(names)
    monkeypatch.setattr(lockstep, "lay_over", lambda *_: False)
    again = replay(drawn.steps, lambda: Lockstep(str(tmp_path)))
    assert (again.calls, again.coverage, again.known) == (drawn.calls, drawn.coverage, drawn.known)
    assert drawn.finding is None and again.finding is None


SPANS = ((100, 200),), ((10**18, 10**18 + 100),)


NEVER = 0, 0, 0


def stat(
    device: int = 1, inode: int = 2, kind: int = 4, links: int = 1, size: int = 9, times: tuple[int, ...] = NEVER
) -> bytes:
    numbers = [device, inode, kind, links, size, *times]
    return b"".join(each.to_bytes(8, "little") for each in numbers)


@pytest.mark.parametrize(
    "ours, theirs, same",
    [
        (stat(), stat(), True),
        (stat(device=7, inode=3), stat(device=1, inode=99), True),
        (stat(), stat(kind=6), False),
        (stat(), stat(links=2), False),
        (stat(), stat(size=8), False),
        (stat(kind=3, size=4, links=2), stat(kind=3, size=60, links=5), True),
        (stat(times=(1, 150, 160)), stat(times=(2, 10**18, 10**18)), True),
        (stat(times=(1, 77, 77)), stat(times=(2, 77, 77)), True),
        (stat(times=(1, 10**15, 160)), stat(times=(2, 10**18, 10**18)), True),
        (stat(times=(1, 10**17, 160)), stat(times=(2, 10**18, 10**18)), False),
        (stat(times=(1, 150, 10**17)), stat(times=(2, 10**18, 10**18)), False),
    ],
)
def test_what_two_filestats_may_differ_in(ours: bytes, theirs: bytes, same: bool) -> None:
    state = Correspondence((((100, 10**15),), SPANS[1]))
    assert alike(memoryview(ours), memoryview(theirs), 0, state) == same


def test_numbers_of_files_correspond_one_to_one() -> None:
    state = Correspondence(SPANS)
    pairs = [(2, 5), (3, 6), (2, 5)]
    assert all(alike(memoryview(stat(inode=one)), memoryview(stat(inode=other)), 0, state) for one, other in pairs)
    assert not alike(memoryview(stat(inode=2)), memoryview(stat(inode=6)), 0, state)
    assert not alike(memoryview(stat(inode=4)), memoryview(stat(inode=5)), 0, state)


def reading_folder(number: int, room: int) -> Step:
    return Step(number, "fd_readdir", {"fd": TOP, "buf": room, "cookie": 0})


@pytest.mark.parametrize("room, seen", [(2000, True), (60, False)])
def test_a_listing_is_compared_if_it_is_whole(room: int, seen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    getdents = Syscalls.getdents

    def spoiled(self: Any, *values: Any) -> Any:
        found = getdents(self, *values)
        return [Entry(each.cookie, each.inode, b"x", each.type) if each.name == b"b" else each for each in found]

    files = [opening(4, "a"), opening(5, "b")]
    assert not run(*files, reading_folder(6, room))[-1].unknown
    monkeypatch.setattr(Syscalls, "getdents", spoiled)
    assert bool(run(*files, reading_folder(6, room))[-1].unknown) == seen


def test_a_file_that_has_grown_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    fstat = Syscalls.fstat

    def spoiled(self: Any, fd: int) -> Any:
        found = fstat(self, fd)
        found.size += 1
        return found

    monkeypatch.setattr(Syscalls, "fstat", spoiled)
    assert [each.what for each in run(opening(4, "f"), on(5, "fd_filestat_get", 4))[-1].unknown] == ["field size"]
