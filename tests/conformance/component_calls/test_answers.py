"""Answers about time and chance are kept and given in order, to the calls that ask the same."""

from __future__ import annotations

from pathlib import Path

from agave_wasi.component.binary import decode
from conformance.calls.call import Call, Region
from conformance.component_calls.answers import Answers, write
from conformance.component_calls.lowered import Lowered, lowered
from tests.conformance.component_calls.guests import FILES, OPENED, TOLD, component

STAT = component(f"{OPENED} (call $stat (local.get $top) (i32.const 256))")


def function(wasm: bytes, name: str) -> Lowered:
    return next(each for each in lowered(decode(wasm)) if each.name.endswith(name))


def told(path: Path, *calls: Call) -> Answers:
    write(path, calls)
    return Answers(path)


def answer(of: Lowered, *slots: int, regions: tuple[Region, ...] = (), **args: object) -> Call:
    return Call(of.name, slots, dict(args), errno="SUCCESS", written=list(regions))


def test_a_core_result_in_order(tmp_path: Path) -> None:
    now = function(TOLD, "monotonic-clock@0.2.12#now")
    answers = told(tmp_path / "answers", answer(now, 10), answer(now, 20))
    assert [answers.find(now, answer(now, 1)) for _ in range(3)] == [(10, []), (20, []), None]


def test_a_result_in_memory_goes_where_it_is_there(tmp_path: Path) -> None:
    wall = function(TOLD, "wall-clock@0.2.12#now")
    answers = told(tmp_path / "answers", answer(wall, 8, regions=(Region.of("result", 8, b"here" * 4),)))
    assert answers.find(wall, answer(wall, 64, regions=(Region.of("result", 64, b"else" * 4),))) == (8, [(64, b"here" * 4)])


def test_random_bytes_of_the_same_length(tmp_path: Path) -> None:
    random = function(TOLD, "get-random-bytes")

    def call(data: bytes, at: int) -> Call:
        regions = Region.of("result", 8, b"12345678"), Region.of("memory", at, data)
        return answer(random, 4, 8, regions=regions, len=len(data))

    answers = told(tmp_path / "answers", call(b"four", 100), call(b"three", 200))
    assert answers.find(random, call(b"12345", 50)) == (8, [(50, b"three")])
    assert answers.find(random, call(b"1234", 50)) == (8, [(50, b"four")])


def test_of_attributes_only_the_times(tmp_path: Path) -> None:
    stat = function(STAT, "descriptor.stat")
    here, there = (Region.of("result", at, bytes([fill]) * 104) for at, fill in ((256, 1), (512, 2)))
    answers = told(tmp_path / "answers", answer(stat, 3, 256, regions=(here,), self=3))
    assert answers.find(stat, answer(stat, 3, 512, regions=(there,), self=4)) is None
    assert answers.find(stat, answer(stat, 3, 512, regions=(there,), self=3)) == (256, [(512 + 32, bytes([1]) * 72)])
    assert answers.is_stat(stat)


def test_others_keep_their_own_answers(tmp_path: Path) -> None:
    make = function(FILES, "create-directory-at")
    answers = told(tmp_path / "answers", answer(make, 1))
    assert answers.find(make, answer(make, 1)) is None and (tmp_path / "answers").read_text() == ""
    assert answers.is_wait(function(TOLD, "subscribe-duration")) and not answers.is_wait(make)
