"""Counting instructions."""

from __future__ import annotations

import pytest
from unicorn import UC_ARCH_X86, UC_MODE_64, Uc

from kernel_sim.cpu import hooks
from kernel_sim.cpu.counter import NEVER, Counter


@pytest.fixture(params=sorted({hooks.NATIVE, False}), autouse=True)
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By machine code, and by what hosts have that can't execute it."""
    monkeypatch.setattr(hooks, "NATIVE", request.param)


def model() -> Uc:
    made = Uc(UC_ARCH_X86, UC_MODE_64)
    made.mem_map(0x1000, 0x1000)
    made.mem_write(0x1000, b"\x90\x90\x90\xeb\xfb")  # three times nothing, round and round
    return made


def test_a_run_ends_after_exactly_so_many() -> None:
    counted = model()
    counter = Counter(counted)
    at = 0x1000
    for limit in (1, 2, 7, 1_000_003):
        counter.limit = limit
        counted.emu_start(at, NEVER)
        at = counted.reg_read(41)
        assert counter.count == limit == counter.limit


def test_code_that_has_run_before_is_counted_too() -> None:
    counted = model()
    counted.emu_start(0x1000, NEVER, 0, 10)
    counter = Counter(counted)
    counter.limit = 5
    counted.emu_start(0x1000, NEVER)
    assert counter.count == 5


def test_an_instruction_can_be_taken_back_but_not_one_that_never_began() -> None:
    counter = Counter(model())
    counter.count = 7
    counter.take_back()
    assert counter.count == 6
    counted = model()
    counter = Counter(counted)
    counter.limit = 2
    counted.emu_start(0x1000, NEVER)
    counter.take_back()
    assert counter.count == 2


def test_blocks_are_not_taken_back() -> None:
    counter = Counter(model(), exact=False)
    counter.take_back()
    assert counter.count == 0


def test_a_limit_that_is_reached_where_nothing_begins_has_stopped_it_too() -> None:
    counter = Counter(model())
    counter.limit = 1
    stopped = [counter.stopped]
    counter.stop()
    stopped.append(counter.stopped)
    counter.limit = 2
    assert [*stopped, counter.stopped] == [False, True, False]


def test_the_one_at_work_may_finish() -> None:
    counter = Counter(model())
    counter.count = 3
    counter.stop_after_this()
    assert counter.limit == 3
